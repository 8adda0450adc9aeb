"""Undoing: a visit is as it was before, never as it never was; one that was moved goes back while its time is free."""

import pytest

from booking import policies
from booking.actions import appointments
from booking.actions.move_effects import EarlierTimeGone
from booking.actions.offered_moves import is_possible
from booking.cancel_reasons import CancelReason
from booking.errors import InThePast, MoveNotAllowed, RequestLapsed, StaffOnly, UndoOver
from booking.status import Move, Status
from scheduler import public as scheduler
from scheduler.actions import calendars
from scheduler.models import Claim
from tests.factories.blocks import make_block
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id, visit_of_both
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was
from tests.tables import overlaps, sheet_drift

TEN, TWO = chicago(8, 10), chicago(8, 14)
WHY = {"override_reason": "Late"}


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    with once_a_module():
        return visit_of_both(made_once, TEN).pk


@pytest.fixture
def visit(visit_once, alice, dr_li):
    return as_it_was(visit_once)


def do(visit, *moves, by=SYSTEM, at=TEN, **details):
    for what in moves:
        visit = appointments.move(visit.public_id, what, by=by, at=at, **details)
    return visit


@pytest.mark.parametrize(
    ("moves", "states"),
    [
        ([Move.ARRIVE, Move.FULFIL, Move.UNDO], ["arrived"]),
        ([Move.CHECK_IN, Move.UNDO], ["booked"]),
        ([Move.ARRIVE, Move.CHECK_IN, Move.UNDO, Move.UNDO], ["arrived", "booked"]),
        ([Move.CHECK_IN, Move.FULFIL, Move.UNDO, Move.UNDO], ["checked-in", "booked"]),
        ([Move.CHECK_IN, Move.START, Move.FULFIL, Move.UNDO, Move.UNDO, Move.UNDO], ["checked-in"] * 2 + ["booked"]),
    ],
)
def test_dana_who_takes_a_mark_back_finds_the_visit_as_it_was(visit, dana, moves, states):
    do(visit, *moves, by=dana.principal, at=TEN + HOUR)
    undone = visit.changes.filter(move=Move.UNDO).order_by("pk").values_list("after", flat=True)
    assert list(undone) == states


def test_alice_is_treated_once_from_when_it_began_until_that_is_taken_back(visit, dana):
    begun = do(visit, Move.CHECK_IN, Move.START, by=dana.principal, at=TEN)
    assert (begun.started_at, begun.status, begun.version) == (TEN, Status.CHECKED_IN, visit.version)
    with pytest.raises(MoveNotAllowed):
        do(visit, Move.START, by=dana.principal, at=TEN + MINUTE)
    done = do(visit, Move.FULFIL, Move.UNDO, by=dana.principal, at=TEN + HOUR)
    assert (done.started_at, done.status) == (TEN, Status.CHECKED_IN)
    back = do(visit, Move.UNDO, by=dana.principal, at=TEN + HOUR)
    assert (back.started_at, back.status, back.version) == (None, Status.CHECKED_IN, visit.version)
    again = do(visit, Move.START, by=dana.principal, at=TEN + 2 * HOUR)
    assert again.started_at == TEN + 2 * HOUR


def test_a_cancel_of_somebody_who_had_arrived_is_undone_to_that(visit, dana):
    do(visit, Move.ARRIVE, by=dana.principal)
    do(visit, Move.CANCEL, by=dana.principal, reason=CancelReason.PRACTITIONER)
    assert do(visit, Move.UNDO, by=dana.principal, at=TEN + MINUTE).status == Status.ARRIVED


def test_somebody_who_came_late_after_all_is_marked_absent_again_when_that_was_a_slip(visit, dana):
    do(visit, Move.NO_SHOW, Move.ARRIVE, by=dana.principal, at=TEN + 30 * MINUTE)
    later = TEN + 31 * MINUTE
    back = do(visit, Move.UNDO, by=dana.principal, at=later)
    assert back.status == Status.NOSHOW
    assert not Claim.objects.filter(retired_at=None).exists()  # whoever did not come keeps nobody else's time
    assert do(visit, Move.UNDO, by=dana.principal, at=later).status == Status.BOOKED
    assert overlaps(at=later) == sheet_drift() == []


