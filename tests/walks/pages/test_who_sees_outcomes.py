"""Who sees what follows from Alice's health answers: on every page and address that knows it, as the rights table says.

Whoever may not see it must get the very same answer, whatever Alice answered.
"""

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions.families import family_links
from booking.models import Appointment, Enrolment
from core import clock as core_clock
from core.models import Site
from core.rights import MATRIX, Action, acting
from core.roles import STAFF, Role
from scheduler.models import Practitioner
from tests.booking.pages.screening_doors import (
    ANSWERS,
    CALLS_AND_MESSAGES,
    DAY,
    TOLD_OR_CALLED,
    Doors,
    telling,
    told_by_each_door,
)
from tests.booking.pages.walk import go_on
from tests.factories import families
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, chicago, make_patient, make_visit, slot_id

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


@pytest.mark.parametrize("role", UNSEEING, ids=lambda role: role.value)
def test_at_the_door_whoever_may_not_see_how_alice_stands_is_answered_alike(alice, visit, staff, role):
    assert telling(told_by_each_door(alice, visit, staff(role))) == set()


@pytest.fixture
def petra(visit, staff):
    """Staff of a program in which Rosa takes part, of whose family Alice is."""
    alice, at = Appointment.objects.earliest("pk").patient, core_clock.now()
    rosa = make_patient(alice.site, "Rosa Reed")
    Enrolment.objects.create(patient=rosa, site=alice.site)
    link = family_links.claim(families.invited(rosa, at=at), own=alice, by=SYSTEM, at=at)
    family_links.confirm(link, by=SYSTEM, at=at)
    return staff(Role.PROGRAM)


def test_program_staff_find_a_relative_and_not_how_she_stands(alice, visit, petra):
    booked = Appointment.objects.earliest("pk")
    assert petra.get(f"/api/v1/appointments/{booked.public_id}/").json()["therapy"]["key"] == "acu_manual"
    assert telling(told_by_each_door(alice, visit, petra, TOLD_OR_CALLED, Doors.of_a_relative)) == set()


def test_twin_known_as_a_patient_of_the_program_it_is_told(alice, visit, petra):
    booked = Appointment.objects.earliest("pk")
    Enrolment.objects.create(patient=booked.patient, site=booked.site)
    assert telling(told_by_each_door(alice, visit, petra, TOLD_OR_CALLED, Doors.of_a_relative))


@pytest.mark.full
@pytest.mark.parametrize("role", UNSEEING, ids=lambda role: role.value)
def test_so_they_are_everywhere_whatever_alice_answered(alice, visit, staff, role):
    assert telling(told_by_each_door(alice, visit, staff(role), ANSWERS, Doors.everything)) == set()


@pytest.mark.full
def test_the_front_desk_sees_how_alice_stands(alice, visit, staff):
    doors = telling(told_by_each_door(alice, visit, staff(Role.SCHEDULER), ANSWERS, Doors.everything))
    assert {reverse("desk-arrivals"), "check-in", "press"} < doors
    assert reverse("desk-screening-reviews") not in doors


@pytest.fixture
def calls_and_messages(alice, visit, staff, site):
    """Return which of both tell a role what Alice answered, who has another appointment in her days away."""
    boris = Practitioner.objects.get(name="Boris Ivanov")
    make_visit(Appointment.objects.get().patient, slot_id(boris, chicago(8, 10), visit="followup"))

    def telling_role(role: Role) -> set[str]:
        return telling(told_by_each_door(alice, visit, staff(role), TOLD_OR_CALLED, Doors.calls_and_messages))

    return telling_role


def test_calls_and_messages_tell_an_administrator_nothing_of_what_alice_answered(calls_and_messages):
    assert calls_and_messages(Role.ADMIN) == set()


def test_the_front_desk_reads_there_whom_to_call_and_what_was_told(calls_and_messages):
    assert calls_and_messages(Role.SCHEDULER) == set(CALLS_AND_MESSAGES)


@pytest.mark.parametrize("asks", [("booking.calls.calls_to_make", "CALL"), ("notifications.queries", "SEE_MESSAGES")])
def test_twin_a_list_that_does_not_ask_who_may_know_it_tells_an_administrator(calls_and_messages, monkeypatch, asks):
    where, right = asks
    monkeypatch.setattr(f"{where}.acting", lambda by, _action: acting(by, Action[right]))
    (door,) = calls_and_messages(Role.ADMIN)
    assert door in CALLS_AND_MESSAGES
