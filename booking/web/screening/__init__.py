"""The health questions before a visit, and what follows from what is answered."""
