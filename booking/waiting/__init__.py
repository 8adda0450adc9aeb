"""Waiting for a time to open: who waits, for what, and who is asked first."""
