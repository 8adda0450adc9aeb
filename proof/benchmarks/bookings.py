"""What booking benchmarks need: free slots, patients, a client's token, and a way back to before."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from knox.models import AuthToken

from booking.models import Patient
from booking.models.patients import ContactPoint
from core import clock
from core.models import RoleAssignment, Site, User
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import Place, Practitioner

FIRST_ID = 1_000_000_000
TABLES = ("scheduler_claim", "booking_hold", "booking_appointment", "booking_change", "core_idempotencykey")
KEEP = """
DROP TABLE IF EXISTS bench_sheets;
CREATE UNLOGGED TABLE bench_sheets AS SELECT id, taken FROM scheduler_weeksheet;
ALTER TABLE bench_sheets ADD PRIMARY KEY (id);
"""
RESTORE = """
ALTER TABLE booking_change DISABLE TRIGGER USER;
DELETE FROM booking_change WHERE id >= {first};
ALTER TABLE booking_change ENABLE TRIGGER USER;
DELETE FROM booking_hold WHERE id >= {first};
DELETE FROM booking_appointment WHERE id >= {first};
DELETE FROM scheduler_claim WHERE id >= {first};
DELETE FROM core_idempotencykey WHERE id >= {first};
UPDATE scheduler_weeksheet s SET taken = k.taken FROM bench_sheets k WHERE k.id = s.id AND k.taken <> s.taken;
"""


@dataclass(frozen=True, slots=True)
class Stock:
    """Slots that do not get into each other's way, as many patients, and a token that may book for them."""

    slots: list[str]
    patients: list[str]
    token: str


def stock(count: int) -> Stock:
    """Prepare `count` bookings, and remember the state to go back to."""
    site = Site.objects.get(key="bench")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_sheets')")
        if cursor.fetchone()[0]:
            restore()  # an earlier run was broken off
        cursor.execute(KEEP)
    numbered()
    return Stock(slots(count), patients(count, site), token(site))


def slots(count: int) -> list[str]:
    """Return free slots that do not need each other's bays: one for each practitioner and day, spread over the day."""
    at = clock.now()
    start = at + timedelta(days=2)
    chance, found = random.Random(1), list[str]()
    crowd, crowded = Counter[datetime](), Place.objects.filter(room__site__key="bench").count() // 6
    here = Practitioner.objects.filter(resources__sites__key="bench").distinct()
    staff = list(here.order_by("pk").values_list("public_id", flat=True))
    for ahead in range(60):
        for who in chance.sample(staff, len(staff)):
            query = scheduler.SearchQuery(
                therapy="acu_manual", visit=scheduler.VisitType.FOLLOWUP, practitioner=who,
                audience=scheduler.Audience.STAFF, limit=100,
                starts_at=start + timedelta(days=ahead), ends_at=start + timedelta(days=ahead + 1),
            )  # fmt: skip
            quiet = [slot for slot in scheduler.search(query, at=at) if crowd[hour(slot.start)] < crowded]
            if quiet:
                slot = chance.choice(quiet)
                crowd.update(hour(slot.start + timedelta(hours=n)) for n in (-1, 0, 1))
                found.append(slot.id)
            if len(found) == count:
                return found
    raise RuntimeError(f"There are {len(found)} slots for {count} bookings: make the clinic bigger.")


def hour(at: datetime) -> datetime:
    """Return the hour that `at` lies in."""
    return at.replace(minute=0, second=0, microsecond=0)


def patients(count: int, site: Site) -> list[str]:
    """Return the ids of patients, made when they are missing."""
    here = Patient.objects.filter(site=site)
    missing = count - here.count()
    made = Patient.objects.bulk_create(
        Patient(site=site, name=f"Bench {n}", birth_date=date(1960, 1, 1), created_at=clock.now())
        for n in range(missing)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(patient=patient, system="email", value=f"bench.{patient.pk}@example.org") for patient in made
    )
    return [str(found) for found in here.order_by("pk").values_list("public_id", flat=True)[:count]]


def token(site: Site) -> str:
    """Return a token of an API client of the site."""
    user, made = User.objects.get_or_create(username="bench")
    if made:
        RoleAssignment.objects.create(user=user, role=Role.CLIENT, site=site, starts_at=clock.now() - timedelta(days=1))
    return str(AuthToken.objects.create(user)[1])


def numbered() -> None:
    """Let each table count from far above everything else: an id then names one row of one table."""
    with connection.cursor() as cursor:
        for place, table in enumerate(TABLES, start=1):
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, FIRST_ID * place])


def restore() -> None:
    """Go back to before: without the bookings made since."""
    with connection.cursor() as cursor:
        cursor.execute(RESTORE.format(first=FIRST_ID))


def deadlocks() -> int:
    """Return how many deadlocks this database has had."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
