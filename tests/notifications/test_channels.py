"""Each message goes by the first channel that reaches the person, and a dead channel holds back its own alone."""

from datetime import timedelta

import pytest

from booking.models import CallTask, ContactPoint
from booking.status import Status
from notifications.actions import breakers
from notifications.actions.breakers import BreakerState
from notifications.status import Delivery, DeliveryReason, Ending, MessageKind
from scheduler import catalogue
from tests.factories.policies import publish_policy
from tests.factories.visits import a_patient, a_visit
from tests.notifications.rounds import DAY_BEFORE, SOON, of, run, to

pytestmark = pytest.mark.django_db

BOTH = {
    "changes": {"channels": ["email", "text"]},
    "reminders": [{"at": "-72h", "channels": ["text", "email"]}, {"at": "-24h", "channels": ["text", "email"]}],
}


@pytest.fixture
def texts(settings, tmp_path):
    """A second channel beside e-mail, in every plan; the texts that arrived, one a line."""
    settings.MESSAGE_CHANNELS = [*settings.MESSAGE_CHANNELS, "tests.factories.text_channel.TextChannel"]
    settings.TEXTS_FILE = tmp_path / "phones" / "texts"
    settings.TEXTS_FILE.parent.mkdir()
    publish_policy("reminder-plan", BOTH)
    return lambda: settings.TEXTS_FILE.read_text().splitlines() if settings.TEXTS_FILE.exists() else []


def visit_of(name, *, email=None, phones=()):
    patient = a_patient(f"{name} Adams", email=email)
    for rank, phone in enumerate(phones, 2):
        ContactPoint.objects.create(patient=patient, system="phone", value=phone, rank=rank)
    return a_visit(patient=patient)


def stands(visit, kind=MessageKind.CONFIRMATION, **filters):
    message = of(visit, kind, **filters)
    return message.channel, message.status


def test_alice_is_written_to_and_reminded_by_text_and_ben_who_has_no_mail_gets_texts(texts, mailoutbox):
    alice = visit_of("Alice", email="alice@example.test", phones=["+13125550101"])
    ben = visit_of("Ben", phones=["+13125550102"])
    run()
    assert stands(alice) == ("email", Delivery.SENT)
    assert stands(ben) == ("text", Delivery.SENT)
    assert to(mailoutbox) == ["alice@example.test"]
    assert texts() == ["+13125550102 confirmation 2026-12-08"]
    run(DAY_BEFORE)
    assert stands(alice, MessageKind.REMINDER, offset_minutes=1440) == ("text", Delivery.SENT)
    assert sorted(texts()[1:]) == ["+13125550101 reminder 2026-12-08", "+13125550102 reminder 2026-12-08"]


def test_the_phone_that_ben_wants_to_be_reached_at_first_is_texted(texts):
    visit_of("Ben", phones=["+13125550102", "+13125550103"])
    run()
    assert texts() == ["+13125550102 confirmation 2026-12-08"]


def test_the_link_of_a_request_goes_by_mail_though_news_goes_by_text(texts, mailoutbox):
    publish_policy("reminder-plan", BOTH | {"changes": {"channels": ["text", "email"]}})
    alice = a_patient("Alice Adams", email="alice@example.test")
    ContactPoint.objects.create(patient=alice, system="phone", value="+13125550101", rank=2)
    request = a_visit(patient=alice, move="request", status=Status.PROPOSED)
    run()
    assert stands(request, MessageKind.LINK) == ("email", Delivery.SENT)
    assert (to(mailoutbox), texts()) == (["alice@example.test"], [])


def test_whom_no_channel_reaches_is_called(texts):
    frank = visit_of("Frank")
    run()
    assert (stands(frank), of(frank, MessageKind.CONFIRMATION).reason) == (
        ("email", Delivery.FAILED),
        DeliveryReason.NO_ADDRESS,
    )


def test_while_no_mail_goes_out_ben_is_texted_and_alices_mail_waits(texts, post):
    post.stop()
    alice, ben = visit_of("Alice", email="alice@example.test"), visit_of("Ben", phones=["+13125550102"])
    run()
    assert stands(alice) == ("email", Delivery.DUE)
    assert stands(ben) == ("text", Delivery.SENT)
    assert len(texts()) == 1


def test_while_mail_is_left_alone_for_a_while_ben_is_texted(texts, mailoutbox):
    for _ in range(breakers.OPENS_WITH):
        breakers.failed("email", Ending.UNKNOWN, at=SOON)
    alice, ben = visit_of("Alice", email="alice@example.test"), visit_of("Ben", phones=["+13125550102"])
    run()
    assert (stands(alice)[1], stands(ben)[1]) == (Delivery.DUE, Delivery.SENT)
    assert [breakers.breaker_state(channel, at=SOON) for channel in ("email", "text")] == [
        BreakerState.SHUT,
        BreakerState.FREE,
    ]
    run(SOON + breakers.PAUSES[0] + timedelta(seconds=1))
    assert to(mailoutbox) == ["alice@example.test"]


def test_while_no_text_goes_out_alice_has_her_mail(texts, mailoutbox, settings):
    settings.TEXTS_FILE.parent.rmdir()
    alice, ben = visit_of("Alice", email="alice@example.test"), visit_of("Ben", phones=["+13125550102"])
    run()
    assert (stands(alice)[1], stands(ben)[1]) == (Delivery.SENT, Delivery.DUE)


def test_a_worker_that_starts_without_a_channel_of_the_plan_writes_to_alice_and_leaves_ben_to_staff(
    texts, mailoutbox, settings, monkeypatch
):
    settings.MESSAGE_CHANNELS = settings.MESSAGE_CHANNELS[:1]
    monkeypatch.setattr(catalogue, "_cached", {})
    visit_of("Alice", email="alice@example.test", phones=["+13125550101"])
    ben = visit_of("Ben", phones=["+13125550102"])
    run()
    assert to(mailoutbox) == ["alice@example.test"]
    assert CallTask.objects.get().appointment == ben


def test_what_was_planned_for_a_channel_that_is_gone_is_for_staff(texts, mailoutbox, settings):
    ben = visit_of("Ben", email="ben@example.test", phones=["+13125550102"])
    run()
    settings.MESSAGE_CHANNELS = settings.MESSAGE_CHANNELS[:1]
    run(DAY_BEFORE)
    assert stands(ben, MessageKind.REMINDER, offset_minutes=1440) == ("text", Delivery.FAILED)
    assert CallTask.objects.get(appointment=ben).reason == "not-reached"
