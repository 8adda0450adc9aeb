"""Seats that are kept for families: how they are found, counted, and who may have them."""
