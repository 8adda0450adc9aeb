"""An appointment becomes longer or shorter while somebody books the minutes that it needs, or gives back."""

import pytest

from booking.actions import appointments
from booking.models import Appointment
from booking.status import Move
from proof.checker import visits
from scheduler.sheets import free_time
from tests.factories.booking import MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.test_bookings import booking, careless_take
from tests.races.together import Gate, at_once, tally, without_constraint
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(8, 10)


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment: 75 minutes, of which the last hands are needed from 60 to 65."""
    return make_visit(alice.record, slot_id(dr_li, TEN))


def resizing(visit, minutes):
    return lambda: appointments.move(visit.public_id, Move.RESIZE, by=SYSTEM, at=AT, minutes=minutes)


def test_of_a_longer_rest_and_a_booking_of_these_minutes_one_is_had(visit, ben, dr_li):
    results = at_once([resizing(visit, 105), booking(ben.record, slot_id(dr_li, visit.period.upper))])
    assert tally(results) == {"Appointment": 1, "SlotTaken": 1}
    assert [*visits.misfits(), *overlaps(at=AT), *sheet_drift()] == []


def test_what_a_shorter_rest_gives_back_is_had_by_one_once_it_is_free(visit, ben, dr_li):
    freed = slot_id(dr_li, TEN + 55 * MINUTE)
    results = at_once([resizing(visit, 65), booking(ben.record, freed)])
    assert isinstance(results[0], Appointment)
    assert [*visits.misfits(), *overlaps(at=AT), *sheet_drift()] == []
    if Appointment.objects.count() == 1:
        appointments.book(slot=read_slot(freed), patient=ben.record, by=SYSTEM, at=AT)


def test_of_two_who_change_the_length_of_one_appointment_the_second_is_told(visit):
    results = at_once([resizing(visit, 65), resizing(visit, 65)])
    assert tally(results) == {"Appointment": 1, "SameLength": 1}
    assert [*visits.misfits(), *overlaps(at=AT), *sheet_drift()] == []


def test_twin_with_neither_constraint_nor_sheets_both_have_these_minutes(visit, ben, dr_li, monkeypatch):
    monkeypatch.setattr(free_time, "take", careless_take(Gate(2)))
    with without_constraint("scheduler.Claim", "claim_shares_no_time_with_another"):
        results = at_once([resizing(visit, 105), booking(ben.record, slot_id(dr_li, visit.period.upper))])
        assert tally(results) == {"Appointment": 2}
        assert overlaps(at=AT) != []
