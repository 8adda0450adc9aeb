"""What cannot be meant is refused in words; every field with odd values is walked in tests/walks."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("closures/?confirmed=perhaps", "invalid"),
        ("therapies/?self_bookable=yes", "invalid"),
        ("closures/?confirmed=", "blank"),
        ("absences/?to=", "blank"),
        ("working-hours/?practitioner=", "blank"),
        ("appointments/?status=", "blank"),
        ("messages/?from=", "blank"),
        ("rooms/?site=", "blank"),
    ],
)
def test_dana_is_told_of_a_filter_that_says_nothing_instead_of_being_shown_everything(clients, address, code):
    refused = clients["scheduler"].get(f"/api/v1/{address}")
    assert refused.status_code == 400
    assert [(one["parameter"], one["code"]) for one in refused.json()["errors"]] == [
        (address.partition("?")[2].partition("=")[0], code)
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts", "08:00+05:00"),
        ("starts", "0800"),
        ("ends", "T12:00"),
        ("weekday", "1"),
        ("every_weeks", "2"),
    ],
)
def test_hours_are_taken_literally_or_refused(world, clients, field, value):
    hours = {"weekday": 1, "starts": "08:00", "ends": "12:00", "every_weeks": 1, "valid_from": "2026-12-01"}
    body = hours | {"practitioner": str(world.li.public_id), "site": "lakeside", field: value}
    refused = clients["scheduler"].post("/api/v1/working-hours/?dry_run=true", body, format="json")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [f"/{field}"]


def test_a_yes_is_no_text(clients):
    closure = {"site": "lakeside", "first_on": "2026-12-07", "last_on": "2026-12-07", "name": "Snow"}
    refused = clients["scheduler"].post("/api/v1/closures/?dry_run=true", closure | {"confirmed": "yes"}, format="json")
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/confirmed"]


def test_a_method_that_is_not_there_is_refused_as_such_whatever_else_is_wrong(clients):
    refused = clients["scheduler"].generic("TRACE", "/api/v1/rooms/?unknown=1")
    assert refused.status_code == 405
    assert refused.headers["Allow"] == "GET, POST, HEAD"


@pytest.mark.parametrize("header", [{"HTTP_IF_MATCH": ""}, {"HTTP_IDEMPOTENCY_KEY": "two words"}])
def test_a_header_that_says_nothing_is_refused_also_in_a_rehearsal(world, clients, header):
    path = f"/api/v1/working-hours/{world.li.working_hours.first().public_id}/?dry_run=true"
    refused = clients["scheduler"].delete(path, **header)
    assert refused.status_code == 400
    assert {"HTTP_" + one["header"].upper().replace("-", "_") for one in refused.json()["errors"]} == set(header)
