"""Whoever is asked how they are hears of it once: with the mail of that day, or by a notice of its own."""

from datetime import timedelta

import pytest

from booking.actions.screening import screening
from booking.models import CallReason, CallTask
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.queries import screening_of
from booking.screening.questionnaire import AnswerChoice
from booking.status import Status
from core.models import Policy
from core.policies.actions import policies
from core.principal import Principal
from notifications.actions import health_notices
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, MessageKind
from scheduler.actions import calendars
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.policies import adopt_screening, publish_screening
from tests.factories.scheduler import AT
from tests.factories.visits import STARTS_AT, a_patient, a_site, a_visit, cancel, move, visits
from tests.notifications.rounds import run

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEVER, TEST = "fever_or_chills_24h", "positive_covid_flu_rsv_10d"
ANSWERED_AT = STARTS_AT - 3 * DAY + HOUR
"""After the reminder of three days before, at 11 in the morning."""

PUBLISHED_AT = ANSWERED_AT + 3 * HOUR
ALICE = Principal.system("link")


@pytest.fixture(scope="module", autouse=True)
def asks_once(once_a_module):
    """All sites ask how people are."""
    with once_a_module():
        adopt_screening()


def say_well(*some, at=ANSWERED_AT):
    """Let people say that they are well."""
    for visit in some:
        visit.refresh_from_db()
        asked = screening_of(visit, at=at).policy
        said = ScreeningAnswers(answered_on=at.date(), choices=dict.fromkeys(asked.questions, AnswerChoice.NO))
        screening.answer(visit.public_id, said, by=ALICE, at=at)


def ask_other_questions(*, at=PUBLISHED_AT):
    return publish_screening({"questions": [FEVER, TEST], "recheck_questions": [FEVER]}, at=at)


def told(*some):
    """Return the visits as they are once all that was due by the time they answered has gone out."""
    run(ANSWERED_AT - 60 * HOUR)
    run(ANSWERED_AT)
    return some


def minutes_later(at=PUBLISHED_AT, *, minutes=2):
    """Plan notices and send what is due, as the worker does every two minutes."""
    then = at + timedelta(minutes=minutes)
    health_notices.plan_notices(at=then)
    run(then)
    return then


def notices(mailoutbox):
    return [mail for mail in mailoutbox if mail.subject.startswith("Before your appointment")]


def leading_to_questions(mailoutbox):
    return [mail.subject.partition(":")[0] for mail in mailoutbox if "/screening/" in mail.body]


