"""Records of people: made, corrected, merged, enrolled, referred."""
