"""Time: who and what can be used when, and who has claimed it. Knows no patient."""
