"""A caller on the phone: who, when, the questions, and booked."""
