"""Do the sheets say what claims and calendars say? Whatever differs is a fault: it is reported and put right."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.database.transactions import unit
from scheduler.calendars.hours import ticks_touched
from scheduler.calendars.open_hours import Calendar, OpenTicks, open_hours
from scheduler.models import Claim, WeekSheet
from scheduler.sheets import sheet_rows
from scheduler.ticks import TICKS_A_WEEK, WEEK, midnight, week_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A sheet differed in `column` ("open", "open_to" or "taken"): so many ticks too few and too many."""

    resource: int
    site: int
    week: date
    column: str
    lacks: int
    exceeds: int


def check(*, at: datetime) -> list[Drift]:
    """Compare all sheets from the week of `at` on with claims and calendars; repair, log and return what differed."""
    weeks = WeekSheet.objects.filter(week__gte=week_of(at)).order_by("week").values_list("week", flat=True).distinct()
    # Week by week, each repaired in a transaction of its own: whoever books waits for one week at most.
    return [drift for week in list(weeks) for drift in _check(week)]


def _check(week: date) -> list[Drift]:
    # Looked at without locks first: thousands of sheets a night, of which none differs as a rule.
    suspects = {sheet.pk for sheet, _ in _differing(WeekSheet.objects.filter(week=week).select_related("resource"))}
    found = _repair(suspects) if suspects else []
    for drift in found:
        # An error: whoever claims or edits keeps the sheets right, so that a difference is a fault of ours.
        log.error("week sheet had drifted: %s", drift)
    return found


@unit
def _repair(suspects: Collection[int]) -> list[Drift]:
    """Look again under lock, since a sheet may have been written in between, and put right what still differs.

    Calendars are kept still before sheets are locked, as by every edit: nobody changes what they are compared with.
    """
    rows = WeekSheet.objects.filter(pk__in=suspects)
    sheet_rows.lock_calendars(
        practitioners=set(rows.exclude(resource__practitioner=None).values_list("resource__practitioner", flat=True)),
        sites=set(rows.values_list("site", flat=True)),
    )
    # Calendars, then sheets in their order: as every edit and every booking, whom this must not meet head-on.
    list(rows.order_by("resource_id", "week", "site_id").select_for_update().values_list("pk"))
    found: list[Drift] = []
    for sheet, due in list(_differing(rows.select_related("resource"))):
        found += _drifts(sheet, due)
        sheet_rows.reopen({sheet.pk: due.open})
        WeekSheet.objects.filter(pk=sheet.pk).update(taken=due.taken)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """What a sheet has to say."""

    open: OpenTicks
    taken: int


def _open(sheet: WeekSheet) -> OpenTicks:
    return OpenTicks(sheet.open, tuple(zip(sheet.audiences or (), sheet.open_to or (), strict=True)))


def _differing(rows: Iterable[WeekSheet]) -> Iterator[tuple[WeekSheet, _Due]]:
    sheets = list(rows)
    if not sheets:
        return
    calendars = {s.pk: Calendar.of(s.resource_id, s.site_id, s.resource.practitioner_id) for s in sheets}
    weeks = sorted({s.week for s in sheets})
    hours, taken = open_hours(calendars.values(), weeks), _taken({s.resource_id for s in sheets}, weeks)
    for sheet in sheets:
        due = _Due(open=hours.ticks(calendars[sheet.pk], sheet.week), taken=taken[sheet.resource_id, sheet.week])
        if (_open(sheet), sheet.taken) != (due.open, due.taken):
            yield sheet, due


def _taken(resources: Collection[int], weeks: Sequence[date]) -> dict[tuple[int, date], int]:
    """Return what claims take. An expired claim counts until a writer retires it: its bits are cleared then."""
    taken: dict[tuple[int, date], int] = defaultdict(int)
    stretch = (midnight(weeks[0]), midnight(weeks[-1] + WEEK))
    live = Claim.objects.filter(resource__in=resources, retired_at=None, period__overlap=stretch)
    for resource, period in live.values_list("resource", "period"):
        for week in weeks:
            taken[resource, week] |= ticks_touched((period.lower, period.upper), origin=week, total=TICKS_A_WEEK)
    return taken


def _drifts(sheet: WeekSheet, due: _Due) -> Iterator[Drift]:
    said, meant = dict(_open(sheet).alone), dict(due.open.alone)
    pairs = [("open", sheet.open, due.open.everyone), ("taken", sheet.taken, due.taken)]
    pairs += [("open_to", said.get(one, 0), meant.get(one, 0)) for one in sorted(said.keys() | meant.keys())]
    for column, shown, wanted in pairs:
        if shown != wanted:
            yield Drift(
                resource=sheet.resource_id,
                site=sheet.site_id,
                week=sheet.week,
                column=column,
                lacks=(wanted & ~shown).bit_count(),
                exceeds=(shown & ~wanted).bit_count(),
            )
