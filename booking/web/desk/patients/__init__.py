"""The page of a person at the desk."""
