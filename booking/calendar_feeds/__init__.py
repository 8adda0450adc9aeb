"""The calendar of whoever treats as a feed that their own calendar program reads."""