def test_an_act_that_only_the_next_one_follows_is_not_undone(visit, dana):
    with pytest.raises(MoveNotAllowed):
        do(visit, Move.UNDO, by=dana.principal, at=AT)


# -- what the clinic declined


def test_a_decline_is_taken_back_on_its_own_day_and_the_time_kept_as_before(alice, dr_li, dana):
    asked = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    do(asked, Move.DECLINE, at=AT)
    back = do(asked, Move.UNDO, by=dana.principal, at=AT + HOUR)
    assert (back.status, back.kept_until, back.cancel_reason) == (Status.PROPOSED, asked.kept_until, "")
    assert do(asked, Move.APPROVE, at=AT + 2 * HOUR).status == Status.BOOKED
    assert overlaps(at=AT + 3 * HOUR) == sheet_drift() == []


def test_a_decline_is_not_taken_back_the_day_after_nor_by_who_asked_nor_when_somebody_has_the_time(
    alice, ben, dr_li, dana
):
    asked = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    do(asked, Move.DECLINE, at=AT)
    with pytest.raises(UndoOver):
        do(asked, Move.UNDO, by=dana.principal, at=AT + DAY)
    with pytest.raises(StaffOnly):
        do(asked, Move.UNDO, by=alice.principal, at=AT + MINUTE)
    make_visit(ben.record, slot_id(dr_li, TEN))
    with pytest.raises(scheduler.SlotTaken):
        do(asked, Move.UNDO, by=dana.principal, at=AT + MINUTE)


def test_a_decline_is_not_taken_back_once_the_time_would_not_be_kept_any_more(alice, dr_li, dana):
    asked = appointments.book(
        patient=alice.record, by=SYSTEM, at=AT, until=AT + HOUR, slot=read_slot(slot_id(dr_li, TEN))
    )
    do(asked, Move.DECLINE, at=AT)
    with pytest.raises(UndoOver):
        do(asked, Move.UNDO, by=dana.principal, at=AT + HOUR)


# -- what was moved


@pytest.fixture
def moved(visit, dr_li, dana):
    return do(visit, Move.RESCHEDULE, by=dana.principal, at=AT, slot=read_slot(slot_id(dr_li, TWO)))


def test_a_visit_that_dana_moved_goes_back_to_its_time(moved, dana, dr_li):
    back = do(moved, Move.UNDO, by=dana.principal, at=AT + MINUTE)
    assert (back.period.lower, back.version) == (TEN, moved.version + 1)
    row = back.changes.latest("pk")
    assert (row.move, row.facts["undoes"]) == (Move.RESCHEDULE, moved.version)
    assert scheduler.explain(read_slot(slot_id(dr_li, TWO)), at=AT + MINUTE).free
    assert overlaps(at=AT + MINUTE) == sheet_drift() == []
    with pytest.raises(MoveNotAllowed):  # once is enough: a second press does not move it there again
        do(moved, Move.UNDO, by=dana.principal, at=AT + 2 * MINUTE)


def test_a_request_whose_time_is_no_longer_kept_goes_nowhere_not_even_back(alice, dr_li, dana):
    asked = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    do(asked, Move.RESCHEDULE, by=dana.principal, at=asked.kept_until - HOUR, slot=read_slot(slot_id(dr_li, TWO)))
    with pytest.raises(RequestLapsed):
        do(asked, Move.UNDO, by=dana.principal, at=asked.kept_until)


