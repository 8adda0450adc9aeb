"""A therapy takes longer from today on: visits and kept times that were there before keep what they have claimed."""

from functools import partial

import pytest
from django.db import transaction
from django.db.models import F

from booking.actions import appointments, holds
from booking.status import BEFORE, MOVES, OCCUPYING, Move, Status
from scheduler.actions import claims
from scheduler.models import Claim, Segment
from tests.booking.test_life_cycle import ALLOWED, START, approved, moment
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.tables import overlaps, sheet_drift


def lengthen(by=10):
    """Let every step of every therapy take so many minutes more."""
    Segment.objects.update(minutes=F("minutes") + by)


def claimed(visit):
    """Return what a visit claims: kinds of resources and their times."""
    rows = Claim.objects.filter(allocation=visit.allocation, retired_at=None)
    return sorted(rows.values_list("resource__kind", "period"), key=str)


def state_alone():
    """Return, by state, the moves from it that keep or take back the visit's own time."""
    kept = [(before, what) for before, what in ALLOWED if what not in {Move.RESCHEDULE, Move.RESIZE}]
    kept = [(before, what) for before, what in kept if MOVES[before, what] in OCCUPYING | {Status.FULFILLED, BEFORE}]
    return {status: [what for before, what in kept if before is status] for status in Status}


@pytest.mark.parametrize(("before", "moves"), [(s, m) for s, m in state_alone().items() if m])
def test_a_visit_keeps_its_claims_when_only_its_state_changes_though_its_therapy_takes_longer_now(
    alice, dr_li, before, moves
):
    whole = claimed(make_visit(alice.record, slot_id(dr_li, START + 6 * DAY)))
    whole = [(kind, period.lower - 6 * DAY, period.upper - 6 * DAY) for kind, period in whole]
    made = partial(make_visit, alice.record, slot_id(dr_li, START))
    visit = approved(made) if before is Status.BOOKED else made(before)  # of what stands, that alone is undone
    lengthen()
    for what in moves:
        with transaction.atomic():
            details = {Move.AWAIT: {"until": START - 2 * DAY}}.get(what, {})
            moved = appointments.move(visit.public_id, what, by=SYSTEM, at=moment(before, what), **details)
            assert [(kind, period.lower, period.upper) for kind, period in claimed(moved)] == whole, what
            assert moved.period == visit.period
            assert overlaps(at=moment(before, what)) == sheet_drift() == []
            transaction.set_rollback(True)


def test_alice_who_comes_late_gets_her_time_back_though_a_longer_one_would_meet_ben_s(alice, ben, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, START), Status.NOSHOW)
    make_visit(ben.record, slot_id(dr_li, visit.period.upper))
    lengthen(60)
    moved = appointments.move(visit.public_id, Move.ARRIVE, by=SYSTEM, at=START + 40 * MINUTE)
    assert moved.status == Status.ARRIVED
    assert overlaps(at=START + 40 * MINUTE) == sheet_drift() == []


def test_twin_without_what_was_claimed_before_the_longer_therapy_moves_the_claims(alice, dr_li, monkeypatch):
    visit = make_visit(alice.record, slot_id(dr_li, START), Status.NOSHOW)
    before = sorted(Claim.objects.values_list("resource__kind", "period"), key=str)
    lengthen()
    monkeypatch.setattr(claims, "as_claimed", lambda plan, _earlier, *, start: plan)
    moved = appointments.move(visit.public_id, Move.ARRIVE, by=SYSTEM, at=START + 40 * MINUTE)
    assert claimed(moved) != before


def test_a_time_that_alice_keeps_while_the_therapy_becomes_longer_is_booked_as_long_as_it_was_kept(alice, dr_li):
    kept = holds.take(read_slot(slot_id(dr_li, START)), by=alice.principal, at=AT, patient=alice.record)
    lengthen()
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, hold_id=kept.public_id)
    visit.refresh_from_db()
    assert visit.period == kept.period


def test_a_visit_moves_to_a_kept_time_as_long_as_that_was_kept(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, START))
    kept = holds.take(read_slot(slot_id(dr_li, chicago(9, 14))), by=alice.principal, at=AT, moving=visit)
    lengthen()
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT + HOUR / 12, hold_id=kept.public_id
    )
    moved.refresh_from_db()
    assert moved.period == kept.period