def test_who_never_answers_is_asked_by_both_reminders_alone_and_nothing_is_cancelled(mailoutbox):
    visit = a_visit(patient=a_patient())
    run(STARTS_AT - 9 * DAY)
    assert leading_to_questions(mailoutbox) == []
    mailoutbox.clear()
    for hours in (86, 72, 48, 24, 0):
        minutes_later(STARTS_AT - hours * HOUR, minutes=0)
    assert [mail.subject.partition(":")[0] for mail in mailoutbox] == ["Reminder", "Reminder"]
    assert leading_to_questions(mailoutbox) == ["Reminder", "Reminder"]
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_who_answers_the_first_reminder_is_not_asked_by_the_second(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    run(STARTS_AT - DAY)
    assert leading_to_questions(mailoutbox) == ["Reminder"]
    assert len([mail for mail in mailoutbox if mail.subject.startswith("Reminder")]) == 2


def test_who_books_within_three_days_is_asked_by_the_confirmation_alone(mailoutbox):
    a_visit(patient=a_patient(), at=STARTS_AT - 2 * DAY)
    for hours in (48, 47, 26):
        minutes_later(STARTS_AT - hours * HOUR, minutes=1)
    assert leading_to_questions(mailoutbox) == ["Your appointment on Tue, Dec 8 at 10"]
    assert len(mailoutbox) == 1


def test_of_twenty_who_answered_another_policy_each_still_coming_is_told_once_and_nobody_else(mailoutbox):
    ahead = visits(20)
    asked, well, unasked = ahead[:17], ahead[17:19], ahead[19]
    run(ANSWERED_AT)
    say_well(*asked, *well)
    ask_other_questions()
    say_well(*well, at=PUBLISHED_AT + timedelta(seconds=1))
    cancel(asked[0], at=PUBLISHED_AT)
    asked[1].refresh_from_db()
    asked[1].status = Status.CHECKED_IN
    asked[1].save()
    mailoutbox.clear()
    for minutes in (2, 4, 6, 60):
        minutes_later(minutes=minutes)
    assert sorted(mail.to[0] for mail in notices(mailoutbox)) == sorted(f"alice{n}@example.test" for n in range(3, 18))
    assert unasked.messages.get(kind=MessageKind.REMINDER, offset_minutes=1440).status == Delivery.DUE


def test_nobody_is_told_at_night(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    night = ANSWERED_AT + 11 * HOUR
    ask_other_questions(at=night)
    mailoutbox.clear()
    minutes_later(night)
    assert mailoutbox == []
    run(night + 11 * HOUR)
    assert len(notices(mailoutbox)) == 1


def test_nobody_is_told_while_the_day_is_closed_nor_after_the_start(alice, dr_li, mailoutbox):
    start = chicago(15, 10)
    make_visit(alice.record, slot_id(dr_li, start))
    run(AT)
    answered_at = start - 3 * DAY + HOUR
    run(answered_at)
    say_well(alice.record.appointments.get(), at=answered_at)
    ask_other_questions(at=answered_at + HOUR)
    on = {"first_on": start.date(), "last_on": start.date()}
    calendars.add_closure(dr_li.user.assignments.get().site, **on, name="Storm", confirmed=True, by=ALICE, at=AT)
    mailoutbox.clear()
    minutes_later(answered_at + HOUR)
    run(start + HOUR)
    assert mailoutbox == []
    health = Message.objects.get(kind=MessageKind.HEALTH)
    assert (health.status, health.reason) == (Delivery.DROPPED, DeliveryReason.WITHOUT_COVER)


def test_on_the_day_of_a_reminder_the_reminder_alone_leads_to_the_new_questions(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    morning = STARTS_AT - DAY - HOUR
    ask_other_questions(at=morning)
    mailoutbox.clear()
    minutes_later(morning)
    assert notices(mailoutbox) == []
    run(STARTS_AT - DAY)
    minutes_later(STARTS_AT - DAY)
    assert leading_to_questions(mailoutbox) == ["Reminder"]


def test_who_is_moved_to_a_day_of_another_policy_is_asked_by_the_mail_of_the_move_alone(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    publish_later = Policy.objects.filter(key="screening", audience="patient").latest("version")
    drafted = policies.draft(
        "screening", publish_later.content | {"questions": [FEVER, TEST], "recheck_questions": [FEVER]},
        by=ALICE, at=ANSWERED_AT, audience="patient",
    )  # fmt: skip
    for name in ("one", "another"):
        policies.approve(drafted.pk, by=Principal.system(name), at=ANSWERED_AT)
    policies.publish(drafted.pk, by=ALICE, at=ANSWERED_AT + HOUR, starts_at=STARTS_AT + HOUR)
    mailoutbox.clear()
    minutes_later()
    assert mailoutbox == []
    move(visit, starts_at=STARTS_AT + 2 * HOUR, at=PUBLISHED_AT)
    minutes_later(minutes=1)
    for minutes in (3, 5):
        minutes_later(minutes=minutes)
    assert leading_to_questions(mailoutbox) == ["Changed"]


def test_who_moved_to_a_later_week_is_asked_by_the_reminders_and_hears_of_no_change_that_was_none(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    move(visit, starts_at=STARTS_AT + 7 * DAY, at=PUBLISHED_AT)
    minutes_later(minutes=3)
    mailoutbox.clear()
    three_days_before = STARTS_AT + 4 * DAY
    minutes_later(three_days_before - 12 * HOUR)  # the evening from which on answers count
    assert mailoutbox == []
    minutes_later(three_days_before)
    assert leading_to_questions(mailoutbox) == ["Reminder"]


def test_another_practitioner_after_the_notice_brings_no_second_one(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    ask_other_questions()
    mailoutbox.clear()
    minutes_later()
    move(visit, practitioner="Dr Kim", at=PUBLISHED_AT + HOUR)
    for minutes in (61, 64, 66):
        minutes_later(minutes=minutes)
    assert leading_to_questions(mailoutbox) == ["Before your appointment on Tue, Dec 8 at 10", "Changed"]


def test_who_has_no_address_is_a_call_to_make_once(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient(email=None)))
    CallTask.objects.all().delete()
    say_well(visit)
    ask_other_questions()
    minutes_later()
    (call,) = CallTask.objects.all()
    assert call.reason == CallReason.NOT_REACHED
    CallTask.objects.all().delete()  # she was called
    minutes_later(minutes=4)
    assert not CallTask.objects.exists()


def test_where_a_site_gives_up_a_policy_of_its_own_those_who_answered_it_are_told(mailoutbox):
    (visit,) = told(a_visit(patient=a_patient()))
    everywhere = Policy.objects.filter(key="screening", audience="patient").latest("version")
    own = policies.draft(
        "screening", everywhere.content | {"questions": [FEVER, TEST], "recheck_questions": [FEVER]},
        by=ALICE, at=ANSWERED_AT - HOUR, site=a_site(), audience="patient",
    )  # fmt: skip
    for name in ("one", "another"):
        policies.approve(own.pk, by=Principal.system(name), at=ANSWERED_AT - HOUR)
    policies.publish(own.pk, by=ALICE, at=ANSWERED_AT - HOUR)
    say_well(visit)
    mailoutbox.clear()
    minutes_later()
    assert mailoutbox == []
    ended = Policy.objects.get(pk=own.pk)
    ended.effective = type(ended.effective)(ended.effective.lower, PUBLISHED_AT)
    ended.save()
    minutes_later(minutes=10)
    assert len(notices(mailoutbox)) == 1


def test_without_looking_at_what_was_mailed_the_day_of_a_reminder_brings_two_mails(mailoutbox, monkeypatch):
    monkeypatch.setattr(health_notices, "_tells", lambda *_, **__: False)
    (visit,) = told(a_visit(patient=a_patient()))
    say_well(visit)
    ask_other_questions(at=STARTS_AT - DAY - HOUR)
    mailoutbox.clear()
    minutes_later(STARTS_AT - DAY - HOUR)
    run(STARTS_AT - DAY)
    assert len(leading_to_questions(mailoutbox)) == 2
