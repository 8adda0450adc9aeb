"""Calls that a lost message leaves: raised where somebody is to be told, ended when there is nothing to tell."""

from datetime import timedelta

import pytest

from booking.actions import uncovered_visits
from booking.actions.patients import patients
from booking.models import CallTask, ContactPoint
from core.principal import Principal
from notifications.actions import endings
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.status import NOBODY_TO_CALL, Delivery, DeliveryReason, Ending, MessageKind
from tests.factories.visits import STARTS_AT, a_patient, a_visit, move
from tests.notifications.rounds import QUIET, SOON, begun, ended, picked_up, run, settled

pytestmark = pytest.mark.django_db
LATER = SOON + timedelta(hours=1)
DANA = Principal.system("dana")


@pytest.fixture
def unreached(post):
    """A visit of Alice's whose confirmation was refused."""
    visit = a_visit(patient=a_patient(email="refused@example.test"))
    run()
    assert still_to_call() == [visit.pk]
    return visit


def still_to_call():
    return list(CallTask.objects.filter(done_at=None).values_list("appointment_id", flat=True))


@pytest.mark.parametrize("kind", sorted(NOBODY_TO_CALL))
def test_nobody_is_to_call_an_address_that_may_be_nobodys(kind):
    visit = a_visit()
    relay(at=SOON)
    settled_as(Message.objects.filter(kind=MessageKind.CONFIRMATION), kind)
    endings.end(
        list(visit.messages.filter(kind=kind).values_list("pk", flat=True)), DeliveryReason.WORKER_LOST, at=SOON
    )
    assert still_to_call() == []


def test_nobody_need_call_about_what_is_no_news_any_more_though_no_address_is_left():
    visit = a_visit()
    run()
    for starts_at in (STARTS_AT + timedelta(hours=1), STARTS_AT):
        move(visit, starts_at=starts_at, at=SOON)
        relay(at=SOON)
    ContactPoint.objects.all().delete()
    run(QUIET)
    assert ended(visit, MessageKind.MOVED, version=2) == (Delivery.DROPPED, DeliveryReason.UNCHANGED)
    assert still_to_call() == []


def settled_as(messages, kind):
    """Have a message refused that is of this kind."""
    ready = begun(picked_up())
    for outgoing in ready:
        outgoing.message.kind = kind
    messages.update(kind=kind)
    settled(ready, Ending.REFUSED, 550)


def test_once_her_address_is_mended_and_a_mail_has_come_nobody_need_call_alice(unreached):
    patients.change(unreached.patient, by=DANA, at=LATER, email="alice@example.test")
    run(LATER)
    assert still_to_call() == [unreached.pk]
    run(LATER + timedelta(minutes=2))
    assert still_to_call() == []


def test_a_mail_about_another_visit_spares_nobody_the_call(unreached, post):
    Message.objects.filter(appointment=unreached).exclude(status=Delivery.FAILED).delete()
    unreached.patient.contacts.update(value="alice@example.test")
    a_visit(patient=unreached.patient, starts_at=STARTS_AT + timedelta(days=7))
    run(LATER)
    assert still_to_call() == [unreached.pk]


def test_nobody_is_to_be_called_about_a_visit_that_is_over(unreached):
    uncovered_visits.review(at=STARTS_AT)
    assert still_to_call() == [unreached.pk]
    uncovered_visits.review(at=STARTS_AT + timedelta(hours=3))
    assert still_to_call() == []
