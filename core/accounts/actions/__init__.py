"""Changing who signs in, and what they may act as."""
