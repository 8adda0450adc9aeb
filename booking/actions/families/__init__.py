"""Linking families, keeping times for them, and appointments of several people as one act."""
