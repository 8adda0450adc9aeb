"""Many people at once: real threads, real connections, real commits."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.apps import apps
from django.db import connection, transaction

from core.refusals import Refusal

PATIENCE = 60
SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Start all acts in the same moment; return what each returned, or the refusal or error it met."""
    results: list[object] = [None] * len(acts)
    line = threading.Barrier(len(acts))

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            line.wait(PATIENCE)
            results[number] = acts[number]()
        except (Refusal, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, OSError) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "somebody waits for ever"
    return results


def beside(act, *, while_open):
    """Run `while_open` in one thread's transaction and `act` beside it; return both results.

    The transaction is committed once `act` waits for a lock, or is over.
    """
    opened, may_commit = threading.Event(), threading.Event()

    def held_open():
        try:
            with transaction.atomic():
                result = while_open()
                opened.set()
                assert may_commit.wait(PATIENCE)
                return result
        finally:
            opened.set()
            connection.close()

    def closing():
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(held_open)
        assert opened.wait(PATIENCE)
        mine = pool.submit(closing)
        try:
            until_somebody_waits(or_else=mine.done)
        finally:
            may_commit.set()
        return other.result(PATIENCE), mine.result(PATIENCE)


def until_somebody_waits(*, or_else=lambda: False):
    """Return once somebody waits for a lock of the database, or `or_else` is so."""
    give_up_at = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < give_up_at:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(SOMEBODY_WAITS)
            if cursor.fetchone()[0] or or_else():
                return
    raise AssertionError("nobody waited")


def tally(results: Sequence[object]) -> Counter[str]:
    """Return how often each kind of result came."""
    return Counter(type(result).__name__ for result in results)


class Gate:
    """Holds people back until so many have come, then lets all through for good: a race with a known end."""

    def __init__(self, people: int) -> None:
        self.barrier, self.open = threading.Barrier(people), threading.Event()

    def wait(self, *_: object, **__: object) -> None:
        """Wait for the others, the first time round."""
        if not self.open.is_set():
            self.barrier.wait(PATIENCE)
            self.open.set()


def deadlocks() -> int:
    """Return how many deadlocks the database has seen in all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@contextmanager
def without_constraint(model: str, name: str):
    """Take a constraint off a table; afterwards empty what it guards and put it back."""
    table = apps.get_model(model)
    constraint = next(c for c in table._meta.constraints if c.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(table, constraint)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{table._meta.db_table}" CASCADE')
        with connection.schema_editor() as editor:
            editor.add_constraint(table, constraint)


def database_url():
    """Return the address of the tests' database."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
