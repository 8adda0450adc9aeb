"""Several workers, and a database that goes away: nothing is said twice, nothing after a cancellation."""

import threading
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import OperationalError, connection

from notifications.actions import claims, deliver, dispatch, send_checks
from notifications.actions.deliver import Start
from notifications.actions.relay import relay
from notifications.channels.mail.compose import write
from notifications.channels.mail.send import Sender
from notifications.models import Message
from notifications.plan import SEND
from notifications.status import Delivery, Ending, MessageKind
from tests.factories.post import post_office
from tests.factories.visits import BOOKED_AT, a_patient, a_visit, cancel, visits
from tests.notifications.rounds import DAY_BEFORE, begun, count, pick_two, picked_up, settled
from tests.races.together import beside, database_url

pytestmark = pytest.mark.django_db(transaction=True)
SOON = BOOKED_AT + timedelta(seconds=1)


def claims_of_two_workers():
    visits(4)
    relay(at=SOON)
    return set.intersection(*map(set, beside(pick_two, while_open=pick_two)))


def test_two_workers_never_claim_the_same_message():
    assert claims_of_two_workers() == set()


def test_without_the_lock_two_workers_claim_the_same_messages(monkeypatch):
    monkeypatch.setattr(claims, "claimable", lambda _channel, *, at: Message.objects.waiting(at=at))
    assert len(claims_of_two_workers()) == 2


def starts_of_two_workers():
    a_visit()
    relay(at=SOON)
    reminders = (each for each in picked_up(DAY_BEFORE) if each.outgoing.kind is MessageKind.REMINDER)
    reading = next(each for each in reminders if send_checks.verdict(each, at=DAY_BEFORE) == SEND)
    return beside(
        lambda: deliver.begin(reading, at=DAY_BEFORE), while_open=lambda: deliver.begin(reading, at=DAY_BEFORE)
    )


def test_two_workers_never_begin_the_same_message():
    assert starts_of_two_workers() == (Start.BEGUN, Start.NOT_MINE)


def test_without_the_mark_two_workers_begin_the_same_message(monkeypatch):
    monkeypatch.setattr(deliver, "MINE", "TRUE")
    assert starts_of_two_workers() == (Start.BEGUN, Start.BEGUN)


def start_beside_a_cancellation():
    visit = a_visit()
    relay(at=SOON)
    (reading,) = picked_up()
    _, start = beside(lambda: deliver.begin(reading, at=SOON), while_open=lambda: cancel(visit, at=SOON))
    return start


def test_a_visit_cancelled_while_its_mail_is_picked_up_is_not_confirmed():
    assert start_beside_a_cancellation() is Start.CHANGED


def test_without_the_lock_on_the_visit_a_cancelled_visit_would_be_confirmed(monkeypatch):
    monkeypatch.setattr(deliver, "LOCK", "SELECT")
    assert start_beside_a_cancellation() is Start.BEGUN


