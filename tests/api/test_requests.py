"""Requests that somebody looks at, over the API: asked for, offered another time, declined with a reason."""

import pytest

from booking.models import Appointment
from core.roles import Role
from tests.api.conftest import client_of
from tests.factories.booking import chicago, make_staff, slot_id
from tests.factories.policies import publish_policy

API = "/api/v1/appointments/"


@pytest.fixture
def kim(lakeside):
    """A clinician of the site, in nobody's calendar, signed in."""
    publish_policy("booking", {"review": [{"reason": "first-visit", "business_days": 1, "until_hours_before": 24}]})
    return client_of(make_staff("kim", Role.CLINICIAN, site=lakeside).user)


def ask(client, dr_li):
    sent = {"slot": slot_id(dr_li, chicago(13, 10), visit="first")}
    made = client.post(API, sent, format="json", headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    return made.json()


def test_alice_reads_that_her_appointment_is_proposed_and_a_clinician_offers_another_time(as_alice, kim, dr_li):
    asked = ask(as_alice, dr_li)
    assert (asked["status"], asked["kept_until"][:10]) == ("proposed", "2026-10-12")
    offer = {"slot": slot_id(dr_li, chicago(14, 15), visit="first")}
    assert as_alice.post(f"{API}{asked['id']}/propose/", offer, format="json").status_code == 404
    offered = kim.post(f"{API}{asked['id']}/propose/", offer, format="json")
    assert (offered.status_code, offered.json()["status"]) == (200, "proposed")
    assert offered.json()["start"].startswith("2026-10-14T15:00")
    assert kim.post(f"{API}{asked['id']}/approve/").json()["status"] == "booked"
    assert kim.post(f"{API}{asked['id']}/propose/", offer, format="json").status_code == 409


def test_a_clinician_declines_with_a_reason_of_the_list_and_no_other(as_alice, kim, dr_li):
    asked = ask(as_alice, dr_li)
    refused = kim.post(f"{API}{asked['id']}/decline/", {"because": "gossip"}, format="json")
    assert refused.status_code == 400
    assert kim.post(f"{API}{asked['id']}/decline/", {"because": "time"}, format="json").json()["status"] == "cancelled"
    assert Appointment.objects.get().changes.last().facts["because"] == "time"
