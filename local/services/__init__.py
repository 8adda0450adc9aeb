"""The services one machine needs, and the folder that keeps their data."""
