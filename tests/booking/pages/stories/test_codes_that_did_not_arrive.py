"""Alice waits for a code that does not come: staff call her where they can, and she has her time without it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from booking.actions import calls, tidying
from booking.actions.patients import patients
from booking.models import Appointment, CallReason, CallTask, ContactPoint
from core import clock as core_clock
from core.models import User
from core.roles import Role
from notifications.actions import dispatch, endings
from notifications.models import Message
from notifications.status import DeliveryReason, MessageKind
from tests.booking.pages.walk import as_seen, book, hidden_on, text_of, to_check
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def waiting(clinic, clock):
    """Alice has one appointment, and waits for the code of her next: she left a number."""
    browser = Client()
    book(browser)
    browser.post("/book/done/", hidden_on(to_check(browser, week=1)))
    visit = Appointment.objects.latest("pk")
    visit.patient.contacts.create(system="phone", value="+13125550142")
    return visit


@pytest.fixture
def dana(waiting):
    return sign_in(Client(), "dana", Role.SCHEDULER, waiting.site)


def fails(visit):
    dispatch.run(now=core_clock.now)
    code = Message.objects.filter(appointment=visit, kind=MessageKind.CODE).latest("pk")
    Message.objects.filter(pk=code.pk).update(status="due", settled_at=None)
    endings.end([code.pk], DeliveryReason.REFUSED, at=core_clock.now())


def still_to_call() -> list[str]:
    return list(CallTask.objects.filter(done_at=None).values_list("reason", flat=True))


def test_dana_calls_alice_whose_code_did_not_arrive_and_gives_her_the_time_with_one_press(dana, waiting):
    fails(waiting)
    to_do = dana.get("/desk/to-do/")
    said, page = text_of(to_do), f"/desk/appointments/{waiting.public_id}/"
    assert ("code did not arrive" in said, "(312) 555-0142" in said, page in to_do.content.decode()) == (True,) * 3
    assert "they confirmed it by phone" in text_of(dana.get(page))
    answer = dana.post(f"{page}approve/", as_seen(waiting), follow=True)
    assert "without the code" in text_of(answer)
    waiting.refresh_from_db()
    assert (waiting.status, still_to_call()) == ("booked", [])
    assert not ContactPoint.objects.filter(verified_at__isnull=False).exists()
    assert dana.post(f"{page}approve/", as_seen(waiting)).status_code == 409


def test_a_new_code_to_the_address_that_they_correct_ends_the_call(dana, waiting, clock):
    fails(waiting)
    patients.change(waiting.patient, by=SYSTEM, at=core_clock.now(), email="right@example.test")
    clock.shift(timedelta(minutes=1))
    dispatch.run(now=core_clock.now)
    assert "right@example.test" in mail.outbox[-1].to
    assert still_to_call() == []


def test_a_time_that_ran_out_meanwhile_leaves_the_call_and_says_so(dana, waiting, clock):
    fails(waiting)
    clock.shift(timedelta(minutes=31))
    tidying.tidy(at=core_clock.now())
    assert still_to_call() == [CallReason.CODE]
    dana.force_login(User.objects.get(username="dana"))
    assert "their time was given back" in text_of(dana.get("/desk/to-do/"))


def test_nobody_is_called_of_whom_no_number_is_known_or_who_waits_no_more(waiting, clock):
    waiting.patient.contacts.filter(system="phone").delete()
    fails(waiting)
    assert still_to_call() == []


def test_no_scheduler_approves_by_phone_what_a_clinician_looks_at(dana, waiting):
    Appointment.objects.filter(pk=waiting.pk).update(status="proposed")
    waiting.proof.delete()
    page = f"/desk/appointments/{waiting.public_id}/"
    assert "they confirmed it by phone" not in text_of(dana.get(page))
    refused = dana.post(f"{page}approve/", as_seen(waiting))
    waiting.refresh_from_db()
    assert (refused.status_code >= 400, waiting.status) == (True, "proposed")


def test_twin_without_its_own_call_nobody_hears_that_alice_waits(dana, waiting, monkeypatch):
    monkeypatch.setattr(calls, "_waits_for_a_code", lambda *_, **__: [])
    fails(waiting)
    assert "code did not arrive" not in text_of(dana.get("/desk/to-do/"))
