"""Who somebody is: how people are found, told apart, and reached."""
