"""What the ledger tells becomes messages: each said once, about the visit as it is now."""

from datetime import timedelta

import pytest
from django.db import connection

from booking.calls import calls_to_make
from booking.calls.call_news import why
from booking.models import Change, Proof
from core.principal import Principal
from notifications import plan
from notifications.actions import dispatch
from notifications.actions import relay as relaying
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.reminder_plan import reminder_plan
from notifications.status import Delivery, DeliveryReason, MessageKind
from proof.checker import messages
from tests.factories.visits import BOOKED_AT, STARTS_AT, a_patient, a_request, a_visit, cancel, move, told, undo, visits

SOON = BOOKED_AT + timedelta(seconds=1)
pytestmark = pytest.mark.django_db


def planned(visit, **filters):
    rows = Message.objects.filter(appointment=visit, **filters).order_by("due_at", "pk")
    return [(row.kind, row.offset_minutes, row.due_at) for row in rows]


def waiting(visit):
    return [(kind, offset) for kind, offset, _ in planned(visit, status=Delivery.DUE)]


def take_back(visit, what, after, *, at):
    before, visit.status = visit.status, after
    visit.version += 1
    visit.save()
    told(visit, what, before=before, at=at)


def test_a_booked_visit_is_confirmed_at_once_and_reminded_of_twice():
    visit = a_visit()
    relay(at=SOON)
    assert planned(visit) == [
        (MessageKind.CONFIRMATION, 0, BOOKED_AT),
        (MessageKind.REMINDER, 4320, STARTS_AT - timedelta(days=3)),
        (MessageKind.REMINDER, 1440, STARTS_AT - timedelta(days=1)),
    ]


def test_a_visit_booked_for_tomorrow_is_only_confirmed():
    visit = a_visit(starts_at=BOOKED_AT + timedelta(hours=20))
    relay(at=SOON)
    assert waiting(visit) == [(MessageKind.CONFIRMATION, 0)]


def test_relaying_twice_plans_nothing_twice():
    visit = a_visit()
    assert relay(at=SOON) == 1
    assert relay(at=SOON) == 0
    Change.objects.update(relayed_at=None)
    assert relay(at=SOON) == 1
    assert len(planned(visit)) == 3


def test_without_the_constraint_the_same_words_would_be_planned_twice():
    visit = a_visit()
    relay(at=SOON)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE notifications_message DROP CONSTRAINT message_is_said_once")
    Change.objects.update(relayed_at=None)
    relay(at=SOON)
    assert len(planned(visit)) == 6


def test_a_move_drops_the_old_words_and_plans_new_ones():
    visit = a_visit()
    relay(at=SOON)
    later = STARTS_AT + timedelta(days=7)
    move(visit, starts_at=later, at=SOON)
    relay(at=SOON)
    assert waiting(visit) == [(MessageKind.MOVED, 0), (MessageKind.REMINDER, 4320), (MessageKind.REMINDER, 1440)]
    assert set(Message.objects.filter(version=0).values_list("status", "reason")) == {
        ("dropped", DeliveryReason.SUPERSEDED)
    }


@pytest.mark.parametrize("kind", sorted(set(MessageKind) - plan.BY_VERSION))
def test_a_move_leaves_words_that_are_not_about_one_version(kind):
    visit = a_visit()
    relay(at=SOON)
    Message.objects.filter(kind=MessageKind.CONFIRMATION).update(kind=kind)
    move(visit, starts_at=STARTS_AT + timedelta(days=7), at=SOON)
    relay(at=SOON)
    assert (kind, 0) in waiting(visit)


@pytest.mark.parametrize("kind", sorted(set(MessageKind) - plan.BY_VERSION))
def test_if_all_words_were_about_one_version_a_move_would_drop_them(kind, monkeypatch):
    monkeypatch.setattr("notifications.actions.relay.BY_VERSION", frozenset(MessageKind))
    with pytest.raises(AssertionError):
        test_a_move_leaves_words_that_are_not_about_one_version(kind)


def test_a_cancelled_visit_leaves_only_the_notice_of_it():
    visit = a_visit()
    relay(at=SOON)
    cancel(visit, at=SOON)
    relay(at=SOON)
    assert waiting(visit) == [(MessageKind.CANCELLED, 0)]


def test_an_undone_cancellation_leaves_the_words_for_a_visit_that_stands():
    visit = a_visit()
    relay(at=SOON)
    cancel(visit, at=SOON)
    relay(at=SOON)
    undo(visit, at=SOON)
    relay(at=SOON)
    assert waiting(visit) == [(MessageKind.CONFIRMATION, 0), (MessageKind.REMINDER, 4320), (MessageKind.REMINDER, 1440)]


def test_a_visit_that_is_taken_back_leaves_only_the_notice_of_it():
    visit = a_visit()
    relay(at=SOON)
    take_back(visit, "enter-in-error", "entered-in-error", at=SOON)
    relay(at=SOON)
    assert waiting(visit) == [(MessageKind.CANCELLED, 0)]


