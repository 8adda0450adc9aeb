"""A policy is published from now on, on a day on which people are here already: nobody who came in is asked anew."""

import pytest
from django.test import Client

from booking.models import Appointment, ScreeningResponse
from booking.screening.policies import ScreeningAudience, screening_policy
from booking.screening.queries import screening_of
from core import clock as core_clock
from core.models import Policy, Site
from core.policies.actions import policies as actions
from core.roles import Role
from tests.booking.pages.walk import as_seen, go_on, hidden_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_patient, make_visit, slot_id
from tests.factories.policies import SOMEBODY, publish_screening
from tests.factories.scheduler import AT

HOUR, A_DAY = 60 * 60, 24 * 60 * 60
STRICT = {"temperature_at_door": True, "valid_hours": 12, "mask": "all", "notices": ["masks_for_all"]}


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today at one is found; she answered yesterday, and it is noon."""
    address = go_on(alice, screened_once)
    alice.post(f"{address}screening/", {"none": "1"})
    clock.shift(A_DAY + 4 * HOUR)
    return address


@pytest.fixture
def dana(visit):
    return sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))


def press(client, move):
    where = f"/desk/arrivals/{Appointment.objects.get().public_id}/{move}/"
    assert client.post(where, as_seen() | {"nothing_new": "1"}).status_code == 302


def from_now_on(clock, *, audience=ScreeningAudience.PATIENT):
    """Publish a stricter policy, before Alice's visit begins."""
    clock.shift(60)
    publish_screening(STRICT, audience=audience)
    clock.shift(60)


def test_who_is_checked_in_is_not_asked_anew_by_a_policy_that_was_published_since(alice, visit, dana, clock):
    press(dana, "check-in")
    from_now_on(clock)
    door = text_of(dana.get("/desk/arrivals/"))
    assert "Ask now" not in door
    assert "May come in" in door
    link = text_of(alice.get(f"{visit}screening/"))
    assert "You can come" in link
    token = {"appointment": str(Appointment.objects.get().public_id)}
    assert dana.get("/api/v1/screening/questions/", token).json()["state"] == "clear"


def test_who_waits_to_be_checked_in_is_asked_anew(visit, dana, clock):
    press(dana, "arrive")
    from_now_on(clock)
    assert "Ask now" in text_of(dana.get("/desk/arrivals/"))


def test_who_was_checked_in_by_mistake_is_asked_by_the_new_policy(visit, dana, clock):
    press(dana, "check-in")
    from_now_on(clock)
    press(dana, "undo")
    assert "Ask now" in text_of(dana.get("/desk/arrivals/"))


def test_nobody_is_asked_who_came_in_before_anybody_was_asked(visit, dana, clock):
    press(dana, "check-in")
    ScreeningResponse.objects.all().delete()
    from_now_on(clock)
    door = text_of(dana.get("/desk/arrivals/"))
    assert "Ask now" not in door
    assert screening_of(Appointment.objects.get(), at=core_clock.now()).state == "not-asked"


def test_who_is_here_and_falls_ill_says_so_and_the_door_sees_it(alice, visit, dana, clock):
    press(dana, "check-in")
    from_now_on(clock)
    address = f"{visit}screening/?step=again"
    seen = hidden_on(alice.get(address))
    alice.post(address, seen | {"emergency": "on"})
    assert "Needs help now" in text_of(dana.get("/desk/arrivals/"))


def dry_run(**changes):
    """Return the sentences of the dry run of another policy for patients, from now on."""
    at = core_clock.now()
    published = Policy.objects.filter(key="screening", audience="patient", state="published")
    content = published.latest("version").content | STRICT | changes
    draft = actions.draft("screening", content, by=SOMEBODY, at=at, audience="patient")
    return " ".join(actions.impact(draft, actions.publication(draft, at=at), at=at))


def test_the_dry_run_counts_nobody_as_asked_anew_who_is_here(visit, dana, clock):
    press(dana, "check-in")
    assert "patients of 0 have answered already" in dry_run()


COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
POSITIVE = {TEST: "on", "days": "1", "tested_on": "10/5/2026", "severity": "mild", "weak_immune_system": "no"}


@pytest.mark.parametrize("said", [POSITIVE, {"emergency": "on"}, {f"{COUGH}-usual": "on"}])
def test_the_dry_run_counts_as_asked_anew_only_those_who_are(alice, visit, clock, said):
    assert "patients of 1 have answered already and are asked anew" in dry_run()
    clock.shift(60)
    assert alice.post(f"{visit}screening/", said).status_code == 302
    counted = dry_run()
    assert "patients of 0 have answered already and are asked anew" in counted
    assert "Of 1 more what follows from the answers stays" in counted
    from_now_on(clock)
    assert screening_of(Appointment.objects.get(), at=core_clock.now()).state != "unanswered"


def test_the_dry_run_counts_companions_who_have_answered_and_cannot_come_along_then(alice, visit, clock):
    assert "fewer may come along" not in dry_run(companions_max=0)
    alice.post(f"{visit}screening/?who=1", {"none": "1"})
    assert "fewer may come along" not in dry_run()
    assert "To 1 appointment fewer may come along than have answered already" in dry_run(companions_max=0)


@pytest.mark.parametrize("companions", [0, 1])
def test_who_might_bring_somebody_reads_on_the_page_for_the_door_that_nobody_can(alice, visit, clock, companions):
    for _who in range(companions):
        alice.post(f"{visit}screening/?who=1", {"none": "1"})
    assert "Nobody can come along" not in text_of(alice.get(f"{visit}screening/"))
    clock.shift(60)
    publish_screening({"companions_max": 0})
    clock.shift(60)
    alice.post(f"{visit}screening/", hidden_on(alice.get(f"{visit}screening/")) | {"none": "1"})
    page = text_of(alice.get(f"{visit}screening/"))
    assert "You can come" in page
    assert "Nobody can come along to this appointment" in page


def test_whoever_came_along_is_not_asked_anew_either(alice, visit, dana, clock):
    alice.post(f"{visit}screening/?who=1", {"none": "1"})
    press(dana, "check-in")
    from_now_on(clock, audience=ScreeningAudience.COMPANION)
    door = text_of(dana.get("/desk/arrivals/"))
    assert "Companion: May come in" in door
    assert "if nothing is new" not in door


def test_the_door_says_of_each_part_of_a_day_what_holds_then(visit, dana, clock):
    grace = Appointment.objects.get().practitioner
    make_visit(make_patient(Appointment.objects.get().site, "Ben Adams"), slot_id(grace, chicago(6, 9)), at=AT)
    only = text_of(dana.get("/desk/arrivals/"))
    assert "For appointments from" not in only
    clock.shift(60)
    publish_screening(STRICT)
    both = text_of(dana.get("/desk/arrivals/"))
    before, after = both.split("For appointments from ")[1:]
    assert before.startswith("9:00 AM on:")
    assert after.startswith("1:00 PM on:")
    assert ("Masks for everybody" in before, "Masks for everybody" in after) == (False, True)
    assert "Take their temperature" not in before


def test_the_door_says_from_when_on_nothing_is_asked_any_more(visit, dana, monkeypatch):
    grace = Appointment.objects.get().practitioner
    make_visit(make_patient(Appointment.objects.get().site, "Ben Adams"), slot_id(grace, chicago(6, 9)), at=AT)
    until = chicago(6, 11)
    ending = lambda site, *, starts_at: screening_policy(site, starts_at=starts_at) if starts_at < until else None  # noqa: E731
    monkeypatch.setattr("booking.web.desk.arrivals.arrival_day.screening_policy", ending)
    _, before, after = text_of(dana.get("/desk/arrivals/")).split("For appointments from ")
    assert ("Nothing is asked" in before, after.startswith("1:00 PM on: Nothing is asked.")) == (False, True)
