"""What changes time: transactions and locks live here alone."""
