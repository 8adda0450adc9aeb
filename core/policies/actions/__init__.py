"""What is done with policies."""
