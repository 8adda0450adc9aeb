"""How staff's pages write dates, where Django would write them otherwise."""
