"""One appointment of another length: its own claims, its own end, and everything that follows from them."""

import pytest

from booking.actions import appointments, holds
from booking.actions.resizing import LengthOutOfBounds, SameLength
from booking.errors import HoldExpired, PatientBusy, StaffOnly
from booking.models import Appointment
from booking.status import Move, Status
from proof.checker import visits
from scheduler.public import SlotTaken
from tests.booking.test_lengths import claimed
from tests.factories.booking import HOUR, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, offer
from tests.tables import sheet_drift

TEN = chicago(8, 10)


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, TEN))


def resized(visit, *, by=SYSTEM, at=AT, **how):
    done = appointments.move(visit.public_id, Move.RESIZE, by=by, at=at, **how)
    return Appointment.objects.get(pk=done.pk)


def moved(visit, slot, *, at=AT, **how):
    appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=at, slot=slot, **how)
    return Appointment.objects.get(pk=visit.pk)


def is_right():
    return [*visits.misfits(), *visits.overlaps(), *sheet_drift()] == []


def test_dana_lets_alice_rest_for_ten_minutes_less_and_undoes_it(visit, dana):
    whole, place = claimed(visit), visit.place_id
    shorter = resized(visit, by=dana.principal, lengths=[25, 10, 15, 5])
    assert shorter.period.upper == visit.period.upper - 10 * MINUTE
    assert (shorter.period.lower, shorter.place_id, shorter.version) == (TEN, place, visit.version + 1)
    row = shorter.changes.latest("pk")
    assert (row.move, row.before, row.after, row.by) == ("resize", "booked", "booked", dana.principal.key)
    assert row.facts["segments"]["from"] is None
    assert [length for _name, length, _who in row.facts["segments"]["to"]] == [25, 10, 15, 5, 10, 10]
    assert is_right()
    back = appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT + HOUR)
    back.refresh_from_db()
    assert (claimed(back), back.period, back.segments, back.place_id) == (whole, visit.period, None, place)
    assert is_right()


def test_what_alice_does_not_need_ben_can_have_and_then_she_cannot_have_it_back(visit, ben, dr_li):
    after = visit.period.upper - 20 * MINUTE
    with pytest.raises(SlotTaken):
        make_visit(ben.record, slot_id(dr_li, after))
    resized(visit, minutes=55)
    make_visit(ben.record, slot_id(dr_li, after))
    assert is_right()
    with pytest.raises(SlotTaken):
        resized(visit, minutes=95)


def test_a_longer_rest_is_claimed_and_nobody_else_is_put_there(visit, ben, dr_li):
    longer = resized(visit, minutes=95)
    assert longer.period.upper == visit.period.upper + 20 * MINUTE
    assert is_right()
    with pytest.raises(SlotTaken):
        make_visit(ben.record, slot_id(dr_li, visit.period.upper))


def test_alice_is_in_one_place_at_a_time_also_when_it_takes_longer(visit, alice, kim):
    make_visit(alice.record, slot_id(kim, visit.period.upper))
    with pytest.raises(PatientBusy):
        resized(visit, minutes=95)


def test_another_length_goes_along_to_another_time_and_comes_back_with_an_undo(visit, dr_li, dana):
    shorter = resized(visit, lengths=[25, 10, 15, 5])
    there = moved(shorter, read_slot(slot_id(dr_li, chicago(9, 14))))
    assert there.period.upper - there.period.lower == 65 * MINUTE
    assert is_right()
    back = appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT + HOUR)
    assert (back.period, back.segments) == (shorter.period, shorter.segments)
    assert is_right()


def test_for_something_else_it_takes_as_long_as_that_does_and_as_before_when_that_is_undone(visit, dr_li, dana):
    offer(dr_li, "acupressure", sites=[visit.site])
    shorter = resized(visit, lengths=[25, 10, 15, 5])
    there = moved(shorter, read_slot(slot_id(dr_li, chicago(9, 14), therapy="acupressure")), other_therapy=True)
    assert (there.segments, there.period.upper - there.period.lower) == (None, 50 * MINUTE)
    assert is_right()
    back = appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT + HOUR)
    assert (back.period, back.segments) == (shorter.period, shorter.segments)
    assert is_right()


def test_a_patient_does_not_change_how_long_it_takes(visit, alice):
    with pytest.raises(StaffOnly):
        resized(visit, by=alice.principal, minutes=55)


@pytest.mark.parametrize(
    "how",
    [
        {"minutes": 45},
        {"lengths": [14, 10, 25, 5]},
        {"lengths": [20, 8, 5, 5]},
        {"lengths": [25, 10]},
        {"minutes": 62},
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_least_that_it_takes(visit, how):
    with pytest.raises(LengthOutOfBounds) as refused:
        resized(visit, **how)
    assert refused.value.facts == {"percent": 60, "least": 50}


def test_the_same_length_once_more_is_no_change(visit):
    with pytest.raises(SameLength):
        resized(visit, minutes=75)


def test_hands_for_rest_ends_when_it_did_so_that_calendars_and_mails_have_no_news(visit):
    other = resized(visit, lengths=[20, 15, 25, 5])
    assert (other.period, other.version) == (visit.period, visit.version)
    assert "to" not in other.changes.latest("pk").facts
    assert is_right()


def test_whoever_is_there_keeps_their_place_and_those_who_are_late_are_treated_for_what_is_left(alice, ben, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN), Status.ARRIVED)
    late = resized(visit, at=TEN + 20 * MINUTE, late_by=18 * MINUTE)
    assert (late.period.lower, late.period.upper) == (TEN + 20 * MINUTE, visit.period.upper)
    assert (late.place_id, late.status) == (visit.place_id, "arrived")
    assert is_right()
    with pytest.raises(LengthOutOfBounds):
        resized(late, at=TEN + 20 * MINUTE, late_by=20 * MINUTE)


def test_what_is_kept_for_moving_it_is_as_long_as_it_was_and_let_go(visit, alice, dr_li):
    kept = holds.take(read_slot(slot_id(dr_li, chicago(9, 14))), by=alice.principal, at=AT, moving=visit)
    resized(visit, minutes=55, at=AT + MINUTE)
    with pytest.raises(HoldExpired):
        appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT + MINUTE, hold_id=kept.public_id)


def test_twin_without_its_own_plan_the_checker_takes_a_shorter_appointment_for_a_fault(visit, monkeypatch):
    resized(visit, minutes=55)
    monkeypatch.setattr(visits, "VISITS", visits.VISITS.replace("a.segments::text", "NULL"))
    assert {one.kind for one in visits.misfits()} == {"visit-has-wrong-length", "claims-do-not-fit"}


def test_twin_without_lengths_of_its_own_the_claims_stay_as_they_were(visit, monkeypatch):
    monkeypatch.setattr(Appointment, "lengths_for", lambda *_: None)
    resized(visit, minutes=55)
    assert not is_right()
