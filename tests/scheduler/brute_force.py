"""Free time found the slow way: minute by minute, from rows alone. It shares no line with the search that it checks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from core.models import Site
from scheduler.models import (
    Absence,
    Claim,
    Closure,
    Device,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Resource,
    VisitPlan,
    WorkingHours,
)
from tests.scheduler.brute_force_blocks import closed_to, places_closed_to

MINUTE = timedelta(minutes=1)
FIVE = timedelta(minutes=5)
Minutes = set[datetime]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a visit: minutes from its start, and what it asks of the practitioner."""

    first: int
    last: int
    presence: str


@dataclass
class Clinic:
    """All rows of one clinic, and the minutes of [since, until) in which each thing is open and not claimed."""

    plan: VisitPlan
    since: datetime
    until: datetime
    at: datetime
    audiences: frozenset[str] | None = None
    """Whose hours whoever asks may use, beside everyone's; None: anybody's."""
    needs: frozenset[str] = frozenset()
    """What their place must have."""
    kept: str = ""
    """The kind of place that rules keep from the therapy wherever there is another."""
    reach: int | None = None
    """From which stage on they may use kept time; None: always."""

    @cached_property
    def parts(self) -> list[Part]:
        """The segments; each begins on full five minutes."""
        found, at = [], 0
        for segment in self.plan.segments.order_by("position"):
            length = (segment.minutes + 4) // 5 * 5
            found.append(Part(at, at + length, segment.presence))
            at += length
        return found

    @cached_property
    def stay(self) -> int:
        """Minutes until the patient leaves."""
        return max(part.last for part in self.parts if part.presence != "none")

    @cached_property
    def room_time(self) -> int:
        """Minutes until the place is ready again."""
        return self.parts[-1].last

    @cached_property
    def contact(self) -> int:
        """Minutes until the practitioner is done."""
        return max(part.last for part in self.parts if part.presence in {"hands", "nearby"})

    @cached_property
    def claimed(self) -> dict[int, Minutes]:
        """By resource: the minutes in which somebody has it."""
        found: dict[int, Minutes] = defaultdict(set)
        for claim in self.claims:
            found[claim.resource_id].update(minutes(claim.period.lower, claim.period.upper))
        return found

    @cached_property
    def claims(self) -> list[Claim]:
        """Claims that count."""
        rows = Claim.objects.filter(retired_at=None).select_related("resource__place__room")
        return [claim for claim in rows if claim.expires_at is None or claim.expires_at > self.at]

    @cached_property
    def sites(self) -> dict[int, Site]:
        """The sites in use."""
        return {site.pk: site for site in Site.objects.filter(active=True)}

    @cached_property
    def shut(self) -> dict[int, Minutes]:
        """By site: the minutes in which it is closed."""
        found: dict[int, Minutes] = defaultdict(set)
        for closure in Closure.objects.filter(confirmed=True, therapy=None, site__in=self.sites):
            found[closure.site_id].update(self._closed(closure))
        return found

    @cached_property
    def not_given(self) -> dict[int, Minutes]:
        """By site: the minutes in which the therapy is not given there."""
        found: dict[int, Minutes] = defaultdict(set)
        for closure in Closure.objects.filter(confirmed=True, therapy=self.plan.therapy, site__in=self.sites):
            found[closure.site_id].update(self._closed(closure))
        return found

    def _closed(self, closure: Closure) -> Iterable[datetime]:
        since, until = self._instant(closure.site_id, closure.first_on, closure.starts or time()), self.until
        if closure.last_on is not None:
            until = self._instant(closure.site_id, closure.last_on + timedelta(days=1), time())
            if closure.ends is not None:
                until = self._instant(closure.site_id, closure.last_on, closure.ends)
        return minutes(max(since, self.since), min(until, self.until))

    def opens(self, site: int) -> Minutes:
        """Return the minutes in which the places and devices of a site can be used."""
        found: Minutes = set()
        for row in OpeningHours.objects.filter(site=site):
            for day in self._days():
                if day.isoweekday() == row.weekday:
                    found.update(self._wall(site, day, row.opens, row.closes))
        return found - self.shut[site]

    def works(self, practitioner: Practitioner, site: int) -> Minutes:
        """Return the minutes in which a practitioner works at a site, for whoever asks.

        Hours for one audience are not everyone's, though they lie within hours for everyone. Pages let no two audiences
        have the same hour; where rows say so all the same, each of them has it.
        """
        everyone: Minutes = set()
        theirs: Minutes = set()
        others: Minutes = set()
        for row in WorkingHours.objects.filter(practitioner=practitioner, site=site):
            hidden = self.audiences is not None and row.audience not in {"all", *self.audiences}
            found = everyone if row.audience == "all" else others if hidden else theirs
            begins = row.valid_from - timedelta(days=row.valid_from.weekday())
            for day in self._days():
                due = (day - timedelta(days=day.weekday()) - begins).days // 7 % row.every_weeks == 0
                lives = row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
                if day.isoweekday() == row.weekday and due and lives:
                    found.update(self._wall(site, day, row.starts, row.ends))
        found = everyone - others - theirs
        if self.reach is not None:
            for start, end in closed_to(
                practitioner,
                site,
                therapy=self.plan.therapy.key,
                contact=timedelta(minutes=self.contact),
                at=self.at,
                since=self.since,
                until=self.until,
                reach=self.reach,
            ):
                found.difference_update(minutes(start, end))
        found |= theirs
        for away in Absence.objects.filter(practitioner=practitioner):
            found = {minute for minute in found if not away.period.lower <= minute < away.period.upper}
        return found - self.shut[site]

    def _days(self) -> Iterable[date]:
        return days((self.since - timedelta(days=1)).date(), (self.until + timedelta(days=1)).date())

    def _wall(self, site: int, day: date, first: time, last: time) -> Iterable[datetime]:
        start, end = self._instant(site, day, first), self._instant(site, day, last)
        return minutes(max(start, self.since), min(end, self.until))

    def _instant(self, site: int, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, ZoneInfo(self.sites[site].zone)).astimezone(UTC)


