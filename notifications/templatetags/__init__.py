"""What pages of the desk ask about messages."""
