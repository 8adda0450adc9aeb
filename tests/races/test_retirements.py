"""A time is held or booked while what it needs goes out of use: it is refused, or stands in sight of staff.

Neither waits for the other: no lock joins them. What an edit names is what it could see, and it cannot see a hold that
is not saved yet. So the list of visits without cover is never what edits said: it asks the one judge, each time.
"""

from datetime import date

import pytest

from booking import queries
from booking.actions import appointments, guest_flow, holds, uncovered_visits
from booking.actions.guest_flow import Guest
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallTask
from booking.status import Move, Status
from core.principal import Principal
from scheduler.actions.catalogue_edits import change
from scheduler.errors import NotOffered, SlotTaken, UnknownSlot
from scheduler.models import Device, Place
from scheduler.sheets import uncovered_claims
from tests.factories.booking import MINUTE, chicago, make_patient, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import (
    AT,
    judging_hours_alone,
    lay_out,
    make_device,
    make_places,
    make_practitioner,
    make_site,
)
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)
ALICE = Guest(name="Alice Adams", email="alice@example.test", birth_date=date(1961, 3, 27))
BY, HOW = visitor("alice"), {"by": Principal.system("test"), "at": AT}
WHEN = chicago(8, 10)
REFUSED = (NotOffered, SlotTaken, UnknownSlot)


@pytest.fixture
def li(catalogue):
    site = make_site()
    make_places(site, 1)
    make_device(site)
    li = make_practitioner(site, offers=["acu_electro"])
    lay_out(weeks=1)
    return li


def entries(li):
    return [li, Place.objects.get(), Device.objects.get()]


def asked_for(li):
    return slot_id(li, WHEN, therapy="acu_electro")


def hold(li):
    return holds.choose(read_slot(asked_for(li)), by=BY, at=AT)


def book(li):
    return make_visit(make_patient(Place.objects.get().room.site), asked_for(li))


def retire(entry):
    return change(entry, active=False, **HOW).uncovered


def act_first(act, li, entry):
    """What is held or booked is not saved yet when the entry goes out of use."""
    return beside(lambda: retire(entry), while_open=lambda: act(li))


def retire_first(act, li, entry):
    """That the entry goes out of use is not saved yet when somebody chooses the time."""
    named, done = beside(lambda: act(li), while_open=lambda: retire(entry))
    return done, named


def seen_of(visit):
    """Return what staff sees of a visit: whether it stands without cover, and whether there is a call to make."""
    uncovered_visits.review(at=AT)
    listed = queries.uncovered_visits(Appointment.objects.all(), at=AT).filter(pk=visit.pk).exists()
    return listed, CallTask.objects.filter(appointment=visit, done_at=None).exists()


def booked_beside_retirements(order, li):
    """Let a visit be booked while each of its needs goes out of use; return what staff sees of each."""
    seen = []
    for entry in entries(li):
        visit, named = order(book, li, entry)
        assert named == (), "the edit could not see it: these met"
        seen.append(seen_of(visit))
        change(entry, active=True, **HOW)
        appointments.move(visit.public_id, Move.CANCEL, **HOW, reason=CancelReason.ILLNESS)  # its time is free at once
    return seen


@pytest.mark.parametrize("order", [act_first, retire_first])
def test_a_visit_that_is_booked_while_a_retirement_is_saved_stands_without_cover_and_dana_is_to_call(li, order):
    assert booked_beside_retirements(order, li) == [(True, True)] * 3


def test_twin_a_judge_that_looks_at_hours_alone_loses_them_from_sight(li, monkeypatch):
    monkeypatch.setattr(uncovered_claims, "UNCOVERED", judging_hours_alone(uncovered_claims.UNCOVERED))
    assert booked_beside_retirements(act_first, li) == [(False, False)] * 3


def test_a_hold_that_met_a_retirement_is_refused_when_it_is_booked_or_stands_in_sight(li):
    for entry in entries(li):
        kept, _ = act_first(hold, li, entry)
        try:
            visit = guest_flow.book(kept.public_id, by=BY, at=AT, patient=None, guest=ALICE)
        except REFUSED:
            assert not Appointment.objects.filter(status=Status.BOOKED).exists()
            holds.release(kept.public_id, by=BY, at=AT)
        else:
            assert seen_of(visit) == (True, True)
            appointments.move(visit.public_id, Move.CANCEL, **HOW, reason=CancelReason.ILLNESS)
        change(entry, active=True, **HOW)


def test_once_it_is_saved_nobody_can_hold_what_is_out_of_use(li):
    for entry in entries(li):
        retire(entry)
        with pytest.raises(REFUSED):
            hold(li)
        change(entry, active=True, **HOW)
    assert hold(li).expires_at > AT + MINUTE
