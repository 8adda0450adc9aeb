"""Policies: rows in force for a time, each key with a content of its own, and the acts on them."""
