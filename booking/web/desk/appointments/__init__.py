"""One appointment at the desk: all that is on it, what was done to it, and what can be done."""
