"""A therapy is closed while people book, and times are proposed by several at once."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError

from booking import closures as of_closures
from booking.actions import appointments, closures, holds, links, moves, proposals, uncovered_visits
from booking.models import Appointment, CallTask, ClosureNotice, Hold, ProposalRequest
from booking.status import Move
from scheduler import public as scheduler
from scheduler.sheets import uncovered_claims
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.together import PATIENCE, Gate, at_once, beside, deadlocks, tally, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)
HOW = {"by": SYSTEM, "at": AT}
TEN = chicago(8, 10)


def close(site):
    return closures.close(
        site, therapy="acu_manual", first_on=date(2026, 10, 6), last_on=date(2026, 10, 11), name="Ventilation", **HOW
    )


@pytest.fixture
def visit(dr_li, alice):
    return make_visit(alice.record, slot_id(dr_li, TEN))


# -- two proposals at once --------------------------------------------------------------------------------------------


def propose(visit):
    """Propose a time, as staff do who press a button; what the database refuses is what they would see as a fault."""
    try:
        return proposals.propose(visit.public_id, **HOW)
    except IntegrityError as fault:
        return fault


def press_twice(visit):
    close(visit.site)
    links.issue(visit, at=AT)
    return at_once([lambda: propose(visit)] * 2)


def test_dana_and_kim_propose_a_time_for_the_same_visit_and_one_is_told_that_there_is_one(visit):
    assert tally(press_twice(visit)) == {"ClosureNotice": 1, "TimeHeldAlready": 1}
    assert Hold.objects.filter(state="open").count() == ClosureNotice.objects.count() == 1


def test_twin_without_the_lock_on_the_visit_one_of_them_meets_a_fault(visit, monkeypatch):
    looked, gate = holds.offered_for, Gate(2)

    def both_have_looked(*args, **how):
        found = looked(*args, **how)
        gate.wait()
        return found

    rows = Appointment.objects.select_related("patient", "practitioner", "site", "therapy")
    monkeypatch.setattr(proposals, "locked", lambda key: rows.get(public_id=key))
    monkeypatch.setattr(holds, "_lock_as_it_stands", lambda appointment: None)
    monkeypatch.setattr(holds, "offered_for", both_have_looked)
    # The database refuses the second, or, where that comes a moment later, two times are proposed: either is a fault.
    assert tally(press_twice(visit)) in ({"ClosureNotice": 1, "IntegrityError": 1}, {"ClosureNotice": 2})


def look_twice(visit):
    """Two workers look for one time: the first was so slow that the second took it up as well. Return how it ended."""
    close(visit.site)
    links.issue(visit, at=AT)
    proposals.request_all([visit], closure="a", **HOW)
    asked = ProposalRequest.objects.get()
    results = at_once([lambda: proposals._look_for(asked.pk, at=AT)] * 2)
    asked.refresh_from_db()
    return sum(results), asked.why


def test_for_whom_a_slow_worker_found_a_time_a_second_one_does_not_write_that_there_is_none(visit):
    assert look_twice(visit) == (1, "")


def test_twin_without_the_lock_on_what_was_asked_dana_reads_why_no_time_was_proposed(visit, monkeypatch):
    gate = Gate(2)

    def both_have_it(pk):
        found = ProposalRequest.objects.get(pk=pk)
        gate.wait()
        return found

    monkeypatch.setattr(proposals, "_locked_request", both_have_it)
    done, why = look_twice(visit)
    assert (done, why) == (2, "Another time is kept for this appointment already.")


def propose_to_both(visit, lakeside, dr_li, monkeypatch):
    """Two visits want the same first free time: both are proposed one once both have seen it."""
    other = make_visit(make_patient(lakeside, "Ben Brown"), slot_id(dr_li, chicago(8, 13)))
    close(lakeside)
    search, gate = proposals.first_times, Gate(2)

    def both_have_looked(*args, **how):
        found = search(*args, **how)
        gate.wait()
        return found

    monkeypatch.setattr(proposals, "first_times", both_have_looked)
    return at_once([lambda: propose(visit), lambda: propose(other)])


def test_of_two_who_are_proposed_the_same_free_time_one_gets_the_next(visit, lakeside, dr_li, monkeypatch):
    made = propose_to_both(visit, lakeside, dr_li, monkeypatch)
    assert tally(made) == {"ClosureNotice": 2}
    first, second = sorted(Hold.objects.filter(state="open").values_list("period", flat=True))
    assert (first.lower, first.lower.date()) == (chicago(12, 9), second.lower.date())
    assert first != second


def test_twin_who_looks_once_alone_proposes_nothing_to_the_other(visit, lakeside, dr_li, monkeypatch):
    monkeypatch.setattr(proposals, "TRIES", 1)
    assert tally(propose_to_both(visit, lakeside, dr_li, monkeypatch)) == {"ClosureNotice": 1, "SlotTaken": 1}


# -- a booking beside a closing ---------------------------------------------------------------------------------------


def in_the_list(site):
    """Return who stands in the closure's list, and who is to be called by the round that looks for them."""
    (closed,) = scheduler.closed_ahead_at(site.pk, at=AT)
    listed = {one.visit.pk for one in of_closures.closed_visits([closed], Appointment.objects.all(), at=AT)}
    uncovered_visits.review(at=AT)
    return listed, set(CallTask.objects.values_list("appointment_id", flat=True))


