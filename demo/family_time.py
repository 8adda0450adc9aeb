"""Time for families at the demo clinic: two families, times kept near a treatment, people who come together."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from booking.actions.families import family_links, linked_visits, meeting_times, reservations, seat_names
from booking.actions.families.family_links import Invitation
from booking.actions.families.linked_visits import PersonBooking
from booking.actions.patients import patients
from booking.families.status import FamilyRelation
from booking.models import CancelPolicy, FamilyLink, Patient
from booking.seats.seat_rules import ReservationAnchor
from booking.seats.seat_sets import WantedSeats, seat_sets
from core.models import Site, User
from core.principal import Principal
from demo.family_past import PROGRAM
from scheduler import public as scheduler

COUPLE = (("Joan Carter", date(1957, 5, 21)), ("Henry Carter", date(1954, 8, 3)))
NEAR = timedelta(minutes=20)
STAFF = scheduler.Audience.STAFF_WITH_REASON
TWO_O_CLOCK, AN_HOUR_AND_A_HALF = time(14), 90
ANCHOR_DAYS, SOON_DAYS = range(9, 20), range(4, 9)
"""How many days ahead the day of a treatment is looked for, and one whose times are free for others tomorrow."""


def keep(
    users: Mapping[str, User],
    known: Mapping[str, Patient],
    site: Site,
    *,
    at: datetime,
) -> None:
    """Keep single times as Frank of the program, link two families, and let one of them come together."""
    frank = Principal.of(users["program"], at=at)
    husband = _link(known["patient"], known["relative"], site, by=frank, at=at)
    invited = _invite(known["patient2"], site, by=frank, at=at)
    for slots, anchor in _near_two(site, ANCHOR_DAYS, seats=3, at=at):
        kept = reservations.keep(slots, by=frank, at=at, anchor=anchor, reason="The family comes along")
        first, second, *_rest = kept.seats.all()
        seat_names.name(first.public_id, husband, by=frank, at=at)
        seat_names.name(second.public_id, invited, by=frank, at=at)
        break
    for slots, anchor in _near_two(site, SOON_DAYS, seats=2, at=at):
        # Tomorrow it is free for others: the desk says so.
        name_by = at + timedelta(hours=20)
        reservations.keep(slots, by=frank, at=at, anchor=anchor, name_by=name_by)
        break
    _offer(known["patient"], at=at)


def _offer(patient: Patient, *, at: datetime) -> None:
    """Let a patient offer their next appointment as a time at which their family can come as well."""
    visit = patient.appointments.taking_time(at=at).filter(period__startswith__gt=at).order_by("period").first()
    if visit is not None:
        meeting_times.offer(visit, by=_as(patient, at=at), at=at)


def book_together(site: Site, *, by: Principal, at: datetime) -> int:
    """Book a couple at the same time: today, where two still can, or else on the next day; return how many."""
    couple = [
        patients.register(
            name=name, birth_date=born, email=f"{name.split()[0].lower()}.carter@example.org", site=site, by=by, at=at
        )
        for name, born in COUPLE
    ]
    one = scheduler.PersonQuery(therapy="acu_manual", visit=scheduler.VisitType.FOLLOWUP, audience=STAFF)
    asked = scheduler.SetQuery(
        people=(one, one),
        relation=scheduler.Relation.SAME_TIME,
        starts_at=at,
        ends_at=at + timedelta(days=7),
        within=NEAR,
        sites=frozenset({site.pk}),
        limit=1,
    )
    booked = 0
    for found in scheduler.sets(asked, at=at):
        people = [
            PersonBooking(patient=who, slot=slot, override_reason="They asked at the door")
            for who, slot in zip(couple, found.slots, strict=True)
        ]
        linked_visits.book(people, relation=asked.relation, within=NEAR, cancel_policy=CancelPolicy.ASK, by=by, at=at)
        booked += len(people)
    return booked


def _link(patient: Patient, relative: Patient, site: Site, *, by: Principal, at: datetime) -> FamilyLink:
    """Let a relative who signs in take an invitation up, and the patient confirm it."""
    link = _invite(patient, site, by=by, at=at)
    claimed = family_links.claim(link, own=relative, by=_as(relative, at=at), at=at)
    return family_links.confirm(claimed, by=_as(patient, at=at), at=at)


def _invite(patient: Patient, site: Site, *, by: Principal, at: datetime) -> FamilyLink:
    wanted = Invitation(public_id=uuid4(), relation=FamilyRelation.SPOUSE)
    return family_links.invite(patient, wanted, site=site, by=by, at=at)


def _as(patient: Patient, *, at: datetime) -> Principal:
    assert patient.user is not None  # noqa: S101  (they sign in)
    return Principal.of(patient.user, at=at)


def _near_two(
    site: Site, days: range, *, seats: int, at: datetime
) -> Iterator[tuple[tuple[scheduler.Slot, ...], ReservationAnchor]]:
    """Yield times that can be kept side by side soon after two o'clock, on the first days that have some."""
    today = at.astimezone(site.tz).date()
    for ahead in days:
        moment = datetime.combine(today + timedelta(days=ahead), TWO_O_CLOCK, site.tz)
        anchor = ReservationAnchor(at=moment, minutes=AN_HOUR_AND_A_HALF, site=site)
        wanted = WantedSeats(
            seats=seats,
            therapy="acu_auricular",
            visit="first",
            technique="",
            in_a_row=False,
            program=PROGRAM,
            anchor=anchor,
        )
        for slots in seat_sets(wanted, at=at, most=1):
            yield slots, anchor
