"""No bad input gives a 5xx: every field and parameter of every address, with values that nobody should send."""

import json
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction

from tests.api.conftest import client_of
from tests.api.test_rights import IDS, OPERATIONS, kind_of
from tests.api.world import World
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

ODD = [
    None, "", " ", "x" * 10_000, "\u202e\u2066", "\U0001f9d8\u200d\u2640\ufe0f", -1, 0,
    2**70, 1e308, True, [], [[]], {}, {"en": 1},
    "0000-00-00", "9999-12-31", "0001-01-01T00:00:00+14:00", "2199-12-31T23:59:59Z", "24:00", "%00", "' OR 1=1 --",
    "00000000-0000-0000-0000-000000000000", "../../etc/passwd", "{{7*7}}", "NaN",
]  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), time_machine.travel(AT, tick=False), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world):
    return {name: client_of(world.people[name]) for name in ("patient", "scheduler", "admin")}


def fields_of(cls) -> list[str]:
    return list(cls.form().fields) if getattr(cls, "form", None) else ["anything"]


def parameters_of(cls) -> list[str]:
    query, filters = getattr(cls, "query", None), getattr(cls, "filterset_class", None)
    return [*(query().fields if query else ()), *(filters.base_filters if filters else ()), "page", "page_size", "zzz"]


def send(client, method, path, **kwargs):
    with transaction.atomic():
        response = client.generic(method, path, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k", **kwargs)
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_odd_values_are_refused_and_never_a_fault(world, clients, operation, pytestconfig):
    method, route, cls = operation
    thing = str(world.things(kind_of(route), "scheduler")[0].id) if "<" in route else ""
    path = "/" + route.replace("<uuid:id>", thing).replace("<str:id>", thing)
    faults = []
    every = 1 if pytestconfig.getoption("--full") else 3
    for number, odd in enumerate(ODD[len(route) % every :: every]):
        client = list(clients.values())[number % len(clients)]
        body = json.dumps(dict.fromkeys(fields_of(cls), odd)) if method in {"POST", "PATCH"} else ""
        sent = [send(client, method, path, data=body)]
        if method == "GET":
            sent.append(send(client, method, path, QUERY_STRING=parameters(cls, odd)))
        faults += [f"{odd!r:.40}: {answer.status_code}" for answer in sent if answer.status_code >= 500]
    assert not faults


def parameters(cls, odd) -> str:
    return urlencode(dict.fromkeys(parameters_of(cls), str(odd)))
