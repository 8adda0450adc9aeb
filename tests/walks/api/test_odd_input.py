"""No bad input gives a 5xx: every field, parameter and id of every address, with values that nobody should send."""

import json
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from django.db import transaction

from scheduler.search.slot_ids import SlotKey
from tests.api.routes import API, OPERATIONS, kind_of
from tests.factories.booking import chicago, slot_id
from tests.factories.scheduler import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]

ODD = [
    None, "", " ", "x" * 10_000, "\u202e\u2066", "\U0001f9d8\u200d\u2640\ufe0f", -1, 0,
    2**70, 1e308, True, [], [[]], {}, {"en": 1},
    "0000-00-00", "9999-12-31", "0001-01-01T00:00:00+14:00", "2199-12-31T23:59:59Z", "24:00", "%00", "' OR 1=1 --",
    "00000000-0000-0000-0000-000000000000", "../../etc/passwd", "{{7*7}}", "NaN",
]  # fmt: skip
SEARCH = {"therapy": "acu_manual", "visit": "first"}
EVERY = 12
"""Each field meets every twelfth odd value, and all of them with --full."""

WRITES = [(method, route, cls) for method, route, cls in OPERATIONS if method in {"POST", "PATCH"}]
READS = [(route, cls) for method, route, cls in OPERATIONS if method == "GET"]
NAMED = [(method, route) for method, route, _ in OPERATIONS if "<" in route]


@pytest.fixture
def chosen(pytestconfig):
    """Return which odd values a field meets: others than the field before it."""
    every = 1 if pytestconfig.getoption("--full") else EVERY
    return lambda number: ODD[number % every :: every]


def distant_slots(world) -> list[str]:
    """Return ids of starts at both ends of time, and of things that are not there."""
    known = {"practitioner": world.li.public_id, "site": "lakeside", **SEARCH, "technique": ""}
    starts = [datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1899, 2101, 9999)]
    return [SlotKey(**known, start=start).encode() for start in starts] + [
        SlotKey(**known | odd, start=AT).encode()
        for odd in ({"practitioner": UUID(int=0)}, {"site": "atlantis"}, {"therapy": "x"}, {"visit": "x"})
    ]


def valid_bodies(world) -> dict[str, dict]:
    """Return for an operation a body that the desk sends and that is accepted."""
    free, away = slot_id(world.li, chicago(13, 9)), {"practitioner": str(world.li.public_id)}
    alice = {"patient": str(world.alice.public_id)}
    closed = {"first_on": "2026-11-02", "last_on": "2026-11-03", "name": "Paint", "confirmed": True}
    closed |= {"starts": "13:00", "ends": "11:00"}
    hours = {"weekday": 6, "starts": "09:00", "ends": "12:00", "every_weeks": 1, "valid_from": "2026-10-01"}
    day = {"starts_at": "2026-10-20T00:00:00-05:00", "ends_at": "2026-10-21T00:00:00-05:00", "reason": "leave"}
    reached = {"email": "zoe@example.org", "phone": "(312) 555-0142", "language": "en"}
    return {
        "POST holds/": {"slot": free, **alice},
        "POST appointments/": {"slot": free, **alice, "note": "Needs a ramp"},
        "POST appointments/<uuid:id>/reschedule/": {"slot": free},
        "POST appointments/<uuid:id>/resize/": {"minutes": 65, "late_minutes": 0},
        "POST appointments/<uuid:id>/cancel/": {"reason": "illness"},
        "POST appointments/<uuid:id>/await/": {"until": "2026-10-07T12:00:00Z"},
        "POST patients/": {"name": "Zoë Quinn", "birth_date": "1980-02-29", "site": "lakeside", **reached},
        "POST patients/search/": {"search": "ali"},
        "PATCH patients/<uuid:id>/": reached,
        "POST absences/": away | day,
        "PATCH absences/<uuid:id>/": day,
        "POST working-hours/": away | hours | {"site": "lakeside"},
        "PATCH working-hours/<uuid:id>/": hours,
        "POST closures/": closed | {"site": "lakeside"},
        "PATCH closures/<uuid:id>/": closed,
    }


def name_of(method: str, route: str) -> str:
    return f"{method} {route.removeprefix(API)}"


