"""People of a running service who are asked how they are: their visits, written by a process of its own.

`python -m tests.platform.respondents` writes them at once, then does what it reads, line by line, and answers each with
a line of JSON: `uncover NUMBER` lets so many lose their practitioner's hours, `approve VERSION` has two clinicians
approve a screening policy, `ended` tells of each notice how it ended, `answers` by which policies people answered.
"""

import json
import sys
from datetime import datetime, timedelta

import django

from tests.platform.patients import noon_zone, until_it_stands

BY_DAY, AT_NIGHT, SOON = 270, 25, 5
"""How many come to a site where it is noon, to one where it is night, and within minutes."""

EARLIEST, LATEST = timedelta(hours=49), timedelta(hours=70)
"""Between the reminder of three days before, which lies behind, and the day of the next."""

IN_MINUTES = timedelta(minutes=4)


def main() -> None:
    """Write the visits, then do what is asked."""
    acts = {"uncover": uncover, "approve": approve, "ended": ended, "answers": answers}
    say(write())
    for line in sys.stdin:
        act, *facts = line.split()
        say(until_it_stands(lambda act=act, facts=facts: acts[act](*map(int, facts))))


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def write() -> dict[str, list[str]]:
    """Write the visits, booked a moment ago; return the addresses of their patients by how they come."""
    from core import clock  # noqa: PLC0415  (Django is set up first)
    from tests.factories.policies import adopt_screening  # noqa: PLC0415
    from tests.factories.visits import a_site  # noqa: PLC0415

    at = clock.now()
    noon = noon_zone(at)
    day, night = a_site(zone=noon), a_site("nightside", zone=opposite(noon))
    adopt_screening()
    step = (LATEST - EARLIEST) / BY_DAY
    return {
        "by day": [book(f"day{n}", day, at + EARLIEST + n * step, at=at) for n in range(BY_DAY)],
        "at night": [book(f"night{n}", night, at + EARLIEST + n * step, at=at) for n in range(AT_NIGHT)],
        "soon": [book(f"soon{n}", day, at + IN_MINUTES, at=at) for n in range(SOON)],
        "soon is": [(at + IN_MINUTES).isoformat()],
    }


def opposite(zone: str) -> str:
    """Return the zone in which it is night where it is noon in this one."""
    east = int(zone.removeprefix("Etc/GMT") or 0) if zone != "UTC" else 0
    return f"Etc/GMT{east - 12 if east > 0 else east + 12:+d}"


def book(name: str, site, starts_at: datetime, *, at: datetime) -> str:
    """Write a visit of somebody of this name; return their address."""
    from tests.factories.visits import a_patient, a_visit  # noqa: PLC0415

    address = f"{name}@example.test"
    a_visit(patient=a_patient(f"{name.title()} Adams", email=address), starts_at=starts_at, at=at, site=site)
    return address


def uncover(number: int) -> list[str]:
    """Let the practitioner of the first visits by day have no hours for them; return the patients' addresses."""
    from booking.models import Appointment  # noqa: PLC0415
    from scheduler.models import Claim, Practitioner, Resource  # noqa: PLC0415

    visits = list(Appointment.objects.filter(patient__name__startswith="Day").order_by("pk")[:number])
    for n, visit in enumerate(visits):
        who = Practitioner.objects.create(name=f"Dr Away {n}", nucc="171100000X")
        hands = Resource.objects.create(kind="hands", practitioner=who)
        Claim.objects.create(allocation=visit.allocation, resource=hands, period=visit.period)
    return [visit.patient.contacts.get().value for visit in visits]


def approve(version: int) -> int:
    """Have two clinicians approve a screening policy; return how many did."""
    from core import clock  # noqa: PLC0415
    from core.models import Policy  # noqa: PLC0415
    from core.policies.actions import policies  # noqa: PLC0415
    from core.principal import Principal  # noqa: PLC0415
    from core.roles import Role  # noqa: PLC0415
    from tests.factories.booking import make_user  # noqa: PLC0415

    draft = Policy.objects.get(key="screening", version=version)
    for name in ("carol", "cyrus"):
        by = Principal.of(make_user(name, Role.CLINICIAN), at=clock.now())
        policies.approve(draft.pk, by=by, at=clock.now())
    return len(policies.approvers(Policy.objects.get(pk=draft.pk)))


def ended() -> dict[str, list[str]]:
    """Return how the notices of each address ended."""
    from notifications.models import Message  # noqa: PLC0415

    rows = Message.objects.filter(kind="health").values_list("recipient__contacts__value", "status", "reason")
    found: dict[str, list[str]] = {}
    for address, status, reason in rows:
        found.setdefault(address, []).append(f"{status} {reason}".strip())
    return found


def answers() -> dict[str, list[int]]:
    """Return the versions of the policies that people answered, by their address, in order."""
    from booking.models import ScreeningResponse  # noqa: PLC0415

    rows = ScreeningResponse.objects.order_by("pk")
    found: dict[str, list[int]] = {}
    for address, version in rows.values_list("appointment__patient__contacts__value", "policy_version"):
        found.setdefault(address, []).append(version)
    return found


if __name__ == "__main__":
    django.setup()
    main()
