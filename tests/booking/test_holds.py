"""A time is kept for whoever decides, for fifteen minutes, and comes back by itself."""

from dataclasses import replace
from uuid import uuid4

import pytest

from booking import policies
from booking.actions import appointments, holds
from booking.cancel_reasons import CancelReason
from booking.errors import (
    HoldExpired,
    HoldNotExtendable,
    HoldUsed,
    InThePast,
    ManyFromNetwork,
    MoveNotAllowed,
    NotBookableOnline,
    NoticeTooShort,
    OverlapsOwnVisit,
    TooManyHolds,
)  # fmt: skip
from booking.models import Appointment, Hold, UnusualBooking
from booking.models.holds import HoldState
from booking.status import Move
from core.refusals import Invalid, Missing
from scheduler import public as scheduler
from scheduler.models import Therapy
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, make_patient, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT
from tests.tables import changed, dump, live_claims, overlaps, sheet_drift

TEN = chicago(8, 10)


def free(slot, *, at):
    return scheduler.explain(read_slot(slot), at=at).free


def test_a_held_time_is_nobody_else_s_for_fifteen_minutes(alice, mallory, dr_li):
    slot = slot_id(dr_li, TEN)
    hold = holds.take(read_slot(slot), by=alice.principal, at=AT)
    assert hold.expires_at == AT + 15 * MINUTE
    with pytest.raises(scheduler.SlotTaken) as refused:
        holds.take(read_slot(slot), by=mallory.principal, at=AT + 14 * MINUTE)
    assert len(refused.value.facts["alternatives"]) == 3


def test_a_hold_that_has_lapsed_is_free_again_with_every_worker_dead(alice, mallory, dr_li):
    slot = slot_id(dr_li, TEN)
    holds.take(read_slot(slot), by=alice.principal, at=AT)
    assert not free(slot, at=AT + 15 * MINUTE - MINUTE)
    assert free(slot, at=AT + 15 * MINUTE)
    holds.take(read_slot(slot), by=mallory.principal, at=AT + 15 * MINUTE)
    assert overlaps(at=AT + 15 * MINUTE) == sheet_drift() == []


def test_a_hold_can_be_kept_for_longer_three_times(alice, dr_li):
    slot, at = slot_id(dr_li, TEN), AT
    hold = holds.take(read_slot(slot), by=alice.principal, at=at)
    for _ in range(3):
        at += 14 * MINUTE
        hold = holds.extend(hold.public_id, by=alice.principal, at=at)
        assert hold.expires_at == at + 15 * MINUTE
        assert not free(slot, at=at + 14 * MINUTE)
    with pytest.raises(HoldNotExtendable):
        holds.extend(hold.public_id, by=alice.principal, at=at)


def test_a_lapsed_hold_can_be_neither_kept_for_longer_nor_booked(alice, dr_li):
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    late = AT + 15 * MINUTE
    with pytest.raises(HoldExpired):
        holds.extend(hold.public_id, by=alice.principal, at=late)
    before = dump()
    with pytest.raises(HoldExpired) as refused:
        appointments.book(hold_id=hold.public_id, patient=alice.record, by=alice.principal, at=late)
    assert refused.value.facts["slot"] == hold.slot
    assert hold.slot in {slot.id for slot in refused.value.facts["alternatives"]}
    assert changed(before, dump()) == []


def test_a_hold_given_back_is_free_at_once_and_giving_back_twice_is_harmless(alice, dr_li):
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    for _ in range(2):
        holds.release(hold.public_id, by=alice.principal, at=AT + MINUTE)
    assert free(hold.slot, at=AT + MINUTE)
    with pytest.raises(HoldExpired):
        holds.extend(hold.public_id, by=alice.principal, at=AT + MINUTE)


def test_nobody_touches_a_stranger_s_hold_or_learns_that_it_is_there(alice, mallory, dr_li):
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    for act in (holds.extend, holds.release):
        for name in (hold.public_id, uuid4()):
            with pytest.raises(Missing):
                act(name, by=mallory.principal, at=AT)
    with pytest.raises(Missing):
        appointments.book(hold_id=hold.public_id, patient=mallory.record, by=mallory.principal, at=AT)


