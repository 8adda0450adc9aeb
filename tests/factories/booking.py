"""People with a role or a record, the slots they ask for, and visits in any state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from booking.actions import appointments
from booking.actions.patients import patients
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Enrolment, Patient
from booking.status import Move, Status
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.roles import Role
from scheduler.models import Practitioner
from scheduler.public import Slot, slot
from scheduler.search.slot_ids import SlotKey
from tests.factories.scheduler import AT, CHICAGO

SYSTEM = Principal.system("test")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a test: who they are when they sign in, and their record if they have one."""

    user: User
    principal: Principal
    patient: Patient | None = None

    @property
    def record(self) -> Patient:
        """Their record, which they must have."""
        assert self.patient is not None
        return self.patient


def make_user(name: str, *roles: Role, site: Site | None = None) -> User:
    """Make somebody who signs in with these roles at a site."""
    user = User.objects.create_user(username=f"{name}-{next(_numbers)}")
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=user, role=role, site=site, starts_at=SINCE) for role in roles
    )
    return user


def make_staff(name: str, *roles: Role, site: Site) -> Person:
    """Make somebody who works at a site."""
    user = make_user(name, *roles, site=site)
    return Person(user=user, principal=Principal.of(user, at=AT))


def make_patient(
    site: Site, name: str = "Alice Adams", *, user: User | None = None, guest: bool = False, at: datetime = AT
) -> Patient:
    """Make a record."""
    email = f"{name.split(maxsplit=1)[0].lower()}-{next(_numbers)}@example.org"
    born = date(1970, 5, 1)
    return patients.register(
        name=name, birth_date=born, email=email, site=site, by=SYSTEM, at=at, user=user, guest=guest
    )


def make_person(site: Site, name: str) -> Person:
    """Make a patient who signs in."""
    user = make_user(name.split(maxsplit=1)[0].lower(), Role.PATIENT)
    return Person(user=user, principal=Principal.of(user, at=AT), patient=make_patient(site, name, user=user))


def person_of(patient: int) -> Person:
    """Return a patient who signs in, made once for many tests, by the number of their record."""
    found = Patient.objects.select_related("user", "site").get(pk=patient)
    assert found.user is not None
    return Person(user=found.user, principal=Principal.of(found.user, at=AT), patient=found)


def make_enrolled(site: Site, name: str) -> Person:
    """Make a patient who signs in and takes part in the site's program."""
    person = make_person(site, name)
    Enrolment.objects.create(patient=person.record, site=site)
    return person


def visitor(name: str = "browser") -> Principal:
    """Return somebody who has not signed in."""
    return Principal(key=f"visitor:{name}", roles=frozenset({(Role.ANONYMOUS, None)}))


def chicago(day: int, hour: int, minute: int = 0, *, month: int = 10) -> datetime:
    """Return a wall-clock time of autumn 2026 in Chicago, as UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(CHICAGO)).astimezone(UTC)


def slot_id(
    practitioner: Practitioner,
    start: datetime,
    *,
    site: str = "lakeside",
    visit: str = "first",
    therapy: str = "acu_manual",
) -> str:
    """Return the id of a start, whether or not it can be had."""
    return SlotKey(
        practitioner=practitioner.public_id, site=site, therapy=therapy, visit=visit, technique="", start=start
    ).encode()


def read_slot(slot_id: str) -> Slot:
    """Return the slot that an id names, as doors hand it to actions."""
    return slot(slot_id)


def make_visit(patient: Patient, slot: str, status: Status = Status.BOOKED, *, at: datetime = AT) -> Appointment:
    """Make a visit in a state, by the moves that lead there: made at `at`, then on the day itself."""
    if status is Status.PROPOSED:
        return appointments.book(patient=patient, by=SYSTEM, at=at, until=at + 2 * DAY, slot=read_slot(slot))
    visit = appointments.book(patient=patient, by=SYSTEM, at=at, slot=read_slot(slot))
    return _lead(visit, status, at=at)


def visit_of_both(made: Mapping[str, int], start: datetime) -> Appointment:
    """Make a visit of Alice with Dr Li, who were made once for many tests."""
    practitioner = Practitioner.objects.get(pk=made["dr_li"])
    return make_visit(person_of(made["alice"]).record, slot_id(practitioner, start))


def _lead(visit: Appointment, status: Status, *, at: datetime) -> Appointment:
    name, start, end = visit.public_id, visit.period.lower, visit.period.upper
    steps: dict[Status, list[tuple[Move, datetime, dict[str, object]]]] = {
        Status.PENDING: [(Move.AWAIT, at, {"until": at + 2 * DAY})],
        Status.CANCELLED: [(Move.CANCEL, at, {"reason": CancelReason.PATIENT})],
        Status.ENTERED_IN_ERROR: [(Move.ENTER_IN_ERROR, at, {})],
        Status.NOSHOW: [(Move.NO_SHOW, start + 30 * MINUTE, {})],
        Status.ARRIVED: [(Move.ARRIVE, start, {})],
        Status.CHECKED_IN: [(Move.CHECK_IN, start, {})],
        Status.FULFILLED: [(Move.CHECK_IN, start, {}), (Move.FULFIL, end, {})],
    }
    for what, then, details in steps.get(status, []):
        visit = appointments.move(name, what, by=SYSTEM, at=then, **details)
    return visit
