"""Who learns what Alice answered before booking: clinicians of the site and she herself; who treats her reads flags.

Everybody else must get the very same from every page and address, whatever she answered.
"""

import re
from dataclasses import replace

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from booking.actions import appointments
from booking.models import Appointment
from booking.status import Status
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from booking.suitability.visits import judge_visits
from booking.web.desk import arrival_rows
from core.rights import MATRIX, Action
from core.roles import STAFF, Role
from notifications.actions import dispatch
from scheduler.models import Practitioner
from tests.booking.pages.walk import text_of
from tests.every_address import every_address
from tests.factories.admin import sign_in
from tests.factories.booking import MINUTE, SYSTEM, chicago, make_person, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT, make_place, make_room, make_site

NO = answered_no(shipped_rules())
BLOOD, SKULL, HELP = "anticoagulant", "skull_surgery_or_brain_metastasis", "transfer_help_or_cannot_lie_flat"
SAID = {"blood": (BLOOD,), "skull": (SKULL,)}
"""What Alice says yes to: a clinician looks at either, and nobody prepares anything for it."""

CHANGING = re.compile(
    r'(csrfmiddlewaretoken|slot)" value="[^"]+"|nonce="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}|"(id|offset)":\d+'
)
READERS = [role for role in STAFF if role in MATRIX[Action.READ_SCREENING_ANSWERS]]
OTHERS = [*(role for role in STAFF if role not in READERS), Role.CLIENT, Role.PATIENT]
TELLING = re.compile(r"\b(blood thinner|skull|anticoagulant|R16|R43|lie flat)\b", re.IGNORECASE)
ASKED_OF_ALL = ("/desk/policies", "/admin/core/policy", "/api/v1/suitability/questions", "/api/v1/policies")
"""Where the questions stand for themselves, whoever answers them."""

NO_PERSON = ("sign-out/", "schema/", "docs/")
"""What says nothing about anybody, or signs out."""

OFTEN = (Role.SCHEDULER,)
BY_ROLE = [role if role in OFTEN else pytest.param(role, marks=pytest.mark.full) for role in OTHERS]


@pytest.fixture
def asked(site, clock):
    """Let the clinic ask before booking."""
    adopt_suitability(site=site)
    make_place(make_room(site), "table", "hi-lo")
    return site


@pytest.fixture
def person(asked):
    """Alice, who is asked before she books."""
    return make_person(asked, "Alice Adams")


def visit_of(person, *said):
    """Let Alice ask for a time on Monday and say yes to something."""
    answers = replace(NO, answers=NO.answers | dict.fromkeys(said, "yes"))
    slot = read_slot(slot_id(Practitioner.objects.get(name="Grace Okoro"), chicago(12, 10)))
    return appointments.book(patient=person.record, by=person.principal, at=AT, slot=slot, answers=answers)


def filled(route, visit):
    """Return an address about a visit; None for one that asks for something else."""
    known = dict.fromkeys(("<uuid:appointment>", "<uuid:public_id>"), str(visit.public_id))
    known["<uuid:patient>"] = str(visit.patient.public_id)
    for part, value in known.items():
        route = route.replace(part, value)
    return None if "<" in route or "(" in route or "\\" in route else f"/{route}"


def addresses(visit):
    """Yield every address of desk, API and admin that can be asked for, with the visit where one is named."""
    for route, _pattern in every_address():
        path = filled(route.replace("^", ""), visit)
        if path and path.startswith(("/desk/", "/api/v1/")) and not path.endswith(NO_PERSON):
            yield path
    for model in admin.site._registry:
        if model._meta.app_label == "scheduler":  # calendars and the catalogue know no patient
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        key = {"appointment": visit.pk, "reviewrequest": visit.pk, "patient": visit.patient_id}
        if found := key.get(model._meta.model_name):
            yield reverse(f"{name}_change", args=[found])
    yield from the_door(visit)
    yield f"/api/v1/appointments/{visit.public_id}/"
    yield f"/api/v1/appointments/{visit.public_id}/changes/"
    yield f"/api/v1/patients/{visit.patient.public_id}/"


def the_door(visit):
    """Return where those stand who come on that day."""
    return [f"/desk/arrivals/?day={visit.period.lower:%Y-%m-%d}"]


def everything(client, person, *said, at_all=addresses):
    """Return what somebody gets from every address when Alice says yes to this; then let nothing of it have been."""
    with transaction.atomic():
        visit = visit_of(person, *said)
        assert visit.status == Status.PROPOSED
        dispatch.run(now=lambda: AT + MINUTE)
        found = {}
        for path in dict.fromkeys(at_all(visit)):
            response = client.get(path)
            body = b"".join(response) if response.streaming else response.content
            known = path.replace(str(visit.public_id), "VISIT").replace(f"/{visit.pk}/", "/N/")
            known = known.replace(str(visit.patient.public_id), "PERSON").replace(f"/{visit.patient_id}/", "/N/")
            found[known] = f"{response.status_code} {_plain(body.decode(), visit)}"
        transaction.set_rollback(True)
    return found


def _plain(text, visit):
    text = CHANGING.sub("", text).replace(visit.reference, "")
    text = text.replace(f"/appointment/{visit.pk}/", "/N/").replace(f"“{visit.pk}”", "“N”")
    return re.sub(r"\d{2,}", "N", re.sub(r"[A-Z0-9]{4}-[A-Z0-9]{4}", "", text))


def somebody(role, site):
    if role is Role.PATIENT:
        client = Client()
        client.force_login(make_person(site, "Mallory Moss").user)
        return client
    return sign_in(Client(), "somebody", role, site)


@pytest.mark.parametrize("role", BY_ROLE)
def test_whoever_may_not_read_answers_gets_the_same_everywhere_whatever_alice_says(asked, person, role):
    client = somebody(role, asked)
    blood, skull = (everything(client, person, *said) for said in SAID.values())
    assert [path for path in blood if blood[path] != skull.get(path)] == []
    told = {path: TELLING.search(text) for path, text in blood.items() if not path.startswith(ASKED_OF_ALL)}
    assert [path for path, found in told.items() if found] == []


def test_twin_if_the_door_showed_flags_to_everybody_the_front_desk_would_read_them(asked, person, monkeypatch):
    treats = arrival_rows._words_beside
    monkeypatch.setattr(
        arrival_rows,
        "_words_beside",
        lambda visit, shared, today: treats(
            visit, replace(shared, by=replace(SYSTEM, user_id=visit.practitioner.user_id)), today
        ),
    )
    Practitioner.objects.filter(name="Grace Okoro").update(user=make_person(asked, "Grace Okoro").user)
    dana = somebody(Role.SCHEDULER, asked)
    blood, skull = (everything(dana, person, *said, at_all=the_door) for said in SAID.values())
    assert blood != skull


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
