"""A time with a practitioner who has left meanwhile is gone like any other: others are named."""

import pytest

from booking.actions import appointments, guest_flow, holds, links
from booking.actions.move_effects import EarlierTimeGone
from booking.errors import HoldExpired
from booking.status import Move
from scheduler.actions.catalogue_edits import change
from scheduler.actions.practitioners import change_practitioner
from scheduler.public import SlotTaken
from tests.factories.booking import MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT, lay_out, make_practitioner

TEN = chicago(8, 10)
HOW = {"by": SYSTEM, "at": AT}


@pytest.fixture
def dr_wu(dr_li, lakeside):
    """Who leaves; Dr Li stays."""
    practitioner = make_practitioner(lakeside, name="Dr Wu")
    lay_out()
    return practitioner


def leaves(practitioner):
    change(practitioner, active=False, **HOW)


def names_others(refused):
    return [slot.practitioner.name for slot in refused.value.facts["alternatives"]] == ["Dr Li"] * 3


def test_alice_who_keeps_a_time_hears_that_it_is_gone_and_which_are_free(alice, dr_wu):
    kept = holds.take(read_slot(slot_id(dr_wu, TEN)), by=alice.principal, at=AT)
    leaves(dr_wu)
    with pytest.raises(SlotTaken) as refused:
        appointments.book(hold_id=kept.public_id, patient=alice.record, by=alice.principal, at=AT)
    assert names_others(refused)


def test_so_does_whoever_chose_somebody_who_works_elsewhere_now(alice, dr_wu, riverside):
    kept = holds.take(read_slot(slot_id(dr_wu, TEN)), by=alice.principal, at=AT)
    dr_wu.working_hours.all().delete()
    dr_wu.offerings.all().delete()
    change_practitioner(dr_wu, sites=[riverside], **HOW)
    with pytest.raises(SlotTaken) as refused:
        appointments.book(hold_id=kept.public_id, patient=alice.record, by=alice.principal, at=AT)
    assert names_others(refused)


def test_so_does_whoever_sends_the_time_late(dr_wu):
    kept = holds.choose(read_slot(slot_id(dr_wu, TEN)), by=visitor(), at=AT)
    leaves(dr_wu)
    with pytest.raises(HoldExpired) as refused:
        holds.extend(kept.public_id, by=visitor(), at=AT + 15 * MINUTE)
    assert names_others(refused)


def test_so_does_whoever_moves_there_by_a_link(alice, dr_li, dr_wu):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    token, there = links.issue(visit, at=AT), slot_id(dr_wu, chicago(9, 10))
    leaves(dr_wu)
    with pytest.raises(SlotTaken) as refused:
        guest_flow.move(token, there, at=AT)
    assert names_others(refused)


def test_so_does_dana_who_takes_a_move_back(alice, dr_li, dr_wu):
    visit = make_visit(alice.record, slot_id(dr_wu, TEN))
    appointments.move(visit.public_id, Move.RESCHEDULE, slot=read_slot(slot_id(dr_li, chicago(9, 10))), **HOW)
    leaves(dr_wu)
    with pytest.raises(EarlierTimeGone) as refused:
        appointments.move(visit.public_id, Move.UNDO, **HOW)
    assert names_others(refused)
