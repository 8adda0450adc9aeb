"""My day: whoever treats finds their own appointments there, on a phone."""
