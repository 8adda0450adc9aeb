"""Where a visit could start, explained and offered: search, its arithmetic, the choice of places, slot ids."""
