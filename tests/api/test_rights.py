"""Every address × method × role × own, other's and missing object, against the rights table."""

from functools import partial
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import yaml
from django.db import transaction
from django.db.models import Q

from booking.models import Appointment
from booking.roles import MAY_OVERRIDE, STAFF
from core.rights import Action, may, may_ever
from core.roles import Role
from tests.api.conftest import client_of
from tests.api.routes import API, OPERATIONS, kind_of, send
from tests.factories.booking import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]

UNSEEN = {401, 403, 404}
IDS = [f"{method} {route.removeprefix(API)}" for method, route, _ in OPERATIONS]


def test_there_are_addresses_to_walk():
    assert len(OPERATIONS) > 40


def test_every_address_says_what_it_does():
    cells = {(method, route): getattr(cls, "rights", {}).get(method) for method, route, cls in OPERATIONS}
    assert [where for where, cell in cells.items() if not isinstance(cell, Action)] == []  # no cell in the rights table


@pytest.mark.parametrize(("method", "route", "cls"), OPERATIONS, ids=IDS)
def test_every_role_reaches_what_the_table_says_and_no_more(world, clients, method, route, cls):
    action = cls.rights[method]
    wrong, shut_out = [], {}
    for name, client in clients.items():
        principal = world.principal(name)
        if "<" in route:
            wrong += named(world, clients, name, (method, route, cls), shut_out)
        else:
            status = send(client, method, route, "").status_code
            expected = may_ever(principal, action)
            if (status in UNSEEN) == expected or (not expected and status != shut(principal, named=False)):
                wrong.append(f"{name}: {status}")
    assert not wrong


def test_twin_with_the_gate_open_the_walk_finds_what_everybody_could_reach(world, clients, monkeypatch):
    method, route, cls = next(op for op in OPERATIONS if op[1].endswith("appointments/<uuid:id>/cancel/"))
    monkeypatch.setattr("core.api.permissions.may_ever", lambda *_: True)
    monkeypatch.setattr("core.api.permissions.may", lambda *_: True)
    monkeypatch.setattr("booking.queries.appointments", lambda _by: Appointment.objects.select_related("site"))
    for name in ("auditor", "patient", "scheduler of another site"):
        assert named(world, clients, name, (method, route, cls), {})


def named(world, clients, name, operation, shut_out) -> list[str]:
    """Return what is wrong with how somebody reaches things by their names.

    Whoever may reach none at all is answered alike about each: `shut_out` keeps that from the first of them.
    """
    method, route, cls = operation
    client, principal, action = clients[name], world.principal(name), cls.rights[method]
    kind = None if may_ever(principal, action) else shut(principal, named=True)
    missing = shut_out.get(kind) or send(client, method, route, "unknown" if "<str" in route else uuid4())
    shut_out |= {kind: missing} if kind else {}
    wrong = []
    if missing.status_code != (404 if may_ever(principal, action) else shut(principal, named=True)):
        wrong.append(f"{name}, missing: {missing.status_code}")
    things = world.things(kind_of(route), name)
    for number, thing in enumerate(things if may_ever(principal, action) else things[:1]):
        response = send(client, method, route, thing.id)
        if may(principal, action, thing.subject):
            if response.status_code in UNSEEN and not is_refusal_of_the_domain(response):
                wrong.append(f"{name}, {number} is theirs: {response.status_code} {response.content}")
        elif (response.status_code, response.content) != (missing.status_code, missing.content):
            wrong.append(f"{name}, {number} is not theirs: {response.status_code} {response.content}")
    return wrong


def is_refusal_of_the_domain(response) -> bool:
    """Whether the act was judged, not the person's right to know: only staff undo what was marked."""
    return response.json()["code"] == "staff-only"


def shut(principal, *, named: bool) -> int:
    return 401 if principal.anonymous else 404 if named else 403


def test_a_list_shows_exactly_the_visits_that_the_table_allows(world, clients):
    numbers, every = set(), [*world.visits, *world.family_visits]
    for name, client in clients.items():
        principal = world.principal(name)
        listed = client.get("/api/v1/appointments/")
        allowed = {str(v.public_id) for v in every if may(principal, Action.SEE_APPOINTMENT, world.of_visit(v))}
        numbers.add(len(allowed))
        if not may_ever(principal, Action.SEE_APPOINTMENT):
            assert listed.status_code == shut(principal, named=False)
        else:
            assert {row["id"] for row in listed.json()["results"]} == allowed, name
    assert len(numbers) > 2  # some see none, some a few, some more


def test_nobody_sees_names_or_details_beyond_the_table(world, clients):
    named = set()
    for name, client in clients.items():
        principal = world.principal(name)
        for visit in (*world.visits, *world.family_visits):
            subject = world.of_visit(visit)
            if may(principal, Action.SEE_APPOINTMENT, subject):
                shown = client.get(f"/api/v1/appointments/{visit.public_id}/").json()
                named.add("patient" in shown)
                assert ("patient" in shown) == may(principal, Action.SEE_NAMES, subject), name
                assert ("therapy" in shown) == may(principal, Action.SEE_THERAPY, subject), name
                written = {"note", "override_reason"} & set(shown)
                assert written == ({"note", "override_reason"} if sees(principal, subject) else set()), name
    assert named == {True, False}


