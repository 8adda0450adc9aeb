"""Waiting for others who act on what has no row of its own."""

from django.db import connection


def wait_for(name: str) -> None:
    """Wait until nobody else holds `name`, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        # Two names with one hash wait for each other, which is rare and harmless.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