def test_a_person_keeps_three_times_and_not_four(alice, dr_li):
    taken = [holds.take(read_slot(slot_id(dr_li, chicago(8, hour))), by=alice.principal, at=AT) for hour in (9, 11, 13)]
    with pytest.raises(TooManyHolds) as refused:
        holds.take(read_slot(slot_id(dr_li, chicago(8, 15))), by=alice.principal, at=AT)
    assert refused.value.facts == {"limit": 3}
    holds.release(taken[0].public_id, by=alice.principal, at=AT)
    holds.take(read_slot(slot_id(dr_li, chicago(8, 15))), by=alice.principal, at=AT)


def test_holds_that_have_lapsed_do_not_count(alice, dr_li):
    for hour in (9, 11, 13):
        holds.take(read_slot(slot_id(dr_li, chicago(8, hour))), by=alice.principal, at=AT)
    holds.take(read_slot(slot_id(dr_li, chicago(8, 15))), by=alice.principal, at=AT + 15 * MINUTE)


def test_naming_one_s_record_or_not_makes_no_second_quota(alice, dr_li):
    for hour in (9, 11, 13):
        holds.take(read_slot(slot_id(dr_li, chicago(8, hour))), by=alice.principal, at=AT, patient=alice.record)
    with pytest.raises(TooManyHolds):
        holds.take(read_slot(slot_id(dr_li, chicago(8, 15))), by=alice.principal, at=AT)


def test_a_scheduler_keeps_three_times_for_each_of_many_patients(alice, ben, dana, dr_li):
    for hour in (9, 11, 13):
        holds.take(read_slot(slot_id(dr_li, chicago(8, hour))), by=dana.principal, at=AT, patient=alice.record)
        holds.take(read_slot(slot_id(dr_li, chicago(9, hour))), by=dana.principal, at=AT, patient=ben.record)
    with pytest.raises(TooManyHolds):
        holds.take(read_slot(slot_id(dr_li, chicago(8, 15))), by=dana.principal, at=AT, patient=alice.record)


def test_two_browsers_are_two_visitors(dr_li):
    for hour in (9, 11, 13):
        holds.take(read_slot(slot_id(dr_li, chicago(8, hour))), by=visitor("one"), at=AT)
    holds.take(read_slot(slot_id(dr_li, chicago(8, 15))), by=visitor("two"), at=AT)
    with pytest.raises(TooManyHolds):
        holds.take(read_slot(slot_id(dr_li, chicago(9, 9))), by=visitor("one"), at=AT)


def test_a_time_too_soon_is_kept_by_staff_with_a_reason_and_by_nobody_else(alice, dana, dr_li):
    soon = slot_id(dr_li, chicago(5, 10))
    with pytest.raises(NoticeTooShort) as refused:
        holds.take(read_slot(soon), by=alice.principal, at=AT, override_reason="please")
    assert refused.value.facts == {"rules": ["notice-too-short"], "overridable": False}
    with pytest.raises(NoticeTooShort) as refused:
        holds.take(read_slot(soon), by=dana.principal, at=AT, patient=alice.record)
    assert refused.value.facts["overridable"] is True
    hold = holds.take(read_slot(soon), by=dana.principal, at=AT, patient=alice.record, override_reason="Dr Li agreed")
    visit = appointments.book(hold_id=hold.public_id, patient=alice.record, by=dana.principal, at=AT + 5 * MINUTE)
    assert visit.override_reason == "Dr Li agreed"
    assert visit.changes.get().facts["overrode"] == ["notice-too-short"]


def test_what_was_held_in_time_is_booked_although_the_notice_has_run_out(alice, dr_li):
    start = chicago(8, 10)
    at = start - 4 * HOUR
    hold = holds.take(read_slot(slot_id(dr_li, start)), by=alice.principal, at=at)
    appointments.book(hold_id=hold.public_id, patient=alice.record, by=alice.principal, at=at + 10 * MINUTE)


def test_what_was_held_in_time_is_not_booked_once_it_has_begun(alice, dana, dr_li):
    hold = holds.take(
        read_slot(slot_id(dr_li, TEN)),
        by=dana.principal,
        at=TEN - 5 * MINUTE,
        patient=alice.record,
        override_reason="She is here",
    )
    late = {"hold_id": hold.public_id, "patient": alice.record, "by": dana.principal, "at": TEN + MINUTE}
    with pytest.raises(InThePast):
        appointments.book(**late)
    appointments.book(**late | {"at": TEN})


