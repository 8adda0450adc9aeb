"""An appointment that is a call takes place whatever Alice answers; and a time kept for her goes once she moves."""

import pytest
from django.test import Client

from booking.actions import proposals
from booking.models import Appointment, ContactPoint, Hold, ScreeningResponse
from core.roles import Role
from scheduler.models import VisitPlan
from tests.booking.pages.closing import close
from tests.booking.pages.walk import go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

COUGH = "new_cough_breathless_sore_throat_runny_nose"
ILL = {"fever_or_chills_24h": "on", "days": "1"}
USUAL = {f"{COUGH}-usual": "on"}


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


@pytest.fixture
def call(visit, catalogue):
    """The same visit, which is a call: it needs no place."""
    VisitPlan.objects.update(place_features=[])
    return visit


def said_after(alice, visit, answers):
    there = alice.post(f"{visit}screening/", answers)
    assert there.status_code == 302, text_of(there)
    return text_of(alice.get(f"{visit}screening/"))


@pytest.mark.parametrize("answers", [{"none": "1"}, USUAL, ILL], ids=["well", "as usual", "ill"])
def test_alice_need_not_stay_away_from_a_call(alice, call, answers):
    said = said_after(alice, call, answers)
    assert "We talk by phone or video" in said
    assert "You do not come to us" in said
    assert "Tuesday, October 6" in said
    assert "Please stay home" not in said
    assert "Give my time back" not in said
    assert "This appointment is a call" in text_of(alice.get(call))


def test_from_a_call_alice_is_sent_to_help_as_well(alice, call):
    said = said_after(alice, call, {"emergency": "on"})
    assert "Call 911" in said


def test_a_time_that_was_kept_for_alice_is_free_again_once_she_has_moved_elsewhere(alice, visit, site):
    alice.post(f"{visit}screening/", USUAL)
    carol = sign_in(Client(), "carol", Role.CLINICIAN, site)
    offers = carol.get("/desk/health/")
    key = ScreeningResponse.objects.get().public_id
    carol.post(f"/desk/health/{key}/declined/", {"slot": slots_on(offers)[0]})
    kept = Hold.objects.get(moving__isnull=False)
    check = alice.post(f"{visit}move/", {"slot": slots_on(alice.get(f"{visit}screening/"))[-1]}, follow=True)
    alice.post(f"{visit}move/check/", hidden_on(check))
    assert Appointment.objects.get().period != kept.period
    kept.refresh_from_db()
    assert kept.state == "released"


def test_carol_is_shown_what_a_closure_proposes_to_alice_and_keeps_no_other_time_for_her(alice, visit, site):
    said_after(alice, visit, USUAL)
    close()
    held = proposals.propose(Appointment.objects.get().public_id, by=SYSTEM, at=AT).hold
    carol = sign_in(Client(), "carol", Role.CLINICIAN, site)
    page = carol.get("/desk/health/")
    assert "Kept for them already, because their time is closed: Monday, October 12, 2026" in text_of(page)
    assert slots_on(page) == []
    slot = alice.get(f"{visit}move/")
    key = ScreeningResponse.objects.get().public_id
    refused = carol.post(f"/desk/health/{key}/declined/", {"from": "10/12/2026", "slot": slots_on(slot)[5]})
    assert refused.status_code == 409
    assert "Let them stay away without a time" in text_of(refused)
    assert Hold.objects.get(state="open") == held


def test_a_clinician_reads_that_alice_calls_where_no_phone_number_is_on_file(alice, visit, site):
    alice.post(f"{visit}screening/", USUAL)
    carol = sign_in(Client(), "carol", Role.CLINICIAN, site)
    carol.post(f"/desk/health/{ScreeningResponse.objects.get().public_id}/asked/")
    shown = text_of(carol.get("/desk/health/"))
    assert "They call you, since no phone number is on file" in shown
    assert "Calls us first" in shown
    assert "They expect your call" not in shown
    ScreeningResponse.objects.update(outcome="seek_care")
    assert "Call them at once" not in text_of(carol.get("/desk/health/"))
    ContactPoint.objects.create(patient=Appointment.objects.get().patient, system="phone", value="+13125550123", rank=1)
    assert "They expect your call" in text_of(carol.get("/desk/health/"))
