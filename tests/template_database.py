"""One test process migrates a database; those of all processes are copies of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

TURN = 20_261_005  # the number of the lock that the processes take to come one after the other


@contextmanager
def one_at_a_time() -> Iterator[CursorWrapper]:
    """Ask the server itself, while no other process does."""
    with connection._nodb_cursor() as server:
        server.execute("SET lock_timeout = 0")
        server.execute("SELECT pg_advisory_lock(%s)", [TURN])
        yield server


def provide(name: str) -> None:
    """Let the database of this process be made as a copy of `name`, which the first that asks migrates."""
    test = connection.settings_dict["TEST"]
    with one_at_a_time() as server:
        server.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if server.fetchone() is None:
            migrate(name)
    test["TEMPLATE"] = name


def migrate(name: str) -> None:
    """Make a database with every table and nobody in it."""
    test, given = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    mine, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"] = mine
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = given


def remove(name: str) -> None:
    """Remove what was copied, unless another process has."""
    with one_at_a_time() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
