"""The demo clinic: where it is, who works there, who signs in, and how full it is."""
