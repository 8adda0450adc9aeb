"""What somebody answers about a therapy: given, looked at, decided about."""
