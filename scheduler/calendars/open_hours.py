"""When each resource is open, read from the calendars in few queries and worked out once per person and site."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, TimeField, Value

from core.database.compiled import Argument, Arguments, CompiledQuery
from core.models import Site
from scheduler.audience import EVERYONE
from scheduler.calendars.block_times import BlockTimes, blocks_by_id, blocks_of, places_of_blocks
from scheduler.calendars.hours import DAY, Period, Rule, days_filled, open_weeks, split, ticks_inside
from scheduler.calendars.shifts import rule
from scheduler.models import Absence, Closure, OpeningHours, PlaceClosure, WorkingHours
from scheduler.ticks import TICKS_A_WEEK, WEEK, midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Whose calendar it is: that of a practitioner's hands and lanes at a site, or of the site's places and devices.

    `place`: the resource of one of these, which is open with its site but for what blocks keep of it.
    """

    site: int
    practitioner: int | None = None
    place: int | None = None

    @classmethod
    def of(cls, resource: int, site: int, practitioner: int | None) -> "Calendar":
        """Return the calendar of a resource at a site; its `practitioner`, if it is one's hands or lane."""
        return cls(site=site, practitioner=practitioner, place=resource if practitioner is None else None)


@dataclass(frozen=True, slots=True)
class OpenTicks:
    """The open ticks of a week: those open to everyone, and those to one audience alone, by audience, never empty."""

    everyone: int = 0
    alone: tuple[tuple[str, int], ...] = ()

    @property
    def all(self) -> int:
        """The ticks open to anyone."""
        return reduce(or_, (bits for _, bits in self.alone), self.everyone)

    def open_to(self, audience: str) -> int:
        """Return the ticks open to an audience."""
        return self.everyone | dict(self.alone).get(audience, 0)

    def narrowed_to(self, now: "OpenTicks") -> int:
        """Return the ticks that are still open, and now to fewer than before."""
        fewer = self.everyone & ~now.everyone
        for audience, bits in self.alone:
            fewer |= bits & ~now.open_to(audience)
        return fewer & now.all


WHOLE_DAYS = Value(None, output_field=TimeField())
ZONES = CompiledQuery(lambda: Site.objects.filter(pk__in=Arguments("sites")).values_list("pk", "zone"))
OPENING = CompiledQuery(
    lambda: OpeningHours.objects.filter(site__in=Arguments("sites")).values_list(
        "site_id", "weekday", "opens", "closes", "valid_from", "valid_to"
    )
)
WORKING = CompiledQuery(
    lambda: WorkingHours.objects.filter(practitioner__in=Arguments("people"), site__in=Arguments("sites"))
)
CLOSURES = CompiledQuery(
    # Of one therapy sheets know nothing: they are of people and places. With a place (its resource) that one is closed.
    lambda: (
        Closure.objects.filter(site__in=Arguments("sites"), therapy=None, confirmed=True, first_on__lt=Argument("ends"))
        .exclude(last_on__lt=Argument("begins"))
        .order_by()
        .values_list("site_id", Value(None, output_field=BigIntegerField()), "first_on", "last_on", "starts", "ends")
        .union(
            PlaceClosure.objects.filter(place__resource__in=Arguments("places"), first_on__lt=Argument("ends"))
            .exclude(last_on__lt=Argument("begins"))
            .order_by()
            .values_list("place__room__site_id", "place__resource__id", "first_on", "last_on", *[WHOLE_DAYS] * 2),
            all=True,
        )
    )
)


