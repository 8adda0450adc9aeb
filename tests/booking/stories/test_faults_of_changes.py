"""A change of what is booked that fails half-way leaves it as it was, wherever it fails."""

import pytest

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.status import Move
from tests.booking.test_faults import TEN, survives_every_fault
from tests.factories.booking import chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, TEN))


@pytest.mark.parametrize("start", [chicago(8, 10, 15), chicago(9, 14)])
def test_a_visit_is_moved_whole_or_not_at_all(visit, alice, dr_li, start):
    slot = slot_id(dr_li, start)
    survives_every_fault(
        lambda: appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot))
    )


def test_a_visit_is_called_off_whole_or_not_at_all(visit, alice):
    survives_every_fault(
        lambda: appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    )


def test_a_cancel_is_undone_whole_or_not_at_all(visit, alice):
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    survives_every_fault(lambda: appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT))
