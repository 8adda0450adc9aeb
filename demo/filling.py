"""Fill the next three weeks: who wants what when, drawn from real demand with a fixed seed, booked by the real path."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from booking.actions import appointments
from demo.demand import demand
from scheduler import public as scheduler
from scheduler.models import Practitioner, VisitPlan, WeekSheet
from scheduler.models.resources import ResourceKind

if TYPE_CHECKING:
    from booking.models import Patient
    from core.principal import Principal

DAYS = 21
FULL = 0.6
OF_A_DAY = 0.25  # a practitioner's day is so much fuller or emptier than another
LONGEST = 0.9  # and never fuller than this
NEXT_TO_EACH_OTHER = 0.5
SAME_PERSON_AGAIN = 0.9
QUIET_FROM, FRIDAY = 11, 4
A_WEEK = 2
FIRST_VISITS = 0.3
WANTED = {
    "acu_manual": 10, "acu_electro": 4, "acu_heated": 2, "acu_auricular": 2, "acupressure": 3, "cup_dry": 2,
    "cup_moving": 1, "moxa_indirect": 2, "pmr_acu": 6,
}  # fmt: skip

Period = tuple[datetime, datetime]


@dataclass(slots=True)
class Regular:
    """A patient with the visits still wanted and those booked."""

    patient: "Patient"
    wanted: int
    visits: list[Period] = field(default_factory=list)

    def has_time(self, slot: scheduler.Slot) -> bool:
        """Tell whether the visit fits between the others: no overlap, two a week, one a day."""
        day = slot.start.date()
        same_week = [start for start, _ in self.visits if start.date().isocalendar()[:2] == day.isocalendar()[:2]]
        return len(same_week) < A_WEEK and all(start.date() != day for start in same_week)


@dataclass(slots=True)
class Filling:
    """One run: chance, who books, who comes, and what each practitioner already has."""

    chance: random.Random
    by: "Principal"
    at: datetime
    newcomers: Iterator["Patient"]
    regulars: list[Regular] = field(default_factory=list)
    booked: int = 0

    def today(self) -> None:
        """Fill the day itself, as it was asked for by the day before."""
        before = replace(self, at=self.at - timedelta(days=1), booked=0)
        before.days(days=1)
        self.booked += before.booked

    def days(self, days: int = DAYS) -> None:
        """Fill each practitioner's each day, from the next one on."""
        plans = list(VisitPlan.objects.filter(therapy__active=True).values_list("therapy__key", "visit", "technique"))
        for practitioner in Practitioner.objects.filter(active=True).prefetch_related("offerings__therapy"):
            offered = {(o.therapy.key, visit) for o in practitioner.offerings.all() for visit in o.visits}
            kinds = [plan for plan in plans if plan[:2] in offered and plan[0] in WANTED]
            for day, stretches in sorted(open_days(practitioner, since=self.at, days=days).items()):
                if kinds and day != quiet_day(self.at):
                    self.day(practitioner, day, stretches, kinds)

    def day(self, who: Practitioner, day: date, hours: list[Period], kinds: list[tuple[str, str, str]]) -> None:
        """Book visits until the practitioner's day is as full as drawn."""
        offered = sum((end - start for start, end in hours), timedelta())
        share = FULL * busyness(day) * self.chance.uniform(1 - OF_A_DAY, 1 + OF_A_DAY)
        full, taken = offered * min(share, LONGEST), list[Period]()
        while sum((end - start for start, end in taken), timedelta()) + timedelta(minutes=20) < full:
            slot = self.pick(who, hours, taken, kinds)
            if slot is None:
                return
            taken.append((slot.start, slot.end))
            self.book(slot)

    def pick(
        self, who: Practitioner, hours: list[Period], taken: list[Period], kinds: list[tuple[str, str, str]]
    ) -> scheduler.Slot | None:
        """Draw what is wanted and a start that is still free; None when three draws found none."""
        for _ in range(3):
            therapy, visit, technique = self.chance.choices(kinds, [weight(kind) for kind in kinds])[0]
            kind = scheduler.SearchQuery(
                therapy=therapy, visit=visit, technique=technique, practitioner=who.public_id,
                starts_at=hours[0][0], ends_at=hours[-1][1], audience=scheduler.Audience.STAFF_WITH_REASON, limit=100,
            )  # fmt: skip
            free = [
                slot for slot in scheduler.search(kind, at=self.at) if not slot.only_for and not overlaps(slot, taken)
            ]
            if free:
                return free[0] if self.chance.random() < NEXT_TO_EACH_OTHER else self.chance.choice(free)
        return None

    def book(self, slot: scheduler.Slot) -> None:
        """Book it for somebody, at a moment drawn from how far ahead people ask."""
        regular = self.somebody(slot)
        appointments.book(slot=slot, patient=regular.patient, by=self.by, at=self.asked_at(slot))
        regular.visits.append((slot.start, slot.end))
        self.booked += 1

    def somebody(self, slot: scheduler.Slot) -> Regular:
        """Return a patient who comes again, or a new one."""
        again = [one for one in self.regulars if len(one.visits) < one.wanted and one.has_time(slot)]
        if slot.visit != scheduler.VisitType.FIRST and again and self.chance.random() < SAME_PERSON_AGAIN:
            return self.chance.choice(again)
        self.regulars.append(Regular(next(self.newcomers), wanted=demand().visits.draw(self.chance)))
        return self.regulars[-1]

    def asked_at(self, slot: scheduler.Slot) -> datetime:
        """Return when the visit was asked for: so many days before it as drawn, and before now."""
        ahead = (slot.start - self.at).days + 2
        days = demand().lead_days.draw(self.chance, least=ahead)
        hour, minute = demand().hours.draw(self.chance), self.chance.randrange(60)
        local = slot.start.astimezone(slot.site.tz)
        return datetime.combine(local.date() - timedelta(days=max(days, ahead)), time(hour, minute), local.tzinfo)


