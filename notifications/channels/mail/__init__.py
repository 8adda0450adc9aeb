"""Words by e-mail."""
