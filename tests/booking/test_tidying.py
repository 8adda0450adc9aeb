"""Cleaning changes nothing that anybody could see; it only makes tables small."""

from datetime import date

from booking.actions import appointments, guest_flow, holds, tidying
from booking.cancel_reasons import CancelReason
from booking.models import Hold
from booking.models.holds import HoldState
from booking.status import Move, Status
from booking.tasks import tidy
from scheduler import public as scheduler
from scheduler.models import Claim
from tests.factories.booking import DAY, MINUTE, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.tables import changed, dump, overlaps, sheet_drift

TEN = chicago(8, 10)


def standing():
    return Claim.objects.filter(retired_at=None)


def test_lapsed_holds_are_given_back_and_others_stay(alice, ben, dr_li):
    holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    kept = holds.take(read_slot(slot_id(dr_li, chicago(9, 10))), by=ben.principal, at=AT + 10 * MINUTE)
    assert tidying.tidy(at=AT + 15 * MINUTE) == 1
    assert Hold.objects.get(state=HoldState.OPEN) == kept
    assert {c.allocation for c in standing()} == {kept.allocation}
    assert sheet_drift() == []


def test_a_proposal_that_nobody_approved_in_time_expires(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    assert tidying.tidy(at=AT + DAY) == 0
    assert tidying.tidy(at=AT + 2 * DAY) == 1
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == (Status.CANCELLED, CancelReason.EXPIRED)
    assert visit.changes.latest("pk").by == "system:tidy"
    assert not standing().exists()


def test_what_a_request_kept_that_ran_out_on_the_way_to_another_visit_is_cleared(alice, dr_li, riverside):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    instead = make_visit(alice.record, slot_id(dr_wu, chicago(9, 10), site="riverside"), at=AT + 2 * DAY)
    assert {c.allocation for c in standing()} > {instead.allocation}
    tidying.tidy(at=AT + 2 * DAY)
    assert {c.allocation for c in standing()} == {instead.allocation}
    assert tidying.tidy(at=AT + 2 * DAY) == 0
    assert sheet_drift() == []


def test_the_time_of_a_called_off_visit_is_cleared_after_its_undo(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    gone = appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    assert tidying.tidy(at=AT + 9 * MINUTE) == 0
    assert tidying.tidy(at=AT + 10 * MINUTE) == 1
    assert not standing().exists()
    before = gone.updated_at
    gone.refresh_from_db()
    assert (gone.undo_until, gone.updated_at, gone.version) == (None, before, 1)


def test_tidying_twice_is_tidying_once(alice, dr_li):
    holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    tidying.tidy(at=AT + DAY)
    before = dump()
    assert tidying.tidy(at=AT + DAY) == 0
    assert changed(before, dump()) == []


def test_an_untidy_clinic_shows_the_same_free_times(alice, dr_li):
    slot = slot_id(dr_li, TEN)
    holds.take(read_slot(slot), by=alice.principal, at=AT)
    later = AT + 15 * MINUTE
    untidy = scheduler.explain(read_slot(slot), at=later)
    tidying.tidy(at=later)
    assert untidy == scheduler.explain(read_slot(slot), at=later)


def test_a_tidied_hold_is_as_good_as_an_untidied_one_for_whoever_books_late(lakeside, dr_li):
    who = visitor()
    hold = holds.choose(read_slot(slot_id(dr_li, TEN)), by=who, at=AT)
    later = AT + 20 * MINUTE
    tidying.tidy(at=later)
    guest = guest_flow.Guest(name="Alice Adams", email="alice@example.test", birth_date=date(1961, 3, 27))
    booked = [guest_flow.book(hold.public_id, by=who, at=later, patient=None, guest=guest) for _ in range(2)]
    assert booked[0] == booked[1]
    assert overlaps(at=later) == sheet_drift() == []


def test_the_worker_reads_the_clock_and_tidies(alice, dr_li, time_machine):
    holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    time_machine.move_to(AT + DAY)
    tidy()
    assert Hold.objects.get().state == HoldState.LAPSED
