"""A program asks for a referral: who lacks one books ahead, and the time is kept until two days before."""

from datetime import date

import pytest

from booking.actions import appointments, holds, moves, tidying
from booking.actions.patients import enrolments, referral_terms, referrals
from booking.audiences import as_patient, audience_of_visit
from booking.cancel_reasons import CancelReason
from booking.errors import ReferralUsedUp
from booking.models import CallReason, CallTask
from booking.status import Move, Status
from core.refusals import Invalid
from notifications.actions import dispatch
from scheduler.models import Claim, Program
from scheduler.public import CANCER_PROGRAM, ReferralNeeded, SearchQuery, explain, search
from tests.factories.booking import (
    DAY,
    HOUR,
    MINUTE,
    SYSTEM,
    chicago,
    make_patient,
    make_visit,
    read_slot,
    slot_id,
    visitor,
)
from tests.factories.families import confirmed
from tests.factories.scheduler import AT

pytestmark = pytest.mark.usefixtures("asking")
SOON, LATE = chicago(6, 10), chicago(13, 10)
"""Inside two days of that Monday morning, and far enough for a referral to come."""

UNTIL = date(2026, 12, 1)


@pytest.fixture
def asking(catalogue):
    """Let the program ask for a referral."""
    Program.objects.filter(key=CANCER_PROGRAM).update(referral_required=True)


def book(alice, dr_li, start, *, at=AT):
    slot = read_slot(slot_id(dr_li, start))
    return appointments.book(patient=alice.record, by=alice.principal, at=at, slot=slot)


def refer(alice, dana, *, visits=3, until=UNTIL, at=AT):
    site, by = alice.record.site, dana.principal
    facts = {"program": CANCER_PROGRAM, "site": site, "referred_by": "Dr. Moore", "visits_allowed": visits}
    return referrals.enter(alice.record, **facts, expires_on=until, by=by, at=at)


def test_what_alice_books_without_a_referral_is_kept_until_two_days_before(alice, dr_li):
    visit = book(alice, dr_li, LATE)
    assert (visit.status, visit.kept_until, visit.awaits_referral) == (Status.PENDING, LATE - 2 * DAY, CANCER_PROGRAM)
    assert set(Claim.objects.filter(allocation=visit.allocation).values_list("expires_at", flat=True)) == {
        visit.kept_until
    }


def test_nobody_books_inside_two_days_without_a_referral_and_hears_what_can_be_had(alice, dr_li):
    with pytest.raises(ReferralNeeded) as refused:
        book(alice, dr_li, SOON)
    assert "more than two days away" in str(refused.value)
    near = refused.value.facts["alternatives"]
    assert near
    assert all(slot.start > AT + 2 * DAY for slot in near)
    with pytest.raises(ReferralNeeded):
        holds.take(read_slot(slot_id(dr_li, SOON)), by=alice.principal, at=AT, patient=alice.record)


@pytest.mark.parametrize("referred", [False, True])
def test_search_and_explanation_begin_where_booking_does(alice, dana, dr_li, referred):
    if referred:
        refer(alice, dana)
    audience = as_patient(alice.record, at=AT)
    asked = SearchQuery(
        therapy="acu_manual", visit="first", starts_at=AT, ends_at=AT + 5 * DAY, limit=None, audience=audience
    )
    first = search(asked, at=AT)[0].start
    assert (first > AT + 2 * DAY) is not referred
    told = explain(read_slot(slot_id(dr_li, SOON)), at=AT, audience=audience)
    assert [reason.code for reason in told.reasons] == ([] if referred else ["referral-needed"])


def test_whoever_takes_part_in_nothing_that_asks_books_as_ever(dr_li, lakeside, alice, dana):
    ben = make_patient(lakeside, "Ben Adams")
    assert make_visit(ben, slot_id(dr_li, SOON)).status == Status.BOOKED
    hers = confirmed(alice.record).relative
    assert make_visit(hers, slot_id(dr_li, SOON + 5 * HOUR)).status == Status.BOOKED, "a relative needs none"
    slot = read_slot(slot_id(dr_li, SOON + 3 * HOUR))
    by_staff = appointments.book(patient=alice.record, by=dana.principal, at=AT, slot=slot)
    assert by_staff.status == Status.BOOKED


