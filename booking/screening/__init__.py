"""Health questions before a visit: which hold, what follows from the answers, and how a visit stands with them."""
