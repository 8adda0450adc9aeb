"""Nothing is said of a visit whose time is no longer open: staff calls, and the mail goes out if it opens again."""

from datetime import timedelta

import pytest
import time_machine

from booking import public as booking
from booking.actions import appointments, closures, uncovered_visits
from booking.cancel_reasons import CancelReason
from booking.models import CallTask
from booking.status import Move
from core.principal import Principal
from notifications.actions import lost_links
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason, MessageKind
from scheduler.actions import calendars
from scheduler.models import Absence
from tests.factories.booking import (
    DAY,
    MINUTE,
    SYSTEM,
    chicago,
    make_patient,
    make_visit,
    read_slot,
    slot_id,
    visit_of_both,
)
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was
from tests.notifications.rounds import ended, of, run

STARTS = chicago(15, 10)
DAY_BEFORE = STARTS - DAY
EDITOR = {"by": Principal.system("test"), "at": AT}


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    """Alice has a visit on a Thursday and has been told so."""
    with once_a_module():
        booked = visit_of_both(made_once, STARTS)
        run(AT)
        run(STARTS - 3 * DAY)
        return booked.pk


@pytest.fixture
def visit(visit_once, alice, dr_li, mailoutbox):
    return as_it_was(visit_once)


def away(dr_li, day: int = 15) -> Absence:
    when = {"starts_at": chicago(day, 0), "ends_at": chicago(day + 1, 0)}
    return calendars.add_absence(dr_li, **when, reason="illness", **EDITOR).row


def shut(site):
    on = {"first_on": STARTS.date(), "last_on": STARTS.date()}
    return calendars.add_closure(site, **on, name="Thanksgiving", confirmed=True, **EDITOR).row


def calls() -> list[tuple[int, bool]]:
    return [(call.appointment_id, call.done_at is None) for call in CallTask.objects.all()]


@pytest.mark.parametrize("edit", [lambda dr_li, site: away(dr_li), lambda dr_li, site: shut(site)])
def test_alice_is_not_reminded_of_a_day_on_which_nobody_is_there_and_dana_is_to_call_her(
    visit, dr_li, lakeside, mailoutbox, edit
):
    edit(dr_li, lakeside)
    run(DAY_BEFORE)
    assert not mailoutbox
    assert ended(visit, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.DUE, DeliveryReason.WITHOUT_COVER)
    assert of(visit, MessageKind.REMINDER, offset_minutes=1440).due_at == DAY_BEFORE + 5 * MINUTE
    run(DAY_BEFORE + 5 * MINUTE)
    assert calls() == [(visit.pk, True)]


def test_the_demos_outbox_says_of_a_reminder_for_a_closed_day_that_it_is_held_back(visit, dr_li, client, settings):
    settings.DEMO = True
    waiting = f"/demo/outbox/waiting/{of(visit, MessageKind.REMINDER, offset_minutes=1440).pk}/"
    with time_machine.travel(DAY_BEFORE - DAY, tick=False):
        before = client.get("/demo/outbox/"), client.get(waiting)
        away(dr_li)
        after = client.get("/demo/outbox/"), client.get(waiting)
    assert [("oes out" in page, "eld back" in page) for page in map(text, before)] == [(True, False), (True, False)]
    assert [("This goes out" in page, "eld back" in page) for page in map(text, after)] == [(False, True)] * 2


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_twin_a_judge_that_does_not_ask_for_cover_reminds_alice(visit, dr_li, mailoutbox, monkeypatch):
    away(dr_li)
    monkeypatch.setattr(booking, "uncovered_visits", lambda visits, *, at: frozenset())
    run(DAY_BEFORE)
    assert len(mailoutbox) == 1


def test_the_reminder_goes_out_and_the_call_ends_when_dr_li_comes_after_all(visit, dr_li, mailoutbox):
    absence = away(dr_li)
    run(DAY_BEFORE)
    calendars.remove_absence(absence, **EDITOR)
    run(DAY_BEFORE + 5 * MINUTE)
    uncovered_visits.review(at=DAY_BEFORE + 5 * MINUTE)
    assert [mail.to for mail in mailoutbox] == [[visit.patient.contacts.get().value]]
    assert ended(visit, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.SENT, "")
    assert calls() == [(visit.pk, False)]


