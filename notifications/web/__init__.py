"""The pages of the notifications app."""
