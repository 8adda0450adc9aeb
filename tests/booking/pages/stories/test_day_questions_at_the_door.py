"""At the desk's door the questions of the day are one press for who has nothing to say, and one page for who has."""

from datetime import timedelta

import pytest
from django.test import Client

from booking.actions.suitability import suitability
from booking.models import Appointment, ScreeningResponse, SuitabilityResponse
from booking.status import Status
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.shipped import shipped_rules
from core import clock as core_clock
from core.models import Site, User
from core.roles import Role
from scheduler.models import Practitioner
from tests.booking.pages.walk import as_seen, go_on, hidden_on, link, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import SOMEBODY, adopt_suitability

NO = answered_no(shipped_rules())
DAY = 24 * 60 * 60
DOOR = "/desk/arrivals/"
FEVER, CHEST = "fever_now", "chest_pain_severe_breathlessness_heavy_bleeding_new_confusion"
WOUND = "radiation_site_wound_rash_graft_tumour_port_implant"


@pytest.fixture
def visit(screened_once, alice, clock):
    """Alice's visit of today, where the rules ask on the day; she has said at home that she is well."""
    address = go_on(alice, screened_once)
    clock.shift(DAY)
    adopt_suitability(site=Site.objects.get(key="lakeside"))
    alice.post(f"{address}screening/", {"none": "1"})
    found = Appointment.objects.get()
    before = SuitabilityAnswers(answers={key: "no" for key in NO.answers if key not in (FEVER, CHEST, WOUND)})
    suitability.answer(found.patient, before, site_id=found.site_id, by=SOMEBODY, at=core_clock.now())
    return found


@pytest.fixture
def staff(visit):
    """Return what signs somebody in."""
    return lambda name, role: sign_in(Client(), name, role, visit.site)


@pytest.fixture
def dana(staff):
    return staff("dana", Role.SCHEDULER)


def today(visit):
    return f"{DOOR}{visit.public_id}/today/"


def stands():
    return Appointment.objects.get().status


def test_who_has_nothing_new_is_asked_and_checked_in_with_one_press(visit, dana):
    page = text_of(dana.get(DOOR))
    assert "Ask everybody before their therapy, today:" in page
    assert "Nothing new: check in" in page
    assert dana.post(f"{DOOR}{visit.public_id}/check-in/", as_seen(visit) | {"nothing_new": "1"}).status_code == 302
    assert stands() == Status.CHECKED_IN
    assert SuitabilityResponse.objects.filter(answered_by__startswith="user:").count() == 1


def test_none_of_these_on_the_page_lets_her_be_checked_in(visit, dana):
    assert dana.post(today(visit), {"none": "1"}).status_code == 302
    page = text_of(dana.get(DOOR))
    assert "can be checked in" in page
    assert "Ask today's questions again" in page


def test_a_fever_is_noted_waits_for_a_clinician_and_cannot_be_read_at_the_desk(visit, dana, staff):
    unseen = dana.get(DOOR)["ETag"]
    sent = dana.post(today(visit), {FEVER: "yes"}, follow=True)
    assert "A clinician decides first whether they are treated today" in text_of(sent)
    assert "What was answered Read" not in text_of(sent)
    assert "They are treated today" not in text_of(sent)
    row = dana.get(DOOR, headers={"If-None-Match": unseen})
    assert "A clinician decides first" in text_of(row)
    assert dana.get(link(row, "Another time")).status_code == 200
    assert "check in" not in text_of(row).split("Keys")[0].lower().replace("checked in", "")
    refused = dana.post(f"{DOOR}{visit.public_id}/check-in/", as_seen(visit) | {"nothing_new": "1"})
    assert refused.status_code == 409
    assert "Please ask a clinician of this site first" in text_of(refused)
    carol = staff("carol", Role.CLINICIAN)
    page = text_of(carol.get(today(visit)))
    assert "A temperature of" in page
    assert "They are treated today" in page
    assert carol.post(today(visit), {"let-in": "1"}).status_code == 302
    assert dana.post(f"{DOOR}{visit.public_id}/check-in/", as_seen(visit) | {"nothing_new": "1"}).status_code == 302
    assert stands() == Status.CHECKED_IN


