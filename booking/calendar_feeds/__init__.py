"""The calendar of whoever treats, or is treated, as a feed that their own calendar program reads."""
