"""When a site, or a therapy there, is closed: what schedulers entered and what policies say, read as one.

Search, explanation, claim, cover and pages ask here and nowhere else. That a whole site is shut by its calendar stands
in the week sheets as well, which are made from the same rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection

from core.database.compiled import CompiledQuery
from core.models import EVERY_AUDIENCE, Policy, Site
from core.policies.keys import PolicyKey, registered
from scheduler.calendars.hours import DAY, Period, days_filled, wall_instant
from scheduler.models import Closure
from scheduler.wall_time import MIDNIGHT

EVERY_THERAPY = "*"
BY_POLICY = "policy-"
MOST_STEPS = 100
"""Of closures that follow one another without a gap: enough for a year that is closed week by week."""

CONFIRMED = CompiledQuery(lambda: Closure.objects.filter(confirmed=True).select_related("therapy"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTime:
    """A stretch in which a site (its id) gives a therapy not, or nothing at all (empty `therapy`).

    `key` names the closure, or the policy, that says so, `name` tells staff what it is called; of that one `starts`
    and `ends` (None: unknown) are the first moment and the one from which it holds no more. `in_sheets`: the week
    sheets say it as well.
    """

    key: str
    site: int
    therapy: str
    starts: datetime | None
    ends: datetime | None
    name: str = ""
    in_sheets: bool = False

    @property
    def by_policy(self) -> bool:
        """Whether a policy says so: it ends with the policy."""
        return self.key.startswith(BY_POLICY)

    def concerns(self, therapy: str) -> bool:
        """Whether this therapy is not given meanwhile."""
        return self.therapy in ("", therapy)

    def within(self, period: Period) -> Period:
        """Return the part of a period from which on, and until which, it is closed; turned round where it is not."""
        start, end = period
        return max(self.starts or start, start), min(self.ends or end, end)

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether any part of [start, end) is closed."""
        return (self.ends is None or start < self.ends) and (self.starts is None or self.starts < end)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTimes:
    """By site (its id) when it, or a therapy there, is closed, in the state of the catalogue that has this `stamp`."""

    stamp: UUID
    by_site: Mapping[int, tuple[ClosedTime, ...]]


_read_last: dict[str, ClosedTimes] = {}


def read_last() -> ClosedTimes:
    """Return what this process has read last, which may be older than what is closed now."""
    return _read_last.get(connection.alias) or newly_read()


def newly_read() -> ClosedTimes:
    """Return what is closed as it stands now."""
    # The stamp first: what is read after it is of that state, or of a later one, and then read again.
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM scheduler_cataloguestamp")
        (stamp,) = cursor.fetchone()
    zones = dict(Site.objects.filter(active=True).values_list("pk", "zone"))
    return read(stamp, list(Policy.objects.published()), zones)


def read(stamp: UUID, policies: Sequence[Policy], zones: Mapping[int, str]) -> ClosedTimes:
    """Return what closures and these policies close at sites, by their ids with their zones."""
    found = ClosedTimes(stamp=stamp, by_site=closed_times(CONFIRMED.rows(), policies, zones))
    _read_last[connection.alias] = found
    return found


def closed_times(
    closures: Iterable[Closure], policies: Sequence[Policy], zones: Mapping[int, str]
) -> dict[int, tuple[ClosedTime, ...]]:
    """Return by site (its id) when it, or a therapy there, is closed. `closures`: those that hold, with therapies."""
    found = [one for row in closures if row.site_id in zones for one in _of_closure(row, zones[row.site_id])]
    closing = [key for key in registered() if key.closes]
    found += [one for site in zones for key in closing for one in _of_policies(key, policies, site)]
    return {site: here for site in zones if (here := tuple(one for one in found if one.site == site))}


def _of_closure(row: Closure, zone: str) -> Iterator[ClosedTime]:
    # A zone that is gone costs no other site anything.
    with suppress(ZoneInfoNotFoundError):
        yield of_closure(row, ZoneInfo(zone))


def of_closure(row: Closure, zone: ZoneInfo) -> ClosedTime:
    """Return the stretch that a closure means; it needs its therapy."""
    if row.last_on is None:
        starts, ends = wall_instant(row.first_on, row.starts or MIDNIGHT, zone=zone), None
    else:
        starts, ends = days_filled(row.first_on, row.last_on, zone=zone, starts=row.starts, ends=row.ends)
    therapy = row.therapy.key if row.therapy else ""
    return ClosedTime(
        key=str(row.public_id),
        site=row.site_id,
        therapy=therapy,
        starts=starts,
        ends=ends,
        name=row.name,
        in_sheets=not therapy,
    )


def _of_policies(key: PolicyKey, policies: Sequence[Policy], site: int) -> Iterator[ClosedTime]:
    """Yield what policies of a key close at a site, each for as long as it is the one that holds there."""
    rows = [p for p in policies if p.key == key.key and p.site_id in (site, None)]
    if not any(p.content.get(key.closes) for p in rows):
        return
    for audience in key.audiences or (EVERY_AUDIENCE,):
        fitting = [p for p in rows if p.audience in (audience, EVERY_AUDIENCE)]
        for policy, starts, ends in _in_turn(fitting):
            for name in policy.content.get(key.closes, ()):
                therapy = "" if name == EVERY_THERAPY else name
                source = f"{BY_POLICY}{policy.key}-{policy.version}"
                yield ClosedTime(key=source, site=site, therapy=therapy, starts=starts, ends=ends, name=str(policy))


def _in_turn(policies: Sequence[Policy]) -> Iterator[tuple[Policy, datetime | None, datetime | None]]:
    """Yield which policy holds from when until when."""
    edges = sorted({edge for p in policies for edge in (p.effective.lower, p.effective.upper) if edge is not None})
    for starts, ends in zip([None, *edges], [*edges, None], strict=True):
        # Any moment of the stretch tells: within it no policy begins or ends.
        moment = starts or (ends - DAY if ends else None)
        live = [p for p in policies if moment is None or moment in p.effective]
        if live:
            yield max(live, key=precedence), starts, ends


def precedence(policy: Policy) -> tuple[bool, bool]:
    """Return by what a policy comes before others in force: a site's own first, then one for an audience."""
    # A site's own policy for everybody comes before one for an audience at all sites.
    return policy.site_id is not None, policy.audience != EVERY_AUDIENCE


def first_touching(closed: Iterable[ClosedTime], start: datetime, end: datetime) -> ClosedTime | None:
    """Return which of closed times touches [start, end): the one that lasts longest, None where none does."""
    touching = [one for one in closed if one.touches(start, end)]
    return max(touching, key=lambda one: (one.ends is None, one.ends or start), default=None)


def open_again(closed: Sequence[ClosedTime], start: datetime, end: datetime) -> datetime | None:
    """Return from when on something is open again that is closed in [start, end); None where nobody knows."""
    reopens: datetime | None = start
    for _step in range(MOST_STEPS):
        found = first_touching(closed, reopens, max(end, reopens + (end - start))) if reopens else None
        if found is None:
            return reopens
        reopens = found.ends
    return reopens
