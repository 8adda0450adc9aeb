"""Who learns what Alice answered before booking: clinicians of the site and she herself; who treats her reads flags.

Everybody else must get the very same from every page and address, whatever she answered.
"""

import re
from dataclasses import replace

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from booking.status import Status
from booking.web.desk.arrivals import arrival_rows
from core.roles import STAFF, Role
from notifications.actions import dispatch
from scheduler.models import Practitioner
from tests.booking.pages.suitability_readers import (
    BLOOD,
    READERS,
    SKULL,
    TELLING,
    let_ask,
    somebody,
    the_door,
    visit_of,
)
from tests.every_address import every_address
from tests.factories.booking import MINUTE, SYSTEM, make_person
from tests.factories.scheduler import AT

SAID = {"blood": (BLOOD,), "skull": (SKULL,)}
"""What Alice says yes to: a clinician looks at either, and nobody prepares anything for it."""

CHANGING = re.compile(
    r'(csrfmiddlewaretoken|slot)" value="[^"]+"|nonce="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}|"(id|offset)":\d+'
)
OTHERS = [*(role for role in STAFF if role not in READERS), Role.CLIENT, Role.PATIENT]
ASKED_OF_ALL = ("/desk/policies", "/admin/core/policy", "/api/v1/suitability/questions", "/api/v1/policies")
"""Where the questions stand for themselves, whoever answers them."""

NO_PERSON = ("sign-out/", "schema/", "docs/")
"""What says nothing about anybody, or signs out."""

OFTEN = (Role.SCHEDULER,)
BY_ROLE = [role if role in OFTEN else pytest.param(role, marks=pytest.mark.full) for role in OTHERS]


@pytest.fixture
def asked(site, clock):
    return let_ask(site)


@pytest.fixture
def person(asked):
    """Alice, who is asked before she books."""
    return make_person(asked, "Alice Adams")


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
    text = re.sub(r"/\d+/|\"\d+-\d+-\d+\"", "/N/", text)  # ids of rows, and marks made of them, of one digit as well
    return re.sub(r"\d{2,}", "N", re.sub(r"[A-Z0-9]{4}-[A-Z0-9]{4}", "", text))


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
