"""The people of the big clinic: names as unevenly spread as real ones, each with contacts and appointments.

Written in bulk, with the words that the product itself gathers: a picture of the data, not a claim about the product.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product
from uuid import UUID

from django.db import connection

from booking.models import Appointment, ContactPoint, Patient
from booking.models.patients import ContactSystem
from booking.status import Status
from core.models import Site
from core.text.folding import fold
from scheduler.models import Practitioner, Therapy

PEOPLE_EACH = 500
"""People for each practitioner: 100,000 where there are 200."""

APPOINTMENTS_EACH = 3
SEED = 7
AT_ONCE = 2000
BEGINNINGS = ("ma", "an", "jo", "ka", "el", "ro", "sa", "mi", "da", "li", "be", "thom", "chri", "ste", "pat", "vik")
MIDDLES = ("ri", "to", "na", "li", "be", "ra", "di", "vi", "sha", "mo", "ne", "lo")
ENDINGS = ("a", "us", "n", "el", "ine", "o", "in", "ette", "er", "is")
FAMILY_BEGINNINGS = ("smi", "wil", "gar", "kow", "joh", "bro", "mar", "hern", "schm", "ng", "tay", "lop", "iva", "ros")
FAMILY_MIDDLES = ("th", "li", "ci", "al", "so", "an", "ti", "and", "id", "uy", "lo", "ez", "no", "en", "ber", "der")
FAMILY_ENDINGS = ("", "s", "son", "ski", "ez", "er", "ov", "man", "berg", "a", "ton", "ini", "ko", "ley", "sen", "ard")


def given_names() -> list[str]:
    """Return the given names, the commonest first."""
    return ["".join(parts).title() for parts in product(BEGINNINGS, MIDDLES, ENDINGS)]


def family_names() -> list[str]:
    """Return the family names, the commonest first."""
    parts = product(FAMILY_BEGINNINGS, FAMILY_MIDDLES, ("", "do", "ma", "re", "vi"), FAMILY_ENDINGS)
    return ["".join(one).title() for one in parts]


def names(count: int) -> Iterator[str]:
    """Yield names in which the commonest are many people's, as in a telephone book."""
    chance = random.Random(SEED)
    given, family = given_names(), family_names()
    for some in (given, family):
        chance.shuffle(some)
    often = [[1 / (place + 8) for place in range(len(some))] for some in (given, family)]
    yield from map(" ".join, zip(
        chance.choices(given, often[0], k=count), chance.choices(family, often[1], k=count), strict=True
    ))  # fmt: skip


def populate(*, at: datetime) -> int:
    """Write the people, their contacts and their appointments, unless they are there; return how many people."""
    site, count = Site.objects.get(key="bench"), Practitioner.objects.count() * PEOPLE_EACH
    if (known := Patient.objects.filter(site=site).count()) >= count:
        return known
    chance = random.Random(SEED)
    called = names(count)
    while some := list(islice(called, AT_ONCE)):
        made = Patient.objects.bulk_create(_person(name, site, chance, at=at) for name in some)
        ContactPoint.objects.bulk_create(point for one in made for point in _contacts(one, chance))
        Appointment.objects.bulk_create(_appointments(made, site, chance, at=at))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE booking_patient")
        cursor.execute("VACUUM ANALYZE booking_contactpoint")
        cursor.execute("VACUUM ANALYZE booking_appointment")
    return count


def _person(name: str, site: Site, chance: random.Random, *, at: datetime) -> Patient:
    born = date(1930, 1, 1) + timedelta(days=chance.randrange(80 * 365))
    return Patient(name=name, birth_date=born, site=site, created_at=at)


def _contacts(patient: Patient, chance: random.Random) -> Iterator[ContactPoint]:
    mail = f"{fold(patient.name).replace(' ', '.')}{patient.pk}@example.test"
    yield ContactPoint(patient=patient, system=ContactSystem.EMAIL, value=mail)
    number = f"+1312555{chance.randrange(10_000):04}"
    yield ContactPoint(patient=patient, system=ContactSystem.PHONE, value=number, rank=2)


def _appointments(people: list[Patient], site: Site, chance: random.Random, *, at: datetime) -> Iterator[Appointment]:
    treats, therapy = list(Practitioner.objects.values_list("pk", flat=True)), Therapy.objects.get(key="acu_manual")
    for patient in people:
        first = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=patient.pk % 9)
        for number in range(APPOINTMENTS_EACH):
            start = first + timedelta(days=60 * (number - 1) + chance.randrange(30))
            yield Appointment(
                patient=patient, practitioner_id=chance.choice(treats), therapy=therapy, visit="followup", site=site,
                period=(start, start + timedelta(hours=1)), allocation=UUID(int=chance.getrandbits(128)),
                status=Status.FULFILLED if start < at else Status.BOOKED, created_at=at, updated_at=at,
            )  # fmt: skip
