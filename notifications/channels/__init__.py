"""How things are said: one folder per channel."""
