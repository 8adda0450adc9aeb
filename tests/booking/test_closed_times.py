"""What is closed is refused on every door: held or asked for before, approved, taken back, moved there."""

from datetime import date

import pytest

from booking.actions import appointments, holds
from booking.cancel_reasons import CancelReason
from booking.status import Move, Status
from scheduler.actions import calendars
from scheduler.models import Claim, Therapy
from scheduler.public import ClosedThen, SlotTaken
from scheduler.search.availability import Availability
from tests.factories.booking import HOUR, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, make_claim

pytestmark = pytest.mark.django_db
INSIDE, AFTER = chicago(13, 10), chicago(21, 10)
LATER = INSIDE + HOUR


def not_given(site):
    """Close acupuncture at the site for a week, as Dana does."""
    days = {"first_on": date(2026, 10, 12), "last_on": date(2026, 10, 18)}
    therapy = Therapy.objects.get(key="acu_manual")
    calendars.add_closure(site, therapy=therapy, **days, name="Ventilation", by=SYSTEM, at=AT)


def refused(act, *args, **how) -> ClosedThen:
    with pytest.raises(ClosedThen) as said:
        act(*args, **how)
    assert "October 19, 2026" in str(said.value.detail)
    assert len(said.value.facts["alternatives"]) == 3
    return said.value


def test_alice_who_holds_a_time_that_is_closed_meanwhile_is_told_so_and_offered_others(alice, dr_li, lakeside):
    held = holds.take(read_slot(slot_id(dr_li, INSIDE)), by=alice.principal, patient=alice.record, at=AT)
    not_given(lakeside)
    refused(appointments.book, patient=alice.record, by=alice.principal, at=AT, hold_id=held.public_id)


def test_a_visit_is_not_moved_to_a_closed_time_held_or_not(alice, dr_li, lakeside, dana):
    visit, to = make_visit(alice.record, slot_id(dr_li, AFTER)), read_slot(slot_id(dr_li, INSIDE))
    held = holds.take(to, by=alice.principal, moving=visit, at=AT)
    not_given(lakeside)
    move = {"what": Move.RESCHEDULE, "at": AT}
    refused(appointments.move, visit.public_id, by=alice.principal, hold_id=held.public_id, **move)
    for person in (alice, dana):
        refused(appointments.move, visit.public_id, by=person.principal, slot=to, **move)
    visit.refresh_from_db()
    assert visit.period.lower == AFTER


def test_a_request_for_a_closed_time_is_not_approved_and_stays_a_request(alice, dr_li, lakeside, dana):
    asked = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.PROPOSED)
    not_given(lakeside)
    refused(appointments.move, asked.public_id, Move.APPROVE, by=dana.principal, at=AT)
    asked.refresh_from_db()
    assert asked.status == Status.PROPOSED


def test_a_cancel_is_not_taken_back_into_a_closed_time(alice, dr_li, lakeside):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.CANCELLED)
    not_given(lakeside)
    said = refused(appointments.move, visit.public_id, Move.UNDO, by=alice.principal, at=AT)
    assert "It stays cancelled: book another time." in str(said.detail)


@pytest.mark.parametrize("therapy", ["acu_manual", None])
def test_a_cancel_by_staff_is_not_half_taken_back_and_dana_reads_what_to_do(alice, dr_li, dana, therapy):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE))
    appointments.move(visit.public_id, Move.CANCEL, by=dana.principal, at=AT, reason=CancelReason.PATIENT)
    closed_today(visit.site, therapy)
    before = (set(claimed(visit)), visit.changes.count())
    with pytest.raises(ClosedThen, match="It stays cancelled: book another time"):
        appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT)
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
    assert (set(claimed(visit)), visit.changes.count()) == before


def test_dana_books_nothing_there_either_whatever_her_reason(alice, dr_li, lakeside, dana):
    not_given(lakeside)
    inside = {"slot": read_slot(slot_id(dr_li, INSIDE)), "override_reason": "She is here"}
    refused(appointments.book, patient=alice.record, by=dana.principal, at=AT, **inside)


def test_what_stands_inside_stays_until_somebody_moves_it(alice, dr_li, lakeside, dana):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE))
    not_given(lakeside)
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    after = read_slot(slot_id(dr_li, AFTER))
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=dana.principal, at=AT, slot=after)
    assert moved.period.lower == AFTER


