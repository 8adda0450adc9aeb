"""Who sees what follows from Alice's health answers; every role at every door is walked in tests/walks."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions import moves
from booking.actions.families import family_links
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Enrolment, ScreeningResponse
from booking.screening import rights
from booking.screening.queries import screening_of
from booking.status import Move
from booking.web.desk.appointments.words import CANCELLED_BECAUSE
from core import clock as core_clock
from core.models import Site
from core.rights import MATRIX, Action
from core.roles import STAFF, Role
from tests.booking.pages.screening_doors import DAY, telling, told_by_each_door
from tests.booking.pages.walk import go_on
from tests.factories import families
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, make_patient

ROLES = [*STAFF, Role.CLIENT]
UNSEEING = [role for role in ROLES if role not in MATRIX[Action.SEE_SCREENING]]


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today is found, at a clinic that asks how people are."""
    address = go_on(alice, screened_once)
    clock.shift(DAY)
    return address


@pytest.fixture
def staff(visit):
    """Return a browser of somebody with a role at Alice's site."""
    return lambda role: sign_in(Client(), role.value, role, Site.objects.get(key="lakeside"))


def test_there_are_roles_that_must_not_know_how_alice_stands():
    assert {Role.ADMIN, Role.CLIENT, Role.AUDITOR} <= set(UNSEEING)


def test_at_the_door_an_administrator_is_answered_alike_however_alice_stands(alice, visit, staff):
    assert telling(told_by_each_door(alice, visit, staff(Role.ADMIN))) == set()


def test_twin_without_the_rule_an_administrator_would_see_it_at_the_door(alice, visit, staff, monkeypatch):
    for where in (
        "booking.screening.rights",
        "booking.web.desk.arrivals.arrival_day",
        "booking.actions.check_in_checks",
    ):
        monkeypatch.setattr(f"{where}.sees_outcome", lambda _by, _visit: True)
    doors = telling(told_by_each_door(alice, visit, staff(Role.ADMIN)))
    assert {reverse("desk-arrivals"), "check-in"} < doors


@pytest.fixture
def petra(visit, staff):
    """Staff of a program in which Rosa takes part, of whose family Alice is."""
    alice, at = Appointment.objects.earliest("pk").patient, core_clock.now()
    rosa = make_patient(alice.site, "Rosa Reed")
    Enrolment.objects.create(patient=rosa, site=alice.site)
    link = family_links.claim(families.invited(rosa, at=at), own=alice, by=SYSTEM, at=at)
    family_links.confirm(link, by=SYSTEM, at=at)
    return staff(Role.PROGRAM)


@pytest.mark.parametrize("of_the_program", [False, True])
def test_why_a_relative_s_appointment_was_called_off_is_told_to_nobody_of_the_program(visit, petra, of_the_program):
    booked = Appointment.objects.earliest("pk")
    if of_the_program:
        Enrolment.objects.create(patient=booked.patient, site=booked.site)
    moves.move(booked.public_id, Move.CANCEL, reason=CancelReason.ILLNESS, by=SYSTEM, at=core_clock.now())
    pages = [reverse("desk-appointment", args=[booked.public_id]), f"/api/v1/appointments/{booked.public_id}/changes/"]
    read = [petra.get(page).content.decode() for page in pages]
    words = [str(CANCELLED_BECAUSE[CancelReason.ILLNESS]), CancelReason.ILLNESS.value]
    assert [word in page for word, page in zip(words, read, strict=True)] == [of_the_program] * 2


def test_whoever_answers_for_somebody_may_see_what_follows():
    answering, seeing = MATRIX[Action.ANSWER_SCREENING], MATRIX[Action.SEE_SCREENING]
    assert dict(answering).items() <= dict(seeing).items()


def test_calls_that_follow_from_answers_are_for_those_who_see_them():
    assert {reason.value for reason in rights.CALLS_THAT_TELL} == {
        "screening",
        "seek-care",
        "find-time",
        "rules-changed",
        "answers-changed",
        "not-bookable",
        "help-here",
    }


def test_an_administrator_reads_who_checks_in_and_is_offered_no_button_that_is_refused(alice, visit, staff):
    alice.post(f"{visit}screening/", {"none": "1"})
    ada = staff(Role.ADMIN)
    page = ada.get(reverse("desk-arrivals")).content.decode()
    assert "The front desk asks and checks in" in page
    assert "Ask everybody once more" not in page
    assert "check-in/" not in page
    assert "arrive/" in page


def test_program_staff_see_what_follows_of_their_patients_and_note_no_answers(visit, staff):
    booked = Appointment.objects.get()
    Enrolment.objects.create(patient=booked.patient, site=booked.site)
    petra, doors = staff(Role.PROGRAM), "/api/v1/screening"
    assert petra.get(f"{doors}/questions/?appointment={booked.public_id}").json()["state"] == "unanswered"
    policy = screening_of(booked, at=core_clock.now()).policy
    said = {"appointment": str(booked.public_id), "answers": dict.fromkeys(policy.questions, "no")}
    for door in ("answers", "rechecks"):
        assert petra.post(f"{doors}/{door}/", said, content_type="application/json").status_code == 403
    aloud = reverse("desk-questions", args=[booked.public_id])
    assert petra.get(aloud).status_code == 403
    assert petra.post(aloud, {"none": "1"}).status_code == 403
    assert not ScreeningResponse.objects.exists()
    dana = staff(Role.SCHEDULER)
    assert dana.post(f"{doors}/answers/", said, content_type="application/json").status_code == 201
