"""Calls to make: Dana sees whom to call, about which visit and why, and says when it is done."""

from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client, TestCase
from django.urls import reverse

from booking import public
from booking.actions import appointments, calls
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallReason, CallTask, Proof
from booking.status import Move, Status
from booking.tasks import review_reopened_visits, review_uncovered_visits
from core import doorbell
from core.roles import Role
from scheduler.actions import calendars
from tests.factories.admin import sign_in
from tests.factories.booking import HOUR, SYSTEM, chicago, make_visit, read_slot, slot_id, visit_of_both
from tests.factories.scheduler import AT
from tests.factories.visits import as_it_was

LIST = "admin:booking_calltask_changelist"
COVER, UNREACHED = CallReason.WITHOUT_COVER, CallReason.NOT_REACHED


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    with once_a_module():
        return visit_of_both(made_once, chicago(8, 10)).pk


@pytest.fixture
def visit(visit_once, alice, dr_li):
    return as_it_was(visit_once)


def listed(client, **query) -> list[CallTask]:
    answer = client.get(reverse(LIST), query)
    assert answer.status_code == 200
    return list(answer.context["cl"].queryset)


def test_dana_sees_whom_to_call_how_and_why_and_ends_the_call(client, lakeside, visit):
    public.raise_calls([visit.pk], COVER, at=AT)
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    page = dana.get(reverse(LIST)).content.decode().replace("\u202f", " ")
    for told in ("Alice", "@example.org", visit.reference, "October 8, 2026", "no longer open"):
        assert told in page
    assert "cupuncture" not in page
    [call] = listed(dana)
    said = dana.post(reverse(LIST), {"action": "done", "_selected_action": [call.pk]}, follow=True)
    assert "1 call is done." in said.content.decode()
    assert listed(dana) == []
    assert listed(dana, state="all") == [call]


def close(site, day):
    who = {"by": SYSTEM, "at": AT}
    return calendars.add_closure(site, first_on=day, last_on=day, name="Water damage", **who)


@pytest.fixture
def heard(monkeypatch):
    """Let a worker be there who hears each ring."""
    tasks = {one.name: one for one in (review_uncovered_visits, review_reopened_visits)}
    monkeypatch.setattr(doorbell, "_publish", lambda task: tasks[task]())


def test_a_closed_day_puts_its_patients_on_the_list_at_once(visit, lakeside, heard):
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert close(lakeside, date(2026, 10, 7)).uncovered == ()
    assert not CallTask.objects.exists()
    with TestCase.captureOnCommitCallbacks(execute=True):
        close(lakeside, date(2026, 10, 8))
    assert [(call.appointment, call.reason) for call in CallTask.objects.all()] == [(visit, COVER)]


def test_whoever_is_back_is_news_too_and_nobody_is_called_any_more(visit, dr_li, heard):
    with TestCase.captureOnCommitCallbacks(execute=True):
        away = {"starts_at": chicago(8, 0), "ends_at": chicago(9, 0), "by": SYSTEM, "at": AT}
        absence = calendars.add_absence(dr_li, **away).row
    assert called() == {visit}
    connection.run_on_commit.clear()  # committed by now, but for the test's own transaction
    with TestCase.captureOnCommitCallbacks(execute=True):
        calendars.remove_absence(absence, by=SYSTEM, at=AT)
    assert called() == set()


def test_a_rehearsal_of_a_closed_day_rings_nobody(visit, lakeside):
    day = date(2026, 10, 8)
    with TestCase.captureOnCommitCallbacks() as rung:
        calendars.add_closure(lakeside, first_on=day, last_on=day, name="Tried", by=SYSTEM, at=AT, dry_run=True)
    assert rung == []


def test_nobody_is_called_about_a_visit_that_still_waits_for_the_code(alice, visit, dr_li, lakeside):
    asked_for = make_visit(alice.record, slot_id(dr_li, chicago(8, 13)), status=Status.PROPOSED)
    close(lakeside, date(2026, 10, 8))
    review_uncovered_visits()
    assert called() == {visit, asked_for}
    proof = Proof.objects.create(appointment=asked_for, made_by="visitor", issued_at=AT)
    review_uncovered_visits()
    assert called() == {visit}
    proof.proven_at = AT
    proof.save()
    review_uncovered_visits()
    assert called() == {visit, asked_for}


