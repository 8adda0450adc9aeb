"""Those who wait for a time to open in the big clinic, written in bulk: a picture of the data, not a claim about it."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.models import ContactPoint, Patient, WaitingListEntry
from booking.models.patients import ContactSystem
from core import clock
from core.models import Site
from proof.benchmarks.people import names
from scheduler.models import Practitioner, Therapy

SEED = 11
DAY = timedelta(days=1)
WEEKDAYS = 5
THERAPIES = ("acu_manual", "acupressure", "cup_dry")
PARTS = ("", "", "morning", "afternoon")


def working_morning(zone: ZoneInfo) -> datetime:
    """Return ten o'clock of the next working day: nobody is asked at night."""
    day = clock.now().astimezone(zone).date() + DAY
    while day.isoweekday() > WEEKDAYS:
        day += DAY
    return datetime.combine(day, time(10), zone).astimezone(UTC)


def people(count: int, site: Site, *, at: datetime) -> list[Patient]:
    """Write so many people with an address each."""
    born = date(1970, 5, 1)
    made = Patient.objects.bulk_create(
        Patient(name=name, birth_date=born, site=site, created_at=at) for name in names(count)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(patient=one, system=ContactSystem.EMAIL, value=f"waits.{one.pk}@example.org", verified_at=at)
        for one in made
    )
    return made


def waiting(
    somebody: Sequence[Patient], site: Site, *, weekdays: Sequence[int] = (), therapies: Sequence[str], at: datetime
) -> list[WaitingListEntry]:
    """Let people wait for a first appointment: one in three for one practitioner, half for a part of the day.

    `weekdays`: on these alone, for all of them.
    """
    chance = random.Random(SEED)
    who = [None, None, *Practitioner.objects.filter(resources__sites=site).distinct().order_by("pk")]
    known = {one.key: one for one in Therapy.objects.filter(key__in=therapies)}
    return WaitingListEntry.objects.bulk_create(
        WaitingListEntry(
            patient=one,
            site=site,
            therapy=known[chance.choice(list(therapies))],
            visit="first",
            practitioner=chance.choice(who) if chance.random() < 1 / 3 else None,
            part_of_day=chance.choice(PARTS),
            weekdays=list(weekdays),
            latest_on=(at + DAY * chance.randrange(10, 90)).date() if chance.random() < 1 / 4 else None,
            added_by="system:bench",
            waiting_since=at - DAY * chance.random() * 60,
        )
        for one in somebody
    )
