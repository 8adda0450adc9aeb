"""Alice wishes for other hours, or for no reminders: what waits follows, and what is news goes out all the same."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.models import MessagePreferences
from booking.status import Status
from notifications.actions import send_checks
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, MessageKind
from tests.factories.visits import STARTS_AT, a_visit, as_it_was, cancel, move
from tests.notifications.rounds import DAY_BEFORE, SOON, of, run

CHICAGO = ZoneInfo("America/Chicago")
pytestmark = pytest.mark.django_db
DAY, HOUR, DAYS = 24 * 60, timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def visit_once(what_visits_share, once_a_module):
    """A visit on a Tuesday at ten that Alice has the confirmation of."""
    with once_a_module():
        booked = a_visit()
        run()
        return booked.pk


@pytest.fixture
def visit(visit_once, mailoutbox):
    return as_it_was(visit_once)


def prefer(visit, **chosen):
    given = {"reminders": True, "not_before": None, "not_after": None, "relayed_at": None} | chosen
    MessagePreferences.objects.update_or_create(
        patient=visit.patient, defaults=given | {"changed_by": "link:alice", "changed_at": SOON}
    )
    run(SOON + HOUR)


def due(visit, days):
    return of(visit, MessageKind.REMINDER, offset_minutes=days * DAY).due_at.astimezone(CHICAGO)


def test_what_waits_comes_at_the_hours_she_wishes_and_earlier_rather_than_later(visit):
    prefer(visit, not_before=time(11))
    # A reminder for ten in the morning would come at eleven, which is later: so it comes the evening before.
    assert due(visit, 1) == datetime(2026, 12, 6, 20, tzinfo=CHICAGO)
    prefer(visit, not_before=time(11), not_after=time(17))
    assert due(visit, 1) == datetime(2026, 12, 6, 16, tzinfo=CHICAGO)
    prefer(visit)
    assert due(visit, 1) == datetime(2026, 12, 7, 10, tzinfo=CHICAGO)


def test_what_is_booked_later_is_planned_so_from_the_start(visit):
    prefer(visit, not_after=time(17))
    evening = STARTS_AT + 9 * HOUR  # seven in the evening
    move(visit, starts_at=evening, at=SOON + 2 * HOUR)
    run(SOON + 3 * HOUR)
    later = of(visit, MessageKind.REMINDER, offset_minutes=DAY, status=Delivery.DUE)
    assert later.due_at.astimezone(CHICAGO) == datetime(2026, 12, 7, 16, tzinfo=CHICAGO)


def test_without_reminders_none_goes_out_and_nobody_is_called(visit, mailoutbox):
    prefer(visit, reminders=False)
    run(DAY_BEFORE - 2 * DAYS)
    run(DAY_BEFORE)
    reminders = Message.objects.filter(kind=MessageKind.REMINDER, status=Delivery.DROPPED)
    assert set(reminders.values_list("reason", flat=True)) == {DeliveryReason.REMINDERS_OFF}
    assert reminders.count() == 2
    assert mailoutbox == []


def test_twin_where_nobody_asks_what_she_wishes_they_do(visit, mailoutbox, monkeypatch):
    monkeypatch.setattr(send_checks, "_is_turned_off", lambda _outgoing: False)
    prefer(visit, reminders=False)
    run(DAY_BEFORE + HOUR)
    assert mailoutbox


def test_a_reminder_that_asks_something_goes_out_all_the_same(visit, mailoutbox, monkeypatch):
    monkeypatch.setattr(send_checks, "visits_with_questions", lambda visits, **_at: frozenset({visit.pk}))
    prefer(visit, reminders=False)
    run(DAY_BEFORE + HOUR)
    assert mailoutbox


def test_that_the_clinic_cancels_is_written_in_any_case(visit, mailoutbox):
    prefer(visit, reminders=False, not_before=time(12), not_after=time(16))
    cancel(visit, at=SOON + 2 * HOUR)
    run(SOON + 3 * HOUR)
    assert of(visit, MessageKind.CANCELLED).status == Delivery.SENT
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
