"""Alice chooses what to book: first a family, then a therapy of it and which appointment it is."""

import re
from datetime import date

import pytest

from booking.web.therapy_views import where_chosen
from core.roles import Role
from scheduler.actions import calendars
from scheduler.actions.catalogue_edits import change
from scheduler.models import Offering, Therapy
from tests.booking.pages.walk import OF_EACH_FAMILY, TIMES, hidden_on, link, slots_on, text_of
from tests.factories.booking import SYSTEM, make_patient, make_user
from tests.factories.scheduler import AT, lay_out, make_practitioner

NEEDLES = "/book/family/needles/"
CUPS = "/book/family/cupping/"


@pytest.fixture
def everything(site):
    """Let somebody offer something of each family."""
    return make_practitioner(site, name="Ines Sousa", offers=OF_EACH_FAMILY)


def chosen_on(page) -> list[str]:
    """Return the values of the radios that are chosen."""
    return re.findall(r'value="([^"]*)" checked>', page.content.decode())


def test_alice_sees_four_families_in_plain_words_and_a_drawing_of_each_that_is_not_read_aloud(alice, everything):
    page = alice.get("/book/")
    said = text_of(page)
    places = [said.index(family) for family in ("Needles", "Pressure", "Cups", "Warmth")]
    assert places == sorted(places)
    assert "Something else" not in said
    assert page.content.decode().count('<svg class="drawing" aria-hidden="true"') == 4


def test_a_family_shows_its_therapies_alone_and_its_button_leads_to_the_times(alice, everything):
    page = alice.get(link(alice.get("/book/"), "Cups"))
    said = text_of(page)
    assert "Cupping (still cups)" in said
    assert "Cupping (moving cups)" in said
    assert "Acupuncture (manual)" not in said
    sent = alice.post(CUPS, {"visit": "first", "therapy": "cup_dry"})
    assert sent["Location"] == "/book/cup_dry/times/?visit=first"


def test_of_a_family_with_one_therapy_alice_is_asked_only_which_appointment_it_is(alice, everything):
    asked = link(alice.get("/book/"), "Pressure")
    assert asked == "/book/acupressure/times/"
    page = alice.get(asked)
    assert "Is this your first time with us?" in text_of(page)
    assert "<form" not in page.content.decode()
    assert link(page, "Yes, my first") == "/book/acupressure/times/?visit=first"
    assert link(page, "No, a follow-up") == "/book/acupressure/times/?visit=followup"
    assert link(page, "Back") == "/book/"
    assert alice.get("/book/family/pressure/")["Location"] == asked


def test_of_a_therapy_that_is_given_in_follow_ups_alone_no_first_appointment_is_promised(alice, everything):
    Offering.objects.filter(therapy__key="cup_dry").delete()
    page = alice.get(link(alice.get("/book/"), "Cups"))
    assert "follow-up appointments only" in text_of(page)
    assert link(page, "Yes, my first") == ""
    assert link(page, "Choose another therapy") == "/book/"
    assert link(page, "No, a follow-up") == "/book/cup_moving/times/?visit=followup"


def test_a_therapy_that_is_for_follow_ups_alone_says_so_beside_it_and_nothing_chosen_is_lost(alice, everything):
    page = alice.post(CUPS, {"visit": "first", "therapy": "cup_moving"})
    assert page.status_code == 422
    assert "This is for follow-up appointments" in text_of(page)
    assert chosen_on(page) == ["first", "cup_moving"]


def test_back_from_the_times_leads_to_what_was_chosen(alice, everything):
    lay_out(weeks=1)
    back = link(alice.get("/book/acu_heated/times/?visit=first&technique=heat_lamp"), "Back")
    assert chosen_on(alice.get(back)) == ["first", "acu_heated:heat_lamp"]
    back = link(alice.get("/book/acupressure/times/?visit=first"), "Back")
    assert "Is this your first time with us?" in text_of(alice.get(back, follow=True))
    assert link(alice.get(NEEDLES), "Back") == "/book/"


def test_the_address_of_a_therapy_from_a_bookmark_asks_what_it_does_not_say(alice, everything):
    among_others = alice.get("/book/acu_manual/times/", follow=True)
    assert among_others.redirect_chain == [(f"{NEEDLES}?therapy=acu_manual", 302)]
    assert chosen_on(among_others) == ["acu_manual"]
    in_two_ways = alice.get("/book/acu_heated/times/?visit=followup", follow=True)
    assert chosen_on(in_two_ways) == ["followup"]
    assert "with a heat lamp" in text_of(in_two_ways)
    assert where_chosen("reiki") == "/book/"


def test_whatever_else_a_bookmark_says_is_shown_as_not_chosen(alice, everything):
    page = alice.get(f"{NEEDLES}?therapy=<script>&visit=third")
    assert (page.status_code, chosen_on(page)) == (200, [])
    assert b"<script>" not in page.content


def test_a_page_that_was_open_before_the_families_came_still_leads_to_the_times(alice):
    assert alice.post("/book/", {"visit": "first", "therapy": "acu_manual"})["Location"] == TIMES
    assert slots_on(alice.get(TIMES))
    assert alice.post("/book/", {"visit": "first"})["Location"] == "/book/"


def test_a_family_of_which_nothing_is_given_now_says_from_when_on_it_is(alice, everything, site):
    closed = {"first_on": date(2026, 10, 5), "last_on": date(2026, 10, 18), "name": "Ventilation"}
    said = "Lakeside clinic does not give this now, but again from Monday, October 19 on."
    for key in ("moxa_indirect", "cup_dry"):
        calendars.add_closure(site, therapy=Therapy.objects.get(key=key), **closed, by=SYSTEM, at=AT)
    page = alice.get("/book/")
    assert text_of(page).count(said) == 1  # warmth alone: of the cups others are given
    assert text_of(alice.get(CUPS)).count(said) == 1
    assert said in text_of(alice.get(link(page, "Warmth")))


def test_a_therapy_that_the_clinic_puts_in_another_family_is_found_there(alice, everything):
    change(Therapy.objects.get(key="acu_auricular"), family="pressure", by=SYSTEM, at=AT)
    assert "Ear acupuncture" not in text_of(alice.get(NEEDLES))
    assert "Ear acupuncture" in text_of(alice.get("/book/family/pressure/"))


def test_a_therapy_of_a_family_that_is_not_described_any_more_can_still_be_booked(alice, everything):
    change(Therapy.objects.get(key="acupressure"), family="other", by=SYSTEM, at=AT)
    Therapy.objects.filter(key="moxa_indirect").update(family="water")
    page = alice.get("/book/")
    assert link(page, "Pressure") == link(page, "Warmth") == ""
    said = text_of(alice.get(link(page, "Something else")))
    assert "Acupressure" in said
    assert "Moxibustion" in said


def test_alice_who_is_signed_in_books_from_her_bookmark_with_two_presses_more(alice, site):
    user = make_user("alice", Role.PATIENT)
    make_patient(site, "Alice Adams", user=user)
    alice.force_login(user)
    times = alice.get(TIMES)
    check = alice.post("/book/hold/", {"slot": slots_on(times)[0]}, follow=True)
    assert "You are booked" in text_of(alice.post("/book/done/", hidden_on(check), follow=True))