def test_a_visit_goes_back_though_its_time_could_not_be_booked_anew_so_soon(visit, dr_li, dana):
    soon = TEN - 30 * MINUTE  # less than the notice that anybody who books keeps
    do(
        visit,
        Move.RESCHEDULE,
        by=dana.principal,
        at=soon,
        slot=read_slot(slot_id(dr_li, TWO)),
        override_reason="Dr Li is late",
    )
    assert soon + policies.booking_policy(visit.site_id, at=soon).min_notice > TEN
    assert do(visit, Move.UNDO, by=dana.principal, at=soon + MINUTE).period.lower == TEN


def test_a_time_that_somebody_took_meanwhile_is_theirs_and_dana_hears_what_to_do(moved, ben, dr_li, dana):
    make_visit(ben.record, slot_id(dr_li, TEN))
    with pytest.raises(EarlierTimeGone) as refused:
        do(moved, Move.UNDO, by=dana.principal, at=AT + MINUTE)
    assert refused.value.facts["alternatives"]
    assert "move it to another time" in str(refused.value)
    moved.refresh_from_db()
    assert moved.period.lower == TWO


def test_a_time_that_is_kept_for_families_since_is_gone_back_to(alice, dr_li, dana):
    early, late = chicago(22, 10), chicago(22, 14)  # so far ahead that it is open to nobody else yet
    visit = make_visit(alice.record, slot_id(dr_li, early))
    make_block(dr_li, early.isoweekday(), "09:30", "11:30")
    do(visit, Move.RESCHEDULE, by=dana.principal, at=AT, slot=read_slot(slot_id(dr_li, late)))
    with pytest.raises(scheduler.SlotTaken):
        do(visit, Move.RESCHEDULE, by=dana.principal, at=AT, slot=read_slot(slot_id(dr_li, early)))
    assert do(visit, Move.UNDO, by=dana.principal, at=AT + MINUTE).period.lower == early


def test_a_time_that_is_closed_meanwhile_is_not_gone_back_to(moved, dr_li, dana):
    calendars.add_absence(dr_li, starts_at=TEN, ends_at=TEN + HOUR, by=SYSTEM, at=AT)
    with pytest.raises(EarlierTimeGone):
        do(moved, Move.UNDO, by=dana.principal, at=AT + MINUTE)


def test_nobody_goes_back_into_the_past(visit, dr_li, dana):
    do(
        visit,
        Move.RESCHEDULE,
        by=dana.principal,
        at=TEN - MINUTE,
        slot=read_slot(slot_id(dr_li, TWO)),
        **WHY,
    )
    with pytest.raises(InThePast):
        do(visit, Move.UNDO, by=dana.principal, at=TEN + MINUTE)


def test_a_move_is_undone_by_staff_on_the_same_day(moved, alice, dana):
    with pytest.raises(StaffOnly):
        do(moved, Move.UNDO, by=alice.principal, at=AT + MINUTE)
    with pytest.raises(UndoOver):
        do(moved, Move.UNDO, by=dana.principal, at=AT + DAY)


def test_a_move_of_an_earlier_day_stays_though_an_arrival_is_undone_today(visit, dana, dr_li):
    moved = do(visit, Move.RESCHEDULE, by=dana.principal, at=AT, slot=read_slot(slot_id(dr_li, TWO)))
    back = do(moved, Move.ARRIVE, Move.UNDO, by=dana.principal, at=TEN)
    assert not is_possible(back, Move.UNDO, by=dana.principal, at=TEN)
    with pytest.raises(UndoOver):
        do(back, Move.UNDO, by=dana.principal, at=TEN)


@pytest.mark.parametrize(("hours", "undone"), [(23, True), (24, False)])
def test_that_somebody_did_not_come_is_undone_within_a_day_and_not_on_its_day_alone(visit, dana, hours, undone):
    missed = do(visit, Move.NO_SHOW, by=dana.principal, at=TEN + HOUR)
    at = TEN + HOUR + hours * HOUR
    assert is_possible(missed, Move.UNDO, by=dana.principal, at=at) is undone
    if undone:
        assert do(missed, Move.UNDO, by=dana.principal, at=at).status == Status.BOOKED
