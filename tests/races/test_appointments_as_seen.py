"""Two browsers act on one appointment as they saw it: whoever waits for the other does nothing of their own."""

import pytest

from booking.actions import appointments, as_seen, notes
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.replacing import book_in_place
from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Move
from core.refusals import Refusal
from scheduler.models import Place
from scheduler.public import SlotTaken
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import at_once, beside

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


def test_two_who_choose_one_place_at_one_time_get_it_once(visit, dr_wu, lakeside):
    other = make_visit(make_patient(lakeside, "Ben Brown"), slot_id(dr_wu, chicago(8, 10)))
    taken = {visit.place_id, other.place_id}
    place = next(one.pk for one in Place.objects.order_by("pk") if one.pk not in taken)

    def chooses(one):
        slot = read_slot(one.slot)
        return lambda: appointments.move(
            one.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=slot, place=place, override_reason="near the lift"
        )

    came = at_once([chooses(visit), chooses(other)])
    assert [type(one) for one in came].count(Appointment) == 1
    assert any(isinstance(one, SlotTaken) for one in came)
    stands = {one.pk: one.place_id for one in Appointment.objects.all()}
    assert list(stands.values()).count(place) == 1
    assert taken & set(stands.values())  # whoever was second stands where they stood


def test_beside_whoever_takes_the_new_time_nothing_is_cancelled_for_what_is_asked_in_its_place(visit, dr_wu, lakeside):
    adopted = read_slot(slot_id(dr_wu, chicago(8, 10)))
    ben = make_patient(lakeside, "Ben Brown")

    def replaces():
        try:
            return book_in_place(visit.public_id, adopted, by=SYSTEM, at=AT)
        except Refusal as refusal:
            return refusal

    def books():
        return appointments.book(patient=ben, by=SYSTEM, at=AT, slot=adopted)

    second, _first = beside(replaces, while_open=books)[::-1]
    assert isinstance(second, SlotTaken)
    assert Appointment.objects.get(pk=visit.pk).status == "booked"
