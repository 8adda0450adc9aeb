"""The program's engine, but that savepoints go to the database together with the statement that follows them.

Around a test stands a transaction, so each unit of the program becomes a savepoint there: with their releases they were
one of six statements. They are still taken, released and returned to in the same order; one within which nothing was
asked is not sent at all. Where a test counts statements or stands in between, each goes by itself, as in the program.
"""

from typing import Any

from django.db.backends.postgresql.base import Cursor
from psycopg.pq import TransactionStatus

from core.database import base, driver
from tests.locks import refuse_joins

BEGUN, RELEASED = 'SAVEPOINT "{}"', 'RELEASE SAVEPOINT "{}"'


class CursorAfterSavepoints(Cursor):
    """A cursor that sends the savepoints that wait before its statement, in the same trip."""

    _before = 0

    def _execute_send(self, query: Any, **how: Any) -> None:
        unsent = self._conn.unsent
        self._before = len(unsent)
        if unsent:
            assert not how.get("force_extended"), "savepoints are sent first"
            query.query = ";".join([*unsent, ""]).encode() + query.query
            unsent.clear()
        super()._execute_send(query, **how)

    def _set_results(self, results: list[Any]) -> None:
        super()._set_results(results[self._before :])

    def executemany(self, *args: Any, **more: Any) -> Any:
        send_savepoints(self._conn)
        return super().executemany(*args, **more)


def send_savepoints(line: driver.Connection) -> None:
    """Send the savepoints that wait by themselves."""
    if line.unsent:
        together = ";".join(line.unsent)
        line.unsent.clear()
        line.execute(together)


class DatabaseWrapper(base.DatabaseWrapper):
    """The program's engine; a connection has the savepoints that were not sent yet, in `unsent`."""

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"cursor_factory": CursorAfterSavepoints}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        line = super().get_new_connection(conn_params)
        line.unsent, pipeline = [], line.pipeline

        def after_savepoints() -> Any:
            send_savepoints(line)
            return pipeline()

        line.pipeline = after_savepoints
        return line

    def create_cursor(self, name: str | None = None) -> Any:
        if name:
            send_savepoints(self.connection)
        return super().create_cursor(name)

    def _savepoint(self, sid: str) -> None:
        if self._is_watched():
            super()._savepoint(sid)
        else:
            self.connection.unsent.append(BEGUN.format(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        unsent, begun = self.connection.unsent, BEGUN.format(sid)
        if begun in unsent:
            del unsent[unsent.index(begun) + 1 :]
        else:
            unsent.clear()  # they are within this one
            super()._savepoint_rollback(sid)

    def _savepoint_commit(self, sid: str) -> None:
        unsent = self.connection.unsent
        if unsent and unsent[-1] == BEGUN.format(sid):
            unsent.pop()
        elif self._is_watched():
            super()._savepoint_commit(sid)
        else:
            unsent.append(RELEASED.format(sid))

    def _commit(self) -> None:
        self._forget_savepoints()
        super()._commit()

    def _rollback(self) -> None:
        self._forget_savepoints()
        super()._rollback()

    def _forget_savepoints(self) -> None:
        if self.connection is not None:
            self.connection.unsent.clear()

    def _is_watched(self) -> bool:
        """Whether somebody counts statements or stands in between, or one has failed and none is taken any more."""
        if self.queries_logged or any(one is not refuse_joins for one in self.execute_wrappers):
            return True
        return bool(self.connection.info.transaction_status is TransactionStatus.INERROR)
