"""Whoever was to come together with somebody who cancels is asked by mail, and called if they are silent."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from booking import rules
from booking.actions import appointments, links, tidying
from booking.actions.families import linked_visits
from booking.actions.families.linked_visits import PersonBooking
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallReason, CallTask, CancelPolicy, LinkedQuestion
from booking.status import Move
from notifications.actions import dispatch
from notifications.models import Message
from notifications.status import MessageKind
from scheduler.public import Relation
from tests.booking.pages.walk import in_mail, text_of
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.factories.seats import is_free

pytestmark = pytest.mark.django_db
TEN, ELEVEN = chicago(12, 10), chicago(12, 11)


@pytest.fixture
def dr_kim(lakeside):
    made = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return made


def booked_together(alice, ben, dr_li, dr_kim, dana, *, policy):
    """Book Alice with Dr Li and Ben with Dr Kim, both at ten."""
    people = [
        PersonBooking(patient=who.record, slot=read_slot(slot_id(whose, TEN, visit="followup")))
        for who, whose in ((alice, dr_li), (ben, dr_kim))
    ]
    how = {"relation": Relation.SAME_TIME, "within": timedelta(), "cancel_policy": policy}
    return linked_visits.book(people, **how, by=dana.principal, at=AT).visits


@pytest.fixture
def visits(alice, ben, dr_li, dr_kim, dana):
    """Alice and Ben at ten; when one cancels the other is asked."""
    done = booked_together(alice, ben, dr_li, dr_kim, dana, policy=CancelPolicy.ASK)
    dispatch.run(now=lambda: AT)
    mail.outbox.clear()
    return done


@pytest.fixture
def asked(visits, alice):
    """Alice has cancelled a while ago; Ben's page, where he is asked."""
    first, second = visits
    cancel(first, alice, at=AT)
    with time_machine.travel(AT + 11 * MINUTE, tick=False):
        dispatch.run(now=lambda: AT + 11 * MINUTE)
        yield f"/m/{links.issue(second, at=AT)}/together/"


def cancel(visit, by, *, at):
    return appointments.move(visit.public_id, Move.CANCEL, by=by.principal, at=at, reason=CancelReason.PATIENT)


def asking(visit):
    return Message.objects.filter(appointment=visit, kind=MessageKind.TOGETHER)


def calls():
    rows = CallTask.objects.filter(reason=CallReason.BOOKED_TOGETHER, done_at=None)
    return list(rows.values_list("appointment", flat=True))


def test_ben_is_asked_by_a_mail_that_names_nobody_and_no_reason(visits, asked, alice):
    (sent,) = [one for one in mail.outbox if "together" in one.body]
    assert sent.subject.startswith("About your appointment on")
    assert in_mail(asked) in sent.body
    for secret in (alice.record.name, "Alice", "Acupuncture", "cancelled", "ill"):
        assert secret not in sent.body.replace("choose another time, or cancel", "")
    assert calls() == []
    page = text_of(Client().get(asked))
    assert "Keep my appointment" in page
    assert "Choose another time" in page
    assert "Cancel my appointment" in page


def test_he_keeps_it_with_one_press_and_nobody_calls(visits, asked):
    for _twice in range(2):
        assert "Your appointment stands" in text_of(Client().post(asked, follow=True))
    tidying.tidy(at=AT + 3 * DAY)
    assert calls() == []
    assert LinkedQuestion.objects.get().answer == "keep"
    assert Appointment.objects.get(pk=visits[1].pk).status == "booked"


def test_who_does_not_answer_in_a_day_is_called_once(visits, asked):
    told_at = AT + 10 * MINUTE
    tidying.tidy(at=told_at + DAY - MINUTE)
    assert calls() == []
    for _again in range(2):
        tidying.tidy(at=told_at + DAY)
    assert calls() == [visits[1].pk]
    Client().post(asked)
    assert calls() == []


