"""The API describes itself, and its pages to read and try it need nothing from outside."""

import json
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from tests.api.conftest import client_of

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_and_nothing_in_it_is_guessed():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


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


def test_it_is_openapi_31_and_tells_of_every_problem(description):
    assert description["openapi"].startswith("3.1")
    assert len(list(operations(description))) > 50
    for name, operation in operations(description):
        problems = operation["responses"]["default"]["content"]
        assert problems["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}, name


def test_it_says_where_a_key_is_required(description):
    keyed = {
        name: parameter["required"]
        for name, operation in operations(description)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key" and parameter.get("required")
    }
    assert set(keyed) == {"post /api/v1/holds/", "post /api/v1/appointments/"}


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
    assert "nullable" not in json.dumps(description)


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
