"""What waits for somebody at the desk: calls to make, and how much there is to do."""
