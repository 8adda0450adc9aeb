"""A clinic in a few words: sites, rooms, places, devices, practitioners with hours.

What is made can be taken, and is open once `lay_out()` has made the week sheets from the hours.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from core.models import Site
from scheduler import public
from scheduler.actions import catalogue, sheets
from scheduler.audience import EVERYONE
from scheduler.calendars.hours import ticks_touched
from scheduler.models import (
    Claim,
    Device,
    Offering,
    Place,
    Practitioner,
    Resource,
    Room,
    Therapy,
    WeekSheet,
    WorkingHours,
)
from scheduler.models.practitioners import Gender
from scheduler.models.resources import ResourceKind
from scheduler.public import Claimed, ClaimRequest
from scheduler.ticks import TICKS_A_WEEK, WEEK, week_of, weeks_between

CHICAGO = "America/Chicago"
AT = datetime(2026, 10, 5, 13, tzinfo=UTC)
"""A Monday, 8:00 in Chicago; the clocks go back on November 1."""

SINCE = date(2026, 1, 5)
WEEKDAYS = (1, 2, 3, 4, 5)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
NINE_TO_FIVE = tuple((weekday, "09:00", "17:00") for weekday in WEEKDAYS)
ACUPUNCTURIST = "171100000X"

FIRST_SITE = 1_000_000

_numbers = count(1)

Hours = Iterable[tuple[int, str, str]]
"""(ISO weekday, "09:00", "17:00"), wall time of the site."""


def make_site(key: str = "lakeside", *, zone: str = CHICAGO, opens: str = "07:00", closes: str = "21:00") -> Site:
    """Make a site whose places are open every day from `opens` to `closes`.

    The first of a test has the same number in each: what is written once for whoever works there is so for all tests.
    """
    last = Site.objects.order_by("-pk").values_list("pk", flat=True).first()
    site = Site.objects.create(
        pk=max(FIRST_SITE, last or 0) + 1,
        key=key,
        name={"en": f"{key.title()} clinic"},
        zone=zone,
        street="100 Example Street",
        city="Chicago",
        state="IL",
        postal_code="60601",
        phone="(312) 555-0100",
    )
    catalogue.open_site(site, weekdays=EVERY_DAY, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
    return site


def make_room(site: Site, key: str = "", *, suite: str = "main") -> Room:
    """Make a room."""
    key = key or f"room-{next(_numbers)}"
    return Room.objects.create(site=site, key=key, name={"en": key}, suite=suite)


def make_place(room: Room, *features: str, key: str = "") -> Place:
    """Make a place with these features (a table when none are named)."""
    return catalogue.add_place(room, key=key or f"bay-{next(_numbers)}", features=features or ("table",))


def make_places(site: Site, number: int, *features: str, suite: str = "main") -> list[Place]:
    """Make so many places, each in a room of its own."""
    return [make_place(make_room(site, suite=suite), *features) for _ in range(number)]


def make_device(site: Site, pool: str = "estim_unit", *, number: int = 0, reprocess_minutes: int = 0) -> Device:
    """Make a unit of a pool."""
    return catalogue.add_device(site, pool=pool, number=number or next(_numbers), reprocess_minutes=reprocess_minutes)


def make_practitioner(
    *sites: Site,
    name: str = "Dr Li",
    offers: Sequence[str] = ("acu_manual",),
    visits: Sequence[str] = ("first", "followup"),
    hours: Hours = NINE_TO_FIVE,
    lanes: int = 3,
    languages: Sequence[str] = ("en",),
    gender: Gender = Gender.UNKNOWN,
    credentials: str = "L.Ac.",
) -> Practitioner:
    """Make a practitioner who offers therapies (keys; the catalogue is loaded) at sites; the hours are at the first."""
    practitioner = catalogue.add_practitioner(
        name,
        sites=sites,
        nucc=ACUPUNCTURIST,
        lanes=lanes,
        credentials=credentials,
        languages=languages,
        gender=gender,
    )
    offer(practitioner, *offers, sites=sites, visits=visits)
    make_hours(practitioner, sites[0], hours)
    return practitioner


def offer(
    practitioner: Practitioner, *therapies: str, sites: Sequence[Site], visits: Sequence[str] = ("first", "followup")
) -> None:
    """Let a practitioner offer therapies (keys) at sites."""
    Offering.objects.bulk_create(
        Offering(practitioner=practitioner, site=site, therapy=therapy, visits=list(visits))
        for site in sites
        for therapy in Therapy.objects.filter(key__in=therapies)
    )


def make_hours(
    practitioner: Practitioner, site: Site, hours: Hours, *, every_weeks: int = 1, audience: str = EVERYONE
) -> list[WorkingHours]:
    """Give a practitioner working hours at a site, since the beginning of 2026."""
    return WorkingHours.objects.bulk_create(
        WorkingHours(
            practitioner=practitioner,
            site=site,
            weekday=weekday,
            starts=time.fromisoformat(starts),
            ends=time.fromisoformat(ends),
            every_weeks=every_weeks,
            valid_from=SINCE,
            audience=audience,
        )
        for weekday, starts, ends in hours
    )


def hands(practitioner: Practitioner) -> Resource:
    """Return the resource that is a practitioner's hands."""
    return Resource.objects.get(practitioner=practitioner, kind=ResourceKind.HANDS)


def lay_out(*, at: datetime = AT, weeks: int = 6) -> None:
    """Make the week sheets of everything there is, for so many weeks from that of `at`."""
    sheets.ensure(None, [week_of(at) + WEEK * n for n in range(weeks)])


def make_claim(
    resource: Resource,
    start: datetime,
    minutes: int,
    *,
    allocation: UUID | None = None,
    expires_at: datetime | None = None,
) -> Claim:
    """Take a resource for so many minutes, on its sheets as well, whether it is open or not."""
    end = start + timedelta(minutes=minutes)
    for sheet in WeekSheet.objects.filter(resource=resource, week__in=weeks_between(start, end)):
        sheet.taken |= ticks_touched((start, end), origin=sheet.week, total=TICKS_A_WEEK)
        sheet.save()
    return Claim.objects.create(
        resource=resource, period=(start, end), allocation=allocation or uuid4(), expires_at=expires_at
    )


def claim(slot_id: str, *, at: datetime, **request: Any) -> Claimed:
    """Claim the time of one visit, by its id."""
    return public.claim([ClaimRequest(slot=public.slot(slot_id), **request)], at=at)[0]


def judging_hours_alone(uncovered: str) -> str:
    """Return the statement that judges cover with the first of its branches alone, which is about hours."""
    return uncovered[: uncovered.index("UNION")] + uncovered[uncovered.index(") AS found(allocation)") :]


def put_out_of_use(entry: Any) -> None:
    """Put an entry out of use whatever needs it, as no door does: cover is judged all the same."""
    type(entry)._default_manager.filter(pk=entry.pk).update(active=False)
    entry.active = False


def chicago(day: str, wall: str) -> datetime:
    """Return the UTC instant of a wall time in Chicago: chicago("2026-10-06", "09:30")."""
    return datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=ZoneInfo(CHICAGO)).astimezone(UTC)
