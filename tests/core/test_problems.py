"""Whatever fails under /api/ says so as a problem, and a fault shows nothing of our insides."""

import json
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse, HttpResponseNotFound
from django.test import RequestFactory
from django.urls import path
from psycopg.errors import LockNotAvailable
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.api.views import ApiView
from core.http import problems
from core.refusals import Refusal
from core.rights import Action


@dataclass(frozen=True)
class Seat:
    number: str


class Taken(Refusal):
    """Somebody was quicker."""

    code = "test-taken"
    status = 409
    title = "Gone."


class Failing(ApiView):
    """Fails in the way that the test asks for."""

    rights = {"GET": Action.SEE_SERVICE}
    failure = Exception("secret-inside")

    def get(self, request):
        raise Failing.failure


def plain_failure(request):
    raise Failing.failure


urlpatterns = [path("api/v1/fails/", Failing.as_view()), path("api/v1/plain/", plain_failure)]


@pytest.fixture
def fails(visitor, settings):
    settings.ROOT_URLCONF = __name__

    def get(failure, where="fails"):
        Failing.failure = failure
        return visitor.get(f"/api/v1/{where}/")

    return get


def is_problem(response, status, code):
    body = json.loads(response.content)
    assert response.status_code == body["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body["code"] == code
    assert body["type"] == f"{settings.PUBLIC_URL}/problems/{code}/"
    assert {"title", "detail"} <= set(body)
    assert response.headers["Cache-Control"] == "no-store"
    return body


def test_a_refusal_tells_its_code_and_facts(fails):
    body = is_problem(fails(Taken("Too late.", alternatives=[1, 2])), 409, "test-taken")
    assert body["detail"] == "Too late."
    assert body["alternatives"] == [1, 2]


def test_a_fact_never_replaces_what_a_problem_must_say(fails):
    is_problem(fails(Taken(status="made up", code="made up")), 409, "test-taken")


@pytest.mark.parametrize("where", ["fails", "plain"])
def test_a_fault_shows_nothing_of_our_insides(fails, where):
    response = fails(RuntimeError("secret-inside"), where)
    is_problem(response, 500, "fault")
    assert b"secret-inside" not in response.content


@pytest.mark.parametrize("where", ["fails", "plain"])
def test_without_a_database_the_answer_is_503_and_when_to_come_back(fails, where):
    response = fails(OperationalError("connection refused"), where)
    is_problem(response, 503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_a_lock_that_takes_too_long_is_503_busy(fails):
    error = OperationalError()
    error.__cause__ = LockNotAvailable()
    is_problem(fails(error), 503, "busy")


def test_wrong_fields_are_pointed_at():
    detail = {"contacts": [{}, {"value": [ErrorDetail("Too long.", "max_length")]}], "a/b": ["x"]}
    body = problems.answer(ValidationError(detail), {"request": RequestFactory().post("/")}).data
    pointers = {(e["pointer"], e["code"]) for e in body["errors"]}
    assert pointers == {("/contacts/1/value", "max-length"), ("/a~1b", "invalid")}


def test_wrong_parameters_are_named():
    body = problems.answer(ValidationError({"from": ["No."]}), {"request": RequestFactory().get("/")}).data
    assert body["errors"] == [{"parameter": "from", "detail": "No.", "code": "invalid"}]


def test_an_address_that_does_not_exist_is_a_problem(visitor):
    is_problem(visitor.get("/api/v1/nothing-here/"), 404, "not-found")


def test_a_host_that_is_not_ours_is_a_problem(visitor):
    is_problem(visitor.get("/api/v1/schema/", HTTP_HOST="evil.example"), 400, "bad-request")


def test_pages_keep_their_own_errors():
    page = problems.ApiProblemsMiddleware(lambda request: HttpResponseNotFound("ours"))(
        RequestFactory().get("/nothing")
    )
    assert page.content == b"ours"


def test_what_went_well_is_left_alone():
    fine = problems.ApiProblemsMiddleware(lambda request: HttpResponse("fine"))(RequestFactory().get("/api/v1/x"))
    assert fine.content == b"fine"


@problems.plain.register
def _(seat: Seat):
    return {"id": seat.number}


def test_a_problem_shows_an_app_s_values_as_the_app_registers_them():
    slot = Seat("s")
    assert problems.body_of(Taken(alternatives=(slot,), by={"a": slot})) | {} == problems.body_of(Taken()) | {
        "alternatives": [{"id": "s"}],
        "by": {"a": {"id": "s"}},
    }


@pytest.mark.django_db
def test_every_kind_of_problem_has_a_page(client):
    codes = {kind.code for kind in problems.every_kind()}
    assert len(codes) > 20
    for code in codes:
        page = client.get(f"/problems/{code}/")
        assert page.status_code == 200, code
        assert code in page.content.decode()
    assert client.get("/problems/").status_code == 200
    assert client.get("/problems/never-heard-of/").status_code == 404


@pytest.mark.parametrize("address", ["/api/v1/nowhere/", "/api/", "/api/v1/appointments", "/api/v1/appointments/xx/"])
def test_the_length_told_is_the_length_sent(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert int(answer.headers["Content-Length"]) == len(answer.content)
