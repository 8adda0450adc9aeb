"""The REST views of the scheduler app."""