def test_a_referral_books_what_waits_for_it_the_soonest_first_as_far_as_it_goes(alice, dana, dr_li):
    later, sooner = book(alice, dr_li, chicago(20, 10)), book(alice, dr_li, LATE)
    row = refer(alice, dana, visits=1)
    for visit in (later, sooner):
        visit.refresh_from_db()
    assert (sooner.status, sooner.referral, sooner.awaits_referral) == (Status.BOOKED, row, "")
    assert later.status == Status.PENDING
    assert not Claim.objects.filter(allocation=sooner.allocation).exclude(expires_at=None).exists()
    assert row.used == 1


def test_a_referral_counts_down_and_a_cancelled_visit_gives_its_place_back(alice, dana, dr_li):
    row = refer(alice, dana, visits=1)
    first = book(alice, dr_li, LATE)
    assert (first.status, first.referral) == (Status.BOOKED, row)
    assert book(alice, dr_li, chicago(15, 10)).status == Status.PENDING
    moves.move(first.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    assert book(alice, dr_li, chicago(20, 10)).status == Status.BOOKED


def test_a_referral_is_of_no_use_from_the_day_on_which_it_expires_nor_once_it_is_withdrawn(alice, dana, dr_li):
    row = refer(alice, dana, until=LATE.date())
    assert book(alice, dr_li, LATE).status == Status.PENDING
    assert book(alice, dr_li, LATE - 4 * DAY).status == Status.BOOKED
    referrals.revoke(row, by=dana.principal, at=AT)
    with pytest.raises(ReferralNeeded):
        book(alice, dr_li, SOON)


def test_what_no_referral_came_for_is_free_at_once_two_days_before_with_every_worker_dead(alice, dr_li):
    visit, gone = book(alice, dr_li, LATE), LATE - 2 * DAY
    slot = read_slot(visit.slot)
    assert not explain(slot, at=gone - MINUTE).free
    assert explain(slot, at=gone).free
    assert holds.take(slot, by=visitor(), at=gone)
    tidying.tidy(at=gone)
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == (Status.CANCELLED, CancelReason.EXPIRED)


def test_twin_kept_for_good_it_is_never_free(alice, dr_li, monkeypatch):
    monkeypatch.setattr("booking.rules.referral_wait_ends", lambda start, **_: start)
    slot = read_slot(book(alice, dr_li, LATE).slot)
    assert not explain(slot, at=LATE - 2 * DAY).free


def test_staff_are_to_call_from_five_days_before_once_and_no_more_once_it_is_here(alice, dana, dr_li):
    visit = book(alice, dr_li, LATE)
    tidying.tidy(at=LATE - 5 * DAY - MINUTE)
    assert not CallTask.objects.exists()
    for _again in range(2):
        tidying.tidy(at=LATE - 5 * DAY)
    assert CallTask.objects.get().reason == CallReason.REFERRAL
    refer(alice, dana, at=LATE - 4 * DAY)
    assert CallTask.objects.get().done_at
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_a_visit_that_waits_moves_only_to_where_a_referral_can_still_come(alice, dr_li):
    visit = book(alice, dr_li, LATE)
    audience = audience_of_visit(visit, at=AT)
    assert not explain(read_slot(slot_id(dr_li, SOON)), at=AT, audience=audience, moving=visit.allocation).free
    with pytest.raises(ReferralNeeded):
        moves.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, SOON)))
    later = chicago(16, 11)
    moved = moves.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, later))
    )
    assert (moved.status, moved.kept_until) == (Status.PENDING, later - 2 * DAY)


def test_what_is_looked_at_first_waits_for_the_referral_once_it_is_approved(alice, dana, dr_li):
    slot = read_slot(slot_id(dr_li, LATE))
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, until=LATE - DAY)
    assert visit.status == Status.PROPOSED
    approved = moves.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    assert (approved.status, approved.kept_until) == (Status.PENDING, LATE - 2 * DAY)


def test_whoever_says_that_the_papers_are_there_books_it_without_a_referral(alice, dana, dr_li):
    visit = book(alice, dr_li, LATE)
    done = moves.move(visit.public_id, Move.COMPLETE, by=dana.principal, at=AT)
    assert (done.status, done.awaits_referral) == (Status.BOOKED, "")


