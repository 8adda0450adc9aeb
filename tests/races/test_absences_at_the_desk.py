"""Dana enters that Dr Li is ill while others book and decide: all that she saw is done, or nothing of it."""

import pytest

from booking.actions import appointments
from booking.actions.impact import settling
from booking.actions.impact.absences import AwayPeriod
from booking.actions.impact.choices import ChangedSince, Wanted
from booking.models import Appointment, CalendarEdit
from core.refusals import Refusal
from scheduler.models import Absence
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import at_once, beside, tally

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(6, 10)


@pytest.fixture
def kim(dr_li, lakeside):
    kim = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return kim


@pytest.fixture
def pressed(dr_li, kim, alice, dana):
    """What Dana presses, who has seen that Alice can go to Dr Kim at the same time."""
    make_visit(alice.record, slot_id(dr_li, TEN))
    period = AwayPeriod(practitioner=dr_li, starts_at=chicago(6, 0), ends_at=chicago(7, 0))
    (one,) = settling.plan(period, by=dana.principal, at=AT).suggested
    assert one.slot is not None
    assert one.slot.practitioner.id == kim.pk
    wanted = [Wanted(appointment=one.visit.public_id, choice=one.choice, seen=one.seen, slot=one.slot.id)]
    return period, wanted, {"site": alice.record.site, "by": dana.principal, "at": AT}


def entered(pressed, act=settling.save):
    period, wanted, facts = pressed
    try:
        return act(period, wanted, **facts)
    except Refusal as refusal:
        return refusal


def carol_is_quicker(pressed, kim, act=settling.save):
    """Let Carol book Alice's new time while Dana presses; return what Dana hears."""
    carol = make_patient(pressed[2]["site"], "Carol Cole")
    books = {"patient": carol, "by": SYSTEM, "at": AT, "slot": read_slot(slot_id(kim, TEN))}
    _, said = beside(lambda: entered(pressed, act), while_open=lambda: appointments.book(**books))
    return said


def test_where_somebody_else_is_quicker_dr_li_is_not_away_either(pressed, kim, dr_li, alice):
    said = carol_is_quicker(pressed, kim)
    assert isinstance(said, ChangedSince)
    assert "Alice Adams" in str(said.detail)
    assert not Absence.objects.exists()
    assert not CalendarEdit.objects.exists()
    assert Appointment.objects.get(patient=alice.record).practitioner == dr_li


def test_twin_not_as_one_act_dr_li_is_away_and_alice_is_left(pressed, kim, dr_li, alice, monkeypatch):
    monkeypatch.setattr(settling, "_lock", lambda *_, **__: None)
    monkeypatch.setattr("scheduler.public.lock_calendar", lambda _owner: None)
    said = carol_is_quicker(pressed, kim, act=settling.save.__wrapped__)
    assert isinstance(said, ChangedSince)
    assert Absence.objects.exists()
    assert Appointment.objects.get(patient=alice.record).practitioner == dr_li


def test_of_two_who_press_at_once_one_does_it_and_the_other_does_nothing(pressed, kim, alice):
    assert tally(at_once([lambda: entered(pressed)] * 2)) == {"CalendarEdit": 1, "ChangedSince": 1}
    assert Absence.objects.count() == CalendarEdit.objects.count() == 1
    assert Appointment.objects.get(patient=alice.record).version == 1
