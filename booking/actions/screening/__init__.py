"""What somebody answers about their health: given, looked at, and what follows."""
