"""What happens on the day, and what staff can take back."""

import pytest

from booking.actions import appointments
from booking.errors import NotYet, RequestLapsed, UndoOver
from booking.status import Move, Status
from core.refusals import Invalid
from scheduler import public as scheduler
from scheduler.models import Claim
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id, visit_of_both
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was
from tests.tables import changed, dump, live_claims, overlaps, sheet_drift

TEN = chicago(8, 10)


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    with once_a_module():
        return visit_of_both(made_once, TEN).pk


@pytest.fixture
def visit(visit_once, alice, dr_li):
    return as_it_was(visit_once)


def test_nobody_is_marked_as_not_come_before_twenty_minutes(visit, dana):
    with pytest.raises(NotYet):
        appointments.move(visit.public_id, Move.NO_SHOW, by=dana.principal, at=TEN + 19 * MINUTE)
    appointments.move(visit.public_id, Move.NO_SHOW, by=dana.principal, at=TEN + 20 * MINUTE)
    assert live_claims(at=TEN + 20 * MINUTE) == []


@pytest.mark.parametrize("what", [Move.UNDO, Move.ARRIVE])
def test_who_comes_late_after_all_gets_the_time_if_it_is_still_there(visit, dana, what):
    appointments.move(visit.public_id, Move.NO_SHOW, by=dana.principal, at=TEN + 20 * MINUTE)
    late = appointments.move(visit.public_id, what, by=dana.principal, at=TEN + 25 * MINUTE)
    assert {allocation for *_, allocation in live_claims(at=TEN + 25 * MINUTE)} == {late.allocation}
    assert overlaps(at=TEN + 25 * MINUTE) == sheet_drift() == []


@pytest.mark.parametrize("what", [Move.UNDO, Move.ARRIVE])
def test_who_comes_late_finds_the_time_taken_by_another(visit, dana, mallory, dr_li, what):
    appointments.move(visit.public_id, Move.NO_SHOW, by=dana.principal, at=TEN + 20 * MINUTE)
    appointments.book(
        slot=read_slot(slot_id(dr_li, TEN + 30 * MINUTE)), patient=mallory.record, by=dana.principal,
        at=TEN + 25 * MINUTE, override_reason="She waits here",
    )  # fmt: skip
    before = dump()
    with pytest.raises(scheduler.SlotTaken):
        appointments.move(visit.public_id, what, by=dana.principal, at=TEN + 26 * MINUTE)
    assert changed(before, dump()) == []


def test_a_mark_is_undone_on_the_same_day_and_not_the_day_after(visit, dana):
    appointments.move(visit.public_id, Move.ARRIVE, by=dana.principal, at=TEN)
    with pytest.raises(UndoOver):
        appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=TEN + DAY)
    assert appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=TEN + HOUR).status == Status.BOOKED


def test_a_visit_that_waits_for_a_document_says_until_when(visit, dana):
    for until in (None, AT):
        with pytest.raises(Invalid):
            appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=until)
    pending = appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=AT + DAY)
    assert pending.kept_until == AT + DAY
    done = appointments.move(visit.public_id, Move.COMPLETE, by=dana.principal, at=AT + HOUR)
    assert (done.status, done.kept_until) == (Status.BOOKED, None)
    assert live_claims(at=AT + 2 * DAY)


def test_a_request_that_has_run_out_moves_onto_no_time_that_nobody_keeps(alice, dana, dr_li):
    proposed = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    other, late = slot_id(dr_li, TEN + DAY), proposed.kept_until
    before = dump()
    for person in (alice, dana):
        with pytest.raises(RequestLapsed):
            appointments.move(proposed.public_id, Move.RESCHEDULE, by=person.principal, at=late, slot=read_slot(other))
    assert changed(before, dump()) == []
    appointments.move(proposed.public_id, Move.RESCHEDULE, by=dana.principal, at=late - MINUTE, slot=read_slot(other))


def test_nobody_waits_for_a_document_until_after_the_visit_has_begun(alice, dana, dr_li):
    slot = slot_id(dr_li, TEN)
    visit = make_visit(alice.record, slot)
    with pytest.raises(Invalid) as refused:
        appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=TEN + MINUTE)
    said = refused.value.facts["errors"][0]
    assert said["pointer"] == "/until"
    assert "no later than the start" in str(said["detail"])  # for its start itself is taken
    assert appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=TEN).kept_until == TEN
    later = slot_id(dr_li, TEN + DAY)
    with pytest.raises(Invalid):
        appointments.book(patient=alice.record, by=SYSTEM, at=AT, until=TEN + 2 * DAY, slot=read_slot(later))


def test_who_moves_to_an_earlier_time_is_awaited_until_then_at_most(alice, dana, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=TEN - HOUR)
    earlier = slot_id(dr_li, TEN - DAY)
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=dana.principal, at=AT, slot=read_slot(earlier))
    assert moved.kept_until == TEN - DAY
    claims = Claim.objects.filter(allocation=moved.allocation, retired_at=None)
    assert set(claims.values_list("expires_at", flat=True)) == {TEN - DAY}
