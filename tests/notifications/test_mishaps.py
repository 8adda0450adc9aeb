"""When something goes wrong on the way: nothing is lost, nothing is said twice, nobody waits for somebody else."""

from datetime import timedelta
from threading import Thread

import pytest
from celery.signals import worker_shutting_down
from django.db import connection
from psycopg.pq import TransactionStatus

from booking.models import Appointment, CallTask, Patient
from core.database.round_trip import in_one_trip
from core.models import Site
from core.text.languages import day_in_words, language_in_words
from notifications import tasks
from notifications.actions import claims, deliver, dispatch
from notifications.actions.relay import relay
from notifications.channels.mail import compose
from notifications.channels.mail.send import Sender
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, Ending, MessageKind
from tests.factories.visits import STARTS_AT, a_patient, a_visit, visits
from tests.notifications.rounds import SOON, begun, ended, of, picked_up, run, to

pytestmark = pytest.mark.django_db


def test_what_a_dead_worker_had_only_claimed_is_due_again(mailoutbox):
    a_visit()
    relay(at=SOON)
    picked_up()
    run(SOON + claims.CLAIM_LEASE - timedelta(seconds=1))
    assert mailoutbox == []
    run(SOON + claims.CLAIM_LEASE)
    assert len(mailoutbox) == 1


def test_what_a_dead_worker_was_sending_is_unknown_and_never_sent_again(mailoutbox, caplog):
    visit = a_visit()
    relay(at=SOON)
    begun(picked_up())
    for minutes in (1, 3, 60):
        run(SOON + timedelta(minutes=minutes))
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.UNKNOWN, DeliveryReason.WORKER_LOST)
    assert mailoutbox == []
    assert "1 messages unknown" in caplog.text


def test_without_the_mark_before_the_wire_a_dead_workers_mail_would_be_sent_twice(mailoutbox, monkeypatch):
    visit = a_visit()
    relay(at=SOON)
    (outgoing,) = begun(picked_up())
    Message.objects.filter(appointment=visit, status=Delivery.SENDING).update(status=Delivery.CLAIMED)
    with Sender() as sender:
        sender.hand_over(compose.write(outgoing, at=SOON))
    run(SOON + timedelta(minutes=10))
    assert len(mailoutbox) == 2


def named(name, **facts):
    return a_visit(patient=a_patient(f"{name} Adams", email=f"{name}@example.test"), **facts)


def test_each_answer_of_the_mail_server_is_noted(post):
    names = ("alice", "refused", "refused-later", "put-off", "cut-before", "cut-after", "ben")
    rows = {name: named(name) for name in names}
    tally = run()
    assert {name: ended(visit, MessageKind.CONFIRMATION) for name, visit in rows.items()} == {
        "alice": (Delivery.SENT, ""),
        "refused": (Delivery.FAILED, "refused-550"),
        "refused-later": (Delivery.FAILED, "refused-554"),
        "put-off": (Delivery.DUE, ""),
        "cut-before": (Delivery.DUE, ""),
        "cut-after": (Delivery.UNKNOWN, DeliveryReason.ANSWER_LOST),
        "ben": (Delivery.SENT, ""),
    }
    assert tally[Ending.SENT] == 2


def test_a_mail_put_off_is_tried_until_the_visit_begins_and_then_has_failed(post):
    visit = named("put-off", starts_at=SOON + timedelta(minutes=5, seconds=10))
    at = SOON
    run(at)
    for seconds in (30, 60, 60, 60, 40):  # the last time a minute before the visit
        at += timedelta(seconds=seconds)
        run(at - timedelta(seconds=1))
        assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.DUE, "")
        run(at)
    assert of(visit, MessageKind.CONFIRMATION).attempts == 6
    run(SOON + timedelta(minutes=5, seconds=10))
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.FAILED, DeliveryReason.GAVE_UP)


def test_a_mail_put_off_for_months_is_still_tried(post):
    visit = named("put-off")
    relay(at=SOON)
    Message.objects.filter(appointment=visit).update(attempts=32_767)
    run()
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.DUE, "")


def test_a_mail_that_never_reached_the_server_is_tried_as_often_as_it_takes(post):
    visit = named("cut-before")
    for again in range(8):
        run(SOON + again * deliver.BREATH)
    message = of(visit, MessageKind.CONFIRMATION)
    assert (message.status, message.attempts) == (Delivery.DUE, 0)


def test_with_the_mail_server_down_everything_waits_untouched(post, caplog):
    post.stop()
    some = visits(3)
    run()
    assert {ended(visit, MessageKind.CONFIRMATION) for visit in some} == {(Delivery.DUE, "")}
    assert "no mail server" in caplog.text


def test_when_the_server_goes_down_in_the_middle_the_rest_waits(post):
    post.goes_down_with = 3
    visits(7)
    run()
    states = Message.objects.filter(kind=MessageKind.CONFIRMATION).order_by("pk").values_list("status", flat=True)
    assert list(states) == [Delivery.SENT] * 2 + [Delivery.UNKNOWN] + [Delivery.DUE] * 4


def test_a_worker_asked_to_stop_in_the_middle_leaves_the_rest_due(mailoutbox):
    visits(5)
    dispatch.run(now=lambda: SOON, stopping=lambda: len(mailoutbox) == 2)
    states = Message.objects.filter(kind=MessageKind.CONFIRMATION).order_by("pk").values_list("status", "attempts")
    assert list(states) == [(Delivery.SENT, 1)] * 2 + [(Delivery.DUE, 0)] * 3


def test_a_worker_hears_that_it_is_asked_to_stop(mailoutbox):
    a_visit()
    try:
        worker_shutting_down.send(sender="worker@lakeside", sig="SIGTERM", how="Warm", exitcode=0)
        tasks.dispatch()
    finally:
        tasks.stopping.clear()
    assert mailoutbox == []


