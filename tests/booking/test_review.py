"""What somebody at the clinic looks at first is proposed, kept for that long, and told so in plain words."""

from datetime import timedelta

import pytest

from booking.actions import appointments, holds
from booking.errors import InReview, NoTimeToReview
from booking.models import Appointment
from booking.status import Move, Status
from core.principal import Principal
from notifications.actions.relay import relay
from notifications.models import Message
from notifications.status import MessageKind
from scheduler.public import SlotTaken, explain
from scheduler.public import slot as opened
from tests.factories.booking import chicago, slot_id
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT

SYSTEM = Principal.system("test")
TEN, NEXT = chicago(12, 10), chicago(14, 10)
A_DAY = timedelta(days=1)


@pytest.fixture
def reviewed(lakeside):
    """First visits are looked at until a day before."""
    publish_policy("booking", {"review": [{"reason": "first-visit", "business_days": 1, "until_hours_before": 24}]})


def a_slot(*where, **facts):
    return opened(slot_id(*where, **facts))


def book(alice, dr_li, start=TEN, visit="first", **facts):
    slot = a_slot(dr_li, start, visit=visit)
    return appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, **facts)


@pytest.mark.django_db
def test_alices_first_visit_waits_for_a_check_and_its_time_is_kept_until_the_day_before(alice, dr_li, reviewed):
    visit = book(alice, dr_li)
    assert (visit.status, visit.kept_until) == (Status.PROPOSED, TEN - A_DAY)
    assert visit.changes.get().facts["review"] == ["first-visit"]
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    visit.refresh_from_db()
    assert (visit.status, visit.kept_until) == (Status.BOOKED, None)


@pytest.mark.django_db
def test_without_the_switch_alices_first_visit_is_booked_at_once(alice, dr_li):
    assert book(alice, dr_li).status == Status.BOOKED


@pytest.mark.django_db
def test_a_held_time_is_proposed_as_well(alice, dr_li, reviewed):
    hold = holds.take(a_slot(dr_li, TEN, visit="first"), by=alice.principal, at=AT, patient=alice.record)
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, hold_id=hold.public_id)
    assert (visit.status, visit.kept_until) == (Status.PROPOSED, TEN - A_DAY)


@pytest.mark.django_db
def test_a_time_before_which_nobody_can_look_is_refused_when_held_and_when_booked(alice, dr_li, reviewed):
    soon = chicago(6, 9)
    with pytest.raises(NoTimeToReview):
        holds.take(a_slot(dr_li, soon, visit="first"), by=alice.principal, at=soon - A_DAY, patient=alice.record)
    with pytest.raises(NoTimeToReview):
        appointments.book(
            patient=alice.record, by=alice.principal, at=soon - A_DAY, slot=a_slot(dr_li, soon, visit="first")
        )


@pytest.mark.django_db
def test_who_moves_a_visit_that_is_looked_at_has_the_new_time_kept_for_that(alice, dr_li, reviewed):
    visit = book(alice, dr_li)
    slot = a_slot(dr_li, NEXT, visit="first")
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=slot)
    assert (moved.status, moved.kept_until) == (Status.PROPOSED, NEXT - A_DAY)


@pytest.mark.django_db
def test_who_moves_a_visit_that_was_approved_keeps_it(alice, dr_li, reviewed):
    visit = book(alice, dr_li)
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    slot = a_slot(dr_li, NEXT, visit="first")
    assert (
        appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=slot).status
        == Status.BOOKED
    )


@pytest.mark.django_db
def test_alice_reads_in_a_mail_that_her_request_is_being_checked_and_later_that_it_is_booked(alice, dr_li, reviewed):
    visit = book(alice, dr_li)
    relay(at=AT)
    asked = Message.objects.get(appointment=visit)
    assert (asked.kind, asked.facts["because"]) == (MessageKind.LINK, "request")
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    relay(at=AT)
    assert Message.objects.filter(appointment=visit, kind=MessageKind.CONFIRMATION).exists()
    assert Appointment.objects.get().status == Status.BOOKED


@pytest.mark.django_db
def test_a_request_moves_only_to_a_time_that_somebody_can_look_at_before(alice, dr_li, reviewed):
    visit = book(alice, dr_li)
    soon = chicago(6, 9)
    for act in (
        lambda: holds.take(a_slot(dr_li, soon, visit="first"), by=alice.principal, at=AT, moving=visit),
        lambda: appointments.move(
            visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=a_slot(dr_li, soon, visit="first")
        ),
    ):
        with pytest.raises(NoTimeToReview):
            act()
    told = explain(a_slot(dr_li, soon, visit="first"), at=AT, moving=visit.allocation)
    assert [one.code for one in told.reasons] == ["no-time-to-review"]
    assert explain(a_slot(dr_li, soon, visit="first"), at=AT, moving=visit.allocation, reviewed=True).free


@pytest.mark.django_db
def test_who_finds_the_time_taken_is_offered_others_that_somebody_can_look_at_before(alice, ben, dr_li, reviewed):
    thursday = chicago(8, 9)
    book(ben, dr_li, thursday)
    with pytest.raises(SlotTaken) as refused:
        book(alice, dr_li, thursday)
    soonest = min(slot.start for slot in refused.value.facts["alternatives"])
    assert soonest >= chicago(7, 21)
    holds.take(refused.value.facts["alternatives"][0], by=alice.principal, at=AT, patient=alice.record)


@pytest.mark.django_db
def test_dana_asks_with_a_reason_for_a_time_that_is_soon_and_it_is_kept_until_it_begins(alice, dana, dr_li, reviewed):
    soon = chicago(6, 9)
    slot = a_slot(dr_li, soon, visit="first")
    with pytest.raises(NoTimeToReview):
        appointments.book(patient=alice.record, by=dana.principal, at=AT, slot=slot)
    visit = appointments.book(
        patient=alice.record, by=dana.principal, at=AT, slot=slot, override_reason="Dr Li looks at it today"
    )
    assert (visit.status, visit.kept_until) == (Status.PROPOSED, soon)
    assert visit.changes.get().facts["overrode"] == ["no-time-to-review"]


@pytest.mark.django_db
def test_no_document_books_what_nobody_has_looked_at(alice, dana, dr_li, reviewed):
    visit = book(alice, dr_li)
    with pytest.raises(InReview):
        appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=AT + A_DAY)
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    pending = appointments.move(visit.public_id, Move.AWAIT, by=dana.principal, at=AT, until=AT + A_DAY)
    assert pending.status == Status.PENDING


@pytest.mark.django_db
def test_a_declined_request_that_is_taken_back_is_looked_at_again_for_as_long(alice, dana, dr_li, reviewed):
    visit = book(alice, dr_li)
    appointments.move(visit.public_id, Move.DECLINE, by=SYSTEM, at=AT)
    again = appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT)
    assert (again.status, again.kept_until) == (Status.PROPOSED, TEN - A_DAY)


@pytest.mark.django_db
def test_a_request_that_moves_back_is_kept_until_a_day_before_its_time(alice, dana, dr_li, reviewed):
    visit = book(alice, dr_li)
    slot = a_slot(dr_li, NEXT, visit="first")
    appointments.move(visit.public_id, Move.RESCHEDULE, by=dana.principal, at=AT, slot=slot)
    back = appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT)
    assert (back.period.lower, back.kept_until) == (TEN, TEN - A_DAY)
