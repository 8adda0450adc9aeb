"""The pages of the waiting list: asking to be told, and what a mail leads to."""
