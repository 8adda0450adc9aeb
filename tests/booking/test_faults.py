"""An act that fails half-way leaves nothing behind, wherever it fails."""

import pytest
from django.db import DatabaseError, connection, transaction

from booking.actions import appointments, holds
from tests.factories.booking import chicago, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.tables import changed, dump

TEN = chicago(8, 10)


class FailsAt:
    """Lets statements pass, and fails the one with this number."""

    def __init__(self, number: int) -> None:
        self.number, self.count = number, 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        if self.count == self.number:
            raise DatabaseError(f"statement {self.number} failed on purpose")
        return execute(sql, params, many, context)


def statements(act) -> int:
    """Return how many statements an act takes once caches are warm, without keeping what it did."""
    counters = FailsAt(0), FailsAt(0)
    for counter in counters:
        with transaction.atomic(), connection.execute_wrapper(counter):
            act()
            transaction.set_rollback(True)
    return counters[1].count


def survives_every_fault(act) -> None:
    total, before = statements(act), dump()
    assert total > 5
    for number in range(1, total + 1):
        with pytest.raises(DatabaseError, match="on purpose"), connection.execute_wrapper(FailsAt(number)):
            act()
        assert changed(before, dump()) == [], f"statement {number} of {total}"
    act()
    assert changed(before, dump()) != []


def test_a_hold_is_taken_whole_or_not_at_all(alice, dr_li):
    survives_every_fault(lambda: holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT))


def test_a_booking_is_made_whole_or_not_at_all(alice, dr_li):
    slot = slot_id(dr_li, TEN)
    survives_every_fault(
        lambda: appointments.book(slot=read_slot(slot), patient=alice.record, by=alice.principal, at=AT)
    )


def test_a_hold_is_booked_whole_or_not_at_all(alice, dr_li):
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    survives_every_fault(
        lambda: appointments.book(hold_id=hold.public_id, patient=alice.record, by=alice.principal, at=AT)
    )


def test_without_a_transaction_a_fault_would_leave_half_a_booking(alice, dr_li):
    """The twin: with the unit taken off, claims stand without an appointment."""
    slot = read_slot(slot_id(dr_li, TEN))

    def book():
        appointments.book.__wrapped__(patient=alice.record, by=alice.principal, at=AT, slot=slot)

    before = dump()
    last = statements(book)
    with pytest.raises(DatabaseError, match="on purpose"), connection.execute_wrapper(FailsAt(last)):
        book()
    transaction.set_rollback(False)  # the database itself saw no error
    assert "scheduler_claim" in changed(before, dump())
