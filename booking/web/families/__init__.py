"""The pages of families: of patients about theirs, and of those whom they invite."""
