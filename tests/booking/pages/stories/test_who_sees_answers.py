"""Who learns what Alice answered before booking: clinicians of the site and she herself; who treats her reads flags.

That everybody else gets the very same from every page and address, whatever she answered, is walked in tests/walks.
"""

import re

import pytest
from django.test import Client

from booking.models import Appointment
from booking.status import Status
from booking.suitability.visits import judge_visits
from core.rights import MATRIX, Action
from core.roles import STAFF, Role
from scheduler.models import Practitioner
from tests.booking.pages.suitability_readers import (
    BLOOD,
    HELP,
    READERS,
    TELLING,
    let_ask,
    somebody,
    the_door,
    visit_of,
)
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.booking import make_person
from tests.factories.scheduler import AT, make_site


@pytest.fixture
def asked(site, clock):
    return let_ask(site)


@pytest.fixture
def person(asked):
    """Alice, who is asked before she books."""
    return make_person(asked, "Alice Adams")


@pytest.mark.parametrize("role", READERS)
def test_a_clinician_of_the_site_reads_answers_and_one_of_another_site_does_not(asked, person, role):
    visit_of(person, BLOOD)
    assert "You take a blood thinner" in text_of(somebody(role, asked).get("/desk/health/before-booking/"))
    elsewhere = sign_in(Client(), "other", role, make_site("riverside"))
    page = text_of(elsewhere.get("/desk/health/before-booking/?site=lakeside"))
    assert "Nobody waits because of what they answered" in page
    visit = Appointment.objects.get()
    for act in ("approve", "decline", "clear", "counts", "count-out", "take-back"):
        sent = {"version": visit.version, "platelets": "90", "taken_on": "10/4/2026"}
        assert elsewhere.post(f"/desk/health/before-booking/{visit.public_id}/{act}/", sent).status_code == 404


@pytest.mark.parametrize("role", [role for role in STAFF if role not in MATRIX[Action.REVIEW]])
def test_nobody_else_decides_or_enters_counts(asked, person, role):
    visit = visit_of(person, BLOOD)
    client = somebody(role, asked)
    for act in ("approve", "decline", "clear", "counts"):
        assert client.post(f"/desk/health/before-booking/{visit.public_id}/{act}/", {"version": 0}).status_code == 403
    assert Appointment.objects.get().status == Status.PROPOSED


def door(client, visit):
    return re.sub(r" +", " ", text_of(client.get(*the_door(visit))))


def test_who_treats_reads_flags_of_their_own_patients_and_the_front_desk_what_to_prepare(asked, person, clock):
    visit = visit_of(person, BLOOD, HELP)
    grace, boris = (sign_in(Client(), name, Role.PRACTITIONER, asked) for name in ("grace", "boris"))
    for name, client in (("Grace Okoro", grace), ("Boris Ivanov", boris)):
        Practitioner.objects.filter(name=name).update(user=client.session["_auth_user_id"])
    dana = sign_in(Client(), "dana", Role.SCHEDULER, asked)
    assert "For you: takes a blood thinner" in door(grace, visit)
    assert "Alice Adams" not in door(boris, visit)
    seen = door(dana, visit)
    assert "To be prepared: a height-adjustable table" in seen
    assert "waiting for a check" in seen
    assert not TELLING.search(seen)


def test_a_flag_says_nothing_of_what_was_never_answered(asked, person):
    visit = visit_of(person)
    visit.patient.suitability_responses.update(answers="")
    judged = judge_visits([Appointment.objects.get()], at=AT)
    assert judged[visit.pk].fired == []
    assert judged[visit.pk].needs == []
