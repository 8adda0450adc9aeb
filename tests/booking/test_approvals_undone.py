"""Carol approved by mistake: it waits again, on the same day, and Alice is told once if she knew."""

from datetime import timedelta

import pytest

from booking.actions import appointments
from booking.actions.suitability import suitability_reviews
from booking.cancel_reasons import CancelReason
from booking.errors import MoveNotAllowed, StaffOnly, UndoOver
from booking.models import Appointment, Clearance
from booking.status import Move, Status
from core.roles import Role
from notifications.actions import dispatch
from notifications.actions.history import APPROVED_AGAIN
from notifications.models import Message
from tests.booking.test_booking_by_answers import NO, TEN, THINNER, book, said
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, make_staff
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    end_suitability()
    return adopt_suitability(site=lakeside)


@pytest.fixture
def carol(lakeside):
    return make_staff("carol", Role.CLINICIAN, site=lakeside).principal


@pytest.fixture
def visit(alice, dr_li):
    """What Alice asks for, who takes a blood thinner."""
    return book(alice, dr_li, answers=said(**{THINNER: "yes"}))


def now(visit):
    return Appointment.objects.select_related("site").get(pk=visit.pk)


def approve(visit, carol, *, at=AT + MINUTE):
    return suitability_reviews.approve(visit.public_id, seen=now(visit).version, by=carol, at=at)


def undo(visit, by, *, at):
    return suitability_reviews.take_back(visit.public_id, seen=now(visit).version, by=by, at=at)


def sent(mailoutbox, *, at):
    """Send what is due; return the headings of the mails that are new."""
    before = len(mailoutbox)
    dispatch.run(now=lambda: at)
    return [mail.body.splitlines()[2].partition(".")[0] for mail in mailoutbox[before:]]


def test_what_was_approved_waits_again_for_as_long_as_it_was_kept(visit, carol):
    kept = visit.kept_until
    assert approve(visit, carol).kept_until is None
    back = undo(visit, carol, at=AT + HOUR)
    assert (back.status, back.kept_until, back.suitability) == (Status.PROPOSED, kept, "clinician_review")
    assert approve(visit, carol, at=AT + 2 * HOUR).status == Status.BOOKED


def test_undone_twice_it_is_undone_once(visit, carol):
    approve(visit, carol)
    undo(visit, carol, at=AT + HOUR)
    with pytest.raises(MoveNotAllowed):
        undo(visit, carol, at=AT + HOUR)
    assert visit.changes.filter(move=Move.UNDO).count() == 1


def test_the_next_day_and_once_the_time_would_be_kept_no_more_it_stands(visit, carol):
    approve(visit, carol)
    with pytest.raises(UndoOver):
        undo(visit, carol, at=AT + DAY)
    late = visit.kept_until - timedelta(minutes=5)
    undo(visit, carol, at=AT + HOUR)
    approve(visit, carol, at=late)
    with pytest.raises(UndoOver):
        undo(visit, carol, at=visit.kept_until)
    assert now(visit).status == Status.BOOKED


def test_who_decides_about_no_answers_undoes_no_approval(visit, carol, lakeside):
    approve(visit, carol)
    dana = make_staff("dana", Role.SCHEDULER, site=lakeside).principal
    with pytest.raises(StaffOnly):
        undo(visit, dana, at=AT + HOUR)
    assert now(visit).status == Status.BOOKED


def test_what_nobody_approved_is_not_undone(alice, dr_li):
    booked = book(alice, dr_li, answers=NO)
    with pytest.raises(MoveNotAllowed):
        appointments.move(booked.public_id, Move.UNDO, by=SYSTEM, at=AT + MINUTE)


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_a_second_press_on_another_undo_undoes_no_approval(visit, alice, carol, who):
    by = {"alice": alice.principal, "carol": carol}[who]
    approve(visit, carol)
    appointments.move(visit.public_id, Move.CANCEL, reason=CancelReason.PATIENT, by=alice.principal, at=AT + HOUR)
    appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + HOUR)
    with pytest.raises(MoveNotAllowed):
        appointments.move(visit.public_id, Move.UNDO, by=by, at=AT + HOUR)
    assert now(visit).status == Status.BOOKED


def test_what_was_cleared_with_it_is_cleared_no_more(visit, alice, dr_li, carol):
    facts = {"seen": visit.version, "ends_on": None, "all_therapies": False, "by": carol}
    suitability_reviews.approve_and_clear(visit.public_id, **facts, at=AT + MINUTE)
    undo(visit, carol, at=AT + HOUR)
    assert Clearance.objects.get().withdrawn_at == AT + HOUR
    again = book(alice, dr_li, TEN + DAY, at=AT + 2 * HOUR, answers=said(**{THINNER: "yes"}))
    assert again.status == Status.PROPOSED


def test_who_was_told_that_it_is_booked_is_told_once_that_it_is_looked_at_again(visit, carol, mailoutbox):
    approve(visit, carol)
    assert sent(mailoutbox, at=AT + 2 * MINUTE)[-1] == "Your appointment is booked"
    undo(visit, carol, at=AT + HOUR)
    assert sent(mailoutbox, at=AT + 2 * HOUR) == ["We look at your request once more"]
    assert "It is not booked yet, and we keep the time for you meanwhile." in mailoutbox[-1].body
    assert sent(mailoutbox, at=AT + 3 * HOUR) == []
    approve(visit, carol, at=AT + 4 * HOUR)
    assert sent(mailoutbox, at=AT + 5 * HOUR) == ["Your appointment is booked"]
    assert sent(mailoutbox, at=AT + 6 * HOUR) == []


def test_who_has_not_heard_yet_that_it_is_booked_hears_nothing_of_either(visit, carol, mailoutbox):
    sent(mailoutbox, at=AT)  # that her request has come
    approve(visit, carol)
    undo(visit, carol, at=AT + 2 * MINUTE)
    assert sent(mailoutbox, at=AT + HOUR) == []


def approved_undone_and_approved(visit, carol, mailoutbox):
    approve(visit, carol)
    sent(mailoutbox, at=AT + MINUTE)
    undo(visit, carol, at=AT + 2 * MINUTE)
    approve(visit, carol, at=AT + 2 * MINUTE)
    return sent(mailoutbox, at=AT + HOUR)


def test_who_never_heard_that_it_was_undone_is_not_told_twice_that_it_is_booked(visit, carol, mailoutbox):
    assert approved_undone_and_approved(visit, carol, mailoutbox) == []


def test_twin_if_approved_again_were_news_whatever_was_heard_it_would_be_told_twice(
    visit, carol, mailoutbox, monkeypatch
):
    monkeypatch.setattr("notifications.actions.history._knows", lambda *_: False)
    assert approved_undone_and_approved(visit, carol, mailoutbox) == ["Your appointment is booked"]
    assert Message.objects.filter(**{f"facts__{APPROVED_AGAIN}": True}).exists()
