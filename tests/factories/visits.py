"""Visits and what the ledger tells of them, as rows: for whoever only reads the ledger."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

from booking.models import Appointment, Change, ContactPoint, Patient
from booking.status import Status
from core.models import Site
from scheduler.models import Practitioner, Therapy
from scheduler.search.slot_ids import SlotKey

BOOKED_AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
"""A Monday, 9:00 in Chicago."""

STARTS_AT = datetime(2026, 12, 8, 16, tzinfo=UTC)
"""A Tuesday two weeks later, 10:00 in Chicago."""

_numbers = count(1)


def a_site(key: str = "lakeside", **facts) -> Site:
    """Return the site with this key, made on first use."""
    given = {
        "name": {"en": "Lakeside"},
        "zone": "America/Chicago",
        "street": "1200 W Lake St",
        "floor": "Floor 2",
        "city": "Chicago",
        "state": "IL",
        "postal_code": "60607",
        "phone": "(312) 555-0100",
        "directions": {"en": "Take the lift by the north door."},
        "parking": {"en": "Park in the garage on Ada Street."},
    }
    site, new = Site.objects.get_or_create(key=key, defaults=given | facts)
    if facts and not new:
        Site.objects.filter(pk=site.pk).update(**facts)
        site.refresh_from_db()
    return site


def a_practitioner(name: str = "Dr Li") -> Practitioner:
    """Return the practitioner with this name, made on first use."""
    return Practitioner.objects.get_or_create(name=name, defaults={"nucc": "171100000X", "credentials": "L.Ac."})[0]


def a_therapy() -> Therapy:
    """Return a therapy in words of its own, made on first use."""
    given = {
        "name": {"en": "Acupuncture"},
        "summary": {"en": "Thin needles."},
        "bring_and_wear": {"en": "Wear loose clothes."},
        "skin_penetrating": True,
        "self_bookable": True,
    }
    if known := Therapy.objects.filter(key="acu_manual", **given).first():
        return known  # what is written makes everybody read the catalogue again
    return Therapy.objects.update_or_create(key="acu_manual", defaults=given)[0]


def a_patient(name: str = "Alice Adams", *, email: str | None = "alice@example.test", language: str = "en") -> Patient:
    """Make a patient, reached at `email` (None: not at all)."""
    patient = Patient.objects.create(
        name=name, birth_date=date(1970, 1, 1), site=a_site(), language=language, created_at=BOOKED_AT
    )
    if email:
        ContactPoint.objects.create(patient=patient, system="email", value=email)
    return patient


def a_visit(
    *,
    patient: Patient | None = None,
    starts_at: datetime = STARTS_AT,
    at: datetime = BOOKED_AT,
    move: str = "book",
    status: Status = Status.BOOKED,
    site: Site | None = None,
) -> Appointment:
    """Make a booked visit, and say so in the ledger."""
    practitioner, therapy, site = a_practitioner(), a_therapy(), site or a_site()
    key = SlotKey(
        practitioner=practitioner.public_id,
        site=site.key,
        therapy=therapy.key,
        visit="first",
        technique="",
        start=starts_at,
    )
    visit = Appointment.objects.create(
        patient=patient or a_patient(f"Alice Adams {next(_numbers)}"),
        practitioner=practitioner,
        therapy=therapy,
        visit="first",
        site=site,
        slot=key.encode(),
        period=(starts_at, starts_at + timedelta(minutes=55)),
        status=status,
        allocation=uuid4(),
        created_at=at,
        updated_at=at,
    )
    told(visit, move, before="", at=at, facts={"to": where(visit)})
    return visit


def as_it_was(pk: int) -> Appointment:
    """Return a visit that was made once for many tests."""
    return Appointment.objects.select_related("patient", "practitioner", "therapy", "site").get(pk=pk)


def a_request() -> Appointment:
    """Make a visit that is asked for, of somebody who has shown that the address is theirs."""
    return a_visit(move="request", status=Status.PROPOSED)


def visits(number: int, **facts) -> list[Appointment]:
    """Make so many booked visits, each of a patient of her own: alice1@example.test and so on."""
    return [
        a_visit(patient=a_patient(f"Alice{n} Adams", email=f"alice{n}@example.test"), **facts)
        for n in range(1, number + 1)
    ]


def told(visit: Appointment, move: str, *, before: str, at: datetime, facts: dict | None = None) -> Change:
    """Write the ledger's row about a visit as it is."""
    return Change.objects.create(
        appointment=visit,
        version=visit.version,
        move=move,
        before=before,
        after=visit.status,
        by="user:1",
        at=at,
        facts=facts or {},
    )


def where(visit: Appointment) -> dict[str, str]:
    """Return start, practitioner and site, as the ledger tells them."""
    return {
        "start": visit.period[0].isoformat() if isinstance(visit.period, tuple) else visit.period.lower.isoformat(),
        "practitioner": str(visit.practitioner.public_id),
        "site": visit.site.key,
    }


def move(visit: Appointment, *, starts_at: datetime | None = None, practitioner: str = "", at: datetime) -> None:
    """Move a visit to another time or practitioner."""
    visit.refresh_from_db()
    was, before = where(visit), visit.status
    begins = starts_at or visit.period.lower
    visit.period = (begins, begins + timedelta(minutes=55))
    visit.practitioner = a_practitioner(practitioner) if practitioner else visit.practitioner
    visit.version += 1
    visit.save()
    told(visit, "reschedule", before=before, at=at, facts={"from": was, "to": where(visit)})


def cancel(visit: Appointment, *, at: datetime, reason: str = "patient", undo_until: datetime | None = None) -> None:
    """Cancel a visit."""
    visit.refresh_from_db()
    visit.undo_until = undo_until
    before, visit.status, visit.cancel_reason, visit.cancelled_at = visit.status, Status.CANCELLED, reason, at
    visit.version += 1
    visit.save()
    told(visit, "cancel", before=before, at=at, facts={"reason": reason, "late": False})


def undo(visit: Appointment, *, at: datetime, to: Status = Status.BOOKED) -> None:
    """Take a cancellation back."""
    visit.refresh_from_db()
    visit.status, visit.cancel_reason, visit.cancelled_at = to, "", None
    visit.version += 1
    visit.save()
    told(visit, "undo", before="cancelled", at=at)
