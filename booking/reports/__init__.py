"""Measures of a clinic: what each is, how it is worked out, and the counts that it is worked out from."""
