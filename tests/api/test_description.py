"""The API describes itself, and its pages to read and try it need nothing from outside."""

import inspect
import json
import re
from functools import cache, reduce
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.http.problems import every_kind
from tests.api.conftest import client_of

pytestmark = pytest.mark.django_db
NOT_OVER_THE_API = {"policy-return-unapproved", "policy-unapproved"}


@cache
def described():
    return yaml.load(client_of().get("/api/v1/schema/").content, Loader=yaml.CSafeLoader)


@pytest.fixture
def description(db):
    return described()


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def resolved(description, described):
    if "$ref" not in described:
        return described
    return reduce(lambda inner, step: inner[step], described["$ref"].removeprefix("#/").split("/"), description)


def test_a_strict_reader_finds_no_fault_with_it(description):
    assert description["openapi"].startswith("3.1")
    assert [fault.message for fault in OpenAPIV31SpecValidator(description).iter_errors()] == []


def test_nothing_in_it_is_guessed(description):
    assert not GENERATOR_STATS


def test_every_operation_tells_with_which_problems_it_answers(description):
    assert len(list(operations(description))) > 50
    for name, operation in operations(description):
        refused = {status for status in operation["responses"] if status[0] not in "23"}
        assert refused >= {"400", "401", "406", "503", "default"}, name
        if not name.startswith("get "):
            assert refused >= {"403", "409"}, name
        if "{" in name:
            assert "404" in refused, name
        for status in refused:
            answer = resolved(description, operation["responses"][status])
            assert set(answer["content"]) == {"application/problem+json"}, name
            problem = resolved(description, answer["content"]["application/problem+json"]["schema"])
            assert {"type", "title", "status", "code", "detail"} <= set(problem["required"]), name
            assert ("Retry-After" in answer.get("headers", {})) == (status in {"429", "503"}), name


def facts_named() -> set[str]:
    """Return the facts that refusals of the API name, where their own words say so."""
    said = (inspect.getdoc(kind).partition("Facts: ")[2] for kind in every_kind() if kind.code not in NOT_OVER_THE_API)
    return {fact for words in said for fact in re.findall(r"`(\w+)`", words.partition(" is not told")[0])}


def test_whatever_stands_beside_a_problem_s_own_members_is_described_with_its_type(description):
    described = {}
    for name, schema in description["components"]["schemas"].items():
        if name.endswith("Problem"):
            described |= schema["properties"]
    named = facts_named() - {"appointment"}  # of a hold that was used, which is not told
    assert named >= {"alternatives", "candidates", "clashes", "limit", "techniques", "stands", "appointments"}
    assert named - set(described) == set()


@pytest.mark.parametrize(
    ("operation", "status", "fact", "part"),
    [
        ("post /api/v1/working-hours/", "409", "clashes", "hours"),
        ("post /api/v1/absences/", "409", "clashes", "start"),
        ("post /api/v1/patients/", "409", "candidates", "birth_date"),
        ("post /api/v1/holds/", "409", "limit", ""),
        ("get /api/v1/slots/", "400", "techniques", ""),
        ("post /api/v1/appointments/{id}/cancel/", "409", "stands", ""),
    ],
)
def test_a_client_reads_from_the_description_what_stands_in_the_way(description, operation, status, fact, part):
    answer = resolved(description, dict(operations(description))[operation]["responses"][status])
    problem = resolved(description, answer["content"]["application/problem+json"]["schema"])
    found = problem["properties"][fact]
    assert not part or part in resolved(description, found["items"])["properties"]


def test_it_says_that_what_is_public_needs_no_sign_in(description, visitor):
    public = {name for name, operation in operations(description) if {} in operation["security"]}
    assert {name.partition(" ")[0] for name in public} == {"get"}
    lists = {name.partition(" ")[2] for name, _one in operations(description) if name.startswith("get ")}
    for address in (one for one in lists if "{" not in one):
        refused = visitor.get(address).status_code == 401
        assert refused == (f"get {address}" not in public), address


def test_what_has_an_address_is_described_with_its_etag(description):
    for name, operation in operations(description):
        sent = {parameter["name"] for parameter in operation.get("parameters", [])}
        if "If-None-Match" in sent:
            assert "ETag" in operation["responses"]["304"]["headers"], name
        if {"If-Match", "If-None-Match"} & sent and "200" in operation["responses"] and "delete" not in name:
            assert "ETag" in operation["responses"]["200"]["headers"], name