def let_in(answer):
    """Open the tests' database to connections, or close it and end those that there are, as a restart does."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(urlunsplit(urlsplit(database_url())._replace(path="/postgres")), autocommit=True) as line:
        line.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {str(answer).lower()}')
        if not answer:
            line.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def round_in_which_the_database_is_away(settings, *, with_mail):
    """Send five confirmations; while the server has the mail of this number, the database goes away for a while."""
    visits(5)
    with post_office() as post:
        send_by(settings, post)
        away = []

        def now():
            if len(post.mails) == with_mail and not away:
                away.append("lost")
                let_in(False)
            return SOON

        def wait(seconds):
            away.append("still lost")
            let_in(len(away) > 3)

        try:
            dispatch.run(now=now, wait=wait)
        finally:
            let_in(True)
        later = SOON + deliver.SENDING_LEASE
        dispatch.run(now=lambda: later)
    assert away
    received = [mail["Message-ID"] for mail in post.mails]
    assert len(received) == len(set(received))
    return count(Delivery.SENT), count(Delivery.UNKNOWN)


@pytest.mark.parametrize("with_mail", [1, 3, 5])
def test_a_database_that_is_away_for_a_while_leaves_no_message_unknown(settings, with_mail):
    assert round_in_which_the_database_is_away(settings, with_mail=with_mail) == (5, 0)


def test_without_writing_until_it_stands_a_database_that_is_away_leaves_one_unknown(settings, monkeypatch):
    monkeypatch.setattr(dispatch, "_until_it_stands", lambda write, *, this: write())
    assert round_in_which_the_database_is_away(settings, with_mail=3) == (4, 1)


def start_of_which_nobody_heard(monkeypatch, *, meanwhile=lambda: None):
    """A worker marks a message; the database is lost before it has said that the mark stands."""
    visit, begin, lost = a_visit(), deliver.begin, []

    def unheard(*args, **facts):
        start = begin(*args, **facts)
        if not lost:
            lost.append(start)
            meanwhile()
            raise OperationalError
        return start

    monkeypatch.setattr(deliver, "begin", unheard)
    dispatch.run(now=lambda: SOON)
    return visit.messages.get(kind=MessageKind.CONFIRMATION)


def test_a_mark_that_stands_though_nobody_heard_of_it_is_taken_off_again(mailoutbox, monkeypatch):
    message = start_of_which_nobody_heard(monkeypatch)
    assert (message.status, message.begun, mailoutbox) == (Delivery.DUE, 1, [])
    dispatch.run(now=lambda: SOON + deliver.BREATH)
    assert len(mailoutbox) == 1


def test_a_mark_that_stands_is_taken_off_again_however_long_the_database_was_away(mailoutbox, monkeypatch):
    back = SOON + deliver.SENDING_LEASE
    message = start_of_which_nobody_heard(monkeypatch, meanwhile=lambda: claims.take_back(at=back))
    assert (message.status, message.begun, message.reason, mailoutbox) == (Delivery.DUE, 1, "", [])
    dispatch.run(now=lambda: back)
    assert len(mailoutbox) == 1


def mails_when_two_workers_have_one_message(mailoutbox, monkeypatch, failing):
    """The database hangs longer than a worker's claim lasts; another worker has the mail on the wire by then."""
    a_visit()
    real, later, others = getattr(deliver, failing), SOON + claims.CLAIM_LEASE, []

    def hangs(*args, **facts):
        if others:
            return real(*args, **facts)
        claims.take_back(at=later)
        others.extend(picked_up(later))
        assert begun(others, later)
        raise OperationalError

    monkeypatch.setattr(deliver, failing, hangs)
    dispatch.run(now=lambda: SOON)
    with Sender() as sender:
        sender.hand_over(write(others[0].outgoing, at=later))
    settled([others[0].outgoing], Ending.SENT, at=later)
    dispatch.run(now=lambda: later + deliver.BREATH)
    return len(mailoutbox)


def test_a_worker_whom_the_database_lets_wait_takes_no_mark_of_another_off(mailoutbox, monkeypatch):
    assert mails_when_two_workers_have_one_message(mailoutbox, monkeypatch, "begin") == 1


def test_a_worker_that_could_not_look_again_takes_no_mark_of_another_off(mailoutbox, monkeypatch):
    answers, begin = iter([Start.CHANGED]), deliver.begin
    monkeypatch.setattr(deliver, "begin", lambda *args, **facts: next(answers, None) or begin(*args, **facts))
    assert mails_when_two_workers_have_one_message(mailoutbox, monkeypatch, "look_again") == 1


def test_without_its_lease_a_worker_would_take_the_mark_of_another_for_its_own(mailoutbox, monkeypatch):
    mine = deliver.beginning
    monkeypatch.setattr(deliver, "beginning", lambda ended: mine(replace(ended, lease_until=None)))
    assert mails_when_two_workers_have_one_message(mailoutbox, monkeypatch, "begin") == 2


def test_an_outcome_is_noted_of_its_own_beginning_and_of_no_later_one(mailoutbox):
    a_visit()
    relay(at=SOON)
    (first,) = picked_up()
    begun([first])
    settled([first.outgoing], Ending.NOT_GIVEN)
    (second,) = picked_up(SOON + deliver.BREATH)
    begun([second], SOON + deliver.BREATH)
    settled([first.outgoing], Ending.NOT_GIVEN)
    assert count(Delivery.SENDING) == 1


def relayed_by_two_workers():
    visits(3)
    return beside(lambda: relay(at=SOON), while_open=lambda: relay(at=SOON))


def test_two_workers_relay_each_change_once():
    assert relayed_by_two_workers() == (3, 0)


def test_three_workers_and_a_bad_mail_server_say_nothing_twice(settings):
    names = ("refused", "put-off", "cut-before", "cut-after", "refused-later")
    for n in range(60):
        name = names[n // 10 % len(names)] if n % 10 == 0 else f"alice{n}"
        a_visit(patient=a_patient(f"Patient {n}", email=f"{name}@example.test"))
    with post_office() as post:
        send_by(settings, post)
        workers = [threading.Thread(target=worker) for _ in range(3)]
        for thread in workers:
            thread.start()
        for thread in workers:
            thread.join(60)
    received = [mail["Message-ID"] for mail in post.mails]
    assert len(received) == len(set(received))
    sent = Message.objects.filter(kind=MessageKind.CONFIRMATION, status=Delivery.SENT).count()
    unknown = Message.objects.filter(kind=MessageKind.CONFIRMATION, status=Delivery.UNKNOWN).count()
    assert (sent, unknown) == (54, 1)
    assert len(received) == sent + unknown


def send_by(settings, post):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port


def worker():
    try:
        dispatch.run(now=lambda: SOON)
    finally:
        connection.close()