def book_beside_a_closing(alice, dr_li, lakeside):
    """Alice's booking has looked whether it is open, and is saved after the closing; the closing saw no visit."""
    ten = read_slot(slot_id(dr_li, TEN))
    book = lambda: appointments.book(patient=alice.record, slot=ten, **HOW)  # noqa: E731
    visit, closed = beside(lambda: close(lakeside), while_open=book)
    assert closed.count.inside == 0
    return visit


def test_a_booking_that_is_saved_after_a_closing_stands_in_its_list_and_alice_is_called(alice, dr_li, lakeside):
    visit = book_beside_a_closing(alice, dr_li, lakeside)
    assert in_the_list(lakeside) == ({visit.pk}, {visit.pk})


def test_twin_where_the_judge_of_cover_is_not_told_what_is_closed_nobody_hears_of_it(
    alice, dr_li, lakeside, monkeypatch
):
    book_beside_a_closing(alice, dr_li, lakeside)
    nothing = {"closed_sites": [], "closed_therapies": [], "closed_from": [], "closed_until": []}
    monkeypatch.setattr(uncovered_claims, "_closed", lambda known: nothing)
    assert in_the_list(lakeside) == (set(), set())


def test_a_booking_that_begins_once_the_closing_is_saved_is_refused(alice, dr_li, lakeside):
    ten = read_slot(slot_id(dr_li, TEN))
    close(lakeside)
    with pytest.raises(scheduler.ClosedThen):
        appointments.book(patient=alice.record, slot=ten, **HOW)


# -- the one order of locks -------------------------------------------------------------------------------------------


def let_go_beside_a_move(visit, dr_li, alice, monkeypatch):
    """Alice gives back a time that she looked at while Dana moves her: return how often two waited for each other."""
    held = holds.take(read_slot(slot_id(dr_li, chicago(8, 13))), by=alice.principal, moving=visit, at=AT)
    to = read_slot(slot_id(dr_li, chicago(8, 15)))
    has_hold, at_end, moved = threading.Event(), threading.Event(), threading.Event()
    locked, give_back, let_go, before = holds._locked, holds.give_back, moves.let_go, deadlocks()

    def locked_once_alone(*args, **how):
        # Whoever is sent back to try again does so once the other is done: they met once, and that is counted.
        if has_hold.is_set():
            assert moved.wait(PATIENCE)
        return locked(*args, **how)

    def with_the_hold_locked(*args, **how):
        has_hold.set()
        until_somebody_waits(or_else=at_end.is_set)
        give_back(*args, **how)

    def with_the_sheets_locked(*args, **how):
        at_end.set()
        let_go(*args, **how)

    def move():
        assert has_hold.wait(PATIENCE)
        try:
            return appointments.move(visit.public_id, Move.RESCHEDULE, slot=to, **HOW)
        finally:
            moved.set()

    monkeypatch.setattr(holds, "_locked", locked_once_alone)
    monkeypatch.setattr(holds, "give_back", with_the_hold_locked)
    monkeypatch.setattr(moves, "let_go", with_the_sheets_locked)
    results = at_once([lambda: holds.release(held.public_id, by=alice.principal, at=AT), move])
    assert tally(results) == {"NoneType": 1, "Appointment": 1}
    return deadlocks() - before


def test_a_move_waits_for_what_is_kept_before_it_locks_time(visit, dr_li, alice, monkeypatch):
    assert let_go_beside_a_move(visit, dr_li, alice, monkeypatch) == 0


def test_twin_a_move_that_locks_it_last_and_alice_wait_for_each_other(visit, dr_li, alice, monkeypatch):
    kept = lambda visit: list(Hold.objects.filter(moving=visit, state="open"))  # noqa: E731
    monkeypatch.setattr(moves, "lock_holds_for", kept)
    assert let_go_beside_a_move(visit, dr_li, alice, monkeypatch) == 1