@dataclass
class OpenHours:
    """The calendars of some sites and practitioners over a stretch of weeks, as they are when first asked."""

    calendars: frozenset[Calendar]
    first_week: date
    weeks: int
    _known: dict[Calendar, list[OpenTicks]] = field(default_factory=dict, init=False)

    def ticks(self, calendar: Calendar, week: date) -> OpenTicks:
        """Return the ticks of the week that begins on this Monday, read once a calendar."""
        # Hands and lanes of one person have one calendar, as have all places and devices of a site: hundreds of sheets,
        # one computation.
        if calendar not in self._known:
            alike = not self._place_blocks.get(calendar) and (calendar.site, calendar.place) not in self._closed
            if calendar.place is not None and alike:
                return self.ticks(Calendar(site=calendar.site), week)
            self._known[calendar] = self._weeks(calendar)
        return self._known[calendar][(week - self.first_week).days // 7]

    def _weeks(self, calendar: Calendar) -> list[OpenTicks]:
        rules, blocks = self._rules[calendar], self._blocks[calendar]
        if calendar.place is not None:
            rules, blocks = self._rules[Calendar(site=calendar.site)], self._place_blocks[calendar]
        weeks = {
            audience: open_weeks(
                hours,
                zone=self._zones[calendar.site],
                shut=self._shut(calendar),
                first_week=self.first_week,
                weeks=self.weeks,
            )
            for audience, hours in sorted(rules.items())
        }
        everyone = weeks.pop(EVERYONE, [0] * self.weeks)
        everyone = [without_narrower(bits, (alone[n] for alone in weeks.values())) for n, bits in enumerate(everyone)]
        # A block narrows what is everyone's, and nothing else: what is shut stays shut, what is for staff stays theirs.
        for token, bits in sorted(blocks.items()):
            weeks[token] = [one & open_now for one, open_now in zip(bits, everyone, strict=True)]
            everyone = [open_now & ~one for one, open_now in zip(bits, everyone, strict=True)]
        return [
            OpenTicks(bits, tuple((audience, alone[n]) for audience, alone in weeks.items() if alone[n]))
            for n, bits in enumerate(everyone)
        ]

    def _shut(self, calendar: Calendar) -> list[Period]:
        closed = self._closed.get((calendar.site, calendar.place), []) if calendar.place is not None else []
        return [*self._closed.get((calendar.site, None), []), *self._away[calendar.practitioner], *closed]

    @cached_property
    def _blocks(self) -> dict[Calendar, dict[str, list[int]]]:
        """By calendar and name: the ticks, week by week, of what stands under that name."""
        found: dict[Calendar, dict[str, list[int]]] = defaultdict(dict)
        for block in blocks_of(list(self._people), list(self._zones)) if self._people else ():
            found[Calendar(site=block.site, practitioner=block.practitioner)] |= self._ticks_of(block)
        return found

    @cached_property
    def _place_blocks(self) -> dict[Calendar, dict[str, list[int]]]:
        """The same for places that blocks keep beside somebody's time; most keep none."""
        found: dict[Calendar, dict[str, list[int]]] = defaultdict(dict)
        kept = places_of_blocks([one.place for one in self.calendars if one.place is not None])
        blocks = {one.id: one for one in blocks_by_id({block for block, _ in kept})} if kept else {}
        for block, place in kept:
            if block in blocks and blocks[block].site in self._zones:
                found[Calendar(site=blocks[block].site, place=place)] |= self._ticks_of(blocks[block])
        return found

    def _ticks_of(self, block: BlockTimes) -> dict[str, list[int]]:
        """Return by name the ticks of a block, week by week."""
        bits: dict[str, int] = defaultdict(int)
        # A day more on each side: a Sunday evening in Chicago lies in the next week of UTC.
        days = {"first_on": self.first_week - DAY, "last_on": self.first_week + WEEK * self.weeks}
        for period in block.occurrences(zone=self._zones[block.site], **days):
            total = self.weeks * TICKS_A_WEEK
            bits[block.token(period[0])] |= ticks_inside(period, origin=self.first_week, total=total)
        bits.pop("", None)  # opened to everybody by hand
        return {token: split(ticks, self.weeks) for token, ticks in bits.items()}

    @cached_property
    def _zones(self) -> dict[int, ZoneInfo]:
        rows = ZONES.tuples(sites=list({c.site for c in self.calendars}))
        return {pk: ZoneInfo(zone) for pk, zone in rows}

    @cached_property
    def _rules(self) -> dict[Calendar, dict[str, list[Rule]]]:
        """By calendar and audience."""
        rules: dict[Calendar, dict[str, list[Rule]]] = defaultdict(lambda: defaultdict(list))
        for site, weekday, opens, closes, since, until in OPENING.tuples(sites=list(self._zones)):
            opening = Rule(weekday=weekday, starts=opens, ends=closes, valid_from=since, valid_to=until)
            rules[Calendar(site=site)][EVERYONE].append(opening)
        for w in WORKING.rows(people=list(self._people), sites=list(self._zones)) if self._people else ():
            rules[Calendar(site=w.site_id, practitioner=w.practitioner_id)][w.audience].append(rule(w))
        return rules

    @property
    def _people(self) -> set[int]:
        return {c.practitioner for c in self.calendars if c.practitioner is not None}

    @cached_property
    def _closed(self) -> dict[tuple[int, int | None], list[Period]]:
        """When a site is closed, or a place there alone (its resource)."""
        closed: dict[tuple[int, int | None], list[Period]] = defaultdict(list)
        places = [one.place for one in self.calendars if one.place is not None]
        # A week more on each side: days of the clinic reach over the weeks' ends, which are UTC.
        begins, end = self.first_week - WEEK, self.first_week + WEEK * (self.weeks + 1)
        rows = CLOSURES.tuples(sites=list(self._zones), places=places, begins=begins, ends=end)
        for site, place, first_on, last_on, starts, ends in rows:
            period = days_filled(first_on, last_on or end, zone=self._zones[site], starts=starts, ends=ends)
            closed[site, place].append(period)
        return closed

    @cached_property
    def _away(self) -> dict[int | None, list[Period]]:
        away: dict[int | None, list[Period]] = defaultdict(list)
        stretch = (midnight(self.first_week), midnight(self.first_week + WEEK * self.weeks))
        for absence in Absence.objects.filter(practitioner__in=self._people, period__overlap=stretch):
            away[absence.practitioner_id].append((absence.period.lower, absence.period.upper))
        return away


def without_narrower(everyone: int, alone: Iterable[int]) -> int:
    """Return the ticks open to everyone without those of hours for an audience that lie in them: these go before."""
    return everyone & ~reduce(or_, alone, 0)


def open_hours(calendars: Iterable[Calendar], weeks: Sequence[date]) -> OpenHours:
    """Return the openings of `calendars` over all weeks from the first to the last of `weeks`."""
    first, last = min(weeks), max(weeks)
    return OpenHours(calendars=frozenset(calendars), first_week=first, weeks=(last - first).days // 7 + 1)