def test_who_moves_or_cancels_instead_is_not_called(visits, asked, ben, dr_li):
    slot = read_slot(slot_id(dr_li, ELEVEN, visit="followup"))
    appointments.move(visits[1].public_id, Move.RESCHEDULE, by=ben.principal, at=AT + HOUR, slot=slot)
    tidying.tidy(at=AT + 3 * DAY)
    assert calls() == []
    assert "Keep my appointment" not in text_of(Client().get(asked))


def test_nobody_is_asked_of_what_is_undone_in_time(visits, alice):
    first, second = visits
    cancel(first, alice, at=AT)
    dispatch.run(now=lambda: AT + 5 * MINUTE)
    appointments.move(first.public_id, Move.UNDO, by=alice.principal, at=AT + 9 * MINUTE)
    for later in (11, 60):
        dispatch.run(now=lambda later=later: AT + later * MINUTE)
    tidying.tidy(at=AT + 3 * DAY)
    assert (asking(second).count(), calls()) == (0, [])


def test_twin_asked_before_the_undo_has_run_out_he_would_hear_of_it(visits, alice, monkeypatch):
    monkeypatch.setattr("booking.actions.families.linked_cancels._final_at", lambda act: act.at)
    cancel(visits[0], alice, at=AT)
    dispatch.run(now=lambda: AT + 5 * MINUTE)
    assert asking(visits[1]).count() == 1


def test_whom_no_mail_reaches_is_called_at_once(visits, alice, ben):
    ben.record.contacts.all().delete()
    cancel(visits[0], alice, at=AT)
    dispatch.run(now=lambda: AT + 11 * MINUTE)
    assert calls() == [visits[1].pk]


@pytest.mark.parametrize(("ahead", "waited"), [(7 * DAY, DAY), (2 * DAY, DAY), (4 * HOUR, 2 * HOUR), (-HOUR, 0 * HOUR)])
def test_an_answer_is_awaited_for_a_day_or_half_of_what_is_left(ahead, waited):
    assert rules.answer_wanted_by(AT + ahead, asked_at=AT) == AT + waited


# -- what runs out -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ran_out(alice, ben, dr_li, dr_kim, dana):
    """Alice's waits until tomorrow for somebody's word, and Ben's is to be cancelled with it."""
    first, second = booked_together(alice, ben, dr_li, dr_kim, dana, policy=CancelPolicy.CANCEL)
    appointments.move(first.public_id, Move.AWAIT, by=dana.principal, at=AT, until=AT + DAY)
    return first, second


def is_tidied_up(_alice, _dr_li, at):
    tidying.tidy(at=at)


def makes_way_for_another(alice, dr_li, at):
    make_visit(alice.record, slot_id(dr_li, chicago(13, 10), visit="followup"), at=at)


ON_THE_WAY = pytest.mark.parametrize("how", [is_tidied_up, makes_way_for_another])


@ON_THE_WAY
def test_what_runs_out_cancels_the_others_where_a_cancel_does_and_their_time_is_free(ran_out, how, alice, dr_li):
    _first, second = ran_out
    late = AT + DAY
    how(alice, dr_li, late)
    found = Appointment.objects.get(pk=second.pk)
    assert (found.status, found.cancel_reason, found.undo_until) == ("cancelled", CancelReason.TOGETHER, None)
    assert is_free(read_slot(second.slot), at=late)
    assert not LinkedQuestion.objects.exists()


@ON_THE_WAY
def test_twin_where_somebody_is_just_changing_the_other_their_patient_is_asked(ran_out, how, alice, dr_li, monkeypatch):
    monkeypatch.setattr("booking.actions.families.linked_cancels._not_held_by_others", lambda *_: set())
    how(alice, dr_li, AT + DAY)
    assert Appointment.objects.get(pk=ran_out[1].pk).status == "booked"
    assert LinkedQuestion.objects.get().appointment == ran_out[1]
