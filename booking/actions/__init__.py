"""What is done to appointments, holds and records: the only place with transactions and locks."""
