"""The times that are kept for families, which stand before all others for whoever may have them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _

from booking.web.slot_ids import sealed
from booking.web.times_list import Button, Day, Group
from booking.web.times_query import TimesQuery
from core.text.languages import localized, near_day_in_words, time_in_words
from scheduler import public as scheduler
from scheduler.public import Offered, Slot

SHOWN = 6
LOOKED_AHEAD = timedelta(weeks=6)
"""How far ahead these are looked for: later ones stand among the others, on their day."""


def times_for_families(times_query: TimesQuery, offered: Sequence[Offered], *, at: datetime) -> list[Day]:
    """Return the first times that are kept for families, by day; none, and no search, for whoever is no family."""
    if not times_query.audience.families:
        return []
    found = [one for query in times_query.search_queries(offered, at=at) for one in _of_families(query, at=at)]
    soonest = sorted(found, key=lambda slot: (slot.start, slot.practitioner.name))[:SHOWN]
    return _by_day(soonest, named=len({one.site.id for one in offered}) > 1)


def _of_families(query: scheduler.SearchQuery, *, at: datetime) -> Iterable[Slot]:
    near = replace(query, ends_at=min(query.ends_at, at + LOOKED_AHEAD))
    kept = (one for one in scheduler.each_start(near, at=at) if scheduler.is_for_families(one.only_for))
    return islice(kept, SHOWN)


def _by_day(slots: Iterable[Slot], *, named: bool) -> list[Day]:
    days: dict[date, list[Button]] = defaultdict(list)
    for slot in slots:
        on = slot.start.astimezone(slot.site.tz).date()
        days[on].append(
            Button(
                id=sealed(slot.id),
                time=time_in_words(slot.start, slot.site.tz),
                day=near_day_in_words(on),
                lead=_("with"),
                with_whom=slot.practitioner.name,
                where=localized(slot.site.name) if named else "",
                at=slot.start.isoformat(),
            )
        )
    return [
        Day(id=f"kept-{on.isoformat()}", heading=near_day_in_words(on), groups=[Group(slots=buttons)])
        for on, buttons in sorted(days.items())
    ]
