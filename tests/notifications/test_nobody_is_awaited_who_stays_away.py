"""Who is to stay away, needs help or is looked at reads in no mail or calendar that they are awaited."""

from datetime import timedelta

import pytest
from django.test import Client

from booking.actions import links
from booking.actions.screening import screening
from booking.models import ScreeningResponse
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.queries import screening_of
from booking.screening.questionnaire import AnswerChoice
from core.principal import Principal
from notifications.actions import deliver
from notifications.actions.batches import MOST_LOOKS
from notifications.channels.mail.preview import preview
from notifications.models import Message
from notifications.status import MessageKind
from tests.factories.policies import adopt_screening, publish_screening
from tests.factories.visits import STARTS_AT, a_patient, a_visit, cancel, move, visits
from tests.notifications.rounds import DAY_BEFORE, run
from tests.notifications.test_just_before import round_with

pytestmark = pytest.mark.django_db

NOON = STARTS_AT - timedelta(days=2, hours=-2)
ALICE = Principal.system("link")
AWAITED = (
    "look forward", "coming up", "Please come", "minutes early", "do not need to do anything", "takes place after all",
    "answer a few questions", "TRIGGER", "STATUS:CONFIRMED",
)  # fmt: skip
"""What is said to whoever is awaited, in mails and in calendars."""

AT_TEN = "10:00 AM"
ISOLATES, COUGH = "told_to_isolate", "new_cough_breathless_sore_throat_runny_nose"
NOT_YET = {
    "told to stay at home": {ISOLATES: AnswerChoice.YES},
    "looked at": {COUGH: AnswerChoice.USUAL_FOR_ME},
    "needs help": None,
}
TOLD = (MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.REMINDER, MessageKind.HEALTH, MessageKind.REOPENED,
        MessageKind.LINK)  # fmt: skip
FACTS = {MessageKind.CONFIRMATION: {"again": True}, MessageKind.LINK: {"because": "request"}}


@pytest.fixture(autouse=True)
def asks():
    """All sites ask how people are."""
    adopt_screening()


def alices_visit(patient=None, starts_at=STARTS_AT):
    visit = a_visit(patient=patient or a_patient(), starts_at=starts_at)
    visit.refresh_from_db()
    return visit


def answer(visit, said, *, at=NOON):
    asked = screening_of(visit, at=at).policy.questions
    choices = dict.fromkeys(asked, AnswerChoice.NO) | (said or {})
    given = ScreeningAnswers(answered_on=at.date(), choices=choices, emergency=said is None)
    screening.answer(visit.public_id, given, by=ALICE, at=at)


def mail(visit, kind):
    facts = FACTS.get(kind, {}) | ({"visits": [visit.pk]} if kind is MessageKind.LINK else {})
    row = Message(
        appointment=visit, recipient=visit.patient, version=visit.version, kind=kind, facts=facts, due_at=NOON,
        created_at=NOON, resend=9,
    )  # fmt: skip
    row.save()
    text = " ".join(preview(row, at=NOON).decode().replace("=\r\n", "").replace("=\n", "").split())
    row.delete()
    return text


@pytest.mark.parametrize("kind", TOLD)
def test_no_mail_awaits_alice_while_something_is_to_be_settled_before_she_comes(kind):
    visit = alices_visit()
    for said in NOT_YET.values():
        answer(visit, said)
        text = mail(visit, kind)
        assert [words for words in AWAITED if words in text] == []
        assert "Something is still to be settled before you come." in text
        assert kind is MessageKind.LINK or "/screening/" in text
        ScreeningResponse.objects.all().delete()


def test_once_she_may_come_the_reminder_looks_forward_to_alice():
    visit = alices_visit()
    answer(visit, NOT_YET["told to stay at home"])
    ScreeningResponse.objects.update(decision="approved", decided_at=NOON, decided_by="user:1")
    text = mail(visit, MessageKind.REMINDER)
    assert "We look forward to seeing you" in text
    assert "to be settled" not in text


def test_a_policy_that_asks_anew_asks_nobody_by_mail_who_is_to_stay_at_home():
    visit = alices_visit()
    answer(visit, NOT_YET["told to stay at home"])
    publish_screening({"companions_max": 0}, at=NOON)
    text = mail(visit, MessageKind.REMINDER)
    assert "Something is still to be settled before you come." in text
    assert "answer a few questions" not in text


