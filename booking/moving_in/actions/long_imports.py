"""A long table is taken over by a worker, part by part; a person may leave the page meanwhile, or do it by hand.

How far it is stands in the row, written with each part in one transaction: a worker that dies has done no part twice,
and the next one, or whoever presses, goes on where it was. Who pressed acts: a right that is taken away ends it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from booking.models import TableImport
from booking.moving_in.actions import importing
from booking.moving_in.cells import DateOrder
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.kinds import ImportKind, headings
from booking.moving_in.packed_table import pack, unpack
from booking.moving_in.rows import RowOutcome, Setting
from booking.moving_in.tables import Table, read_table
from core.database.transactions import unit
from core.doorbell import ring
from core.models import Site
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, sites_for
from core.sealing import seal, unseal

TASK = "booking.tasks.take_over_tables"
CONTENT, LEFT = "a table that is taken over", "rows that were left out"
AT_ONCE = 20
"""Parts after which a worker lets other work come first."""

KEPT = timedelta(days=14)
"""For so long the rows that were left out can be read."""


class ImportUnderWay(Refusal):
    """Somebody imports a table of this kind at this site right now."""

    code = "import-under-way"
    title = gettext_lazy("Such a table is being imported at this site already. The next can begin after it.")


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A row of which nothing was made, and why. `name`: what it is called."""

    number: int
    name: str
    lines: tuple[str, ...]


def begin(kind: ImportKind, content: bytes, rows: int, setting: Setting, *, by: int) -> TableImport:
    """Let a worker take over a table for whoever presses (`by`: their id). Raises ImportUnderWay."""
    try:
        with transaction.atomic():
            made = TableImport.objects.create(
                site=setting.site, user_id=by, kind=kind.key, content=seal(pack(content), purpose=CONTENT),
                order=setting.order or "", tell=setting.tell, rows=rows, begun_at=setting.at, worked_at=setting.at,
            )  # fmt: skip
            ring(TASK)
            return made
    except IntegrityError as error:
        raise ImportUnderWay from error


def go_on_with_all(*, now: Callable[[], datetime]) -> None:
    """Take over some parts of each table that waits, and ask for another turn where more is left."""
    # What did not come further last, as where a worker breaks at it: it holds up no other.
    waiting = TableImport.objects.filter(ended_at=None).order_by("-worked_at", "pk").values_list("pk", flat=True)
    for pk in [*waiting]:
        if all(go_on(pk, at=now()) for _part in range(AT_ONCE)):
            ring(TASK)


@unit
def go_on(pk: int, *, at: datetime) -> bool:
    """Take over the next part of a table; whether one was, and more is left."""
    # Whoever finds it locked leaves it to them: a worker and a person may come at once.
    run = TableImport.objects.select_for_update(skip_locked=True, of=["self"]).filter(pk=pk, ended_at=None).first()
    if run is None:
        return False
    setting, kind = _setting(run, at=at), KINDS.get(run.kind)
    # A release that takes such tables no more ends it where it is: nobody could go on with it, or begin another one.
    if setting is None or kind is None or not content_of(run):
        return _end(run, at=at)
    table = table_of(run)
    part = table.rows[run.rows_done :][: max(1, kind.most // importing.PARTS)]
    outcomes = importing.each(kind, table, part, setting)
    run.rows_done += len(part)
    run.rows_written += sum(one.result.writes for one in outcomes)
    _leave_out(run, [*left_rows(run), *map(_left, (one for one in outcomes if one.result.stays_out))])
    run.worked_at = at
    if run.rows_done == run.rows:
        return _end(run, at=at)
    run.save()
    return True


def _end(run: TableImport, *, at: datetime) -> bool:
    run.ended_at = at
    # What has become of the rest nobody need read again.
    run.content = run.content if run.left_out else ""
    run.save()
    return False


@unit
def stop(pk: int, *, at: datetime) -> None:
    """End it where it is: what was taken over stays."""
    run = TableImport.objects.select_for_update(of=["self"]).filter(pk=pk, ended_at=None).first()
    if run is not None:
        _end(run, at=at)


@unit
def settle(pk: int, outcomes: Sequence[RowOutcome]) -> None:
    """Note what became of rows that were left out, and were looked at again."""
    run = TableImport.objects.select_for_update(of=["self"]).get(pk=pk)
    left, done = left_rows(run), {one.number: one for one in outcomes if not one.result.stays_out}
    _leave_out(run, [one for one in left if one.number not in done])
    run.rows_written += sum(done[one.number].result.writes for one in left if one.number in done)
    run.content = run.content if run.left_out else ""
    run.save()


def forget(*, at: datetime) -> int:
    """Delete what was begun so long ago that nobody asks for it; return how many."""
    return TableImport.objects.filter(begun_at__lte=at - KEPT).delete()[0]


def _setting(run: TableImport, *, at: datetime) -> Setting | None:
    """Return who imports where; None where they may not any more."""
    by = Principal.of(run.user, at=at)
    sites = Site.objects.filter(pk__in=sites_for(by, Action.EDIT_CATALOGUE), active=True)
    if not run.user.is_active or run.site not in sites:
        return None
    order = DateOrder(run.order) if run.order else None
    return Setting(by=by, at=at, site=run.site, sites=tuple(sites), order=order, tell=run.tell)


def content_of(run: TableImport) -> bytes:
    """Return the file; empty once it is gone, or the key that sealed it."""
    packed = unseal(run.content, purpose=CONTENT) if run.content else None
    return unpack(packed) if packed else b""


def table_of(run: TableImport) -> Table:
    """Return the table of an import that has one. Raises Invalid."""
    return read_table(content_of(run), known=headings(KINDS[run.kind]))


def left_rows(run: TableImport) -> list[LeftRow]:
    """Return the rows of which nothing was made, in the order of the table."""
    told = unseal(run.left_out, purpose=LEFT) if run.left_out else None
    rows: list[dict[str, Any]] = json.loads(told) if told else []
    return [LeftRow(row["number"], row["name"], tuple(row["lines"])) for row in rows]


def _leave_out(run: TableImport, rows: list[LeftRow]) -> None:
    run.left_out = seal(json.dumps([asdict(one) for one in rows]), purpose=LEFT) if rows else ""


def _left(one: RowOutcome) -> LeftRow:
    return LeftRow(one.number, one.name, one.lines)


def only_left(run: TableImport, table: Table) -> Table:
    """Return the table with the rows alone that were left out."""
    numbers = {one.number for one in left_rows(run)}
    return replace(table, rows=tuple(row for row in table.rows if row.number in numbers))
