"""Real demand, replayed over HTTP at a running service."""
