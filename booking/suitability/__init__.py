"""Suitability before booking: what is asked, and what follows from the answers for each therapy, by signed rules."""
