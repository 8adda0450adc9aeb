"""From due to sent: what goes out, what does not, and what is noted of it."""

from datetime import UTC, datetime, timedelta

import pytest

from core.transactions import unit
from notifications.actions import deliver, dispatch
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.status import Delivery, Ending, Kind, Reason
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_visit, cancel, move, undo, visits

pytestmark = pytest.mark.django_db
SOON = BOOKED_AT + timedelta(seconds=1)
DAY_BEFORE = STARTS_AT - timedelta(days=1)


def run(at=SOON):
    return dispatch.run(now=lambda: at)


def of(visit, kind, **filters):
    return Message.objects.get(appointment=visit, kind=kind, **filters)


def ended(visit, kind, **filters):
    message = of(visit, kind, **filters)
    return message.status, message.reason


def to(mailoutbox):
    return [mail.to[0] for mail in mailoutbox]


def test_a_booked_visit_is_confirmed_by_mail(mailoutbox):
    visit = a_visit()
    run()
    assert [mail.subject for mail in mailoutbox] == ["Your visit on Tue, Dec 8 at 10:00 AM"]
    assert ended(visit, Kind.CONFIRMATION) == (Delivery.SENT, "")


def test_a_second_round_says_nothing_again(mailoutbox):
    a_visit()
    run()
    assert run() == {}
    assert len(mailoutbox) == 1


def test_the_reminders_go_out_when_they_are_due_and_not_before(mailoutbox):
    visit = a_visit()
    for at in (SOON, STARTS_AT - timedelta(days=3, seconds=1), STARTS_AT - timedelta(days=3), DAY_BEFORE):
        run(at)
    assert [mail.subject[:9] for mail in mailoutbox] == ["Your visi", "Reminder:", "Reminder:"]
    assert {row.settled_at for row in Message.objects.filter(appointment=visit)} == {
        SOON,
        STARTS_AT - timedelta(days=3),
        DAY_BEFORE,
    }


def test_a_cancelled_visit_is_not_reminded_of(mailoutbox):
    visit = a_visit()
    run()
    cancel(visit, at=SOON)
    run()
    run(DAY_BEFORE)
    assert [mail.subject for mail in mailoutbox][1:] == ["Cancelled: your visit on Tue, Dec 8 at 10:00 AM"]


def test_a_visit_called_off_after_its_reminder_was_claimed_is_not_reminded_of(mailoutbox):
    visit = a_visit()
    run()
    claimed = deliver.claim(at=DAY_BEFORE)
    cancel(visit, at=DAY_BEFORE)
    assert deliver.begin(claimed, at=DAY_BEFORE) == []
    assert ended(visit, Kind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, Reason.SUPERSEDED)


def test_a_visit_that_was_entered_in_error_is_not_reminded_of(mailoutbox):
    visit = a_visit()
    run()
    visit.status = "entered-in-error"
    visit.save()
    run(DAY_BEFORE)
    assert ended(visit, Kind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, Reason.NOT_STANDING)
    assert len(mailoutbox) == 1


def test_a_moved_visit_is_told_with_the_old_time_and_the_new(mailoutbox):
    visit = a_visit()
    run()
    move(visit, starts_at=STARTS_AT + timedelta(days=1, hours=2), at=SOON)
    run()
    assert mailoutbox[1].subject == "Changed: your visit is now on Wed, Dec 9 at 12:00 PM"
    assert "Before: Tuesday, December 8, 2026, 10:00 AM" in mailoutbox[1].body
    assert "Now: Wednesday, December 9, 2026, 12:00 PM" in mailoutbox[1].body


def test_an_undone_cancellation_is_told(mailoutbox):
    visit = a_visit()
    run()
    cancel(visit, at=SOON)
    run()
    undo(visit, at=SOON)
    run()
    assert "Your visit stands again." in mailoutbox[2].body


