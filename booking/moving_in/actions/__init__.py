"""Acts of moving in: whole tables, in one transaction."""
