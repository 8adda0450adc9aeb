"""Somebody does not come again and again: somebody at the desk asks what is in the way, and nobody is barred."""

import pytest

from booking.actions import appointments, calls, misses
from booking.actions.patients import merge_undo, merging
from booking.models import CallReason, CallTask
from booking.status import Move
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_patient, make_visit, slot_id

pytestmark = pytest.mark.django_db

AFTER_ALL = chicago(20, 10)


@pytest.fixture
def missed(alice, dr_li):
    """Alice has missed one appointment, and the next one is over by a quarter of an hour and more."""
    first, second = (make_visit(alice.record, slot_id(dr_li, chicago(day, 10))) for day in (6, 7))
    miss(first)
    return first, second


def miss(visit):
    return appointments.move(visit.public_id, Move.NO_SHOW, by=SYSTEM, at=visit.period.lower + 25 * MINUTE)


def to_ask():
    return list(
        CallTask.objects.filter(reason=CallReason.MISSED_IN_A_ROW, done_at=None).values_list("appointment", flat=True)
    )


def test_two_missed_in_a_row_are_a_call_about_what_is_in_the_way_and_no_bar(missed, alice, dr_li):
    assert to_ask() == []  # one is no pattern
    miss(missed[1])
    assert to_ask() == [missed[1].pk]
    calls.end_over(at=missed[1].period.upper + DAY)
    assert to_ask() == [missed[1].pk]  # it is talked about after it
    assert make_visit(alice.record, slot_id(dr_li, chicago(8, 10))).status == "booked"


def test_two_missed_in_a_row_are_seen_in_whichever_order_they_are_written_down(alice, dr_li):
    first, second, third = (make_visit(alice.record, slot_id(dr_li, chicago(day, 10))) for day in (6, 8, 13))
    appointments.move(second.public_id, Move.ARRIVE, by=SYSTEM, at=second.period.lower)
    miss(third)
    miss(first)
    assert to_ask() == []
    appointments.move(second.public_id, Move.UNDO, by=SYSTEM, at=second.period.lower)
    miss(second)
    assert to_ask() == [third.pk]


def test_who_came_in_between_is_not_called(missed, alice, dr_li):
    second = missed[1]
    appointments.move(second.public_id, Move.ARRIVE, by=SYSTEM, at=second.period.lower)
    miss(make_visit(alice.record, slot_id(dr_li, chicago(8, 10))))
    assert to_ask() == []


def test_who_comes_after_all_is_not_called(missed):
    miss(missed[1])
    appointments.move(missed[1].public_id, Move.UNDO, by=SYSTEM, at=missed[1].period.lower + HOUR)
    assert to_ask() == []


def come(visit):
    return appointments.move(visit.public_id, Move.ARRIVE, by=SYSTEM, at=visit.period.lower)


def test_a_third_one_is_no_second_call_while_the_first_is_still_to_be_made(missed, alice, dr_li):
    miss(missed[1])
    third = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    miss(third)
    assert to_ask() == [missed[1].pk]
    calls.done(list(CallTask.objects.values_list("pk", flat=True)), by=SYSTEM, at=AFTER_ALL)
    fourth = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    miss(fourth)
    assert to_ask() == [fourth.pk]


def test_of_three_two_are_still_a_call_when_she_had_come_to_the_first_after_all(missed, alice, dr_li):
    for one in (missed[1], make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))):
        miss(one)
    appointments.move(missed[0].public_id, Move.UNDO, by=SYSTEM, at=missed[0].period.lower + HOUR)
    assert len(to_ask()) == 1
    appointments.move(missed[1].public_id, Move.UNDO, by=SYSTEM, at=missed[1].period.lower + HOUR)
    assert to_ask() == []


@pytest.fixture
def guest(lakeside):
    """The record that Alice made as a guest."""
    return make_patient(lakeside, guest=True)


def merge(alice, guest):
    return merging.merge(kept=alice.record, given_up=guest, by=SYSTEM, at=AFTER_ALL)


@pytest.fixture
def one_each(alice, guest, dr_li):
    """One missed under each of two records of Alice."""
    visits = [make_visit(who, slot_id(dr_li, chicago(day, 10))) for who, day in ((alice.record, 6), (guest, 7))]
    for one in visits:
        miss(one)
    assert to_ask() == []
    return visits


def test_one_missed_under_each_of_two_records_are_a_call_once_they_are_one_and_none_once_that_is_undone(
    alice, guest, one_each
):
    merge(alice, guest)
    assert to_ask() == [one_each[1].pk]
    merge_undo.undo(alice.record, by=SYSTEM, at=AFTER_ALL + HOUR)
    assert to_ask() == []


def test_who_came_in_between_under_the_other_record_is_not_called(missed, alice, guest, dr_li):
    between = make_visit(guest, slot_id(dr_li, chicago(6, 14)))
    come(between)
    miss(missed[1])
    assert to_ask() == [missed[1].pk]
    merge(alice, guest)
    assert to_ask() == []
    merge_undo.undo(alice.record, by=SYSTEM, at=AFTER_ALL + HOUR)
    assert to_ask() == [missed[1].pk]


def test_two_that_each_have_a_call_have_one_as_one_person(missed, alice, guest, dr_li):
    miss(missed[1])
    for day in (8, 9):
        miss(make_visit(guest, slot_id(dr_li, chicago(day, 10))))
    assert len(to_ask()) == 2
    merge(alice, guest)
    assert len(to_ask()) == 1


def test_who_was_called_about_it_is_not_called_for_being_one_person(alice, guest, dr_li, one_each):
    calls.raise_for([one_each[1].pk], CallReason.MISSED_IN_A_ROW, at=AFTER_ALL)
    calls.done(list(CallTask.objects.values_list("pk", flat=True)), by=SYSTEM, at=AFTER_ALL)
    merge(alice, guest)
    assert to_ask() == []


def test_who_has_come_since_is_not_called_for_being_one_person(alice, guest, dr_li, one_each):
    come(make_visit(guest, slot_id(dr_li, chicago(8, 10))))
    merge(alice, guest)
    assert to_ask() == []


def test_twin_without_a_look_at_what_was_joined_nobody_calls_her(alice, guest, one_each, monkeypatch):
    monkeypatch.setattr(misses, "look_at_all", lambda *_patient, **_at: None)
    merge(alice, guest)
    assert to_ask() == []
