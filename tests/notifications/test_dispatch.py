"""From due to sent: what goes out, what does not, and what is noted of it."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest

from core.database.transactions import unit
from notifications.actions import claims, deliver, dispatch
from notifications.actions.deliver import Start
from notifications.actions.history import TOLD_OTHERWISE
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.outgoing import DeliveryResult
from notifications.status import Delivery, DeliveryOutcome, DeliveryReason, Ending, MessageKind
from tests.factories.visits import STARTS_AT, a_visit, cancel, move, undo, visits
from tests.notifications.rounds import DAY_BEFORE, QUIET, SOON, begun, ended, of, picked_up, run, to

pytestmark = pytest.mark.django_db


def test_a_booked_visit_is_confirmed_by_mail(mailoutbox):
    visit = a_visit()
    run()
    assert [mail.subject for mail in mailoutbox] == ["Your appointment on Tue, Dec 8 at 10:00 AM"]
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.SENT, "")


def test_a_second_round_says_nothing_again(mailoutbox):
    a_visit()
    run()
    assert run() == {}
    assert len(mailoutbox) == 1


def test_the_reminders_go_out_when_they_are_due_and_not_before(mailoutbox):
    visit = a_visit()
    for at in (SOON, STARTS_AT - timedelta(days=3, seconds=1), STARTS_AT - timedelta(days=3), DAY_BEFORE):
        run(at)
    assert [mail.subject[:9] for mail in mailoutbox] == ["Your appo", "Reminder:", "Reminder:"]
    assert {row.settled_at for row in Message.objects.filter(appointment=visit)} == {
        SOON,
        STARTS_AT - timedelta(days=3),
        DAY_BEFORE,
    }


def test_a_cancelled_visit_is_not_reminded_of(mailoutbox):
    visit = a_visit()
    run()
    cancel(visit, at=SOON)
    run(QUIET)
    run(DAY_BEFORE)
    assert [mail.subject for mail in mailoutbox][1:] == ["Cancelled: your appointment on Tue, Dec 8 at 10:00 AM"]


def test_a_visit_called_off_after_its_reminder_was_claimed_is_not_reminded_of(mailoutbox):
    visit = a_visit()
    run()
    claimed = picked_up(DAY_BEFORE)
    cancel(visit, at=DAY_BEFORE)
    assert begun(claimed, DAY_BEFORE) == []
    assert ended(visit, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, DeliveryReason.SUPERSEDED)


def test_a_visit_that_was_entered_in_error_is_not_reminded_of(mailoutbox):
    visit = a_visit()
    run()
    visit.status = "entered-in-error"
    visit.save()
    run(DAY_BEFORE)
    assert ended(visit, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, DeliveryReason.NOT_STANDING)
    assert len(mailoutbox) == 1


def test_a_moved_visit_is_told_with_the_old_time_and_the_new(mailoutbox):
    visit = a_visit()
    run()
    move(visit, starts_at=STARTS_AT + timedelta(days=1, hours=2), at=SOON)
    run(QUIET)
    assert mailoutbox[1].subject == "Changed: your appointment is now on Wed, Dec 9 at 12:00 PM"
    assert "Before: Tuesday, December 8, 2026, 10:00 AM" in mailoutbox[1].body
    assert "Now: Wednesday, December 9, 2026, 12:00 PM" in mailoutbox[1].body


def test_an_undone_cancellation_is_told(mailoutbox):
    visit = a_visit()
    run()
    cancel(visit, at=SOON)
    run(QUIET)
    undo(visit, at=QUIET)
    run(QUIET + timedelta(minutes=2))
    assert "Your appointment stands again." in mailoutbox[2].body


def test_after_an_hour_without_workers_each_due_message_leaves_at_once(mailoutbox):
    some = visits(60)
    run(SOON + timedelta(hours=1))
    assert sorted(to(mailoutbox)) == sorted(f"alice{n}@example.test" for n in range(1, 61))
    assert {ended(visit, MessageKind.CONFIRMATION) for visit in some} == {(Delivery.SENT, "")}


def test_a_reminder_that_waited_into_the_night_leaves_at_nine_in_the_morning(mailoutbox):
    visit = a_visit()
    run()
    night = datetime(2026, 12, 6, 4, tzinfo=UTC)  # 22:00 in Chicago, on the day the first reminder was due
    run(night)
    assert len(mailoutbox) == 1
    assert of(visit, MessageKind.REMINDER, offset_minutes=4320).due_at == datetime(2026, 12, 6, 15, tzinfo=UTC)
    run(datetime(2026, 12, 6, 15, tzinfo=UTC))
    assert len(mailoutbox) == 2


def test_a_reminder_too_late_to_be_of_use_is_dropped_and_noted(mailoutbox, caplog):
    visit = a_visit()
    run()
    with caplog.at_level("INFO"):
        run(STARTS_AT)
    assert ended(visit, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, DeliveryReason.TOO_LATE)
    assert len(mailoutbox) == 1
    assert "too-late" in caplog.text


def test_a_patient_whose_address_was_taken_off_the_record_cannot_be_told(mailoutbox):
    visit = a_visit()
    relay(at=SOON)
    visit.patient.contacts.all().delete()
    run()
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.FAILED, DeliveryReason.NO_ADDRESS)
    assert mailoutbox == []


def test_many_confirmations_go_over_one_connection(post):
    visits(120)
    run()
    assert post.connections == 1
    assert len(post.mails) == 120


def test_a_round_in_which_nobody_is_to_be_told_anything_asks_once_what_there_is(django_assert_num_queries):
    with django_assert_num_queries(2):  # that one, and whether a mail is due
        run()


def test_claiming_takes_two_statements(django_assert_num_queries):
    visits(3)
    relay(at=SOON)
    with django_assert_num_queries(4):  # with the savepoint around them
        assert len(claims.claim("email", at=SOON)) == 3


def test_one_mail_costs_one_message_to_the_database(django_assert_num_queries, monkeypatch):
    visits(2)
    relay(at=SOON)
    first, second = picked_up()
    deliver.begin(first, at=SOON)
    sent = DeliveryResult(outgoing=first.outgoing, outcome=DeliveryOutcome(Ending.SENT), beginning=1, begun_at=SOON)
    trips, in_one_trip = [], deliver.in_one_trip
    monkeypatch.setattr(deliver, "in_one_trip", lambda *of, **more: trips.append(of) or in_one_trip(*of, **more))
    with django_assert_num_queries(0):  # but that one trip: visit, outcome and mark
        assert deliver.begin(second, after=sent, at=SOON) is Start.BEGUN
    assert len(trips) == 1


@pytest.mark.parametrize("reason", TOLD_OTHERWISE)
def test_news_that_somebody_was_told_otherwise_meanwhile_is_no_news_at_the_wire(reason):
    a_visit()
    relay(at=SOON)
    (reading,) = picked_up()
    told = Message.objects.get(pk=reading.outgoing.message_id)
    told.pk, told.resend, told.status, told.reason, told.settled_at = None, 1, Delivery.DROPPED, reason, SOON
    told.lease_until = None
    told.save(force_insert=True)
    assert deliver.begin(reading, at=SOON) is Start.NOT_MINE


ANNOUNCED = ["mark", "ehlo", "mail", "rcpt", "data", "marked"]
COMMANDS = {"ehlo", "mail", "rcpt", "data", "rset", "quit"}


@pytest.fixture
def steps(post, monkeypatch):
    """What a round does at the database and at the mail server, in order; of a mail's content the first word."""
    done, in_one_trip, send = [], deliver.in_one_trip, smtplib.SMTP.send

    def marking(*statements, **more):
        done.append("mark")
        try:
            return in_one_trip(*statements, **more)
        finally:
            done.append("marked")

    def sending(self, said):
        words = said.encode() if isinstance(said, str) else said
        done.append(words.split(maxsplit=1)[0].decode().lower().rstrip(":"))
        return send(self, said)

    monkeypatch.setattr(deliver, "in_one_trip", marking)
    monkeypatch.setattr(smtplib.SMTP, "send", sending)
    return done


def test_a_mail_is_announced_while_the_database_marks_it_and_nothing_of_it_goes_before_that_stands(steps, post):
    a_visit()
    run()
    marked = steps.index("marked") + 1
    assert steps[:marked] == ANNOUNCED
    assert steps[marked] not in COMMANDS
    assert len(post.mails) == 1


def test_of_a_mail_that_was_announced_and_could_not_be_marked_nothing_goes(steps, post, monkeypatch):
    monkeypatch.setattr(deliver, "MINE", "FALSE")
    a_visit()
    dispatch.run(now=lambda: SOON, stopping=lambda: "marked" in steps)
    assert steps[: steps.index("marked") + 1] == ANNOUNCED
    assert set(steps) - {"mark", "marked"} <= COMMANDS
    assert post.mails == []


def test_beginning_is_all_or_nothing(mailoutbox):
    a_visit()
    relay(at=SOON)
    (outgoing,) = picked_up()

    @unit
    def begins_and_breaks():
        deliver.begin(outgoing, at=SOON)
        raise LookupError

    with pytest.raises(LookupError):
        begins_and_breaks()
    assert Message.objects.filter(status=Delivery.CLAIMED).count() == 1
