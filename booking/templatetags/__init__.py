"""What templates of bookings ask."""
