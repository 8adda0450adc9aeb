"""HTTP on every door: what a request may be, what each answer says, problems, and one answer for one key."""
