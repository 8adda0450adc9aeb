"""The API describes itself, and its pages to read and try it need nothing from outside."""

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


def test_every_operation_says_what_it_does(description):
    assert [name for name, operation in operations(description) if not operation.get("description")] == []


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