def test_a_reminder_that_was_held_back_until_the_visit_is_dropped_and_says_why(visit, dr_li, mailoutbox):
    away(dr_li)
    run(DAY_BEFORE)
    run(STARTS + MINUTE)
    assert not mailoutbox
    assert ended(visit, MessageKind.REMINDER, offset_minutes=1440) == (Delivery.DROPPED, DeliveryReason.WITHOUT_COVER)


def test_a_visit_that_lost_its_time_as_it_was_booked_is_not_confirmed(alice, dr_li, mailoutbox):
    visit = make_visit(alice.record, slot_id(dr_li, STARTS))
    away(dr_li)
    run(AT)
    assert not mailoutbox
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.DUE, DeliveryReason.WITHOUT_COVER)


def test_who_was_told_that_the_day_is_closed_is_not_called_because_another_mail_is_held_back(alice, dr_li, lakeside):
    visit = make_visit(alice.record, slot_id(dr_li, STARTS))
    shut(lakeside)
    closures.tell(visit.public_id, by=SYSTEM, at=AT)
    run(AT + 5 * MINUTE)
    assert ended(visit, MessageKind.CONFIRMATION) == (Delivery.DUE, DeliveryReason.WITHOUT_COVER)
    assert calls() == []


def test_a_move_to_a_time_that_closed_is_not_told(visit, dr_li, mailoutbox):
    appointments.move(
        visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, chicago(16, 10)))
    )
    away(dr_li, 16)
    run(AT + DAY)
    assert not mailoutbox
    assert ended(visit, MessageKind.MOVED) == (Delivery.DUE, DeliveryReason.WITHOUT_COVER)


def test_the_link_that_alice_asks_for_comes_and_says_that_such_a_visit_may_change(alice, visit, dr_li, mailoutbox):
    make_visit(alice.record, slot_id(dr_li, chicago(20, 10)))
    run(AT)
    mailoutbox.clear()
    away(dr_li)
    asked = {"email": visit.patient.contacts.get().value, "birth_date": visit.patient.birth_date}
    lost_links.ask(**asked, network="", at=AT + DAY)
    run(AT + DAY)
    (mail,) = mailoutbox
    lines = mail.body.splitlines()
    days = [line for line in lines if line.startswith(("When:", "We may need to change"))]
    assert [day.split(",")[0] for day in days] == [
        "When: Thursday",
        "We may need to change this appointment. We will contact you. You can also choose another time now",
        "When: Tuesday",
    ]
    assert len([line for line in lines if "/m/" in line]) == 1  # that opens both
    uncovered_visits.review(at=AT + DAY)
    assert calls() == [(visit.pk, True)]


def test_that_such_a_visit_is_called_off_is_told_at_once_and_nobody_need_call(visit, dr_li, mailoutbox):
    away(dr_li)
    uncovered_visits.review(at=AT)
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT + MINUTE, reason=CancelReason.PRACTITIONER)
    run(AT + 2 * MINUTE)
    assert [mail.subject.split(":")[0] for mail in mailoutbox] == ["Cancelled"]
    assert calls() == [(visit.pk, False)]


def test_dana_is_to_call_also_when_no_mail_is_due_and_only_once(visit, dr_li):
    away(dr_li)
    assert uncovered_visits.review(at=AT) == 1
    assert uncovered_visits.review(at=AT + 5 * MINUTE) == 0
    assert uncovered_visits.review(at=STARTS + DAY) == 0
    assert calls() == [(visit.pk, False)], "a visit that is over leaves the list"


def test_cover_is_asked_for_once_for_many_messages(visit, dr_li, lakeside, django_assert_num_queries):
    for hour in (12, 14):
        make_visit(make_patient(lakeside, "Cara Stone"), slot_id(dr_li, chicago(15, hour)))
    facts = booking.visits(list(Message.objects.values_list("appointment_id", flat=True)))
    with django_assert_num_queries(1):
        booking.uncovered_visits(facts.values(), at=AT + timedelta(hours=1))


def test_the_demo_outbox_says_that_a_mail_is_held_back_and_why(client, visit, dr_li, settings):
    settings.DEMO = True
    away(dr_li)
    run(DAY_BEFORE)
    with time_machine.travel(DAY_BEFORE, tick=False):
        assert "Held back: the time of the appointment on Thu, Oct 15" in client.get("/demo/outbox/").content.decode()
