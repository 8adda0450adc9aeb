"""How fast it is, each figure beside its baseline in the same run."""
