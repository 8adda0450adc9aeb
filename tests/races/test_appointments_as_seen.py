"""Two browsers act on one appointment as they saw it: whoever waits for the other does nothing of their own."""

import pytest

from booking.actions import appointments, as_seen, notes
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Move
from core.refusals import Refusal
from tests.factories.booking import SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(dr_li, alice):
    return make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))


def moved_by_two(visit, dr_li, dr_wu):
    """Let Dana move it to Dr Wu, and Dora, who saw the same page, to the day after; return what Dora hears."""
    seen, facts = mark_of(visit), {"by": SYSTEM, "at": AT}
    wanted = [read_slot(slot_id(dr_wu, chicago(8, 10))), read_slot(slot_id(dr_li, chicago(9, 10)))]

    def moves(slot):
        try:
            return appointments.move(visit.public_id, Move.RESCHEDULE, slot=slot, as_seen=seen, **facts)
        except Refusal as refusal:
            return refusal

    _, second = beside(lambda: moves(wanted[1]), while_open=lambda: moves(wanted[0]))
    return second


@pytest.fixture
def dr_wu(dr_li, lakeside):
    practitioner = make_practitioner(lakeside, name="Dr Wu")
    lay_out()
    return practitioner


def test_of_two_who_move_one_appointment_the_second_moves_nothing(visit, dr_li, dr_wu):
    assert isinstance(moved_by_two(visit, dr_li, dr_wu), AppointmentChanged)
    stands = Appointment.objects.get()
    assert (stands.practitioner, stands.period.lower, stands.version) == (dr_wu, chicago(8, 10), 1)


def test_twin_without_the_look_under_the_lock_the_second_moves_it_away_from_where_the_first_put_it(
    visit, dr_li, dr_wu, monkeypatch
):
    monkeypatch.setattr(as_seen, "refuse_changed", lambda *_: None)
    moved_by_two(visit, dr_li, dr_wu)
    assert Appointment.objects.get().practitioner == dr_li


def test_a_note_beside_a_cancel_waits_and_is_not_written_on_what_has_changed(visit):
    seen = mark_of(visit)

    def writes():
        try:
            return notes.write(visit.public_id, note="Comes by taxi", by=SYSTEM, at=AT, as_seen=seen)
        except Refusal as refusal:
            return refusal

    def cancels():
        return appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)

    _, second = beside(writes, while_open=cancels)
    assert isinstance(second, AppointmentChanged)
    assert Appointment.objects.get().note == ""
