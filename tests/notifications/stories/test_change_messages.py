"""What Alice hears when her visit changes: the last state, from the one that she knows, and seldom."""

from datetime import timedelta

import pytest

from booking.status import Status
from notifications.actions import history
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, Ending, MessageKind
from tests.factories.visits import STARTS_AT, a_request, a_visit, as_it_was, cancel, move, undo
from tests.notifications.rounds import QUIET, SOON, begun, ended, picked_up, run, settled

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))


@pytest.fixture(scope="module")
def visit_once(what_visits_share, once_a_module):
    """A visit that Alice has the confirmation of."""
    with once_a_module():
        booked = a_visit()
        run()
        return booked.pk


@pytest.fixture
def visit(visit_once, mailoutbox):
    return as_it_was(visit_once)


def subjects(mailoutbox):
    return [mail.subject for mail in mailoutbox]


def moved_to(visit, hours, *, at):
    """Move a visit to so many hours after its first time; the worker that comes first relays it."""
    move(visit, starts_at=STARTS_AT + hours * HOUR, at=at)
    relay(at=at)


def test_two_quick_moves_are_told_as_one_from_the_time_alice_knows(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    moved_to(visit, 2, at=SOON + SECOND)
    run(QUIET + SECOND)
    assert subjects(mailoutbox) == ["Changed: your appointment is now on Tue, Dec 8 at 12:00 PM"]
    assert "Before: Tuesday, December 8, 2026, 10:00 AM" in mailoutbox[0].body


def test_a_move_is_told_from_the_last_one_that_was_told_and_not_from_the_first(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    run(QUIET)
    moved_to(visit, 2, at=QUIET)
    run(QUIET + 2 * MINUTE)
    assert "Before: Tuesday, December 8, 2026, 11:00 AM" in mailoutbox[1].body


def test_a_move_that_the_mail_server_refused_was_not_told(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    settled(begun(picked_up(QUIET), QUIET), Ending.REFUSED, 550, at=QUIET)
    moved_to(visit, 2, at=QUIET)
    run(QUIET + 2 * MINUTE)
    assert "Before: Tuesday, December 8, 2026, 10:00 AM" in mailoutbox[0].body


def test_a_visit_moved_and_cancelled_within_a_second_is_cancelled_at_the_time_alice_knows(visit, mailoutbox):
    move(visit, starts_at=STARTS_AT + HOUR, practitioner="Dr Wu", at=SOON)
    relay(at=SOON)
    cancel(visit, at=SOON + SECOND)
    run(QUIET + SECOND)
    assert subjects(mailoutbox) == ["Cancelled: your appointment on Tue, Dec 8 at 10:00 AM"]
    assert "Dr Wu" not in mailoutbox[0].body
    assert "11:00" not in mailoutbox[0].body
    for text in (mailoutbox[0].body, mailoutbox[0].alternatives[0].content):  # she may have moved it herself
        assert "If it was moved in the meantime, the new time is cancelled as well." in text


def test_a_visit_that_nobody_moved_is_cancelled_without_a_word_of_moves(visit, mailoutbox):
    cancel(visit, at=SOON)
    run(QUIET)
    assert subjects(mailoutbox) == ["Cancelled: your appointment on Tue, Dec 8 at 10:00 AM"]
    assert "moved" not in mailoutbox[0].body


def test_a_visit_that_is_back_where_alice_knows_it_is_not_worth_a_mail(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    moved_to(visit, 0, at=SOON + SECOND)
    run(QUIET + SECOND)
    assert mailoutbox == []
    assert ended(visit, MessageKind.MOVED, version=2) == (Delivery.DROPPED, DeliveryReason.UNCHANGED)


def test_a_cancellation_taken_back_within_two_minutes_is_not_worth_a_mail(visit, mailoutbox):
    cancel(visit, at=SOON)
    run(SOON + MINUTE)
    undo(visit, at=SOON + MINUTE)
    run(SOON + 4 * MINUTE)
    assert mailoutbox == []


def test_alice_whose_request_was_declined_hears_that_it_stands_again_and_not_that_it_is_booked(mailoutbox):
    request = a_request()
    cancel(request, at=SOON)
    run(QUIET)
    undo(request, at=QUIET, to=Status.PROPOSED)
    run(QUIET + 3 * MINUTE)
    assert "cancelled" in mailoutbox[0].body
    for text in (mailoutbox[1].body, mailoutbox[1].alternatives[0].content):
        assert "Your request stands again" in text
        assert "booked" not in text


def test_a_request_given_up_and_taken_back_within_two_minutes_is_not_worth_a_mail(mailoutbox):
    request = a_request()
    cancel(request, at=SOON)
    undo(request, at=SOON + SECOND, to=Status.PROPOSED)
    run(QUIET + MINUTE)
    assert mailoutbox == []


def test_a_request_that_was_moved_given_up_and_taken_back_is_told_from_where_it_was_asked_for(mailoutbox):
    request = a_request()
    moved_to(request, 1, at=SOON)
    cancel(request, at=SOON + SECOND)
    undo(request, at=SOON + 2 * SECOND, to=Status.PROPOSED)
    run(QUIET + MINUTE)
    assert (
        "Before: Tuesday, December 8, 2026, 10:00 AM (this time is no longer yours)\n"
        "Now: Tuesday, December 8, 2026, 11:00 AM" in mailoutbox[0].body
    )


def test_a_visit_moved_cancelled_and_taken_back_is_told_as_moved(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    cancel(visit, at=SOON + SECOND)
    undo(visit, at=SOON + 2 * SECOND)
    run(QUIET + MINUTE)
    assert subjects(mailoutbox) == ["Changed: your appointment is now on Tue, Dec 8 at 11:00 AM"]


def test_a_visit_taken_back_at_another_time_than_the_cancelled_one_says_so(visit, mailoutbox):
    cancel(visit, at=SOON)
    run(QUIET)
    undo(visit, at=QUIET)
    move(visit, starts_at=STARTS_AT + HOUR, practitioner="Dr Wu", at=QUIET + SECOND)
    run(QUIET + 3 * MINUTE)
    body = mailoutbox[1].body
    assert "Your appointment stands again." in body
    assert (
        "Before: Tuesday, December 8, 2026, 10:00 AM (this time is no longer yours)\n"
        "Now: Tuesday, December 8, 2026, 11:00 AM" in body
    )
    assert "You will now see Dr Wu." in body


def test_a_new_practitioner_at_the_same_time_is_told_without_an_old_time(visit, mailoutbox):
    move(visit, practitioner="Dr Wu", at=SOON)
    run(QUIET)
    assert "You will now see Dr Wu." in mailoutbox[0].body
    assert "Before:" not in mailoutbox[0].body


def test_a_visit_moved_before_its_confirmation_left_is_confirmed_as_it_is(mailoutbox):
    moved_to(a_visit(), 1, at=SOON)
    run(QUIET)
    assert subjects(mailoutbox) == ["Your appointment on Tue, Dec 8 at 11:00 AM"]
    assert "Your appointment is booked." in mailoutbox[0].body


def test_a_move_whose_mail_was_lost_on_the_way_is_told_again_when_it_comes_back(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    settled(begun(picked_up(QUIET), QUIET), Ending.UNKNOWN, at=QUIET)
    moved_to(visit, 2, at=QUIET)
    moved_to(visit, 1, at=QUIET + SECOND)
    run(QUIET + 3 * MINUTE)
    assert "Your appointment stands again." in mailoutbox[0].body


def test_while_one_worker_sends_news_of_a_visit_another_waits_with_the_next(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    slow = begun(picked_up(QUIET), QUIET)
    cancel(visit, at=QUIET, reason="practitioner")
    run(QUIET + SECOND)
    assert mailoutbox == []
    settled(slow, Ending.SENT, at=QUIET + 2 * SECOND)
    run(QUIET + MINUTE)
    assert subjects(mailoutbox) == ["Cancelled: your appointment on Tue, Dec 8 at 11:00 AM"]


def test_without_the_wait_the_newer_mail_could_arrive_before_the_older(visit, mailoutbox, monkeypatch):
    monkeypatch.setattr(history, "in_hand", lambda told: False)
    moved_to(visit, 1, at=SOON)
    begun(picked_up(QUIET), QUIET)
    cancel(visit, at=QUIET, reason="practitioner")
    run(QUIET + SECOND)
    assert len(mailoutbox) == 1


def test_the_clinics_own_cancellation_leaves_at_once(visit, mailoutbox):
    moved_to(visit, 1, at=SOON)
    cancel(visit, at=SOON, reason="closure")
    run(SOON)
    assert subjects(mailoutbox) == ["Cancelled: your appointment on Tue, Dec 8 at 10:00 AM"]


def test_a_visit_that_begins_within_two_minutes_is_cancelled_in_words_at_once(mailoutbox):
    visit = a_visit(starts_at=SOON + HOUR)
    run()
    cancel(visit, at=SOON + HOUR - MINUTE)
    run(SOON + HOUR - MINUTE)
    assert len(mailoutbox) == 2


def act_by_act(visit, acts, *, every):
    """Do one act after the other, each `every` so often, with a worker's round before each; return when it was over."""
    at = SOON
    for act in acts:
        act(visit, at)
        at += every
        run(at)
    return at


def cancels_and_takes_back(times):
    return [lambda v, at: cancel(v, at=at), lambda v, at: undo(v, at=at)] * times


def moves(times):
    return [lambda v, at, n=n: move(v, starts_at=STARTS_AT + n * HOUR, at=at) for n in range(1, times + 1)]


def test_fifteen_cancels_with_undo_and_ten_moves_in_an_hour_are_one_mail(visit, mailoutbox):
    at = act_by_act(visit, [*cancels_and_takes_back(15), *moves(10)], every=MINUTE)
    run(at + MINUTE)
    assert subjects(mailoutbox) == ["Changed: your appointment is now on Tue, Dec 8 at 8:00 PM"]


def test_however_slowly_somebody_plays_with_a_visit_a_mailbox_is_not_flooded_and_the_last_state_is_told(
    visit, mailoutbox
):
    at = act_by_act(visit, [*cancels_and_takes_back(5), *moves(10)], every=3 * MINUTE)
    assert len(mailoutbox) <= 5
    for hours in (1, 2, 3, 24):
        run(at + hours * HOUR)
    assert len(mailoutbox) <= 6
    assert subjects(mailoutbox)[-1].endswith("Tue, Dec 8 at 8:00 PM")
    assert not Message.objects.filter(kind=MessageKind.MOVED, status=Delivery.DUE).exists()


def test_the_clinics_own_cancellation_is_over_any_budget(visit, mailoutbox):
    at = act_by_act(visit, moves(6), every=3 * MINUTE)
    before = len(mailoutbox)
    cancel(visit, at=at, reason="practitioner")
    run(at)
    assert len(mailoutbox) == before + 1