def test_of_two_programs_one_that_asks_for_none_lets_book_at_once(alice, dana, dr_li):
    Program.objects.create(key="pediatrics", name={"en": "Pediatrics"})
    enrolments.enrol(alice.record, program="pediatrics", site=alice.record.site, by=dana.principal, at=AT)
    assert book(alice, dr_li, SOON).status == Status.BOOKED


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"program": "astrology"}, "/program"),
        ({"referred_by": " "}, "/referred_by"),
        ({"visits_allowed": 0}, "/visits_allowed"),
        ({"visits_allowed": 101}, "/visits_allowed"),
        ({"expires_on": AT.date()}, "/expires_on"),
        ({"expires_on": date(8000, 1, 1)}, "/expires_on"),
    ],
)
def test_a_referral_that_cannot_be_is_refused(alice, dana, given, pointer):
    facts = {"program": CANCER_PROGRAM, "referred_by": "Dr. Moore", "visits_allowed": 3, "expires_on": UNTIL} | given
    with pytest.raises(Invalid) as refused:
        referrals.enter(alice.record, site=alice.record.site, by=dana.principal, at=AT, **facts)
    assert refused.value.facts["errors"][0]["pointer"] == pointer


def test_a_time_held_while_there_was_time_is_kept_an_hour_at_least(alice, dr_li):
    at = AT + 2 * HOUR
    slot = read_slot(slot_id(dr_li, at + 2 * DAY + 5 * MINUTE))
    hold = holds.take(slot, by=alice.principal, at=at, patient=alice.record)
    visit = appointments.book(patient=alice.record, by=alice.principal, at=at + 6 * MINUTE, hold_id=hold.public_id)
    assert visit.kept_until == at + 6 * MINUTE + HOUR


def test_alice_is_told_what_to_bring_and_reminded_five_days_before_unless_it_is_here(alice, dana, dr_li, mailoutbox):
    book(alice, dr_li, LATE)
    dispatch.run(now=lambda: AT + MINUTE)
    (told,) = mailoutbox
    assert told.subject == "Please bring your referral"
    assert "a paper on which your doctor asks us to treat you" in told.body
    assert "acupuncture" not in told.body.lower()
    dispatch.run(now=lambda: LATE - 5 * DAY + MINUTE)
    assert [mail.subject for mail in mailoutbox] == ["Please bring your referral"] * 2
    refer(alice, dana, at=LATE - 4 * DAY)
    dispatch.run(now=lambda: LATE - 4 * DAY + MINUTE)
    assert "Your appointment is booked." in mailoutbox[-1].body


def test_once_the_referral_is_here_nobody_is_reminded_of_it(alice, dana, dr_li, mailoutbox):
    book(alice, dr_li, LATE)
    refer(alice, dana, at=AT + HOUR)
    dispatch.run(now=lambda: AT + 2 * HOUR)
    dispatch.run(now=lambda: LATE - 5 * DAY + MINUTE)
    assert "Please bring your referral" not in [mail.subject for mail in mailoutbox]


@pytest.fixture
def used_up(alice, dana, dr_li):
    """Return what was cancelled, and what was booked since by the same referral, which is for one."""
    refer(alice, dana, visits=1)
    first = book(alice, dr_li, LATE)
    moves.move(first.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    return first, book(alice, dr_li, chicago(15, 10))


def back(visit, by):
    return moves.move(visit.public_id, Move.UNDO, by=by.principal, at=AT + MINUTE)


def test_no_cancel_is_undone_whose_referral_another_appointment_uses_by_then(used_up, alice, dana):
    first, second = used_up
    for by in (alice, dana):
        with pytest.raises(ReferralUsedUp) as refused:
            back(first, by)
    assert "let us have another referral" in str(refused.value)
    moves.move(second.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    assert back(first, alice).referral.used == 1


def test_a_cancel_is_undone_by_another_referral_that_came_meanwhile(used_up, alice, dana):
    first, second = used_up
    other = refer(alice, dana, visits=1)
    assert back(first, alice).referral == other
    assert second.referral.used == other.used == 1


def test_twin_without_that_rule_a_referral_is_used_once_too_often(used_up, alice, monkeypatch):
    first, _second = used_up
    monkeypatch.setattr(referral_terms, "use_again", lambda visit, *, at: None)
    assert back(first, alice).referral.used == 2
