"""After a test whose acts were committed the tables are as they were before the first: what ships is in them alone.

Django truncates all of them, which makes each table and index a new file, and writes its own rights anew. Here those
are emptied that hold rows of a test. What ships with the project stays, or comes back from copies if a test changed it:
loading it takes ten times as long.
"""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

STAY = {
    "django_content_type", "auth_permission",  # Django writes these after the migrations, and nobody changes them
    "scheduler_cataloguestamp", "scheduler_coveredit",  # triggers renew their rows whenever others change
}  # fmt: skip
UNDELETABLE = {
    "booking_change",
    "booking_familylinkchange",
    "booking_linkedvisitschange",
    "booking_recordchange",
    "booking_seatchange",
    "booking_waitinglistchange",
    "core_policy",
    "scheduler_setupchange",
}
"""Triggers let nobody delete their rows."""


def empty_in_little_time() -> None:
    """Let every test with real commits empty the tables by `empty`."""
    TransactionTestCase._fixture_teardown = lambda _case: empty()


def copy_what_ships() -> None:
    """Copy the rows that are there now: `empty` leaves these."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA shipped")
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (TABLE \"{table}\")" for table in tables()))
        for (table,) in cursor.fetchall():
            cursor.execute(f'CREATE TABLE shipped."{table}" AS TABLE "{table}"')


def empty() -> None:
    """Leave the tables with what ships alone, once nobody uses them any more: whoever still holds one is waited for."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables())} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(map(_named_if_different, tables())))
        different = {table for (table,) in cursor.fetchall()}
        cleared = set().union(*map(cleared_together, UNDELETABLE & different))
        if cleared:
            cursor.execute(f"TRUNCATE {', '.join(cleared)}")
        for table in different - cleared:
            cursor.execute(f'DELETE FROM "{table}"')
        different |= cleared
        for table in shipped().intersection(different):
            cursor.execute(f'INSERT INTO "{table}" TABLE shipped."{table}"')


def _named_if_different(table: str) -> str:
    rows, copy = f'TABLE "{table}"', f'TABLE shipped."{table}"'
    if table not in shipped():
        return f"SELECT '{table}' WHERE EXISTS ({rows})"
    return f"SELECT '{table}' WHERE EXISTS ({rows} EXCEPT {copy}) OR EXISTS ({copy} EXCEPT {rows})"


@cache
def cleared_together(table: str) -> set[str]:
    """Return a table and those whose rows refer to its own: PostgreSQL truncates none of them alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE confrelid = %s::regclass", [table])
        return {table, *(name for (name,) in cursor.fetchall())}


@cache
def tables() -> list[str]:
    """Return the names of the tables that tests write to."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(names) - STAY)


@cache
def shipped() -> set[str]:
    """Return the names of the tables that have rows from the beginning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'shipped'")
        return {table for (table,) in cursor.fetchall()}
