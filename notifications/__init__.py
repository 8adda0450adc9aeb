"""Words: what is said, to whom, when, by which channel."""