def test_after_an_hour_without_workers_each_due_message_leaves_at_once(mailoutbox):
    some = visits(60)
    run(SOON + timedelta(hours=1))
    assert sorted(to(mailoutbox)) == sorted(f"alice{n}@example.test" for n in range(1, 61))
    assert {ended(visit, Kind.CONFIRMATION) for visit in some} == {(Delivery.SENT, "")}


def test_a_reminder_that_waited_into_the_night_leaves_at_nine_in_the_morning(mailoutbox):
    visit = a_visit()
    run()
    night = datetime(2026, 12, 6, 4, tzinfo=UTC)  # 22:00 in Chicago, on the day the first reminder was due
    run(night)
    assert len(mailoutbox) == 1
    assert of(visit, Kind.REMINDER, offset_minutes=4320).due_at == datetime(2026, 12, 6, 15, tzinfo=UTC)
    run(datetime(2026, 12, 6, 15, tzinfo=UTC))
    assert len(mailoutbox) == 2


def test_a_reminder_too_late_to_be_of_use_is_dropped_and_noted(mailoutbox, caplog):
    visit = a_visit()
    run()
    with caplog.at_level("INFO"):
        run(STARTS_AT)
    assert ended(visit, Kind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, Reason.TOO_LATE)
    assert len(mailoutbox) == 1
    assert "too-late" in caplog.text


def test_a_patient_whose_address_was_taken_off_the_record_cannot_be_told(mailoutbox):
    visit = a_visit()
    relay(at=SOON)
    visit.patient.contacts.all().delete()
    run()
    assert ended(visit, Kind.CONFIRMATION) == (Delivery.FAILED, Reason.NO_ADDRESS)
    assert mailoutbox == []


def test_what_a_dead_worker_had_only_claimed_is_due_again(mailoutbox):
    a_visit()
    relay(at=SOON)
    deliver.claim(at=SOON)
    run(SOON + deliver.CLAIM_LEASE - timedelta(seconds=1))
    assert mailoutbox == []
    run(SOON + deliver.CLAIM_LEASE)
    assert len(mailoutbox) == 1


def test_what_a_dead_worker_was_sending_is_unknown_and_never_sent_again(mailoutbox, caplog):
    visit = a_visit()
    relay(at=SOON)
    deliver.begin(deliver.claim(at=SOON), at=SOON)
    for minutes in (1, 3, 60):
        run(SOON + timedelta(minutes=minutes))
    assert ended(visit, Kind.CONFIRMATION) == (Delivery.UNKNOWN, Reason.WORKER_LOST)
    assert mailoutbox == []
    assert "1 messages unknown" in caplog.text


def test_without_the_mark_before_the_wire_a_dead_workers_mail_would_be_sent_twice(mailoutbox, monkeypatch):
    visit = a_visit()
    relay(at=SOON)
    parcels = deliver.begin(deliver.claim(at=SOON), at=SOON)
    Message.objects.filter(appointment=visit, status=Delivery.SENDING).update(status=Delivery.CLAIMED)
    with dispatch.Sender() as sender:
        sender.send(dispatch.compose(parcels[0], at=SOON))
    run(SOON + timedelta(minutes=10))
    assert len(mailoutbox) == 2


def named(name, **facts):
    return a_visit(patient=a_patient(f"{name} Adams", email=f"{name}@example.test"), **facts)


def test_each_answer_of_the_mail_server_is_noted(post):
    names = ("alice", "refused", "refused-later", "put-off", "cut-before", "cut-after", "ben")
    rows = {name: named(name) for name in names}
    tally = run()
    assert {name: ended(visit, Kind.CONFIRMATION) for name, visit in rows.items()} == {
        "alice": (Delivery.SENT, ""),
        "refused": (Delivery.FAILED, "refused-550"),
        "refused-later": (Delivery.FAILED, "refused-554"),
        "put-off": (Delivery.DUE, ""),
        "cut-before": (Delivery.DUE, ""),
        "cut-after": (Delivery.UNKNOWN, Reason.ANSWER_LOST),
        "ben": (Delivery.SENT, ""),
    }
    assert tally[Ending.SENT] == 2


