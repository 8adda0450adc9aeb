"""Every address × method × role × own, other's and missing object, against the rights table."""

from functools import partial
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import yaml

from booking.models import Appointment
from core.rights import Action, may_ever
from core.roles import Role
from tests.api.conftest import client_of
from tests.api.rights_walk import IDS, named, wrongly_answered
from tests.api.routes import OPERATIONS, kind_of, send
from tests.factories.booking import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_every_role_reaches_what_the_table_says_and_no_more(world, clients, operation):
    assert not wrongly_answered(world, clients, operation)


def test_twin_with_the_gate_open_the_walk_finds_what_everybody_could_reach(world, clients, monkeypatch):
    method, route, cls = next(op for op in OPERATIONS if op[1].endswith("appointments/<uuid:id>/cancel/"))
    monkeypatch.setattr("core.api.permissions.may_ever", lambda *_: True)
    monkeypatch.setattr("core.api.permissions.may", lambda *_: True)
    monkeypatch.setattr("booking.queries.appointments", lambda _by: Appointment.objects.select_related("site"))
    for name in ("auditor", "patient", "scheduler of another site"):
        assert named(world, clients, name, (method, route, cls), {})


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


def test_what_is_told_of_people_is_kept_by_no_cache(world, clients):
    for method, route, cls in OPERATIONS:
        if method == "GET" and cls.rights["GET"] not in {
            Action.SEE_CATALOGUE,
            Action.SEE_FREE_TIMES,
            Action.SEE_SERVICE,
        }:
            thing = world.things(kind_of(route), "scheduler")[0].id if "<" in route else ""
            assert send(clients["scheduler"], method, route, thing).headers["Cache-Control"] == "no-store", route
