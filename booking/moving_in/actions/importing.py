"""Importing a table: each row is done as its own act does it, all of them in one transaction, or none.

A preview does the same and undoes it: what it shows is what a press would do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from booking.moving_in.cells import EitherDate
from booking.moving_in.kinds import ImportKind
from booking.moving_in.rows import RowOutcome, RowReader, RowResult, Setting, positions_of, unread
from booking.moving_in.tables import Table, TableRow
from core.database.transactions import unit
from core.refusals import Invalid, Refusal
from core.sealing import digest

PURPOSE = "what a preview showed"
PARTS = 6
"""In so many parts a worker takes over what one press does at once, so that nobody waits long for what a part locks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What becomes, or became, of a table. `either`: a date of it that could be two; nothing else is said then.

    `unread`: headings of columns that are not read; `done`: it is imported.
    """

    outcomes: tuple[RowOutcome, ...] = ()
    unread: tuple[str, ...] = ()
    either: EitherDate | None = None
    done: bool = False

    @property
    def counts(self) -> Mapping[RowResult, int]:
        """How many rows there are of each result."""
        return Counter(one.result for one in self.outcomes)

    @property
    def writes(self) -> int:
        """How many rows change anything."""
        return sum(one.result.writes for one in self.outcomes)

    @property
    def left_out(self) -> int:
        """How many rows the table wants, and nothing is made of."""
        return sum(one.result.stays_out for one in self.outcomes)

    @property
    def seen(self) -> str:
        """What tells this preview from another: the same rows, with the same results."""
        # What is asked of a row is answered with the press: the answer is what somebody wants, and no surprise.
        told = ";".join(
            f"{one.number}:asked" if one.choices else f"{one.number}:{one.result.value}:{'|'.join(one.says)}"
            for one in self.outcomes
        )
        return digest(told, purpose=PURPOSE)


@unit
def preview(kind: ImportKind, table: Table, setting: Setting) -> ImportReport:
    """Return what would become of a table: it is done, told, and undone. Raises Invalid."""
    return _run(kind, table, setting, seen=None)


@unit
def take_over(kind: ImportKind, table: Table, setting: Setting, *, seen: str) -> ImportReport:
    """Import a table as its preview showed it; where it would become something else by now, nothing is done.

    Rows of which nothing can be made are left out, as was shown. Raises Invalid.
    """
    return _run(kind, table, setting, seen=seen)


def each(kind: ImportKind, table: Table, rows: Sequence[TableRow], setting: Setting) -> list[RowOutcome]:
    """Import some rows of a table, each by itself, in the transaction at hand; return what became of them."""
    positions = positions_of(table, kind.columns)
    return [_taken(kind, RowReader(row, positions, kind.columns, setting)) for row in rows]


def misread(kind: ImportKind, table: Table, setting: Setting) -> list[RowOutcome]:
    """Return those rows with cells that cannot be read, with all that is wrong with these. Nothing is written."""
    positions = positions_of(table, kind.columns)
    found = []
    for row in table.rows:
        reader = RowReader(row, positions, kind.columns, setting)
        kind.read(reader)
        if reader.problems:
            name = reader.text(kind.columns[0].key)
            found.append(reader.finish(RowOutcome(result=RowResult.WRONG, name=name)))
    return found


def either_date(kind: ImportKind, table: Table, setting: Setting) -> EitherDate | None:
    """Return the first date of a table that could be two, None where each has one reading."""
    positions = positions_of(table, kind.columns)
    dates = [column.key for column in kind.columns if column.is_date and column.key in positions]
    for row in table.rows if setting.order is None else ():
        reader = RowReader(row, positions, kind.columns, setting)
        try:
            for key in dates:
                reader.date(key)
        except EitherDate as either:
            return either
    return None


def _run(kind: ImportKind, table: Table, setting: Setting, *, seen: str | None) -> ImportReport:
    positions = positions_of(table, kind.columns)
    readers = [RowReader(row, positions, kind.columns, setting) for row in table.rows]
    with transaction.atomic():
        try:
            outcomes = [_taken(kind, reader) for reader in readers]
        except EitherDate as either:
            transaction.set_rollback(True)
            return ImportReport(either=either)
        report = ImportReport(outcomes=tuple(outcomes), unread=tuple(unread(table, positions)))
        done = seen is not None and report.seen == seen
        transaction.set_rollback(not done)
    return replace(report, done=done)


def _taken(kind: ImportKind, reader: RowReader) -> RowOutcome:
    """Do what a row asks for; what refuses it undoes it alone."""
    refusal_of: Refusal
    try:
        with transaction.atomic():
            outcome = reader.finish(kind.take(reader))
            # What is half right is not half done.
            transaction.set_rollback(outcome.result.stays_out)
            return outcome
    except Refusal as refusal:
        refusal_of = refusal
    name = reader.text(kind.columns[0].key)
    # After what it did is undone: else it would stand in its own way.
    if kind.why is None or isinstance(refusal_of, Invalid):
        return reader.finish(replace(reader.refused(refusal_of, kind.fields), name=name))
    return reader.finish(kind.why(reader, refusal_of))
