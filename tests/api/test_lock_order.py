"""What `If-Match` holds still is locked in the one order in which the change itself locks: nobody meets head-on."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.api.views.patients import PatientDetailView
from core.api.views import ApiView
from core.rights import may
from tests.api.routes import API, OPERATIONS, kind_of, send
from tests.api.test_two_at_once import FIELDS
from tests.factories.booking import chicago, slot_id

pytestmark = pytest.mark.django_db

CHANGED = [op for op in OPERATIONS if getattr(op[2], "conditional", False) and op[0] != "GET"]
LOCKS = re.compile(r'FROM "?(\w+)"?.*\bFOR (?:NO KEY )?UPDATE|(pg_advisory_xact_lock)', re.DOTALL)
PATIENT = "api/v1/patients/<uuid:id>/"


def reached(world, clients, route, cls, method):
    """Return somebody who may do this to something, and the thing; of people, those who correct records."""
    for name in ["scheduler", *clients]:
        for thing in world.things(kind_of(route), name):
            if method in cls.rights and may(world.principal(name), cls.rights[method], thing.subject):
                return clients[name], thing.id
    raise LookupError(route)


def body(world, method, route):
    """Return what is sent: of a change every field, of a move what it needs to know."""
    if method == "PATCH":
        return {"opens": "07:30:00"} if kind_of(route) == "opening_hour" else FIELDS[kind_of(route)]
    facts = {
        "reschedule": {"slot": slot_id(world.li, chicago(13, 9))},
        "cancel": {"reason": "patient"},
        "await": {"until": chicago(8, 10).isoformat()},
        "merge": {"other": str(world.nora.public_id)},
    }
    return facts.get(route.split("/")[-2], {})


def locked(world, clients, method, route, cls, **headers):
    """Return what is locked on the way through a door, each once, in order."""
    client, thing = reached(world, clients, route, cls, method)
    with CaptureQueriesContext(connection) as asked:
        answer = send(client, method, route, thing, body=json.dumps(body(world, method, route)), **headers)
    assert answer.status_code not in {400, 404, 412, 422}, answer.content
    found = [LOCKS.search(query["sql"]) for query in asked]
    return list(dict.fromkeys(one[1] or one[2] for one in found if one))


@pytest.mark.parametrize(("method", "route", "cls"), CHANGED, ids=[f"{m} {r.removeprefix(API)}" for m, r, _ in CHANGED])
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
