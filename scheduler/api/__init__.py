"""The REST doors of the scheduler app."""