def test_what_came_by_link_and_nobody_looked_at_needs_review_and_who_treats_reads_what_it_is_about(
    visit, dana, staff, clock
):
    SuitabilityResponse.objects.update(answered_at=core_clock.now() - timedelta(days=1))
    clock.shift(-DAY // 2)
    unseen = dana.get(DOOR)["ETag"]
    clot = SuitabilityAnswers(answers={"clot_in_leg_or_arm": "yes"})
    suitability.answer(visit.patient, clot, site_id=visit.site_id, by=SOMEBODY, at=core_clock.now())
    tomorrow = f"{DOOR}?day={visit.period.lower.astimezone(visit.site.tz).date()}"
    row = dana.get(tomorrow, headers={"If-None-Match": unseen})
    assert "Needs review: a clinician looks at this before they come" in text_of(row)
    clock.shift(DAY // 2)
    page = dana.get(DOOR)
    assert "Needs review: a clinician decides first" in text_of(page)
    assert "clot" not in text_of(page)
    assert "Nothing new: check in" not in text_of(page)
    told = text_of(dana.get(today(visit)))
    assert "What they answered before today is to be looked at, and nobody has done so yet." in told
    assert f"Where no clinician is here, call {visit.site.phone}." in told
    lee = staff("lee", Role.PRACTITIONER)
    Practitioner.objects.filter(pk=visit.practitioner_id).update(user=User.objects.get(username="lee"))
    assert "no clinician has looked yet at: A blood clot in a leg or arm now" in text_of(lee.get(DOOR))
    carol = staff("carol", Role.CLINICIAN)
    asked = carol.post(today(visit), {"let-in": "1"}, follow=True)
    assert "is treated today. Ask today's questions before they are checked in." in text_of(asked)
    assert dana.post(f"{DOOR}{visit.public_id}/check-in/", as_seen(visit) | {"nothing_new": "1"}).status_code == 302
    assert stands() == Status.CHECKED_IN


def test_who_has_chest_pain_gets_the_number_at_once(visit, dana):
    sent = text_of(dana.post(today(visit), {CHEST: "yes"}, follow=True))
    assert "They need help now, and are not treated today" in sent
    assert "call 911" in sent
    assert visit.site.phone in sent
    row = text_of(dana.get(DOOR))
    assert "Needs help now" in row
    assert "May come in" not in row
    assert stands() == Status.BOOKED


def test_where_it_is_is_said_beside_a_yes_alone(visit, dana):
    wrong = dana.post(today(visit), {f"{WOUND}-where": ["chest"], FEVER: "no"})
    assert wrong.status_code == 422
    assert "A place is chosen" in text_of(wrong)
    assert dana.post(today(visit), {}).status_code == 422
    dana.post(today(visit), {WOUND: "yes", f"{WOUND}-where": ["chest", "back"]})
    assert SuitabilityResponse.objects.filter(answered_by__startswith="user:").count() == 1


def test_who_treats_does_not_check_in_past_the_desk(visit, staff):
    mine = staff("lee", Role.PRACTITIONER)
    assert mine.post(today(visit), {"none": "1"}).status_code in (403, 404)
    assert hidden_on(mine.get(DOOR)).get("nothing_new") is None


def test_the_interface_refuses_what_the_page_refuses(visit, dana):
    ScreeningResponse.objects.update(rechecked_at=core_clock.now(), rechecked_by="user:1")
    dana.post(today(visit), {FEVER: "yes"})
    sent = dana.post(f"/api/v1/appointments/{visit.public_id}/check-in/", {}, content_type="application/json")
    assert (sent.status_code, sent.json()["code"]) == (409, "clinician-first")