CORRECTIONS = [(Move.ARRIVE, Status.ARRIVED), (Move.UNDO, Status.BOOKED)]


def closed_today(site, therapy) -> None:
    """Close a therapy, or all of the site, on the day of the visit that was missed an hour ago."""
    given = Therapy.objects.get(key=therapy) if therapy else None
    day = {"first_on": INSIDE.date(), "last_on": INSIDE.date()}
    calendars.add_closure(site, therapy=given, **day, name="Water pipe", by=SYSTEM, at=LATER)


@pytest.mark.parametrize("therapy", ["acu_manual", None])
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_who_was_written_down_as_missed_is_corrected_whatever_was_closed_since(alice, dr_li, therapy, correction):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.NOSHOW)
    missed, place = set(claimed(visit, retired=True)), visit.place_id
    closed_today(visit.site, therapy)
    what, reached = correction
    corrected = appointments.move(visit.public_id, what, by=SYSTEM, at=LATER)
    assert corrected.status == reached
    assert (set(claimed(corrected)), corrected.place_id) == (missed, place)


def away_today(visit) -> None:
    """Enter on the day of the visit that was missed an hour ago that whoever treats is away."""
    calendars.add_absence(
        visit.practitioner, starts_at=INSIDE - HOUR, ends_at=INSIDE + HOUR, reason="illness", by=SYSTEM, at=LATER
    )


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_who_was_written_down_as_missed_is_corrected_although_whoever_treats_is_away(alice, dr_li, correction):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.NOSHOW)
    missed, place = set(claimed(visit, retired=True)), visit.place_id
    away_today(visit)
    what, reached = correction
    corrected = appointments.move(visit.public_id, what, by=SYSTEM, at=LATER)
    assert corrected.status == reached
    assert (set(claimed(corrected)), corrected.place_id) == (missed, place)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_nobody_is_corrected_into_a_time_that_ben_got_before_whoever_treats_was_away(alice, ben, dr_li, correction):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.NOSHOW)
    make_visit(ben.record, slot_id(dr_li, INSIDE))
    away_today(visit)
    with pytest.raises(SlotTaken):
        appointments.move(visit.public_id, correction[0], by=SYSTEM, at=LATER)


@pytest.mark.parametrize("therapy", ["acu_manual", None])
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_nobody_is_corrected_into_a_time_that_ben_got_before_it_was_closed(alice, ben, dr_li, therapy, correction):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.NOSHOW)
    bens = make_visit(ben.record, slot_id(dr_li, INSIDE))
    closed_today(visit.site, therapy)
    with pytest.raises(SlotTaken) as said:
        appointments.move(visit.public_id, correction[0], by=SYSTEM, at=LATER)
    assert not isinstance(said.value, ClosedThen)
    visit.refresh_from_db()
    assert (visit.status, len(claimed(visit)), bool(claimed(bens))) == (Status.NOSHOW, 0, True)


@pytest.mark.parametrize("therapy", ["acu_manual", None])
def test_alice_who_came_is_noted_in_another_place_where_only_hers_was_given_away_before_it_was_closed(
    alice, dr_li, therapy
):
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.NOSHOW)
    hers = Claim.objects.get(allocation=visit.allocation, resource__kind="place").resource
    make_claim(hers, INSIDE, 30)
    closed_today(visit.site, therapy)
    corrected = appointments.move(visit.public_id, Move.ARRIVE, by=SYSTEM, at=LATER)
    assert corrected.status == Status.ARRIVED
    assert corrected.place_id not in {None, visit.place_id}
    assert len(claimed(corrected)) == len(claimed(visit, retired=True))


def test_twin_where_what_is_shut_counts_as_taken_alice_who_came_is_noted_nowhere(alice, dr_li, monkeypatch):
    monkeypatch.setattr(Availability, "count_as_open", lambda _self: None)
    visit = make_visit(alice.record, slot_id(dr_li, INSIDE), Status.NOSHOW)
    closed_today(visit.site, None)
    with pytest.raises(SlotTaken):
        appointments.move(visit.public_id, Move.ARRIVE, by=SYSTEM, at=LATER)


def claimed(visit, *, retired: bool = False) -> list[tuple[int, object]]:
    """Return the resources and periods that a visit has, or had."""
    rows = Claim.objects.filter(allocation=visit.allocation, retired_at__isnull=not retired)
    return list(rows.values_list("resource_id", "period"))
