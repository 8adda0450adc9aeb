"""The engine that settings name; Django looks for it in a module of this name."""

import select
import time
from typing import Any

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper
from psycopg.pq import TransactionStatus

from core.database import driver

HEARD_OF = 2.0  # seconds: whom we heard of so lately is not asked whether they are there


class DatabaseOperations(operations.DatabaseOperations):
    """What Django asks of an engine, for cursors of ours as well."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:  # noqa: ANN401  (Django's)
        """Return what a log of queries says was asked; of statements that go together their text, as it was sent."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's engine, with connections whose waiting ends."""

    Database = driver
    ops_class = DatabaseOperations

    def trip_cursor(self, *, anew: bool) -> CursorWrapper:
        """Return a cursor for statements that go together; the server plans them once for a connection, or `anew`."""
        self.ensure_connection()
        # Django's own way from a driver's cursor to one of its own, which the stubs leave out.
        wrapped: CursorWrapper = self._prepare_cursor(  # type: ignore[attr-defined]
            driver.TripCursor(self.connection, anew=anew)
        )
        return wrapped

    def is_usable(self) -> bool:
        """Whether the connection, kept from an earlier request, is still there; asked of the server if not known."""
        return self._heard_of() or super().is_usable()

    def _heard_of(self) -> bool:
        """Whether it answered a moment ago and nothing has come since: a server that goes says so, or hangs up."""
        line = self.connection
        if line is None or line.closed or time.monotonic() - line.answered_at > HEARD_OF:
            return False
        if line.info.transaction_status is TransactionStatus.INERROR:  # there, and of no use before a rollback
            return False
        come = select.poll()
        come.register(line.fileno(), select.POLLIN)
        return not come.poll(0)