def minutes(start: datetime, end: datetime) -> Iterable[datetime]:
    """Yield the minutes of a period."""
    while start < end:
        yield start
        start += MINUTE


def days(first: date, last: date) -> Iterable[date]:
    """Yield the days from the first to the last."""
    while first <= last:
        yield first
        first += timedelta(days=1)


@dataclass
class Looking:
    """One offering of a practitioner at a site, and what is free for it."""

    clinic: Clinic
    offering: Offering

    @cached_property
    def _works(self) -> Minutes:
        return self.clinic.works(self.offering.practitioner, self.offering.site_id)

    @cached_property
    def _opens(self) -> Minutes:
        return self.clinic.opens(self.offering.site_id)

    def _free(self, resource: Resource, start: datetime, first: int, last: int) -> bool:
        open_then = self._opens if resource.practitioner_id is None else self._works
        taken = self.clinic.claimed[resource.pk]
        wanted = minutes(start + first * MINUTE, start + last * MINUTE)
        return all(minute in open_then and minute not in taken for minute in wanted)

    @cached_property
    def _hands(self) -> Resource:
        return Resource.objects.get(practitioner=self.offering.practitioner, kind="hands")

    @cached_property
    def _lanes(self) -> list[Resource]:
        who = self.offering.practitioner
        return list(Resource.objects.filter(practitioner=who, kind="lane", lane__lte=who.lanes))

    @cached_property
    def _places(self) -> list[Place]:
        rows = Place.objects.filter(room__site=self.offering.site, active=True, resource__isnull=False)
        return list(rows.select_related("room", "resource"))

    @cached_property
    def _beside(self) -> dict[int, list[Resource]]:
        """By room: the resources of all its places."""
        found: dict[int, list[Resource]] = defaultdict(list)
        rows = Resource.objects.filter(place__room__site=self.offering.site).select_related("place")
        for resource in rows:
            found[resource.place.room_id].append(resource)
        return found

    @cached_property
    def _units(self) -> dict[str, list[tuple[Resource, int]]]:
        found: dict[str, list[tuple[Resource, int]]] = defaultdict(list)
        for device in Device.objects.filter(site=self.offering.site, active=True).select_related("resource"):
            cleaning = (device.reprocess_minutes + 4) // 5 * 5
            found[device.pool].append((device.resource, self.clinic.stay + cleaning))
        return found

    def free(self, start: datetime) -> bool:
        """Whether a visit can begin then."""
        return self._given(start) and self._practitioner(start) and self._devices(start) and self._place(start)

    def _given(self, start: datetime) -> bool:
        contact = minutes(start, start + self.clinic.contact * MINUTE)
        return self.clinic.not_given[self.offering.site_id].isdisjoint(contact)

    def _practitioner(self, start: datetime) -> bool:
        hands = [part for part in self.clinic.parts if part.presence == "hands"]
        if not all(self._free(self._hands, start, part.first, part.last) for part in hands):
            return False
        rests = joined([part for part in self.clinic.parts if part.presence == "nearby"])
        return all(any(self._free(lane, start, *rest) for lane in self._lanes) for rest in rests)

    def _devices(self, start: datetime) -> bool:
        pools = self.clinic.plan.device_pools
        return all(any(self._free(unit, start, 0, length) for unit, length in self._units[pool]) for pool in pools)

    def _place(self, start: datetime) -> bool:
        plan = self.clinic.plan
        if not plan.place_features:
            return True
        return any(
            all(self._free(one, start, 0, self.clinic.room_time) for one in self._taken_with(place))
            and not any(self._is_kept(one, start) for one in self._taken_with(place))
            and self._near(place, start)
            for place in self._fitting
        )

    @cached_property
    def _kept(self) -> list[tuple[int, datetime, datetime]]:
        clinic = self.clinic
        if clinic.reach is None:
            return []
        span = {"at": clinic.at, "since": clinic.since, "until": clinic.until}
        return list(
            places_closed_to(self.offering.site_id, therapy=clinic.plan.therapy.key, reach=clinic.reach, **span)
        )

    def _is_kept(self, one: Resource, start: datetime) -> bool:
        end = start + self.clinic.room_time * MINUTE
        return any(place == one.place_id and since < end and start < until for place, since, until in self._kept)

    @cached_property
    def _fitting(self) -> list[Place]:
        wanted, needs = set(self.clinic.plan.place_features), self.clinic.needs
        found = [place for place in self._places if wanted & set(place.features) and needs <= set(place.features)]
        return [place for place in found if self.clinic.kept not in place.features] or found

    def _taken_with(self, place: Place) -> list[Resource]:
        return self._beside[place.room_id] if self.clinic.plan.fills_room else [place.resource]

    def _near(self, place: Place, start: datetime) -> bool:
        """Whether the practitioner's other patients of that time lie in the same suite."""
        if len({place.room.suite for place in self._places}) < 2:
            return True
        contact = set(minutes(start, start + self.clinic.contact * MINUTE))
        mine = [c for c in self.clinic.claims if c.resource.practitioner_id == self.offering.practitioner_id]
        theirs = {c.allocation for c in mine if contact.intersection(minutes(c.period.lower, c.period.upper))}
        lying = [c for c in self.clinic.claims if c.allocation in theirs and c.resource.place_id]
        return all(c.resource.place.room.suite == place.room.suite for c in lying)


