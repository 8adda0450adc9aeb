"""Measures of a site, drawn, in tables and to take along."""
