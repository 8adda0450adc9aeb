"""A mail server that fails again and again: the third failure stops all mail, one message tries it now and then."""

from datetime import timedelta

import pytest

from booking.models import CallTask, ContactPoint
from notifications.actions import breakers, deliver, dispatch
from notifications.actions.breakers import BreakerState
from notifications.models import Message
from notifications.status import Delivery, Ending, MessageKind
from tests.factories.visits import a_patient, a_visit
from tests.notifications.rounds import SOON, run

pytestmark = pytest.mark.django_db
FIRST, SECOND = breakers.PAUSES


def patients(number, name="cut-after"):
    """Visits of patients whose mail the server takes, and then cuts the line."""
    for n in range(number):
        a_visit(patient=a_patient(f"Patient {n}", email=f"{name}@example.test"))


def told(status):
    return Message.objects.filter(kind=MessageKind.CONFIRMATION, status=status).count()


def test_a_server_that_cuts_after_the_mail_costs_three_and_then_one_each_time_it_is_tried(post):
    patients(13)
    run()
    assert (told(Delivery.UNKNOWN), told(Delivery.DUE)) == (3, 10)
    run(SOON + FIRST - timedelta(seconds=1))
    assert told(Delivery.UNKNOWN) == 3
    run(SOON + FIRST)
    assert told(Delivery.UNKNOWN) == 4
    run(SOON + FIRST + SECOND - timedelta(seconds=1))
    assert told(Delivery.UNKNOWN) == 4


def test_twin_without_the_breaker_every_mail_ends_unknown(post, monkeypatch):
    monkeypatch.setattr(breakers, "OPENS_WITH", 1000)
    patients(13)
    run()
    assert told(Delivery.UNKNOWN) == 13


def test_once_the_server_is_well_everybody_is_written_to(post):
    patients(13)
    run()
    ContactPoint.objects.update(value="alice@example.test")
    run(SOON + FIRST)
    assert (told(Delivery.UNKNOWN), told(Delivery.SENT)) == (3, 10)
    assert breakers.breaker_state("email", at=SOON + FIRST) is BreakerState.FREE


def seconds_until_the_others_are_told(way_out):
    """Five who wait at the front can be sent nothing; the server is well again. How long do the others wait?"""
    patients(13)
    run()
    ContactPoint.objects.update(value="alice@example.test")
    for message in Message.objects.filter(kind=MessageKind.CONFIRMATION, status=Delivery.DUE).order_by("due_at", "pk")[
        :5
    ]:
        way_out(message)
    for seconds in range(0, 360, 60):
        run(SOON + FIRST + timedelta(seconds=seconds))
        if told(Delivery.SENT) == 5:
            return seconds
    return None


def without_address(message):
    message.appointment.patient.contacts.all().delete()


def without_words(message):
    Message.objects.filter(pk=message.pk).update(facts={"firm": True, "from": {"start": "no time"}})


@pytest.mark.parametrize("way_out", [without_address, without_words])
def test_whoever_cannot_be_sent_anything_takes_nobody_the_try_away(post, way_out):
    assert seconds_until_the_others_are_told(way_out) == 0


def test_twin_if_a_try_that_met_no_server_were_used_up_each_would_cost_a_minute(post, monkeypatch):
    monkeypatch.setattr(breakers, "give_back", lambda *_, **__: None)
    assert seconds_until_the_others_are_told(without_address) >= 300


def test_a_worker_that_comes_back_late_does_not_give_the_try_of_another_back(db):
    open_it()
    assert breakers.breaker_state("email", at=SOON + FIRST) is BreakerState.PROBE
    later = SOON + FIRST + breakers.PROBE_LEASE
    assert breakers.breaker_state("email", at=later) is BreakerState.PROBE
    breakers.give_back("email", taken_at=SOON + FIRST, at=later)
    assert breakers.breaker_state("email", at=later) is BreakerState.SHUT


def test_staff_are_to_call_whoever_may_not_have_been_reached(post):
    patients(13)
    run()
    unknown = Message.objects.filter(status=Delivery.UNKNOWN).values_list("appointment_id", flat=True)
    assert set(CallTask.objects.values_list("appointment_id", "reason")) == {(pk, "not-reached") for pk in unknown}


def test_a_server_that_takes_nothing_loses_nothing_and_is_tried_every_few_seconds(post):
    patients(5, name="cut-before")
    for n in range(10):
        run(SOON + n * breakers.SHORT_PAUSE)
    assert told(Delivery.DUE) == 5
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    ContactPoint.objects.update(value="alice@example.test")
    run(SOON + 10 * breakers.SHORT_PAUSE)
    run(SOON + 10 * breakers.SHORT_PAUSE + deliver.BREATH)
    assert told(Delivery.SENT) == 5


def test_what_a_server_says_about_one_mail_opens_no_breaker(post):
    for name in ("refused", "put-off", "refused-later", "put-off-later"):
        patients(4, name=name)
    patients(1, name="alice")
    run()
    assert told(Delivery.SENT) == 1


def test_one_worker_alone_tries(db):
    open_it()
    assert [breakers.breaker_state("email", at=SOON + FIRST) for _ in range(3)] == [
        BreakerState.PROBE,
        BreakerState.SHUT,
        BreakerState.SHUT,
    ]
    assert breakers.breaker_state("email", at=SOON + FIRST + breakers.PROBE_LEASE) is BreakerState.PROBE


def test_an_answer_from_before_the_breaker_opened_does_not_close_it(db):
    open_it()
    breakers.answered("email", probe=False)
    assert breakers.breaker_state("email", at=SOON) is BreakerState.SHUT
    breakers.answered("email", probe=True)
    assert breakers.breaker_state("email", at=SOON) is BreakerState.FREE


def test_failures_that_do_not_follow_each_other_open_no_breaker(post):
    for n in range(12):
        patients(1, name="cut-after" if n % 2 else f"alice{n}")
    run()
    assert (told(Delivery.UNKNOWN), told(Delivery.SENT)) == (6, 6)


def test_a_worker_that_finds_the_breaker_opened_by_another_begins_nothing_more(mailoutbox):
    patients(5)

    def now():
        if len(mailoutbox) == 2 and breakers.breaker_state("email", at=SOON) is BreakerState.FREE:
            open_it()
        return SOON + len(mailoutbox) * deliver.A_MOMENT

    dispatch.run(now=now)
    assert (len(mailoutbox), told(Delivery.DUE), told(Delivery.SENDING)) == (2, 3, 0)


def open_it():
    for _ in range(3):
        breakers.failed("email", Ending.UNKNOWN, at=SOON)
