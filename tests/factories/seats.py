"""Seats that Frank keeps, and whether their times are anybody's."""

from datetime import timedelta

from booking.actions.families import reservations
from booking.models import Reservation, Seat
from core.principal import Principal
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import Practitioner
from tests.factories.booking import chicago, make_staff, read_slot, slot_id
from tests.factories.scheduler import AT

TEN = chicago(15, 10)


def keep_three(three, by: Principal, **more) -> Reservation:
    """Keep three seats side by side."""
    return reservations.keep(beside(three), by=by, at=AT, **more)


def beside(three, start=TEN, seats=3):
    return [read_slot(slot_id(who, start)) for who in three[:seats]]


def in_a_row(who, seats, start=TEN):
    """Return starts with one practitioner, each when the one before is over."""
    found = [read_slot(slot_id(who, start))]
    while len(found) < seats:
        found.append(read_slot(slot_id(who, found[-1].end)))
    return found


def names(reservation):
    return [one.public_id for one in reservation.seats.all()]


def is_free(slot, *, at):
    return scheduler.explain(slot, at=at).free


def keep_one(site, *, later=timedelta()) -> Seat:
    """Keep one time at a site next Thursday at ten, or so much later, as a scheduler there."""
    who = Practitioner.objects.order_by("name").first()
    slot = read_slot(slot_id(who, TEN + later, site=site.key))
    return reservations.keep([slot], by=make_staff("dana", Role.SCHEDULER, site=site).principal, at=AT).seats.get()
