"""What a clinician looks at, and what colleagues are to know of it."""