@pytest.fixture
def cafe(monkeypatch):
    """Let a network keep two times as long as usual, and one more for a shorter while."""
    policy, few = policies.booking_policy, {"open_holds_per_network": 2, "short_holds_per_network": 1}
    monkeypatch.setattr(policies, "booking_policy", lambda site, **asked: replace(policy(site, **asked), **few))


def keep(dr_li, number, *, browser=None, at=AT, network="cafe", **more):
    slot = slot_id(dr_li, chicago(8 + number // 4, 9 + number % 4 * 2))
    return holds.choose(read_slot(slot), by=visitor(browser or str(number)), at=at, address=network, **more)


def test_alice_keeps_a_time_for_five_minutes_where_mallory_keeps_as_many_as_a_network_may(dr_li, cafe):
    for number in range(2):
        keep(dr_li, number, browser="mallory")
    with pytest.raises(ManyFromNetwork):
        keep(dr_li, 2, browser="mallory")
    hers = keep(dr_li, 2, browser="alice")
    assert hers.expires_at == AT + 5 * MINUTE
    instead = keep(dr_li, 3, browser="alice", at=AT + MINUTE, instead_of=hers.public_id)
    assert instead.expires_at == AT + 6 * MINUTE
    longer = holds.extend(instead.public_id, by=visitor("alice"), at=AT + 4 * MINUTE)
    assert longer.expires_at == AT + 9 * MINUTE
    row = UnusualBooking.objects.get()
    assert (row.whose, row.slowed, row.refused) == ("network", 2, 1)
    holds.choose(read_slot(slot_id(dr_li, chicago(12, 9))), by=visitor("ben"), at=AT, address="home")


def test_a_network_keeps_as_many_times_as_its_policy_says_and_hears_that_it_is_not_the_visitor(dr_li, cafe):
    for number in range(3):
        keep(dr_li, number)
    with pytest.raises(ManyFromNetwork) as refused:
        keep(dr_li, 3, at=AT + MINUTE)
    assert refused.value.facts == {"retry_after": 4 * 60}
    assert "nothing that you did" in str(refused.value.detail)
    assert "You are keeping" not in f"{refused.value.title} {refused.value.detail}"
    assert keep(dr_li, 3, network="home").expires_at == AT + 15 * MINUTE
    assert keep(dr_li, 4, at=AT + 15 * MINUTE).expires_at == AT + 30 * MINUTE


def test_asking_for_more_time_never_shortens_it(dr_li, cafe):
    mine = keep(dr_li, 0)
    for number in (1, 2):
        keep(dr_li, number)
    assert holds.extend(mine.public_id, by=visitor("0"), at=AT + MINUTE).expires_at == AT + 15 * MINUTE


def test_choosing_again_takes_the_place_of_the_time_kept_and_refused_it_stands(alice, mallory, dr_li):
    kept = holds.choose(read_slot(slot_id(dr_li, TEN)), by=visitor(), at=AT)
    theirs = holds.take(read_slot(slot_id(dr_li, chicago(9, 10))), by=mallory.principal, at=AT)
    before = dump()
    with pytest.raises(scheduler.SlotTaken):
        holds.choose(read_slot(theirs.slot), by=visitor(), at=AT, instead_of=kept.public_id)
    assert changed(before, dump()) == []
    later = holds.choose(read_slot(slot_id(dr_li, chicago(8, 10, 15))), by=visitor(), at=AT, instead_of=kept.public_id)
    assert set(Hold.objects.values_list("allocation", "state")) >= {(kept.allocation, "released")}
    assert {whose for *_, whose in live_claims(at=AT)} == {theirs.allocation, later.allocation}
    assert overlaps(at=AT) == sheet_drift() == []


def test_choosing_on_the_pages_leaves_the_holds_alone_that_staff_made_elsewhere(alice, dana, dr_li):
    mine = holds.take(read_slot(slot_id(dr_li, TEN)), by=dana.principal, at=AT, patient=alice.record)
    chosen = holds.choose(read_slot(slot_id(dr_li, chicago(8, 13))), by=dana.principal, at=AT)
    holds.choose(read_slot(slot_id(dr_li, chicago(8, 15))), by=dana.principal, at=AT, instead_of=chosen.public_id)
    holds.choose(read_slot(slot_id(dr_li, chicago(9, 15))), by=dana.principal, at=AT, instead_of=mine.public_id)
    mine.refresh_from_db()
    assert mine.state == "open"
    assert not free(mine.slot, at=AT)


def test_a_therapy_that_needs_a_call_is_not_kept_online(alice, dana, dr_li):
    Therapy.objects.filter(key="acu_manual").update(self_bookable=False)
    with pytest.raises(NotBookableOnline):
        holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    holds.take(read_slot(slot_id(dr_li, TEN)), by=dana.principal, at=AT, patient=alice.record)


def test_a_hold_becomes_one_appointment_and_not_two(alice, dr_li):
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    visit = appointments.book(hold_id=hold.public_id, patient=alice.record, by=alice.principal, at=AT + MINUTE)
    assert visit.allocation == hold.allocation
    for again in (
        lambda: appointments.book(hold_id=hold.public_id, patient=alice.record, by=alice.principal, at=AT + MINUTE),
        lambda: holds.release(hold.public_id, by=alice.principal, at=AT + MINUTE),
        lambda: holds.extend(hold.public_id, by=alice.principal, at=AT + MINUTE),
    ):
        with pytest.raises(HoldUsed):
            again()
    assert Appointment.objects.count() == 1
    assert live_claims(at=AT + DAY)


def test_a_hold_for_one_patient_is_not_booked_for_another(alice, ben, dana, dr_li):
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=dana.principal, at=AT, patient=alice.record)
    with pytest.raises(Invalid):
        appointments.book(hold_id=hold.public_id, patient=ben.record, by=dana.principal, at=AT)


def test_a_visit_is_moved_onto_a_time_held_for_it(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    hold = holds.take(read_slot(slot_id(dr_li, chicago(9, 11))), by=alice.principal, at=AT, moving=visit)
    assert hold.patient == alice.record
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, hold_id=hold.public_id)
    assert (moved.period.lower, moved.allocation) == (chicago(9, 11), hold.allocation)
    assert free(slot_id(dr_li, TEN), at=AT)
    assert overlaps(at=AT) == sheet_drift() == []


def test_a_time_that_overlaps_the_visit_itself_is_moved_to_without_a_hold(alice, mallory, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    with pytest.raises(OverlapsOwnVisit) as refused:
        holds.take(read_slot(slot_id(dr_li, chicago(8, 10, 15))), by=alice.principal, at=AT, moving=visit)
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(refused.value.facts["slot"])
    )
    assert moved.period.lower == chicago(8, 10, 15)


def test_whoever_kept_another_time_for_a_move_and_then_overlaps_the_visit_gives_the_other_back(alice, dr_li):
    visit, later = make_visit(alice.record, slot_id(dr_li, TEN)), slot_id(dr_li, chicago(9, 11))
    holds.choose_for(visit, read_slot(later), by=alice.principal, at=AT)
    assert holds.choose_for(visit, read_slot(slot_id(dr_li, chicago(8, 10, 15))), by=alice.principal, at=AT) is None
    assert free(later, at=AT)
    assert Hold.objects.get().state == HoldState.RELEASED
    assert overlaps(at=AT) == sheet_drift() == []


def test_a_hold_for_moving_books_nothing_else(alice, ben, dana, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    other = make_visit(ben.record, slot_id(dr_li, chicago(8, 13)))
    hold = holds.take(read_slot(slot_id(dr_li, chicago(9, 11))), by=dana.principal, at=AT, moving=visit)
    with pytest.raises(Invalid):
        appointments.book(hold_id=hold.public_id, patient=alice.record, by=dana.principal, at=AT)
    with pytest.raises(Invalid):
        appointments.move(other.public_id, Move.RESCHEDULE, by=dana.principal, at=AT, hold_id=hold.public_id)


def test_nothing_is_held_for_a_visit_that_cannot_move(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, TEN))
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    visit.refresh_from_db()
    with pytest.raises(MoveNotAllowed):
        holds.take(read_slot(slot_id(dr_li, chicago(9, 11))), by=alice.principal, at=AT, moving=visit)


def test_a_refused_hold_leaves_nothing_behind(alice, dr_li, lakeside):
    make_visit(make_patient(lakeside, "Other"), slot_id(dr_li, TEN))
    before = dump()
    with pytest.raises(scheduler.SlotTaken):
        holds.take(read_slot(slot_id(dr_li, TEN)), by=alice.principal, at=AT)
    with pytest.raises(scheduler.UnknownSlot):
        holds.take(read_slot("nonsense"), by=alice.principal, at=AT)
    assert changed(before, dump()) == []
    assert not Hold.objects.exists()