def test_the_calendar_file_of_her_page_rings_for_nobody_who_is_to_stay_at_home(time_machine):
    visit = alices_visit()
    answer(visit, NOT_YET["told to stay at home"])
    time_machine.move_to(NOON)
    token = links.issue(visit, at=NOON)
    text = Client().get(f"/m/{token}/appointment.ics").content.decode()
    assert "STATUS:TENTATIVE" in text
    assert [words for words in AWAITED if words in text] == []


def answered_while_others_are_written_to(mailoutbox):
    """Return the third patient's mails of a round in which she says that she was told to stay at home."""
    third = visits(3)[2]
    run()
    run(STARTS_AT - timedelta(days=3))
    mailoutbox.clear()
    third.refresh_from_db()
    round_with(lambda: answer(third, NOT_YET["told to stay at home"], at=DAY_BEFORE), mailoutbox)
    return [mail.body for mail in mailoutbox if mail.to == [third.patient.contacts.get().value]]


def test_alice_who_answers_while_others_are_written_to_is_not_looked_forward_to(mailoutbox):
    (body,) = answered_while_others_are_written_to(mailoutbox)
    assert "look forward" not in body
    assert "Something is still to be settled before you come." in body


def answered_about_another_while_others_are_written_to(mailoutbox):
    """Return the third patient's mail about hers of a round in which she says so about an earlier one of that day."""
    third = visits(3)[2]
    other = alices_visit(third.patient, STARTS_AT - timedelta(hours=3))
    run()
    run(STARTS_AT - timedelta(days=3))
    run(DAY_BEFORE - timedelta(hours=3))
    mailoutbox.clear()
    round_with(lambda: answer(other, NOT_YET["told to stay at home"], at=DAY_BEFORE), mailoutbox)
    return [mail.body for mail in mailoutbox if mail.to == [third.patient.contacts.get().value] and AT_TEN in mail.body]


def test_alice_who_answers_about_another_visit_meanwhile_is_not_looked_forward_to_either(mailoutbox):
    (body,) = answered_about_another_while_others_are_written_to(mailoutbox)
    assert "Something is still to be settled" in body
    assert "look forward" not in body


def test_twin_without_the_look_at_answers_about_others_she_is(mailoutbox, monkeypatch):
    monkeypatch.setattr(deliver, "SAME_ANSWERS", "TRUE")
    (body,) = answered_about_another_while_others_are_written_to(mailoutbox)
    assert "look forward" in body


def test_a_mail_about_two_visits_goes_although_one_is_not_asked_about_any_more(mailoutbox):
    first = alices_visit()
    second = alices_visit(first.patient, STARTS_AT + timedelta(hours=3))
    answer(second, {COUGH: AnswerChoice.NO})
    run()
    mailoutbox.clear()
    cancel(second, at=NOON - timedelta(minutes=1))
    Message(
        appointment=first, recipient=first.patient, version=first.version, kind=MessageKind.LINK, due_at=NOON,
        created_at=NOON, facts={"visits": [first.pk, second.pk]},
    ).save()  # fmt: skip
    run(NOON)
    assert Message.objects.get(kind=MessageKind.LINK).status == "sent"


def test_a_mail_that_stands_otherwise_at_each_look_waits_for_a_later_round_and_no_worker_spins(mailoutbox, monkeypatch):
    visit = alices_visit()
    run()
    mailoutbox.clear()
    begun = []
    monkeypatch.setattr(deliver, "begin", lambda reading, **_: begun.append(reading) or deliver.Start.CHANGED)
    run(STARTS_AT - timedelta(days=3))
    assert 0 < len(begun) <= MOST_LOOKS
    due = Message.objects.get(appointment=visit, kind=MessageKind.REMINDER, status="due", offset_minutes=3 * 24 * 60)
    assert due.due_at > STARTS_AT - timedelta(days=3)


def test_twin_without_the_look_at_answers_just_before_the_wire_she_is(mailoutbox, monkeypatch):
    monkeypatch.setattr(deliver, "SAME_ANSWERS", "TRUE")
    (body,) = answered_while_others_are_written_to(mailoutbox)
    assert "look forward" in body


def test_a_visit_moved_within_the_days_at_home_is_told_as_something_to_settle(mailoutbox):
    visit = alices_visit()
    run()
    answer(visit, NOT_YET["told to stay at home"])
    mailoutbox.clear()
    move(visit, starts_at=STARTS_AT + timedelta(hours=1), at=NOON)
    run(NOON + timedelta(minutes=3))
    assert "Something is still to be settled before you come." in mailoutbox[-1].body