def path_of(world, route: str) -> str:
    thing = str(world.things(kind_of(route), "scheduler")[0].id) if "<" in route else ""
    return "/" + at(route, thing)


def at(route: str, thing: str) -> str:
    return route.replace("<uuid:id>", thing).replace("<str:id>", thing)


def send(client, method, path, body=None, query=""):
    with transaction.atomic():
        response = client.generic(
            method,
            path,
            "" if body is None else json.dumps(body),
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY="k",
            QUERY_STRING=query,
        )
        transaction.set_rollback(True)
    return response


def faults_of_bodies(world, clients, chosen, operation) -> list[str]:
    """Send a body that is right but for one field, for each field; return what met a fault."""
    method, route, cls = operation
    whole = valid_bodies(world).get(name_of(method, route), {})
    path, faults = path_of(world, route), []
    decides = route.endswith(("approve/", "decline/")) or route.startswith(f"{API}suitability/")
    client = clients["clinician" if decides else "scheduler" if whole else "admin"]
    for number, field in enumerate(cls.form().fields if getattr(cls, "form", None) else ["anything"]):
        odd_ones = [*chosen(len(route) + number), *(distant_slots(world) if field == "slot" else ())]
        for odd in odd_ones:
            answer = send(client, method, path, whole | {field: odd})
            if answer.status_code >= 500:
                faults.append(f"{field} = {odd!r:.60}: {answer.status_code}")
    return faults


@pytest.mark.parametrize("operation", WRITES, ids=[name_of(*operation[:2]) for operation in WRITES])
def test_a_body_with_one_odd_field_is_never_a_fault(world, clients, chosen, operation):
    assert faults_of_bodies(world, clients, chosen, operation) == []


def test_the_bodies_that_odd_values_are_put_into_are_accepted_without_them(world, clients):
    for name, body in valid_bodies(world).items():
        method, route = name.split()
        path = path_of(world, API + route)
        answer = send(clients["scheduler"], method, path, body)
        assert answer.status_code in {200, 201}, (name, answer.content)
        made = answer.json().get("row", answer.json())
        address = f"http://testserver{path}{made['id']}/" if answer.status_code == 201 else None  # where it is
        assert answer.headers.get("Location") == address, name


def test_twin_a_fault_behind_the_form_is_seen(world, clients, chosen, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr("booking.actions.appointments.book", broken)
    booking = next(operation for operation in WRITES if operation[:2] == ("POST", f"{API}appointments/"))
    assert faults_of_bodies(world, clients, chosen, booking)


@pytest.mark.parametrize(("route", "cls"), READS, ids=[route.removeprefix(API) for route, _ in READS])
def test_an_odd_parameter_is_never_a_fault(world, clients, chosen, route, cls):
    path, faults = path_of(world, route), []
    whole = SEARCH if route in {API + "slots/", API + "slots/days/", API + "slots/first/"} else {}
    for number, name in enumerate(parameters_of(cls)):
        for odd in chosen(len(route) + number):
            answer = send(clients["scheduler"], "GET", path, query=urlencode(whole | {name: str(odd)}))
            if answer.status_code >= 500:
                faults.append(f"{name} = {odd!r:.60}: {answer.status_code}")
    assert faults == []


def parameters_of(cls) -> list[str]:
    query, filters = getattr(cls, "query", None), getattr(cls, "filterset_class", None)
    return [*(query().fields if query else ()), *(filters.base_filters if filters else ()), "page", "page_size", "zzz"]


@pytest.mark.parametrize(("method", "route"), NAMED, ids=[name_of(*operation) for operation in NAMED])
def test_an_odd_id_names_nothing_and_is_never_a_fault(world, clients, chosen, method, route):
    distant = distant_slots(world) if "<str" in route else []
    told = {}
    for odd in [*(str(odd) for odd in chosen(len(route)) if odd != ""), *distant]:
        body = valid_bodies(world).get(name_of(method, route), {}) if method in {"POST", "PATCH"} else None
        told[odd[:60]] = send(clients["scheduler"], method, "/" + at(route, quote(odd, safe="")), body).status_code
    assert {odd: status for odd, status in told.items() if status not in {400, 404, 405, 414}} == {}
