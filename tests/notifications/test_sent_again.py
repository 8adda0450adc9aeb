"""A message goes out once more when staff ask for it: as it is true now, once, to an address that works."""

from datetime import timedelta

import pytest

from booking.models import ContactChange
from core.refusals import Missing
from core.roles import Role
from notifications.actions import resending
from notifications.actions.resending import NotSentAgain, send_again
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from tests.factories.booking import make_staff
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_visit, as_it_was, cancel, move
from tests.notifications.rounds import ended, of, run

pytestmark = pytest.mark.django_db
LATER, MINUTE = BOOKED_AT + timedelta(hours=2), timedelta(minutes=1)


@pytest.fixture(scope="module")
def visit_once(what_visits_share, once_a_module):
    """A visit that Alice has the confirmation of."""
    with once_a_module():
        booked = a_visit(patient=a_patient())
        run(BOOKED_AT)
        return booked.pk


@pytest.fixture
def visit(visit_once, mailoutbox):
    return as_it_was(visit_once)


@pytest.fixture
def dana(visit):
    return make_staff("dana", Role.SCHEDULER, site=visit.site).principal


def again(message, dana, *, at=LATER, **seen):
    return send_again(message.pk, by=dana, at=at, **seen)


@pytest.mark.parametrize(
    ("status", "reason", "offered"),
    [
        (Delivery.SENT, "", True),
        (Delivery.FAILED, "refused-550", True),
        (Delivery.DROPPED, "told-at-desk", True),
        (Delivery.DROPPED, "superseded", False),
        (Delivery.DROPPED, "not-standing", False),
        (Delivery.DROPPED, "unchanged", False),
        (Delivery.DROPPED, "too-late", False),
    ],
)
def test_what_was_not_needed_has_no_button(status, reason, offered):
    one = Message(kind=MessageKind.REMINDER, status=status, reason=reason)
    assert resending.can_be_sent_again(one) is offered


def refused(message, dana, *, at=LATER):
    with pytest.raises(NotSentAgain) as no:
        again(message, dana, at=at)
    assert not Message.objects.filter(facts__resend_of=message.pk).exists()
    return str(no.value.detail)


def test_the_confirmation_says_how_the_appointment_is_now(visit, dana, mailoutbox):
    first = of(visit, "confirmation")
    move(visit, starts_at=STARTS_AT + timedelta(days=1), at=LATER)
    run(LATER + timedelta(minutes=3))
    mailoutbox.clear()
    sent = again(first, dana, at=LATER + timedelta(minutes=4))
    run(LATER + timedelta(minutes=4))
    (mail,) = mailoutbox
    assert mail.subject == "Your appointment on Wed, Dec 9 at 10:00 AM"
    assert mail.to == ["alice@example.test"]
    assert (sent.version, sent.facts["resent_by"]) == (1, dana.key)


def test_pressed_twice_or_by_two_it_goes_out_once_and_asked_for_anew_once_more(visit, dana, mailoutbox):
    first = of(visit, "confirmation")
    mailoutbox.clear()
    assert {again(first, dana, after=0).pk for _press in range(2)} == {again(first, dana).pk}
    run(LATER)
    assert len(mailoutbox) == 1
    late_press = again(first, dana, at=LATER + MINUTE, after=0)
    assert late_press.status == Delivery.SENT
    other = again(first, dana, at=LATER + MINUTE, after=1)
    assert other.pk != late_press.pk


def test_twin_without_that_count_a_late_second_press_is_a_second_mail(visit, dana):
    first = of(visit, "confirmation")
    one = again(first, dana, after=0)
    run(LATER)
    assert again(first, dana, at=LATER + MINUTE, after=None).pk != one.pk


def test_a_reminder_goes_at_once_though_the_next_one_is_near_and_at_night_in_the_morning(visit, dana, mailoutbox):
    reminder = of(visit, "reminder", offset_minutes=3 * 24 * 60)
    day_before = STARTS_AT - timedelta(hours=20)
    run(day_before)
    mailoutbox.clear()
    again(reminder, dana, at=day_before)
    run(day_before)
    (mail,) = mailoutbox
    assert mail.subject.startswith("Reminder")
    night = STARTS_AT - timedelta(hours=9)
    assert again(reminder, dana, at=night).due_at > night


def test_a_reminder_of_what_is_cancelled_or_over_is_refused_kindly(visit, dana):
    reminder = of(visit, "reminder", offset_minutes=24 * 60)
    assert "too late" in refused(reminder, dana, at=STARTS_AT)
    cancel(visit, at=LATER)
    assert "does not stand" in refused(reminder, dana)
    assert "does not stand" in refused(of(visit, "confirmation"), dana)


def test_that_it_is_cancelled_is_said_again_as_they_knew_it(visit, dana, mailoutbox):
    move(visit, starts_at=STARTS_AT + timedelta(days=1), at=LATER)
    cancel(visit, at=LATER + MINUTE)
    run(LATER + timedelta(minutes=20))
    told = mailoutbox[-1]
    mailoutbox.clear()
    again(of(visit, "cancelled"), dana, at=LATER + timedelta(minutes=30))
    run(LATER + timedelta(minutes=30))
    assert [mail.subject for mail in mailoutbox] == [told.subject]


def test_an_address_that_was_refused_waits_for_another_one(visit, dana):
    first = of(visit, "confirmation")
    Message.objects.filter(pk=first.pk).update(status=Delivery.FAILED, reason="refused-550")
    assert "refused this address" in refused(first, dana)
    ContactChange.objects.create(patient=visit.patient, by=dana.key, at=LATER)
    assert again(first, dana).kind == MessageKind.CONFIRMATION


def test_twin_without_a_look_at_the_address_it_would_be_refused_again(visit, dana, monkeypatch):
    first = of(visit, "confirmation")
    Message.objects.filter(pk=first.pk).update(status=Delivery.FAILED, reason="refused-550")
    monkeypatch.setattr(resending, "_is_known_to_fail", lambda _patient: False)
    assert again(first, dana).status == Delivery.DUE


def test_it_is_whose_right_it_is_and_a_code_is_nobodys(visit, dana):
    first = of(visit, "confirmation")
    auditor = make_staff("aud", Role.AUDITOR, site=visit.site).principal
    with pytest.raises(Missing):
        again(first, auditor)
    Message.objects.filter(pk=first.pk).update(kind=MessageKind.CODE, facts={"issue": 1})
    assert "sent once" in refused(first, dana)


def test_an_outcome_that_is_lost_stays_one_and_the_other_says_its_own(visit, dana, mailoutbox):
    first = of(visit, "confirmation")
    Message.objects.filter(pk=first.pk).update(status=Delivery.UNKNOWN, reason="answer-lost")
    again(first, dana)
    run(LATER)
    assert ended(visit, "confirmation", pk=first.pk) == (Delivery.UNKNOWN, "answer-lost")
    assert ended(visit, "confirmation", facts__resend_of=first.pk) == (Delivery.SENT, "")
