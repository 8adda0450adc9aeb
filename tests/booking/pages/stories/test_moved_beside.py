"""Ben moves beside the time that Alice offered, or away from it: he is linked with it as if he had booked there."""

from dataclasses import replace

import pytest

from booking.actions import appointments
from booking.actions.families import moved_beside
from booking.actions.families.meeting_times import offer
from booking.cancel_reasons import CancelReason
from booking.families.meeting_times import times_beside
from booking.models import Appointment, CancelPolicy, FamilyLink
from booking.status import Move, Status
from scheduler.public import SlotKey
from tests.factories.booking import HOUR, SYSTEM, make_visit, read_slot
from tests.factories.families import confirmed
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(booked_once, clock):
    """Alice's time, which she lets her family come beside: if hers is off, so is theirs."""
    found = Appointment.objects.select_related("patient", "site").get()
    found.patient.enrolments.create(site=found.site)
    confirmed(found.patient)
    offer(found, by=SYSTEM, at=AT, cancel_policy=CancelPolicy.CANCEL)
    return found


@pytest.fixture
def elsewhere(visit):
    """Ben has a time of his own, hours after Alice's."""
    key = SlotKey.decode(visit.slot)
    return make_visit(FamilyLink.objects.get().relative, replace(key, start=key.start + 2 * HOUR).encode())


def status_of(visit):
    return Appointment.objects.get(pk=visit.pk).status


def cancel(visit):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)


def moves(his, to=None):
    """Move Ben's appointment to another start, or else beside Alice's; return it."""
    slot = read_slot(to) if to else times_beside(his, at=AT)[0].slots[0]
    appointments.move(his.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=slot)
    return Appointment.objects.get(pk=his.pk)


def undone(his):
    appointments.move(his.public_id, Move.UNDO, by=SYSTEM, at=AT)
    return Appointment.objects.get(pk=his.pk)


def test_ben_moves_beside_alices_time_and_goes_by_it_as_if_he_had_booked_there(elsewhere, visit):
    cancel(visit)
    assert status_of(elsewhere) == Status.BOOKED, "not beside hers yet"
    appointments.move(visit.public_id, Move.UNDO, by=SYSTEM, at=AT)
    his = moves(elsewhere)
    visit.refresh_from_db()
    assert his.linked == visit.linked is not None
    cancel(visit)
    assert status_of(his) == Status.CANCELLED


def test_ben_moves_away_and_back_and_each_undo_leads_to_what_was(elsewhere, visit):
    far = elsewhere.slot
    his = moves(elsewhere)
    assert undone(his).linked is None
    his = moves(elsewhere)
    link = his.linked
    assert link is not None
    assert moves(his, far).linked is None
    assert undone(his).linked == link
    moves(his, far)
    cancel(visit)
    assert status_of(his) == Status.BOOKED, "hours away from hers"


def test_twin_without_that_ben_who_moves_beside_alice_hears_of_nothing(elsewhere, visit, monkeypatch):
    monkeypatch.setattr(moved_beside, "lock_beside", lambda *_args, **_facts: None)
    his = moves(elsewhere)
    cancel(visit)
    assert status_of(his) == Status.BOOKED
