"""Family links: who may use the time that is kept for a patient's family, and how they came to."""
