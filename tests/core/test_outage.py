"""No database: everybody is told to come back, at once, and the service recovers without a restart."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connections
from django.test import Client

NOBODY_LISTENS = "1"


@pytest.fixture
def asked_elsewhere(db):
    """Ask from a thread of its own, which has to connect anew."""

    def ask(*paths):
        client = Client(raise_request_exception=False)
        try:
            return [client.get(path, HTTP_ACCEPT="*/*", HTTP_AUTHORIZATION="Token x") for path in paths]
        finally:
            connections.close_all()

    def in_a_thread(*paths):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(ask, *paths).result()

    return in_a_thread


def test_without_a_database_everybody_is_told_to_come_back(asked_elsewhere, monkeypatch):
    with monkeypatch.context() as outage:
        outage.setitem(connections.databases["default"], "PORT", NOBODY_LISTENS)
        began = time.monotonic()
        api, page, ready = asked_elsewhere("/api/v1/sites/", "/book/", "/readyz")
        assert time.monotonic() - began < 3
    assert (api.status_code, api.json()["code"]) == (503, "unavailable")
    assert api.headers["Content-Type"] == "application/problem+json"
    assert page.status_code == 503
    assert ready.status_code == 503
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in (api, page, ready))
    assert [a.status_code for a in asked_elsewhere("/api/v1/sites/", "/readyz")] == [401, 200]


def loses_the_database(_get_response):
    def answer(_request):
        raise OperationalError

    return answer


@pytest.mark.parametrize("path", ["/book/", "/api/v1/sites/"])
def test_an_outage_between_the_views_is_told_like_any_other(settings, path):
    settings.MIDDLEWARE = ["core.http.problems.ApiProblemsMiddleware", f"{__name__}.loses_the_database"]
    answer = Client(raise_request_exception=False).get(path)
    assert (answer.status_code, bool(answer.headers["Retry-After"])) == (503, True)


def fails(_get_response):
    def answer(_request):
        raise ZeroDivisionError

    return answer


def test_twin_a_fault_of_ours_stays_one(settings):
    settings.MIDDLEWARE = [f"{__name__}.fails"]
    assert Client(raise_request_exception=False).get("/book/").status_code == 500
