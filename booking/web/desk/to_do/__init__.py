"""All that waits at a site for whoever is signed in, on one page."""