def joined(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Return the stretches that parts make up together."""
    found: list[tuple[int, int]] = []
    for part in parts:
        if found and found[-1][1] == part.first:
            found[-1] = (found[-1][0], part.last)
        else:
            found.append((part.first, part.last))
    return found


def free_starts(
    therapy: str,
    visit: str,
    *,
    start: datetime,
    end: datetime,
    at: datetime,
    audiences: frozenset[str] | None = None,
    needs: frozenset[str] = frozenset(),
    kept: str = "",
    reach: int | None = None,
) -> set[tuple[datetime, int, int]]:
    """Return (start, practitioner id, site id) of all that can be booked in [start, end), on full five minutes."""
    plan = VisitPlan.objects.get(therapy__key=therapy, visit=visit, technique="")
    clinic = Clinic(plan, start - timedelta(hours=6), end + timedelta(hours=12), at, audiences, needs, kept, reach)
    rows = Offering.objects.filter(therapy__key=therapy, practitioner__active=True, site__active=True)
    found = set()
    for offering in rows.select_related("practitioner", "site"):
        looking, begin = Looking(clinic, offering), start
        while visit in offering.visits and begin < end:
            if looking.free(begin):
                found.add((begin, offering.practitioner_id, offering.site_id))
            begin += FIVE
    return found
