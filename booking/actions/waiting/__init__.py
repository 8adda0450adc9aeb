"""The waiting list: joined, asked, answered."""
