"""Who reaches what over the API, beside the rights table; tests/walks asks every address by every role."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Q

from booking.roles import MAY_OVERRIDE, STAFF
from core.rights import Action, may, may_ever
from core.roles import Role
from tests.api.rights_walk import IDS, shut, wrongly_answered
from tests.api.routes import OPERATIONS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]

FEW = (
    "GET appointments/", "GET appointments/<uuid:id>/", "POST appointments/<uuid:id>/cancel/",
    "GET patients/<uuid:id>/", "PATCH closures/<uuid:id>/",
)  # fmt: skip
"""Addresses of several kinds: what is listed, seen, done, told of people, and kept in calendars."""


def test_there_are_addresses_to_walk():
    assert len(OPERATIONS) > 40


def test_every_address_says_what_it_does():
    cells = {(method, route): getattr(cls, "rights", {}).get(method) for method, route, cls in OPERATIONS}
    assert [where for where, cell in cells.items() if not isinstance(cell, Action)] == []  # no cell in the rights table


@pytest.mark.parametrize("name", FEW)
def test_of_a_few_addresses_every_role_reaches_what_the_table_says_and_no_more(world, clients, name):
    assert not wrongly_answered(world, clients, OPERATIONS[IDS.index(name)])


def test_a_list_shows_exactly_the_visits_that_the_table_allows(world, clients):
    numbers, every = set(), [*world.visits, *world.family_visits]
    for name, client in clients.items():
        principal = world.principal(name)
        listed = client.get("/api/v1/appointments/")
        allowed = {str(v.public_id) for v in every if may(principal, Action.SEE_APPOINTMENT, world.of_visit(v))}
        numbers.add(len(allowed))
        if not may_ever(principal, Action.SEE_APPOINTMENT):
            assert listed.status_code == shut(principal, named=False)
        else:
            assert {row["id"] for row in listed.json()["results"]} == allowed, name
    assert len(numbers) > 2  # some see none, some a few, some more


def test_nobody_sees_names_or_details_beyond_the_table(world, clients):
    named = set()
    for name, client in clients.items():
        principal = world.principal(name)
        for visit in (*world.visits, *world.family_visits):
            subject = world.of_visit(visit)
            if may(principal, Action.SEE_APPOINTMENT, subject):
                shown = client.get(f"/api/v1/appointments/{visit.public_id}/").json()
                named.add("patient" in shown)
                assert ("patient" in shown) == may(principal, Action.SEE_NAMES, subject), name
                assert ("therapy" in shown) == may(principal, Action.SEE_THERAPY, subject), name
                written = {"note", "override_reason"} & set(shown)
                assert written == ({"note", "override_reason"} if sees(principal, subject) else set()), name
    assert named == {True, False}


def test_program_staff_reach_a_relative_and_neither_whose_link_has_ended_nor_whom_nobody_has_confirmed(world, clients):
    client, found = clients["program staff"], {"search": "reed"}
    listed = client.post("/api/v1/patients/search/", found, format="json").json()["results"]
    assert [one["name"] for one in listed] == ["Rosa Reed"]
    for who, status in ((world.rosa, 200), (world.otis, 404), (world.ben, 404)):
        assert client.get(f"/api/v1/patients/{who.public_id}/").status_code == status
    for door in ("enrolments", "referrals"):  # what they are to a program of their own is not the family's
        assert client.get(f"/api/v1/patients/{world.rosa.public_id}/{door}/").status_code == 404
    shown = client.get(f"/api/v1/appointments/{world.family_visits[0].public_id}/").json()
    assert ("therapy" in shown, "cancel_reason" in shown) == (True, False)


def test_twin_a_link_that_never_ends_would_leave_otis_in_sight(world, clients, monkeypatch):
    monkeypatch.setattr("booking.models.reach.link_in_force", lambda _at, of="": Q(**{f"{of}state": "active"}))
    listed = clients["program staff"].post("/api/v1/patients/search/", {"search": "reed"}, format="json").json()
    assert {one["name"] for one in listed["results"]} == {"Rosa Reed", "Otis Reed"}


def sees(principal, subject) -> bool:
    return may(principal, Action.SEE_DETAILS, subject)


def test_an_auditor_cannot_ask_whose_visits_they_are(world, clients):
    refused = clients["auditor"].get(f"/api/v1/appointments/?patient={world.alice.public_id}")
    assert refused.status_code == 400
    assert [(e["parameter"], e["code"]) for e in refused.json()["errors"]] == [("patient", "unknown")]


def test_an_auditor_reads_who_changed_what_and_no_reason(world, clients):
    visit = world.visits[0]
    with transaction.atomic():
        clients["patient"].post(f"/api/v1/appointments/{visit.public_id}/cancel/", {"reason": "illness"}, format="json")
        read = {
            name: clients[name].get(f"/api/v1/appointments/{visit.public_id}/changes/").json()["results"][-1]
            for name in ("auditor", "patient")
        }
        transaction.set_rollback(True)
    assert read["auditor"]["by"] == f"user:{world.people['patient'].pk}"
    assert "reason" not in read["auditor"]["facts"]
    assert (read["patient"]["by"], read["patient"]["facts"]["reason"]) == ("user", "illness")


def test_booking_knows_who_is_staff_and_who_may_set_a_rule_aside():
    assert {Role.SCHEDULER, Role.ADMIN, Role.PRACTITIONER} == MAY_OVERRIDE
    assert MAY_OVERRIDE | {Role.CLINICIAN, Role.PROGRAM, Role.CLIENT} == STAFF


def test_somebody_elses_patient_in_a_body_is_like_one_that_does_not_exist(world, clients):
    for name in ("patient", "scheduler", "program staff", "client"):
        slot = world.things("slot", name)[0].id
        answers = {
            clients[name]
            .post("/api/v1/holds/", {"slot": slot, "patient": str(who)}, headers={"Idempotency-Key": str(who)})
            .content
            for who in (world.mallory.public_id, uuid4())
        }
        assert len(answers) == 1, name
        assert b"There is no such patient." in answers.pop()
