"""Pages that take time out of a calendar, each with what that does to appointments before it is done."""
