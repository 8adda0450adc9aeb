"""The third next available: how many days from today until the third start that a patient could book."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from booking.reports.measures import Better, Figure, Measure, MeasureUnit
from booking.reports.report_query import ReportQuery
from scheduler import public as scheduler

THIRD = 3
"""The first two come from cancellations, and tell little about what somebody finds who calls (IHI)."""

AHEAD = timedelta(days=92)

MEANING = _(
    "Calendar days from today until the third start that is open to a patient now, with anybody who gives it. The "
    "first two are left aside, because they come from cancellations. What is kept for others does not count."
)
FIRST_VISIT = Measure(
    key="third-next-first",
    name=_("Third next available, first appointment"),
    meaning=MEANING,
    whole=_("Starts found, up to three"),
    unit=MeasureUnit.DAYS,
    better=Better.LOWER,
)
FOLLOW_UP = Measure(
    key="third-next-followup",
    name=_("Third next available, follow-up"),
    meaning=MEANING,
    whole=_("Starts found, up to three"),
    unit=MeasureUnit.DAYS,
    better=Better.LOWER,
)
BY_VISIT = {scheduler.VisitType.FIRST: FIRST_VISIT, scheduler.VisitType.FOLLOWUP: FOLLOW_UP}


def third_next(query: ReportQuery, therapy: scheduler.TherapyCard, visit: str) -> Figure | None:
    """Return the days until the third start of a therapy at a site; None where nobody there gives it."""
    if not any(one.site.id == query.site.pk for one in scheduler.offered(therapy.key, visit)):
        return None
    # Of a therapy that is done in several ways a time counts once, whichever of them it would be for.
    ways = {technique for kind, technique in therapy.minutes if kind == visit}
    found = sorted({start for way in ways for start in _starts(query, therapy.key, visit, way)})
    if len(found) < THIRD:
        return Figure(whole=len(found))
    zone = query.site.tz
    days = (found[THIRD - 1][0].astimezone(zone).date() - query.at.astimezone(zone).date()).days
    return Figure(whole=THIRD, value=days)


def _starts(query: ReportQuery, therapy: str, visit: str, technique: str) -> Iterator[tuple[datetime, int]]:
    """Yield the soonest starts with who gives them."""
    wanted = scheduler.SearchQuery(
        therapy=therapy,
        visit=visit,
        technique=technique,
        starts_at=query.at,
        ends_at=query.at + AHEAD,
        sites=frozenset({query.site.pk}),
        limit=THIRD,
    )
    for slot in scheduler.search(wanted, at=query.at):
        yield slot.start, slot.practitioner.id