def test_a_mail_put_off_is_tried_five_times_and_then_fails(post):
    visit = named("put-off")
    at = SOON
    run(at)
    for minutes in (1, 2, 4, 8):
        at += timedelta(minutes=minutes)
        run(at - timedelta(seconds=1))
        assert ended(visit, Kind.CONFIRMATION)[0] == Delivery.DUE
        run(at)
    assert ended(visit, Kind.CONFIRMATION) == (Delivery.FAILED, "gave-up-451")
    assert of(visit, Kind.CONFIRMATION).attempts == 5


def test_a_mail_that_never_reached_the_server_is_tried_as_often_as_it_takes(post):
    visit = named("cut-before")
    for again in range(8):
        run(SOON + again * deliver.BREATH)
    message = of(visit, Kind.CONFIRMATION)
    assert (message.status, message.attempts) == (Delivery.DUE, 0)


def test_with_the_mail_server_down_everything_waits_untouched(post, caplog):
    post.stop()
    some = visits(3)
    run()
    assert {ended(visit, Kind.CONFIRMATION) for visit in some} == {(Delivery.DUE, "")}
    assert "no mail server" in caplog.text


def test_when_the_server_goes_down_in_the_middle_the_rest_waits(post, monkeypatch):
    monkeypatch.setattr(dispatch, "CHUNK", 2)
    post.goes_down_with = 3
    visits(7)
    run()
    states = Message.objects.filter(kind=Kind.CONFIRMATION).order_by("pk").values_list("status", flat=True)
    assert list(states) == [Delivery.SENT] * 2 + [Delivery.UNKNOWN] + [Delivery.DUE] * 4


def test_many_confirmations_go_over_one_connection(post):
    visits(120)
    run()
    assert post.connections == 1
    assert len(post.mails) == 120


def test_a_chunk_that_takes_too_long_gives_back_what_it_has_not_begun(mailoutbox):
    visits(5)
    ticks = iter(range(10_000))
    dispatch.run(now=lambda: SOON + timedelta(seconds=25 * next(ticks)))
    assert 0 < len(mailoutbox) < 5
    assert Message.objects.filter(kind=Kind.CONFIRMATION, status=Delivery.DUE).count() == 5 - len(mailoutbox)


def test_a_fault_in_the_words_leaves_nothing_unknown(mailoutbox, monkeypatch):
    visits(3)
    composed = []

    def breaks(parcel, *, at):
        composed.append(parcel)
        if len(composed) == 2:
            raise LookupError("a template is missing")
        return compose(parcel, at=at)

    compose = dispatch.compose
    monkeypatch.setattr(dispatch, "compose", breaks)
    with pytest.raises(LookupError):
        run()
    states = sorted(Message.objects.filter(kind=Kind.CONFIRMATION).values_list("status", flat=True))
    assert states == [Delivery.DUE, Delivery.DUE, Delivery.SENT]


def test_logs_hold_neither_names_nor_addresses(post, caplog):
    with caplog.at_level("DEBUG"):
        for name in ("alice", "refused", "cut-after"):
            named(name)
        run()
        run(STARTS_AT)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("notifications", "core"))]
    assert ours
    assert not any("Adams" in line or "@" in line for line in ours)


def test_claiming_five_hundred_takes_two_statements(django_assert_num_queries):
    visits(3)
    relay(at=SOON)
    with django_assert_num_queries(4):  # with the savepoint around them
        assert len(deliver.claim(at=SOON)) == 3


def test_beginning_is_all_or_nothing(mailoutbox):
    a_visit()
    relay(at=SOON)
    claimed = deliver.claim(at=SOON)

    @unit
    def begins_and_breaks():
        deliver.begin(claimed, at=SOON)
        raise LookupError

    with pytest.raises(LookupError):
        begins_and_breaks()
    assert Message.objects.filter(status=Delivery.CLAIMED).count() == 1