def called() -> set[Appointment]:
    return {call.appointment for call in CallTask.objects.filter(reason=COVER, done_at=None)}


def test_the_open_calls_come_first(client, lakeside, visit):
    public.raise_calls([visit.pk], COVER, at=AT)
    calls.done([CallTask.objects.get().pk], by=SYSTEM, at=AT)
    public.raise_calls([visit.pk], UNREACHED, at=AT + HOUR)
    dana = sign_in(client, "dana", Role.SCHEDULER, lakeside)
    assert [call.reason for call in listed(dana, state="all")] == [UNREACHED, COVER]


def test_alice_is_called_once_however_often_it_is_asked_for(visit):
    assert public.raise_calls([visit.pk], COVER, at=AT) == 1
    assert public.raise_calls([visit.pk], COVER, at=AT + HOUR) == 0
    assert public.raise_calls([visit.pk], UNREACHED, at=AT + HOUR) == 1


def test_who_was_called_about_a_visit_is_not_called_about_it_again(visit):
    public.raise_calls([visit.pk], COVER, at=AT)
    calls.done([CallTask.objects.get().pk], by=SYSTEM, at=AT)
    assert public.raise_calls([visit.pk], COVER, at=AT + HOUR) == 0


def test_a_call_that_ended_by_itself_is_raised_when_there_is_cause_again(visit):
    public.raise_calls([visit.pk], COVER, at=AT)
    assert public.end_calls([visit.pk], COVER, at=AT) == 1
    assert public.raise_calls([visit.pk], COVER, at=AT + HOUR) == 1


def test_nobody_is_called_about_the_old_time_of_a_visit_that_has_moved_or_was_called_off(visit, alice, dr_li):
    public.raise_calls([visit.pk], COVER, at=AT)
    appointments.move(
        visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(dr_li, chicago(9, 10)))
    )
    assert not CallTask.objects.filter(done_at=None).exists()
    public.raise_calls([visit.pk], COVER, at=AT)
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    assert not CallTask.objects.filter(done_at=None).exists()


def test_the_constraint_alone_lets_alice_be_called_once_when_two_workers_see_no_call_yet(visit, monkeypatch):
    public.raise_calls([visit.pk], COVER, at=AT)
    again = CallTask(appointment=visit, version=0, reason=COVER, raised_at=AT)
    with pytest.raises(IntegrityError, match="visit_has_one_open_call_for_a_reason"), transaction.atomic():
        again.save()
    monkeypatch.setattr("booking.actions.calls.CallTask.objects.filter", lambda **_: [])
    public.raise_calls([visit.pk], COVER, at=AT)
    assert CallTask.objects.count() == 1


def test_a_clinician_sees_the_calls_of_their_site_and_says_when_one_is_made(client, lakeside, riverside, visit):
    public.raise_calls([visit.pk], CallReason.SCREENING, at=AT)
    [call] = listed(sign_in(client, "kim", Role.CLINICIAN, lakeside))
    client.post(reverse(LIST), {"action": "done", "_selected_action": [call.pk]})
    call.refresh_from_db()
    assert call.done_at == AT
    assert listed(sign_in(Client(), "lee", Role.CLINICIAN, riverside), state="all") == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLIENT, None])
def test_whoever_makes_no_calls_sees_none(client, lakeside, visit, role):
    assert sign_in(client, "vera", role, lakeside).get(reverse(LIST)).status_code == 403


def test_dana_of_another_site_neither_sees_nor_ends_a_call(client, riverside, visit):
    public.raise_calls([visit.pk], COVER, at=AT)
    rae = sign_in(client, "rae", Role.SCHEDULER, riverside)
    assert listed(rae) == []
    rae.post(reverse(LIST), {"action": "done", "_selected_action": [CallTask.objects.get().pk]})
    assert CallTask.objects.get().done_at is None
    assert rae.get(reverse(LIST), {"appointment__patient__name": "Alice"}).status_code == 400


def test_a_visit_that_is_called_off_is_no_reason_to_call_about_what_was_said_of_it(visit):
    public.raise_calls([visit.pk], UNREACHED, at=AT)
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    assert not CallTask.objects.filter(done_at=None).exists()