def test_what_is_made_is_described_with_its_address(description):
    made = {name: one["responses"]["201"] for name, one in operations(description) if "201" in one["responses"]}
    assert len(made) >= 14
    assert [name for name, answer in made.items() if "Location" not in answer["headers"]] == []
    others = [one["responses"].get("200", {}) for _name, one in operations(description)]
    assert not any("Location" in answer.get("headers", {}) for answer in others)


def test_it_says_where_a_key_is_required(description):
    keyed = {
        name: parameter["required"]
        for name, operation in operations(description)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key" and parameter.get("required")
    }
    assert set(keyed) == {
        "post /api/v1/holds/",
        "post /api/v1/appointments/",
        "post /api/v1/appointments/linked/",
    }


def test_every_operation_says_what_it_does_in_a_line_of_its_own_and_then_in_full(description):
    lines = [operation.get("summary", "") for _name, operation in operations(description)]
    assert [line for line in lines if not 0 < len(line) <= 80 or line.endswith(".")] == []
    assert len(set(lines)) == len(lines)
    assert [name for name, operation in operations(description) if not operation.get("description")] == []


def test_every_parameter_and_every_group_says_what_it_is(description):
    silent = [
        f"{name}: {parameter['name']}"
        for name, operation in operations(description)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert silent == []
    groups = {tag["name"]: tag["description"] for tag in description["tags"]}
    assert {tag for _name, operation in operations(description) for tag in operation["tags"]} == set(groups)
    assert all(groups.values())


def test_a_page_of_a_list_is_described_in_the_words_of_openapi_31(description):
    pages = [one for name, one in description["components"]["schemas"].items() if name.startswith("Paginated")]
    assert len(pages) > 10
    assert {tuple(page["properties"]["next"]["type"]) for page in pages} == {("string", "null")}
    assert {tuple(page["required"]) for page in pages} == {("count", "next", "previous", "results")}
    assert "nullable" not in json.dumps(description)


def test_a_page_and_a_filter_say_which_values_they_take(description):
    listed = description["paths"]["/api/v1/rooms/"]["get"]["parameters"]
    taken = {one["name"]: one["schema"] for one in listed}
    status = next(
        one for one in description["paths"]["/api/v1/messages/"]["get"]["parameters"] if one["name"] == "status"
    )
    assert status["schema"]["minItems"] == 1
    assert taken["page_size"] == {"type": "integer", "minimum": 1, "maximum": 100}
    assert taken["site"] == {"type": "string", "minLength": 1}


def test_what_an_answer_always_has_is_required_and_what_a_role_may_not_see_is_not(description):
    visit = description["components"]["schemas"]["Appointment"]
    left_out = {
        "patient",
        "therapy",
        "technique",
        "segments",
        "note",
        "override_reason",
        "cancel_reason",
        "late_cancel",
    }
    left_out |= {"linked", "asked_for"}
    assert set(visit["properties"]) - set(visit["required"]) == left_out


def test_bodies_take_no_field_that_is_not_named_and_either_a_hold_or_a_slot(description):
    bodies = {
        name: resolved(description, operation["requestBody"]["content"]["application/json"]["schema"])
        for name, operation in operations(description)
        if "requestBody" in operation
    }
    assert [name for name, body in bodies.items() if body.get("additionalProperties") is not False] == []
    book = bodies["post /api/v1/appointments/"]
    assert (book["if"], book["else"]) == ({"required": ["hold"]}, {"required": ["slot"]})


def test_the_pages_to_try_it_load_only_from_here(visitor):
    page = visitor.get("/api/v1/docs/", HTTP_ACCEPT="text/html")
    text = page.content.decode()
    assert page.status_code == 200
    assert "http:" not in text
    assert "https:" not in text
    assert "<style" not in text
    script = visitor.get("/api/v1/docs/?script=", HTTP_ACCEPT="*/*")
    assert "/api/v1/schema/" in script.content.decode() or "../schema/" in script.content.decode()


def test_the_written_list_of_problems_is_that_of_the_code():
    out = StringIO()
    call_command("problems", stdout=out)
    assert (Path(__file__).parents[2] / "docs" / "problems.md").read_text() == out.getvalue()
