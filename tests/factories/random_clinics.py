"""Clinics drawn at random: rooms, devices, people, hours, absences, closures, and what is taken already."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from core.models import Site
from scheduler.audience import CANCER_PROGRAM, EVERYONE, STAFF_ALONE
from scheduler.models import Absence, Closure, Place, Practitioner, Therapy, VisitPlan, WorkingHours
from scheduler.public import Audience, SearchQuery, SlotKey, SlotTaken, release, search
from tests.factories.random_blocks import keep_some, take_in_blocks
from tests.factories.scheduler import (
    claim,
    lay_out,
    make_device,
    make_hours,
    make_place,
    make_practitioner,
    make_room,
    make_site,
)

MONDAY = datetime(2026, 10, 26, tzinfo=UTC)
"""A week at whose end the clocks of Chicago go back."""

ZONES = ("America/Chicago", "America/Chicago", "UTC", "Pacific/Auckland")
THERAPIES = ("acu_manual", "acu_electro", "cup_dry", "moxa_indirect", "acu_auricular")
FEATURES = (("table",), ("table", "ventilated"), ("chair",), ("table", "chair", "ventilated"))
HI_LO, KEPT = "hi-lo", "exam"
"""What few people need of a place, and a kind of place that rules may keep from a therapy."""

FIVE, BEFORE = timedelta(minutes=5), MONDAY - timedelta(days=2)


@dataclass
class RandomClinic:
    """A clinic of one or two sites; the same seed gives the same one."""

    seed: int
    sites: list[Site] = field(default_factory=list)
    people: list[Practitioner] = field(default_factory=list)
    taken: list[SlotKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build it, and let some of its time be taken."""
        self.chance = random.Random(self.seed)
        self.therapy = self.chance.choice(THERAPIES)
        self.visit = self.chance.choice(("first", "followup"))
        self.at = MONDAY + timedelta(days=self.chance.randrange(5), minutes=self.chance.randrange(24 * 60))
        for number in range(self.chance.choice((1, 1, 2))):
            self.sites.append(self.site(number))
        for number in range(self.chance.choice((1, 2, 2, 3))):
            self.people.append(self.practitioner(number))
        self.equip_places()
        self.give_hours_away()
        self.keep_for_families()
        self.close_for_a_while()
        self.close_the_therapy()
        self.close_from_a_day_on()
        lay_out(at=MONDAY, weeks=3)
        free = self.free(at=BEFORE)
        for key in self.chance.sample(free, min(len(free), self.chance.randrange(20))):
            self.take(key)
        take_in_blocks(free, random.Random(f"in blocks {self.seed}"), at=BEFORE)

    def site(self, number: int) -> Site:
        """Make a site with rooms and devices; sometimes it is closed for a day."""
        opens, closes = self.chance.choice((("07:00", "21:00"), ("00:00", "23:55"), ("09:00", "20:00")))
        site = make_site(f"site-{self.seed}-{number}", zone=self.chance.choice(ZONES), opens=opens, closes=closes)
        suites = self.chance.choice((("main",), ("main",), ("north", "south")))
        for suite in suites * self.chance.choice((1, 1, 2)):
            room = make_room(site, suite=suite)
            for _ in range(self.chance.choice((1, 2))):
                make_place(room, *self.chance.choice(FEATURES))
        Place.objects.filter(room__site=site, pk__in=self.some(Place, site)).update(active=False)
        for pool in sorted({pool for plan in VisitPlan.objects.all() for pool in plan.device_pools}):
            for _ in range(self.chance.choice((0, 1, 1, 2))):
                make_device(site, pool, reprocess_minutes=self.chance.choice((0, 12, 60, 90)))
        if self.chance.random() < 1 / 4:
            day = MONDAY.date() + timedelta(days=self.chance.randrange(8))
            Closure.objects.create(site=site, first_on=day, last_on=day, name="Closed", confirmed=True)
        return site

    def equip_places(self) -> None:
        """Let some of the places have what few people need, and some be of a kind that rules keep for others."""
        chance = random.Random(f"equipped {self.seed}")
        for place in Place.objects.filter(room__site__in=self.sites).order_by("pk"):
            more = [one for one in (HI_LO, KEPT) if chance.random() < 1 / 3]
            Place.objects.filter(pk=place.pk).update(features=[*place.features, *more])

    def give_hours_away(self) -> None:
        """Let some of the hours be for the program or for staff alone, in half of the clinics."""
        chance = random.Random(-self.seed)
        if chance.random() < 1 / 2:
            for hours in WorkingHours.objects.filter(practitioner__in=self.people).order_by("pk"):
                hours.audience = chance.choice((EVERYONE, EVERYONE, CANCER_PROGRAM, STAFF_ALONE))
                hours.save()
        if chance.random() < 1 / 2:
            self.give_away_an_hour_within(chance)

    def give_away_an_hour_within(self, chance: random.Random) -> None:
        """Let an hour within some of the hours for everyone be for the program or for staff alone."""
        for hours in WorkingHours.objects.filter(practitioner__in=self.people, audience=EVERYONE).order_by("pk"):
            if chance.random() < 1 / 3:
                hours.pk, hours.public_id, hours.audience = None, uuid4(), chance.choice((CANCER_PROGRAM, STAFF_ALONE))
                hours.starts, hours.ends = time(hours.starts.hour + 1), time(hours.starts.hour + 2)
                hours.save()

    def keep_for_families(self) -> None:
        """Let some of the hours for everyone be kept for families, in half of the clinics; some of that by hand."""
        chance, days = random.Random(f"kept {self.seed}"), set()
        if chance.random() < 1 / 2:
            for hours in WorkingHours.objects.filter(practitioner__in=self.people, audience=EVERYONE).order_by("pk"):
                # One a day of a person: two that meet are refused wherever blocks are made.
                day = hours.practitioner_id, hours.weekday
                if chance.random() < 1 / 2 and day not in days:
                    days.add(day)
                    keep_some(hours, chance, therapy=self.therapy, at=self.at)

    def close_for_a_while(self) -> None:
        """Let a site be closed for a part of a day or of several, in half of the clinics."""
        chance = random.Random(f"closed {self.seed}")
        for site in self.sites:
            if chance.random() < 1 / 2:
                day, length = MONDAY.date() + timedelta(days=chance.randrange(8)), chance.choice((0, 0, 1, 2))
                starts, ends = chance.choice(((time(10, 30), time(13)), (time(14), None), (None, time(11, 45))))
                last = day + timedelta(days=length)
                Closure.objects.create(site=site, first_on=day, last_on=last, starts=starts, ends=ends, name="Meeting")

    def close_the_therapy(self) -> None:
        """Let the therapy not be given for a while, or from some day on, in a third of the clinics."""
        chance = random.Random(f"not given {self.seed}")
        for site in self.sites:
            if chance.random() < 1 / 3:
                day = MONDAY.date() + timedelta(days=chance.randrange(8))
                last = chance.choice((None, day, day + timedelta(days=2)))
                starts = chance.choice((None, None, time(11, 20)))
                therapy = Therapy.objects.get(key=self.therapy)
                Closure.objects.create(
                    site=site, therapy=therapy, first_on=day, last_on=last, starts=starts, name="Not given"
                )

    def close_from_a_day_on(self) -> None:
        """Let a site, or some therapy there, be closed until further notice, or for part of a day; in some clinics."""
        chance = random.Random(f"until further notice {self.seed}")
        for site in self.sites:
            day = MONDAY.date() + timedelta(days=chance.randrange(1, 8))
            if chance.random() < 1 / 6:
                starts = chance.choice((None, time(12, 40)))
                Closure.objects.create(site=site, first_on=day, last_on=None, starts=starts, name="Moving house")
            if chance.random() < 1 / 3:
                therapy = Therapy.objects.get(key=chance.choice(THERAPIES))
                starts, ends = chance.choice(((time(9, 35), time(14, 5)), (None, time(12)), (time(15), None)))
                Closure.objects.create(
                    site=site, therapy=therapy, first_on=day, last_on=day, starts=starts, ends=ends, name="Training"
                )

    def some(self, model: type[Place], site: Site) -> list[int]:
        """Draw a place now and then, to be out of use."""
        known = list(model.objects.filter(room__site=site).order_by("pk").values_list("pk", flat=True))
        return known[1:2] if self.chance.random() < 1 / 5 else []

    def practitioner(self, number: int) -> Practitioner:
        """Make somebody with hours on most days, at one site or at two of them, and perhaps an absence."""
        sites = self.chance.sample(self.sites, self.chance.randint(1, len(self.sites)))
        who = make_practitioner(
            *sites, name=f"Practitioner {number}", offers=THERAPIES, hours=[], lanes=self.chance.randint(1, 3)
        )
        for weekday in (1, 2, 3, 4, 5, 6, 7):
            morning, evening = (
                self.chance.choice(((8, 12), (9, 13), (10, 12))),
                self.chance.choice(((13, 18), (14, 22))),
            )
            for site, (first, last) in zip([*sites, *sites][:2], (morning, evening), strict=True):
                if self.chance.random() < 4 / 5:
                    make_hours(who, site, [(weekday, f"{first:02}:00", f"{last:02}:{self.chance.choice((0, 30)):02}")])
        if self.chance.random() < 1 / 2:
            away = MONDAY + timedelta(days=self.chance.randrange(7), minutes=self.chance.randrange(24 * 60))
            length = timedelta(minutes=self.chance.randint(20, 400))
            Absence.objects.create(practitioner=who, period=(away, away + length))
        return who

    def key(self, start: datetime, *, site: Site | None = None) -> SlotKey:
        """Return what a start with somebody drawn would be; nobody says that it can be had."""
        site, who = site or self.chance.choice(self.sites), self.chance.choice(self.people)
        return SlotKey(
            practitioner=who.public_id,
            site=site.key,
            therapy=self.therapy,
            visit=self.visit,
            technique="",
            start=start,
        )

    def free(self, *, at: datetime, since: datetime = MONDAY) -> list[SlotKey]:
        """Return all that can be had until the next Tuesday."""
        wanted = SearchQuery(
            therapy=self.therapy,
            visit=self.visit,
            starts_at=since,
            ends_at=MONDAY + timedelta(days=8),
            audience=Audience.STAFF_WITH_REASON,
            limit=None,
            step_minutes=5,
        )
        return [slot.key for slot in search(wanted, at=at)]

    def take(self, key: SlotKey) -> None:
        """Take a time that was free, for good or for a while that is over or not, or only to give it back."""
        expires = self.chance.choice((None, None, None, self.at - FIVE, self.at + FIVE))
        allocation, by_staff = uuid4(), Audience.STAFF_WITH_REASON
        try:
            claim(key.encode(), allocation=allocation, audience=by_staff, expires_at=expires, at=BEFORE)
        except SlotTaken:
            return
        self.taken.append(key)
        if self.chance.random() < 1 / 6:
            release(allocation, at=BEFORE)
