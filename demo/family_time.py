"""Time for families at the demo clinic: blocks week by week, two families, and times that are kept near a treatment."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from booking.actions import family_links, reservations, seat_names
from booking.actions.family_links import Invitation
from booking.families.status import FamilyRelation
from booking.models import FamilyLink, Patient
from booking.seat_rules import ReservationAnchor
from booking.seat_sets import WantedSeats, seat_sets
from core.models import Site, User
from core.principal import Principal
from scheduler import public as scheduler
from scheduler.models import Practitioner

PROGRAM = "cancer-integrative-medicine"
BLOCKS = {"ramirez": (1, 3, 5), "haddad": (2, 4)}
"""On which weekdays (ISO) somebody's afternoon is kept: on any day some of it is open to each kind of people."""

STARTS, ENDS = time(15), time(17)
TWO_O_CLOCK, AN_HOUR_AND_A_HALF = time(14), 90
WITH_A_PLACE = "haddad"
"""Beside whose afternoons a place is kept as well."""

ANCHOR_DAYS, SOON_DAYS = range(9, 20), range(4, 9)
"""How many days ahead the day of a treatment is looked for, and one whose times are free for others tomorrow."""


def keep(
    users: Mapping[str, User],
    known: Mapping[str, Patient],
    staff: Mapping[str, Practitioner],
    site: Site,
    *,
    at: datetime,
) -> None:
    """Keep blocks and single times as Frank of the program, and link two families."""
    frank = Principal.of(users["program"], at=at)
    _keep_blocks(staff, site, by=frank, at=at)
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


def _keep_blocks(staff: Mapping[str, Practitioner], site: Site, *, by: Principal, at: datetime) -> None:
    today = at.astimezone(site.tz).date()
    places = tuple(place for place, _name in scheduler.keepable_places(site)[:1])
    for key, weekdays in BLOCKS.items():
        for weekday in weekdays:
            facts = scheduler.BlockFacts(
                program=PROGRAM,
                practitioner=staff[key].public_id,
                first_on=_next(today, weekday),
                every_weeks=1,
                starts=STARTS,
                ends=ENDS,
                reason="Beside infusion",
                places=places if key == WITH_A_PLACE else (),
            )
            scheduler.keep_time(facts, site=site, by=by, at=at)


def _next(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.isoweekday()) % 7)


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