def test_a_worker_with_two_threads_has_one_round_at_a_time_and_misses_no_bell(monkeypatch):
    rounds, second = [], Thread(target=tasks.dispatch)

    def run_round(**_):
        rounds.append("begins")
        if len(rounds) == 1:
            second.start()
            second.join(10)  # it is turned away at once, and heard
        rounds.append("ends")

    monkeypatch.setattr(tasks.rounds, "run", run_round)
    tasks.sweep()
    assert rounds == ["begins", "ends", "begins", "ends"]


def test_a_round_ends_in_time_in_the_middle_of_a_batch(mailoutbox, monkeypatch):
    monkeypatch.setattr(dispatch, "ROUND_TIME", timedelta(seconds=30))
    visits(5)
    dispatch.run(now=lambda: SOON + timedelta(seconds=10 * len(mailoutbox)))
    states = Message.objects.filter(kind=MessageKind.CONFIRMATION).order_by("pk").values_list("status", flat=True)
    assert list(states) == [Delivery.SENT] * 3 + [Delivery.DUE] * 2


def test_a_message_that_cannot_be_written_fails_and_holds_nobody_elses_back(mailoutbox, caplog):
    some = visits(4)
    relay(at=SOON)
    Message.objects.filter(appointment=some[1]).update(facts={"firm": True, "from": {"start": "no time"}})
    run()
    assert ended(some[1], MessageKind.CONFIRMATION) == (Delivery.FAILED, DeliveryReason.UNWRITABLE)
    assert to(mailoutbox) == ["alice1@example.test", "alice3@example.test", "alice4@example.test"]
    assert "cannot be written: ValueError" in caplog.text
    assert "no time" not in caplog.text


@pytest.mark.parametrize("planned", [False, True])
def test_a_visit_that_nobody_can_read_is_for_staff_and_holds_nobody_elses_mail_back(mailoutbox, caplog, planned):
    some = visits(3)
    if planned:
        relay(at=SOON)
    elsewhere = Site.objects.create(key="elsewhere", name={"en": "Elsewhere"}, zone="America/Gone")
    Appointment.objects.filter(pk=some[0].pk).update(site=elsewhere)
    run()
    assert to(mailoutbox) == ["alice2@example.test", "alice3@example.test"]
    assert CallTask.objects.get().appointment == some[0]
    assert f"cannot be {'judged' if planned else 'planned for'}: ZoneInfoNotFoundError" in caplog.text


@pytest.mark.parametrize("tag", ["qq", "en-QQ", "x", "../en"])
def test_a_patient_whose_language_nobody_knows_is_written_to_in_english(mailoutbox, tag):
    some = visits(3)
    Patient.objects.filter(pk=some[1].patient_id).update(language=tag)
    run()
    assert [mail.subject for mail in mailoutbox] == ["Your appointment on Tue, Dec 8 at 10:00 AM"] * 3


@pytest.mark.parametrize("tag", ["qq", "en-QQ", "x", "../en"])
def test_a_day_in_a_language_that_nobody_knows_is_told_in_english(tag):
    assert day_in_words(STARTS_AT.date(), tag) == "Tuesday, December 8, 2026"
    assert language_in_words(tag) == tag


def test_a_fault_that_is_not_in_the_words_leaves_nothing_unknown_and_nobody_without_word(mailoutbox, monkeypatch):
    some = visits(3)
    composed, real = [], compose.compose

    def breaks(outgoing, *, at):
        composed.append(outgoing)
        if len(composed) == 2:
            raise MemoryError
        return real(outgoing, at=at)

    monkeypatch.setattr(compose, "compose", breaks)
    with pytest.raises(MemoryError):
        run()
    assert {ended(visit, MessageKind.CONFIRMATION) for visit in some} == {(Delivery.DUE, "")}
    run(SOON + deliver.BREATH)
    assert sorted(to(mailoutbox)) == [f"alice{n}@example.test" for n in (1, 2, 3)]


def test_a_mail_is_written_while_the_database_notes_the_one_before(mailoutbox, monkeypatch):
    visits(3)
    at_work, real = [], compose.compose

    def writes(outgoing, *, at):
        at_work.append(connection.connection.pgconn.transaction_status == TransactionStatus.ACTIVE)
        return real(outgoing, at=at)

    def slowly(*sent, beside):
        # However quick the database is: it is at work for a moment.
        return in_one_trip(("SELECT pg_sleep(0.05)", {}), *sent, beside=beside)

    monkeypatch.setattr(compose, "compose", writes)
    monkeypatch.setattr(deliver, "in_one_trip", slowly)
    run()
    assert at_work == [False, True, True]


def test_logs_hold_neither_names_nor_addresses(post, caplog):
    with caplog.at_level("DEBUG"):
        for name in ("alice", "refused", "cut-after"):
            named(name)
        run()
        run(STARTS_AT)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("notifications", "core"))]
    assert ours
    assert not any("Adams" in line or "@" in line for line in ours)


def test_mail_to_a_domain_in_other_letters_goes_to_that_domain_and_to_no_other(post):
    a_visit(patient=a_patient("Ann Adams", email="ann@straße.example"))
    run()
    (mail,) = post.mails
    assert mail["X-To"] == mail["To"] == "ann@xn--strae-oqa.example"
    assert "strasse" not in mail.as_string()


def test_an_address_on_file_that_no_mail_server_takes_is_for_staff_to_call_and_goes_nowhere(post):
    visit = a_visit(patient=a_patient("Ann Adams", email="ann@☃.example"))
    run()
    assert post.mails == []
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.FAILED, DeliveryReason.BAD_ADDRESS)
