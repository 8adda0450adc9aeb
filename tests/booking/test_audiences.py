"""Hours of the cancer program: Alice, who is in it, holds and books them; nobody else does, but staff with a reason."""

import pytest

from booking.actions import appointments, holds
from booking.audiences import memberships_of
from booking.families.errors import NoFamilyTime
from booking.models import Appointment
from booking.status import Move
from scheduler.actions import calendars
from scheduler.audience import CANCER_PROGRAM, STAFF_ALONE
from scheduler.models import Program
from scheduler.public import NotOpenYet
from tests.factories.booking import SYSTEM, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.families import confirmed, invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db
TEN, WEDNESDAY = chicago(8, 10), chicago(7, 10)
REASON = "Her mother is in the program, Dr Li agreed"


def give_hours(dr_li, audience, *weekdays):
    """Let the hours of these weekdays be for one audience alone."""
    for hours in dr_li.working_hours.filter(weekday__in=weekdays):
        calendars.change_hours(hours, audience=audience, by=SYSTEM, at=AT)


@pytest.fixture
def thursday(dr_li):
    """Ten o'clock of a Thursday, whose hours are the program's."""
    give_hours(dr_li, CANCER_PROGRAM, 4)
    return read_slot(slot_id(dr_li, TEN))


def test_alice_of_the_program_holds_its_time_and_books_it(thursday, alice):
    hold = holds.take(thursday, by=alice.principal, patient=alice.record, at=AT)
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, hold_id=hold.public_id)
    assert (visit.status, visit.override_reason) == ("booked", "")


def test_alice_is_known_as_herself_although_she_does_not_say_for_whom(thursday, alice):
    assert holds.take(thursday, by=alice.principal, at=AT).only_for == CANCER_PROGRAM


@pytest.mark.parametrize("whoever", ["mallory", "somebody unknown"])
def test_anybody_else_is_refused_and_offered_times_that_they_can_have(thursday, dr_li, mallory, whoever):
    by, record = (mallory.principal, mallory.record) if whoever == "mallory" else (visitor(), None)
    with pytest.raises(NotOpenYet) as refusal:
        holds.take(thursday, by=by, patient=record, at=AT)
    offered = refusal.value.facts["alternatives"]
    assert len(offered) == 3
    assert holds.take(offered[0], by=by, patient=record, at=AT)


def test_mallory_who_books_straight_away_is_refused_as_well(thursday, mallory):
    with pytest.raises(NotOpenYet):
        appointments.book(slot=thursday, patient=mallory.record, by=mallory.principal, at=AT)
    assert not Appointment.objects.exists()


def test_mallory_cannot_move_a_visit_there_and_alice_can(thursday, dr_li, alice, mallory):
    hers = make_visit(mallory.record, slot_id(dr_li, WEDNESDAY))
    with pytest.raises(NotOpenYet):
        appointments.move(hers.public_id, Move.RESCHEDULE, by=mallory.principal, at=AT, slot=thursday)
    of_alice = make_visit(alice.record, slot_id(dr_li, chicago(7, 14)))
    moved = appointments.move(of_alice.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=thursday)
    assert moved.period.lower == TEN


def test_dana_books_it_for_alice_without_a_reason(thursday, alice, dana):
    visit = appointments.book(slot=thursday, patient=alice.record, by=dana.principal, at=AT)
    assert visit.override_reason == ""


def test_dana_needs_a_reason_to_give_it_to_a_stranger_and_the_record_keeps_it(thursday, mallory, dana):
    with pytest.raises(NotOpenYet):
        appointments.book(slot=thursday, patient=mallory.record, by=dana.principal, at=AT)
    visit = appointments.book(slot=thursday, patient=mallory.record, by=dana.principal, at=AT, override_reason=REASON)
    assert visit.override_reason == REASON
    assert visit.changes.get().facts["overrode"] == ["not-open-yet"]


def test_what_dana_holds_for_nobody_named_yet_is_no_stranger_s_either(thursday, alice, mallory, dana):
    hold = holds.take(thursday, by=dana.principal, at=AT)
    with pytest.raises(NotOpenYet) as refusal:
        appointments.book(hold_id=hold.public_id, patient=mallory.record, by=dana.principal, at=AT)
    assert refusal.value.facts["overridable"]
    assert appointments.book(hold_id=hold.public_id, patient=alice.record, by=dana.principal, at=AT)


def test_what_staff_alone_book_is_booked_by_staff_for_anybody(dr_li, alice, mallory, dana):
    give_hours(dr_li, STAFF_ALONE, 4)
    slot = read_slot(slot_id(dr_li, TEN))
    with pytest.raises(NotOpenYet):
        appointments.book(slot=slot, patient=alice.record, by=alice.principal, at=AT)
    visit = appointments.book(slot=slot, patient=mallory.record, by=dana.principal, at=AT)
    assert visit.override_reason == ""


def test_what_mallory_held_before_the_hours_were_the_program_s_stays_hers(dr_li, mallory):
    slot = read_slot(slot_id(dr_li, TEN))
    hold = holds.take(slot, by=mallory.principal, patient=mallory.record, at=AT)
    give_hours(dr_li, CANCER_PROGRAM, 4)
    visit = appointments.book(hold_id=hold.public_id, patient=mallory.record, by=mallory.principal, at=AT)
    assert visit.status == "booked"


@pytest.mark.parametrize(("narrowed", "programs", "families"), [
    ({}, True, True), ({"active": False}, False, False), ({"families": False}, True, False),
])  # fmt: skip
def test_a_program_out_of_use_is_nobody_s_and_one_without_families_not_that_of_a_relative(
    narrowed, programs, families, thursday, alice
):
    ben = confirmed(alice.record).relative
    Program.objects.filter(key=CANCER_PROGRAM).update(**narrowed)
    assert bool(memberships_of(alice.record, at=AT).programs) is programs
    assert bool(memberships_of(ben, at=AT).families) is families
    if not programs:
        with pytest.raises(NotOpenYet):
            holds.take(thursday, by=alice.principal, patient=alice.record, at=AT)


def test_nobody_is_invited_for_the_time_of_a_program_that_takes_no_families(alice):
    Program.objects.filter(key=CANCER_PROGRAM).update(families=False)
    with pytest.raises(NoFamilyTime):
        invited(alice.record)
