"""After a test whose acts were committed the tables are emptied: those that hold rows alone.

Django truncates all of them, which makes each table and index a new file, and writes its own rights anew.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

STAY = {"django_content_type", "auth_permission"}  # Django writes these after the migrations, and nobody changes them
UNDELETABLE = {"booking_change", "booking_recordchange", "core_policy"}  # triggers let nobody delete their rows


def empty_in_little_time() -> None:
    """Let every test with real commits empty the tables by `empty`."""
    TransactionTestCase._fixture_teardown = lambda _case: empty()


def empty() -> None:
    """Empty the tables, once nobody uses them any more: whoever still holds one is waited for."""
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - STAY)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        while full := _those_with_rows(tables):  # more than once: emptying one, a trigger writes to another
            for table in full:
                cursor.execute(f'TRUNCATE "{table}"' if table in UNDELETABLE else f'DELETE FROM "{table}"')


def _those_with_rows(tables: list[str]) -> list[str]:
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [table for (table,) in cursor.fetchall()]
