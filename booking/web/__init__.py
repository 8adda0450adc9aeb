"""The pages of the booking app."""
