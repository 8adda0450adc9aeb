"""A big clinic made by bulk writing: not a claim about the product, so tables are written directly.

Practitioners work on weekdays from 8 to 17; follow-ups of 60 minutes start on a raster of 75, several a day each. Each
takes hands twice, a lane once and a bay with its turnover. The sheets are written from the claims.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from booking.suitability.shipped import asks_nothing
from core.models import Site
from demo import suitability
from scheduler.actions import catalogue, sheets
from scheduler.models import Offering, Practitioner, Resource, Room, Therapy, WorkingHours
from scheduler.models.resources import ResourceKind
from scheduler.sheets.sql import MARK_TAKEN, texts

ZONE = ZoneInfo("America/Chicago")
THERAPIES = (
    "acu_manual",
    "acu_electro",
    "acu_auricular",
    "acupressure",
    "cup_dry",
    "moxa_indirect",
    "pmr_acu",
    "cup_moving",
)
RASTER, A_DAY = 75, 7
SEED = 1
OPENS, CLOSES = time(8), time(17)
HANDS, LANE, PLACE = ((0, 20), (50, 55)), (20, 50), (0, 70)

Row = tuple[UUID, int, datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How big the clinic is."""

    practitioners: int = 200
    rooms: int = 60
    bays: int = 3
    lanes: int = 1
    suites: int = 1
    days: int = 90
    share: float = 0.52

    def scaled(self, scale: float) -> "Size":
        """Return a smaller clinic: fewer practitioners and rooms, the same days."""
        fewer = {"practitioners": max(1, round(self.practitioners * scale)), "rooms": max(1, round(self.rooms * scale))}
        return Size(**fewer, bays=self.bays, lanes=self.lanes, suites=self.suites, days=self.days, share=self.share)


def build(size: Size, *, at: datetime) -> int:
    """Make the clinic and its claims; return how many claims."""
    catalogue.load()
    suitability.adopt(asks_nothing(), at=at)
    site = open_site(size)
    staff = hire(site, size, since=at.date() - timedelta(weeks=4))
    sheets.extend(at=at, days=size.days + 14)
    count = write(list(claims(size, staff, at=at)))  # read first: one connection does not copy and answer at once
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return count


def open_site(size: Size) -> Site:
    """Make one site with its rooms and bays."""
    site = Site.objects.create(
        key="bench", name={"en": "Bench"}, zone="America/Chicago", street="1 Bench Street", city="Chicago", state="IL",
        postal_code="60601", phone="(312) 555-0199",
    )  # fmt: skip
    catalogue.open_site(site, weekdays=range(1, 6), opens=OPENS, closes=time(19))
    for number in range(size.rooms):
        suite = f"s{number * size.suites // size.rooms}"
        room = Room.objects.create(site=site, key=f"r{number}", name={"en": f"Room {number}"}, suite=suite)
        for bay in range(size.bays):
            features = ["table", "ventilated"] if number % 10 == 0 else ["table", "chair"] if bay == 0 else ["table"]
            catalogue.add_place(room, key=f"b{bay}", features=features)
    for number in range(1, size.rooms + 1):
        catalogue.add_device(site, pool="estim_unit", number=number)
        catalogue.add_device(site, pool="cup_set", number=number)
    return site


def hire(site: Site, size: Size, *, since: date) -> list[Practitioner]:
    """Make the practitioners with hours, and let each offer everything."""
    staff = [
        catalogue.add_practitioner(f"Practitioner {n:03}", sites=[site], nucc="171100000X", lanes=size.lanes)
        for n in range(size.practitioners)
    ]
    therapies = Therapy.objects.filter(key__in=THERAPIES)
    Offering.objects.bulk_create(
        Offering(practitioner=who, site=site, therapy=therapy, visits=["first", "followup"])
        for who in staff
        for therapy in therapies
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(practitioner=who, site=site, weekday=day, starts=OPENS, ends=CLOSES, valid_from=since)
        for who in staff
        for day in range(1, 6)
    )
    return staff


def claims(size: Size, staff: list[Practitioner], *, at: datetime) -> Iterator[Row]:
    """Yield claims of visits on every weekday from tomorrow on."""
    chance = random.Random(SEED)
    found = {(r.kind, r.practitioner_id, r.lane): r.pk for r in Resource.objects.exclude(practitioner=None)}
    bays = list(Resource.objects.filter(place__room__site__key="bench").values_list("pk", flat=True))
    for ahead in range(1, size.days + 1):
        day = (at + timedelta(days=ahead)).astimezone(ZONE).date()
        for raster in range(A_DAY if day.weekday() < 5 else 0):  # noqa: PLR2004  (weekdays)
            start = datetime.combine(day, OPENS, ZONE) + timedelta(minutes=RASTER * raster)
            busy = [who for who in staff if chance.random() < size.share]
            for who, bay in zip(busy, chance.sample(bays, min(len(busy), len(bays))), strict=False):
                hands, lane = found[ResourceKind.HANDS, who.pk, None], found[ResourceKind.LANE, who.pk, 1]
                yield from visit(UUID(int=chance.getrandbits(128)), start, hands=hands, lane=lane, bay=bay)


def visit(allocation: UUID, start: datetime, *, hands: int, lane: int, bay: int) -> Iterator[Row]:
    """Yield the claims of one follow-up."""
    for resource, (first, last) in ((hands, HANDS[0]), (hands, HANDS[1]), (lane, LANE), (bay, PLACE)):
        yield allocation, resource, start + timedelta(minutes=first), start + timedelta(minutes=last)


def write(rows: list[Row]) -> int:
    """Copy claims into their table, then mark the sheets from them; return how many claims."""
    taken: dict[tuple[int, date], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bulk (allocation uuid, resource bigint, starts timestamptz, ends timestamptz)"
        )
        with cursor.copy("COPY bulk FROM STDIN") as copy:
            for allocation, resource, start, end in rows:
                copy.write_row((allocation, resource, start, end))
                mark(taken, resource, start, end)
        cursor.execute(
            "INSERT INTO scheduler_claim (allocation, resource_id, period) "
            "SELECT allocation, resource, tstzrange(starts, ends) FROM bulk"
        )
        cursor.execute("DROP TABLE bulk")
        cursor.execute(
            MARK_TAKEN,
            {
                "resources": [resource for resource, _ in taken],
                "weeks": [week for _, week in taken],
                "bits": texts(taken.values()),
            },
        )
    return len(rows)


def mark(taken: dict[tuple[int, date], int], resource: int, start: datetime, end: datetime) -> None:
    """Set the bits of a stretch; the stretches here never cross the end of a UTC week."""
    minutes = int(start.timestamp()) // 60 - 4 * 24 * 60  # since Monday, 5 January 1970
    week, minute = divmod(minutes, 7 * 24 * 60)
    length, position = int((end - start).total_seconds()) // 300, minute // 5
    taken[resource, date(1970, 1, 5) + timedelta(weeks=week)] |= ((1 << length) - 1) << (2016 - position - length)
