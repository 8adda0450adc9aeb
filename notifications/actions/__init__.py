"""What is done with words: planned from the ledger, delivered."""
