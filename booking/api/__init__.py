"""The REST API of the booking app."""
