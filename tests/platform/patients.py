"""Patients of a running service, as a process of its own: visits whose reminders fall due, some called off meanwhile.

`python -m tests.platform.patients NUMBER SECONDS` writes the visits, says "written", calls every fifth one off around
the time that its reminder is due, and says when, as JSON: message ids of the reminders by due time, and of those
called off the moment when the database had it.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import django

EVERY = 5


def main(number: int, seconds: int) -> None:
    """Make the visits and call some of them off."""
    from booking.models import Appointment  # noqa: PLC0415  (Django is set up first)
    from core import clock  # noqa: PLC0415
    from tests.factories.visits import a_site  # noqa: PLC0415

    at = clock.now()
    a_site(zone=noon_zone(at))
    step = timedelta(seconds=seconds / number)
    written = [write(n, due_at=at + timedelta(seconds=5) + n * step) for n in range(number)]
    sys.stdout.write("written\n")
    sys.stdout.flush()
    called_off = {}
    for n, visit in enumerate(written):
        due_at = visit.period[0] - timedelta(days=1)
        if n % EVERY == 0:
            time.sleep(max(0.0, (due_at - clock.now()).total_seconds()))
            called_off[str(visit.public_id)] = until_it_stands(lambda visit=visit: call_off(visit)).timestamp()
    due = {
        str(v.public_id): (v.period.lower - timedelta(days=1)).timestamp()
        for v in until_it_stands(lambda: list(Appointment.objects.order_by("pk")))
    }
    sys.stdout.write(json.dumps({"due": due, "called_off": called_off}) + "\n")


def noon_zone(at: datetime) -> str:
    """Return a zone in which it is about noon: reminders leave by day."""
    east = 12 - at.astimezone(UTC).hour
    return f"Etc/GMT{-east:+d}" if east else "UTC"


def write(n: int, *, due_at: datetime):
    """Write a visit whose last reminder is due then; it was booked two days before its start."""
    from tests.factories.visits import a_patient, a_visit  # noqa: PLC0415

    starts_at = due_at + timedelta(days=1)
    patient = a_patient(f"Alice{n} Adams", email=f"alice{n}@example.test")
    return a_visit(patient=patient, starts_at=starts_at, at=starts_at - timedelta(days=2))


def call_off(visit) -> datetime:
    """Let the clinic call a visit off; return when that stood."""
    from django.db import transaction  # noqa: PLC0415

    from core import clock  # noqa: PLC0415
    from tests.factories.visits import cancel  # noqa: PLC0415

    with transaction.atomic():
        type(visit).objects.select_for_update().get(pk=visit.pk)
        visit.refresh_from_db()
        if visit.status != "cancelled":
            cancel(visit, at=clock.now(), reason="practitioner")
    return clock.now()


def until_it_stands(act):
    """Do something with the database, however often it goes away."""
    from django.db import InterfaceError, OperationalError, connection  # noqa: PLC0415

    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.2)


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
