"""The REST views of the booking app."""