def test_a_visit_entered_in_error_once_it_has_begun_says_nothing():
    visit = a_visit()
    relay(at=SOON)
    take_back(visit, "enter-in-error", "entered-in-error", at=STARTS_AT)
    relay(at=STARTS_AT)
    assert waiting(visit) == []


def test_after_a_death_nothing_is_said():
    visit = a_visit()
    relay(at=SOON)
    cancel(visit, at=SOON, reason="deceased")
    relay(at=SOON)
    assert waiting(visit) == []


def test_changes_that_come_out_of_order_end_in_the_words_for_the_visit_as_it_is():
    visit = a_visit()
    move(visit, starts_at=STARTS_AT + timedelta(days=7), at=SOON)
    booked, moved = Change.objects.order_by("pk")
    Change.objects.filter(pk=booked.pk).update(relayed_at=SOON)
    relay(at=SOON)
    Change.objects.filter(pk=booked.pk).update(relayed_at=None)
    relay(at=SOON)
    assert waiting(visit) == [(MessageKind.MOVED, 0), (MessageKind.REMINDER, 4320), (MessageKind.REMINDER, 1440)]
    assert moved.version == 1


def test_a_visit_that_waits_for_a_check_is_told_to_be_asked_for_and_confirmed_when_it_is_approved():
    visit = a_request()
    relay(at=SOON)
    asked = (MessageKind.LINK, 0)
    assert waiting(visit) == [asked]
    visit.status = "booked"
    visit.save()
    told(visit, "approve", before="proposed", at=SOON)
    relay(at=SOON)
    later = [(MessageKind.REMINDER, 4320), (MessageKind.REMINDER, 1440)]
    assert waiting(visit) == [asked, (MessageKind.CONFIRMATION, 0), *later]


def test_arriving_says_nothing():
    visit = a_visit()
    relay(at=SOON)
    visit.status = "arrived"
    visit.save()
    told(visit, "arrive", before="booked", at=STARTS_AT)
    relay(at=STARTS_AT)
    assert len(planned(visit)) == 3


def test_staff_sees_that_somebody_without_an_address_could_not_be_told_and_is_reminded_by_nobody_but_them():
    visit = a_visit(patient=a_patient("Ben Adams", email=None))
    relay(at=SOON)
    rows = Message.objects.filter(appointment=visit).order_by("due_at")
    assert {row.reason for row in rows} == {DeliveryReason.NO_ADDRESS}
    assert [row.status for row in rows] == [Delivery.FAILED, Delivery.DUE, Delivery.DUE]
    assert visit.calls.get().raised_at == SOON


def told_by_phone():
    """Return the visit of somebody without an address who was told of it on the phone, planned for."""
    visit = a_visit(patient=a_patient("Ben Adams", email=None), move="hold")
    told(visit, "book", before="", at=BOOKED_AT, facts={"told_at_desk": True})
    relay(at=SOON)
    return visit


def test_nobody_calls_about_what_was_told_on_the_phone_until_a_reminder_is_due():
    visit = told_by_phone()
    assert not visit.calls.exists()
    assert not Message.objects.filter(appointment=visit, status=Delivery.FAILED).exists()
    first = Message.objects.filter(appointment=visit, kind=MessageKind.REMINDER).earliest("due_at")
    dispatch.run(now=lambda: first.due_at - timedelta(minutes=1))
    assert not visit.calls.exists()
    dispatch.run(now=lambda: first.due_at)
    call = calls_to_make.call_tasks(Principal.system("test")).get(appointment=visit)
    assert (call.raised_at, why(call).endswith("remind them of it.")) == (first.due_at, True)


def test_twin_a_reminder_that_fails_as_it_is_planned_is_a_call_days_too_early(monkeypatch):
    def at_once(visit, planned, facts, *, plan, at):
        message = message_of(visit, planned, facts, plan=plan, at=at)
        message.status = Delivery.FAILED if message.reason == DeliveryReason.NO_ADDRESS else message.status
        return message

    message_of = relaying.message_of
    monkeypatch.setattr(relaying, "message_of", at_once)
    assert told_by_phone().calls.get().raised_at == SOON


def test_relaying_five_hundred_changes_takes_no_more_queries_than_relaying_one(django_assert_max_num_queries):
    visit, *_ = visits(40)
    reminder_plan(visit.site_id, at=SOON)  # catalogue and policies are kept in the process
    with django_assert_max_num_queries(13):
        assert relay(at=SOON) == 40


def test_what_is_kept_beside_a_message_holds_no_name():
    visit = a_visit()
    move(visit, practitioner="Dr Kim", at=SOON)
    relay(at=SOON)
    facts = str(list(Message.objects.values_list("facts", flat=True)))
    assert "Alice" not in facts
    assert "Kim" not in facts


@pytest.mark.parametrize("by_code", [True, False])
def test_the_independent_checker_asks_of_a_request_what_is_planned_for_it(by_code):
    request = a_request()
    if by_code:
        Proof.objects.create(appointment=request, made_by="visitor:1", issued_at=BOOKED_AT)
    relay(at=SOON)
    assert set(Message.objects.values_list("kind", flat=True)) == (set() if by_code else {MessageKind.LINK})
    assert list(messages.differences(at=SOON)) == []
