"""Week sheets: one row a resource and week, a bit for five minutes; what is open, taken, and left without cover."""
