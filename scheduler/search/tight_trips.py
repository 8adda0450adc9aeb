"""Appointments of one practitioner at two sites that lie nearer to each other than the way between these."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.database.round_trip import read_together
from core.models import Site
from core.text.languages import localized, time_in_words, when_in_words
from scheduler.models import Practitioner
from scheduler.search.presence import AROUND, Stay, stays
from scheduler.sheets.edit_impact import NAMED, EditWarning
from scheduler.ticks import TICK, ticks

CODE = "too-near-to-travel"
# Longer than anybody books ahead, so that no appointment is left out.
AHEAD = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Trip:
    """Two stays of a practitioner, and no time for the way between them."""

    practitioner: str
    first: Stay
    second: Stay


def tight_trips(sites: Sequence[Site], *, minutes: int, at: datetime) -> tuple[EditWarning, ...]:
    """Return a warning that names the trips ahead for which the `minutes` between two sites are too long."""
    trips = sorted(_trips(sites, minutes, at), key=lambda trip: trip.first.start)
    if not trips:
        return ()
    said = ngettext(
        "The way is longer than the time between two appointments: %(trips)s. They stay booked: please find another "
        "time for one of them.",
        "The way is longer than the time between appointments, %(count)d times: %(trips)s. They stay booked: please "
        "find other times.",
        len(trips),
    )
    more = [_("and %(count)d more") % {"count": len(trips) - NAMED}] if len(trips) > NAMED else []
    named = "; ".join([*(_named(trip, sites) for trip in trips[:NAMED]), *more])
    return (EditWarning(code=CODE, detail=said % {"count": len(trips), "trips": named}),)


def _trips(sites: Sequence[Site], minutes: int, at: datetime) -> Iterator[Trip]:
    here = {site.pk for site in sites}
    names = dict(Practitioner.objects.filter(resources__sites__in=here).values_list("pk", "name"))
    # All practitioners at once: entering a way is rare, and one statement for a year of visits is no burden.
    (found,) = read_together(stays(list(names), (at, at + AHEAD), at=at))
    for practitioner, known in found.items():
        ahead = sorted((s for s in known if s.site in here and s.end > at), key=lambda s: s.start)
        yield from (Trip(names[practitioner], *two) for two in _too_near(ahead, way=ticks(minutes) * TICK))


def _too_near(known: Sequence[Stay], *, way: timedelta) -> Iterator[tuple[Stay, Stay]]:
    for n, first in enumerate(known):
        for second in known[n + 1 :]:
            if second.start >= first.end + way:
                if second.start > first.start + AROUND:
                    break  # no visit is so long that a later one could matter
                continue
            if first.site != second.site:
                yield first, second


def _named(trip: Trip, sites: Iterable[Site]) -> str:
    at = {site.pk: site for site in sites}
    first, second = at[trip.first.site], at[trip.second.site]
    return _("%(name)s, %(when)s (%(site)s) and %(then)s (%(other)s)") % {
        "name": trip.practitioner,
        "when": when_in_words(trip.first.start, first.tz),
        "site": localized(first.name),
        "then": time_in_words(trip.second.start, second.tz),
        "other": localized(second.name),
    }
