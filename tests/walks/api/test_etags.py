"""Whatever has an address of its own names its state, and nothing is changed there that was not seen (RFC 9110, 13)."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.api.views.patients import PatientDetailView
from core.api.views import ApiView
from core.rights import Action, may
from scheduler.models import VisitPlan
from tests.api.routes import API, OPERATIONS, kind_of, send
from tests.factories.booking import chicago, slot_id
from tests.walks.api.test_two_at_once import FIELDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]

SOME = '"0-0"'
LISTS = ("changes", "enrolments", "referrals", "invitations")
"""What is listed below the address of one thing: that names many, each with an address, and a state, of its own."""
NAMED = [op for op in OPERATIONS if "<" in op[1] and op[1].split("/")[-2] not in LISTS]
READ = [(route, cls) for method, route, cls in NAMED if method == "GET"]
CHANGED = [op for op in NAMED if op[0] != "GET"]


def reached(world, clients, route, cls, method):
    """Return somebody who may do this to something, and the thing."""
    for name, client in clients.items():
        principal = world.principal(name)
        for thing in world.things(kind_of(route), name):
            if may(principal, cls.rights[method], thing.subject):
                return client, thing.id
    raise LookupError(route)


@pytest.mark.parametrize(("route", "cls"), READ, ids=[route.removeprefix(API) for route, _ in READ])
def test_whoever_has_it_already_is_not_sent_it_again(world, clients, route, cls):
    client, thing = reached(world, clients, route, cls, "GET")
    tag = send(client, "GET", route, thing).headers["ETag"]
    given = {tag: 304, "*": 304, SOME: 200, "no tag": 400}
    answers = {one: send(client, "GET", route, thing, HTTP_IF_NONE_MATCH=one) for one in given}
    assert {one: answer.status_code for one, answer in answers.items()} == given
    assert {a.headers["ETag"] for a in answers.values() if a.status_code in {200, 304}} == {tag}
    assert answers[tag].content == b""


@pytest.mark.parametrize(("method", "route", "cls"), CHANGED, ids=[f"{m} {r.removeprefix(API)}" for m, r, _ in CHANGED])
def test_nothing_is_changed_that_somebody_saw_otherwise(world, clients, method, route, cls):
    client, thing = reached(world, clients, route, cls, method)
    body = json.dumps({"other": str(world.nora.public_id)}) if route.endswith(("/merge/", "apart/")) else "{}"
    refused = send(client, method, route, thing, body=body, HTTP_IF_MATCH=SOME)
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition-failed")
    assert "look at it again" in refused.json()["title"]
    tag = refused.json()["etag"]
    there = {r: c for r, c in READ if r == route[: route.index(">") + 2]}
    for read, view in there.items():
        if view.rights["GET"] is not Action.KEEP_HOLD or method != "GET":
            assert send(client, "GET", read, thing).headers["ETag"] == tag
    status = {
        one: send(client, method, route, thing, body=body, HTTP_IF_MATCH=one).status_code
        for one in (tag, "*", "no tag")
    }
    assert 412 not in {status.pop(tag), status.pop("*")}
    assert status == {"no tag": 400}


def test_twin_without_the_look_at_what_was_seen_it_is_changed(world, clients, monkeypatch):
    monkeypatch.setattr("core.api.views.require_match", lambda *_: True)
    route = "api/v1/closures/<uuid:id>/"
    cls = next(cls for found, cls in READ if found == route)
    client, thing = reached(world, clients, route, cls, "DELETE")
    assert send(client, "DELETE", route, thing, HTTP_IF_MATCH=SOME).status_code == 200


def test_an_edit_answers_with_the_tag_that_the_next_one_sends(world, clients):
    for method, route, cls in CHANGED:
        if method == "PATCH":
            client, thing = reached(world, clients, route, cls, method)
            assert (
                send(client, "PATCH", route, thing).headers["ETag"] == send(client, "GET", route, thing).headers["ETag"]
            )


# -- what is held still is locked in the one order ---------------------------------------------------------------------

LOCKS = re.compile(r'FROM "?(\w+)"?.*\bFOR (?:NO KEY )?UPDATE|(pg_advisory_xact_lock)', re.DOTALL)
PATIENT = "api/v1/patients/<uuid:id>/"


def sent_to(world, method, route):
    """Return what is sent: of a change every field that they may change, of a move what it needs to know."""
    kind = kind_of(route)
    if method == "PATCH":
        here = {"practitioner": {"sites": ["lakeside"]}, "working_hours": {"site": "lakeside"}}.get(kind, {})
        some = {"opening_hour": {"opens": "07:30:00"}, "patient": {"email": "alice@other.example"}}
        return some.get(kind, FIELDS[kind] | here)
    facts = {
        "reschedule": {"slot": slot_id(world.li, chicago(13, 9))},
        "propose": {"slot": slot_id(world.li, chicago(13, 9))},
        "resize": {"minutes": 65},
        "cancel": {"reason": "patient"},
        "await": {"until": chicago(8, 10).isoformat()},
        **{act: {"other": str(world.nora.public_id)} for act in ("merge", "apart", "not-apart")},
        "other-practitioner": {"practitioner": str(world.li.public_id)},
        "vouch": {"reason": "Known to us"},
        "grace": {"reason": "Told us by phone"},
        "keep": {"starts_at": chicago(27, 12).isoformat(), "reason": "They come from far away"},
        "release": {"starts_at": chicago(27, 12).isoformat()},
    }
    if kind == "linked":
        first = {"appointment": str(world.visits[0].public_id)}
        facts |= {"unlink": first, "move": {"appointments": [first | facts["reschedule"]]}}
    return facts.get(route.split("/")[-2], {})


def other_lengths(client, route, thing):
    """Return how a therapy is to take a minute more, or of which that is taken back, having been said before."""
    plan = VisitPlan.objects.filter(therapy__public_id=thing, withdrawn_at=None).order_by("version", "pk").last()
    named = {"visit": plan.visit, "technique": plan.technique}
    minutes = [one.minutes + 1 for one in plan.segments.order_by("position")]
    longer = named | {"minutes": minutes, "since": "2026-10-20", "site": "lakeside"}
    if not route.endswith("take-back/"):
        return longer
    send(client, "POST", route.removesuffix("take-back/"), thing, body=json.dumps(longer))
    return named


def locked(world, clients, method, route, cls, **headers):
    """Return what is locked on the way through a door, each once, in order."""
    client, thing = reached(world, clients, route, cls, method)
    sent = other_lengths(client, route, thing) if "/lengths/" in route else sent_to(world, method, route)
    with CaptureQueriesContext(connection) as asked:
        answer = send(client, method, route, thing, body=json.dumps(sent), **headers)
    assert answer.status_code not in {400, 404, 412, 422}, answer.content
    found = [LOCKS.search(query["sql"]) for query in asked]
    return list(dict.fromkeys(one[1] or one[2] for one in found if one))


# Who answers an offer needs one that stands: in which order that locks is asked by the races of the waiting list.
LOCKING = [one for one in CHANGED if "waiting-list" not in one[1] or one[1].split("/")[-2] not in {"accept", "decline"}]


@pytest.mark.parametrize(("method", "route", "cls"), LOCKING, ids=[f"{m} {r.removeprefix(API)}" for m, r, _ in LOCKING])
def test_whoever_changes_only_what_they_saw_locks_in_the_same_order_as_whoever_changes_it(
    world, clients, method, route, cls
):
    plain = locked(world, clients, method, route, cls)
    assert locked(world, clients, method, route, cls, HTTP_IF_MATCH="*")[: len(plain)] == plain


def test_twin_with_the_record_locked_first_a_move_and_a_correction_would_wait_for_each_other(
    world, clients, monkeypatch
):
    monkeypatch.setattr(PatientDetailView, "lock", ApiView.lock)
    plain = locked(world, clients, "PATCH", PATIENT, PatientDetailView)
    assert plain[0] == "booking_appointment"
    assert locked(world, clients, "PATCH", PATIENT, PatientDetailView, HTTP_IF_MATCH="*")[0] == "booking_patient"
