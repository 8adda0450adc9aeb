"""The REST doors of the notifications app."""