def quiet_day(at: datetime) -> date:
    """Return the day on which hardly anybody has a time yet: a Friday, when most work, more than ten days ahead.

    So three of a family can be treated side by side on it.
    """
    first = at.date() + timedelta(days=QUIET_FROM)
    return first + timedelta(days=(FRIDAY - first.weekday()) % 7)


def weight(kind: tuple[str, str, str]) -> float:
    """Return how often a (therapy, visit, technique) is wanted."""
    therapy, visit, _ = kind
    return WANTED[therapy] * (FIRST_VISITS if visit == scheduler.VisitType.FIRST else 1 - FIRST_VISITS)


def busyness(day: date) -> float:
    """Return how busy a weekday is, where 1 is the mean; Saturdays, which were not counted, are at the mean."""
    weekdays = demand().weekdays
    mean = sum(weekdays.weight(n) for n in range(5)) / 5
    return (weekdays.weight(day.weekday()) or mean) / mean


def overlaps(slot: scheduler.Slot, taken: Iterable[Period]) -> bool:
    """Tell whether a slot shares time with any of `taken`."""
    return any(slot.start < end and start < slot.end for start, end in taken)


def open_days(who: Practitioner, *, since: datetime, days: int = DAYS) -> dict[date, list[Period]]:
    """Return a practitioner's open stretches by local day, after the day of `since`, as the sheets have them."""
    found: dict[date, list[Period]] = {}
    sheets = WeekSheet.objects.filter(resource__practitioner=who, resource__kind=ResourceKind.HANDS).select_related(
        "site"
    )
    window = sheets.filter(week__gt=since.date() - timedelta(days=8), week__lte=since.date() + timedelta(days=days + 1))
    for sheet in window:
        for start, end in stretches(sheet.week, sheet.open):
            local = start.astimezone(sheet.site.tz).date()
            if 0 < (local - since.astimezone(sheet.site.tz).date()).days <= days:
                found.setdefault(local, []).append((start, end))
    return {day: sorted(open_then) for day, open_then in found.items()}


def stretches(week: date, bits: int) -> Iterator[Period]:
    """Yield the stretches that are set in a week's bits."""
    monday = datetime.fromisoformat(f"{week}T00:00+00:00")
    first = None
    for tick, bit in enumerate(f"{bits:02016b}0"):
        if bit == "1" and first is None:
            first = tick
        elif bit == "0" and first is not None:
            yield monday + timedelta(minutes=5 * first), monday + timedelta(minutes=5 * tick)
            first = None
