"""An answer that was given stays given, whatever has happened since to what it spoke of."""

import pytest

from booking.models import Appointment
from core.models import IdempotencyKey, Site
from scheduler.models import Absence
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import put_out_of_use

API = "/api/v1/"
KEY = {"Idempotency-Key": "k"}


@pytest.fixture
def tuesday(dr_li):
    return slot_id(dr_li, chicago(13, 10))


@pytest.fixture
def away(dr_li):
    day = {"starts_at": "2026-10-13T00:00:00-05:00", "ends_at": "2026-10-14T00:00:00-05:00"}
    return {"practitioner": str(dr_li.public_id), **day}


def send(client, path, body):
    return client.post(API + path, body, format="json", headers=KEY)


def same(first, second) -> bool:
    replayed = second.headers.get("Idempotency-Replayed") == "true"
    return replayed and (first.status_code, first.content) == (second.status_code, second.content)


@pytest.mark.parametrize("path", ["holds/", "appointments/"])
def test_alice_is_answered_again_though_dr_li_has_left(as_alice, dr_li, tuesday, path):
    first = send(as_alice, path, {"slot": tuesday})
    assert first.status_code == 201
    put_out_of_use(dr_li)
    assert same(first, send(as_alice, path, {"slot": tuesday}))


def test_alice_is_told_again_that_her_visit_was_moved_though_dr_li_has_left(as_alice, alice, dr_li, tuesday):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))
    path = f"appointments/{visit.public_id}/reschedule/"
    first = send(as_alice, path, {"slot": tuesday})
    assert first.status_code == 200
    put_out_of_use(dr_li)
    assert same(first, send(as_alice, path, {"slot": tuesday}))


def test_a_time_that_could_not_be_found_is_looked_for_again(as_alice, tuesday):
    Site.objects.filter(key="lakeside").update(key="elsewhere")
    assert send(as_alice, "appointments/", {"slot": tuesday}).status_code == 404
    assert not IdempotencyKey.objects.exists()
    Site.objects.filter(key="elsewhere").update(key="lakeside")
    assert send(as_alice, "appointments/", {"slot": tuesday}).status_code == 201
    assert Appointment.objects.count() == 1


def test_dana_is_told_again_that_an_absence_was_taken_back(as_dana, away):
    row = as_dana.post(API + "absences/", away, format="json").json()["row"]
    first, second = (as_dana.delete(f"{API}absences/{row['id']}/", headers=KEY) for _ in range(2))
    assert first.status_code == 200
    assert same(first, second)


def test_a_rehearsal_leaves_its_key_to_the_edit_itself(as_dana, away):
    rehearsed = send(as_dana, "absences/?dry_run=true", away)
    assert (rehearsed.status_code, Absence.objects.count(), IdempotencyKey.objects.count()) == (200, 0, 0)
    made = send(as_dana, "absences/", away)
    assert (made.status_code, made.json()["dry_run"], Absence.objects.count()) == (201, False, 1)


def test_a_rehearsal_counts_anew_although_its_key_was_used(as_dana, away):
    send(as_dana, "absences/", away)
    assert send(as_dana, "absences/?dry_run=true", away).json()["code"] == "absence-clash"


def test_the_same_key_with_another_query_is_another_request(as_dana, away):
    send(as_dana, "absences/", away)
    assert send(as_dana, "absences/?dry_run=false", away).json()["code"] == "idempotency-key-reused"
