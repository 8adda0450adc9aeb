"""An appointment becomes longer or shorter while somebody books the minutes that it needs, or gives back."""

import threading

import pytest

from booking.actions import appointments
from booking.models import Appointment
from booking.status import Move
from core.principal import Principal
from core.roles import Role
from proof.checker import visits
from scheduler.actions import plan_lengths
from scheduler.models import Claim, Segment, VisitPlan
from scheduler.sheets import free_time
from tests.factories.booking import DAY, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.test_bookings import booking, careless_take
from tests.races.together import PATIENCE, Gate, at_once, tally, without_constraint
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


@pytest.fixture
def booked_while_it_changes(ben, dr_li, lakeside, monkeypatch):
    """Ben's appointment: he was shown 75 minutes, and before his time is claimed the therapy takes 65."""
    plan = VisitPlan.objects.get(therapy__key="acu_manual", visit="first", technique="", version=0)
    ada = Principal(key="user:77", user_id=77, roles=frozenset({(Role.ADMIN, lakeside.pk)}), at=AT)
    shown, changed, take = threading.Event(), threading.Event(), free_time.take

    def late(wanted):
        shown.set()
        assert changed.wait(PATIENCE)
        return take(wanted)

    def change():
        assert shown.wait(PATIENCE)
        made = plan_lengths.change_lengths(plan, [25, 10, 15, 5, 10, 10], since=TEN - DAY, by=ada, at=AT)
        changed.set()
        return made

    monkeypatch.setattr(free_time, "take", late)
    results = at_once([booking(ben.record, slot_id(dr_li, TEN)), change])
    assert tally(results) == {"Appointment": 1, "VisitPlan": 1}
    return Appointment.objects.get()


def test_what_is_being_booked_while_its_therapy_changes_is_as_long_as_it_was_shown(booked_while_it_changes):
    assert booked_while_it_changes.period.upper - booked_while_it_changes.period.lower == 75 * MINUTE
    assert [*visits.misfits(), *overlaps(at=AT), *sheet_drift()] == []


def test_twin_whose_claims_named_no_plan_would_not_fit_the_therapy_as_it_is_by_now(booked_while_it_changes):
    Claim.objects.update(plan=None)
    Segment.objects.filter(plan__version=0, name="retention").update(minutes=15)  # as a change in place would do
    assert list(visits.misfits()) != []
