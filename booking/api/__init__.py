"""The REST doors of the booking app."""