def test_program_staff_reach_a_relative_and_neither_whose_link_has_ended_nor_whom_nobody_has_confirmed(world, clients):
    client, found = clients["program staff"], {"search": "reed"}
    listed = client.post("/api/v1/patients/search/", found, format="json").json()["results"]
    assert [one["name"] for one in listed] == ["Rosa Reed"]
    for who, status in ((world.rosa, 200), (world.otis, 404), (world.ben, 404)):
        assert client.get(f"/api/v1/patients/{who.public_id}/").status_code == status
    for door in ("enrolments", "referrals"):  # what they are to a program of their own is not the family's
        assert client.get(f"/api/v1/patients/{world.rosa.public_id}/{door}/").status_code == 404
    shown = client.get(f"/api/v1/appointments/{world.family_visits[0].public_id}/").json()
    assert ("therapy" in shown, "cancel_reason" in shown) == (True, False)


def test_twin_a_link_that_never_ends_would_leave_otis_in_sight(world, clients, monkeypatch):
    monkeypatch.setattr("booking.models.reach.link_in_force", lambda _at, of="": Q(**{f"{of}state": "active"}))
    listed = clients["program staff"].post("/api/v1/patients/search/", {"search": "reed"}, format="json").json()
    assert {one["name"] for one in listed["results"]} == {"Rosa Reed", "Otis Reed"}


def sees(principal, subject) -> bool:
    return may(principal, Action.SEE_DETAILS, subject)


@pytest.fixture
def described(world, clients):
    """Each described operation with its parameters, and a way to send to it as somebody whom the gate lets in."""
    paths = yaml.load(clients["anonymous"].get("/api/v1/schema/").content, Loader=yaml.CSafeLoader)["paths"]
    boss = client_of(make_user("boss", Role.ADMIN))
    found = []
    for method, route, cls in OPERATIONS:
        path = route.replace("<uuid:id>", "{id}").replace("<str:id>", "{id}")
        if f"/{path}" in paths:
            reaching = (client for who, client in clients.items() if may_ever(world.principal(who), cls.rights[method]))
            shown = paths[f"/{path}"][method.lower()].get("parameters", ())
            missing = str(uuid4()) if "<uuid" in route else "none"
            found.append((f"{method} {path}", shown, partial(send, next(reaching, boss), method, route, missing)))
    return found


def test_each_operation_accepts_the_query_parameters_that_its_description_shows_and_no_others(described):
    shown = {name: {one["name"] for one in told if one["in"] == "query"} for name, told, _send in described}
    every, wrong = set().union(*shown.values()), {}
    for name, _told, ask in described:
        errors = ask(QUERY_STRING=urlencode(dict.fromkeys(every, "?"))).json()["errors"]
        refused = {error["parameter"] for error in errors if error["code"] == "unknown"}
        if refused != every - shown[name]:
            wrong[name] = refused ^ (every - shown[name])
    assert wrong == {}


def test_each_write_honours_a_key_where_its_description_shows_one_and_nowhere_else(described):
    wrong = []
    for name, told, ask in described:
        answer = ask(HTTP_IDEMPOTENCY_KEY="no key")
        errors = answer.json().get("errors", ()) if answer.status_code == 400 else ()
        if any("header" in error for error in errors) != any(one["name"] == "Idempotency-Key" for one in told):
            wrong.append(name)
    assert wrong == []


def test_an_auditor_cannot_ask_whose_visits_they_are(world, clients):
    refused = clients["auditor"].get(f"/api/v1/appointments/?patient={world.alice.public_id}")
    assert refused.status_code == 400
    assert [(e["parameter"], e["code"]) for e in refused.json()["errors"]] == [("patient", "unknown")]


def test_an_auditor_reads_who_changed_what_and_no_reason(world, clients):
    visit = world.visits[0]
    with transaction.atomic():
        clients["patient"].post(f"/api/v1/appointments/{visit.public_id}/cancel/", {"reason": "illness"}, format="json")
        read = {
            name: clients[name].get(f"/api/v1/appointments/{visit.public_id}/changes/").json()["results"][-1]
            for name in ("auditor", "patient")
        }
        transaction.set_rollback(True)
    assert read["auditor"]["by"] == f"user:{world.people['patient'].pk}"
    assert "reason" not in read["auditor"]["facts"]
    assert (read["patient"]["by"], read["patient"]["facts"]["reason"]) == ("user", "illness")


def test_booking_knows_who_is_staff_and_who_may_set_a_rule_aside():
    assert {Role.SCHEDULER, Role.ADMIN, Role.PRACTITIONER} == MAY_OVERRIDE
    assert MAY_OVERRIDE | {Role.CLINICIAN, Role.PROGRAM, Role.CLIENT} == STAFF


def test_somebody_elses_patient_in_a_body_is_like_one_that_does_not_exist(world, clients):
    for name in ("patient", "scheduler", "program staff", "client"):
        slot = world.things("slot", name)[0].id
        answers = {
            clients[name]
            .post("/api/v1/holds/", {"slot": slot, "patient": str(who)}, headers={"Idempotency-Key": str(who)})
            .content
            for who in (world.mallory.public_id, uuid4())
        }
        assert len(answers) == 1, name
        assert b"There is no such patient." in answers.pop()


def test_what_is_told_of_people_is_kept_by_no_cache(world, clients):
    for method, route, cls in OPERATIONS:
        if method == "GET" and cls.rights["GET"] not in {
            Action.SEE_CATALOGUE,
            Action.SEE_FREE_TIMES,
            Action.SEE_SERVICE,
        }:
            thing = world.things(kind_of(route), "scheduler")[0].id if "<" in route else ""
            assert send(clients["scheduler"], method, route, thing).headers["Cache-Control"] == "no-store", route
