"""The acts of promises: the only place with transactions and locks."""
