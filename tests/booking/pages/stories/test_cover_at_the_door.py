"""At the door: whose appointment cannot take place at its time."""

import re
from datetime import date

import pytest
from django.test import Client

from booking.actions import closures as closing
from booking.actions.screening import screening_reviews
from booking.models import Appointment, ScreeningResponse
from booking.status import Status
from core import clock as core_clock
from core.models import Site
from core.roles import Role
from scheduler.actions import calendars
from tests.booking.pages.walk import as_seen, book, go_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.policies import adopt_screening

COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
POSITIVE = {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "no"}
DAY = 24 * 60 * 60
DOOR = "/desk/arrivals/"


def test_who_comes_to_an_absent_practitioner_is_not_said_to_come_in_but_can_be_checked_in(alice, clock):
    adopt_screening()
    visit = book(alice)
    clock.shift(DAY)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    alice.post(f"{visit}screening/", {"none": "1"})
    assert "May come in" in text_of(dana.get(DOOR))
    mine, at = Appointment.objects.get(), core_clock.now()
    calendars.add_absence(
        mine.practitioner, starts_at=mine.period.lower, ends_at=mine.period.upper, reason="illness", by=SYSTEM, at=at
    )
    assert "Show this at the door" not in text_of(alice.get(visit))
    page = dana.get(f"{DOOR}?find=Alice")
    assert "Cannot take place at this time: find another time" in text_of(page)
    assert "May come in" not in text_of(page)
    assert 'class="button" href="/desk/arrivals/' in page.content.decode().partition('class="do"')[2]  # Another time
    # The practitioner is there after all.
    asked = press(dana, page, "check-in")
    assert (asked.status_code, Appointment.objects.get().status) == (409, Status.BOOKED)
    assert "If it takes place all the same, press “Check in all the same”" in text_of(asked)
    assert press(dana, asked, "check-in").status_code == 302
    assert Appointment.objects.get().status == Status.CHECKED_IN
    assert "Cannot take place at this time: press Undo, then find another time" in text_of(dana.get(DOOR))


def press(browser, page, what):
    """Press a button of the one row of a page, with all that it sends."""
    forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page.content.decode(), re.DOTALL)
    (sent,) = [form for form in forms if f"/{what}/" in form[0]]
    return browser.post(sent[0].replace("&amp;", "&"), dict(re.findall(r'name="([a-z_]+)" value="([^"]+)"', sent[1])))


@pytest.mark.parametrize("what", ["missed", "asked"])
def test_whose_practitioner_is_away_did_not_stay_away_and_no_question_checks_them_in(alice, visit, clock, what):
    mine = Appointment.objects.get()
    alice.post(f"{visit}screening/", {"none": "1"})
    practitioner_is_away(mine)
    clock.shift(DAY + 5 * 60 * 60 + 30 * 60)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, mine.site)
    if what == "missed":
        page = text_of(dana.get(DOOR))
        assert ("Another time" in page, "Did not come" in page.partition("Keys")[0]) == (True, False)
    else:
        questions = f"{DOOR}{mine.public_id}/questions/"
        assert "check in" not in text_of(dana.get(questions))
        dana.post(questions, {"none": "check-in"})
    assert Appointment.objects.get().status == Status.BOOKED


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


def practitioner_is_away(visit):
    calendars.add_absence(
        visit.practitioner,
        starts_at=visit.period.lower,
        ends_at=visit.period.upper,
        reason="illness",
        by=SYSTEM,
        at=core_clock.now(),
    )


def site_is_closed(visit):
    calendars.add_closure(
        visit.site,
        therapy=None,
        first_on=date(2026, 10, 6),
        last_on=date(2026, 10, 6),
        name="Flood",
        by=SYSTEM,
        at=core_clock.now(),
    )


def site_is_closed_and_alice_was_told(visit):
    site_is_closed(visit)
    closing.tell_all([visit], by=SYSTEM, at=core_clock.now())


BY_API = {"content_type": "application/json", "HTTP_IF_MATCH": "*"}


@pytest.mark.parametrize("late", [30, 300], ids=["while it would last", "later on its day"])
def test_on_no_door_alice_is_marked_as_not_come_to_a_time_that_the_clinic_has_not(alice, visit, clock, late):
    mine = Appointment.objects.get()
    practitioner_is_away(mine)
    clock.shift((mine.period.lower - core_clock.now()).total_seconds() + late * 60)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, mine.site)
    pressed = dana.post(f"{DOOR}{mine.public_id}/no-show/", as_seen(mine))
    asked = dana.post(f"/api/v1/appointments/{mine.public_id}/no-show/", {}, **BY_API)
    assert (pressed.status_code, asked.status_code, asked.json()["code"]) == (409, 409, "without-cover")
    assert "Cannot take place" in text_of(pressed)
    assert Appointment.objects.get().status == Status.BOOKED


def test_twin_without_the_rule_alice_has_stayed_away_from_a_time_that_was_not_there(alice, visit, clock, monkeypatch):
    monkeypatch.setattr("booking.rules.NEEDS_COVER", frozenset())
    mine = Appointment.objects.get()
    practitioner_is_away(mine)
    clock.shift((mine.period.lower - core_clock.now()).total_seconds() + 30 * 60)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, mine.site)
    dana.post(f"{DOOR}{mine.public_id}/no-show/", as_seen(mine))
    assert Appointment.objects.get().status == Status.NOSHOW


def test_over_the_api_alice_is_checked_in_all_the_same_once_that_is_said(alice, clock):
    book(alice)
    mine = Appointment.objects.get()
    practitioner_is_away(mine)
    clock.shift(DAY)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, mine.site)
    there = f"/api/v1/appointments/{mine.public_id}/check-in/"
    first = dana.post(there, {}, **BY_API)
    assert (first.status_code, first.json()["code"]) == (409, "without-cover")
    assert dana.post(there, {"all_the_same": True}, **BY_API).status_code == 200
    assert Appointment.objects.get().status == Status.CHECKED_IN


def test_where_a_clinician_lets_alice_come_she_is_offered_another_time_from_now_on(alice, visit):
    mine, at = Appointment.objects.get(), core_clock.now()
    alice.post(f"{visit}screening/", POSITIVE)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, mine.site)
    there = f"{DOOR}{mine.public_id}/times/"
    assert "They may come from" in text_of(dana.get(there))
    alice.post(f"{visit}screening/", {"none": "1"})
    answers = ScreeningResponse.objects.latest("pk")
    screening_reviews.approve(answers.public_id, masked=False, by=SYSTEM, at=at)
    practitioner_is_away(mine)
    assert ScreeningResponse.objects.latest("pk").earliest_day is not None
    page = text_of(dana.get(there))
    assert "They may come from" not in page
    assert "Monday, October 5" in page


CANNOT_TAKE_PLACE = [practitioner_is_away, site_is_closed, site_is_closed_and_alice_was_told]
PROMISES = ("You can come", "Your companion can come", "Show this page", "stands", "you can keep this time", "alone")


@pytest.mark.parametrize("happens", CANNOT_TAKE_PLACE)
def test_no_health_page_lets_alice_come_to_a_time_that_is_not_open(alice, visit, happens):
    alice.post(f"{visit}screening/", {"none": "1"})
    happens(Appointment.objects.get())
    for who in (0, 1):
        for said in ({"none": "1"}, {f"{COUGH}-usual": "on"}, POSITIVE):
            assert alice.post(f"{visit}screening/?who={who}", said).status_code == 302
            page = alice.get(f"{visit}screening/?who={who}")
            text = text_of(page).replace("You can come from", "")
            assert [promise for promise in PROMISES if promise in text] == []
            assert f'href="{visit}move/"'.encode() in page.content


@pytest.mark.parametrize("happens", CANNOT_TAKE_PLACE)
def test_nobody_is_asked_how_they_are_for_a_time_that_is_not_open(alice, visit, happens):
    happens(Appointment.objects.get())
    assert alice.get(f"{visit}screening/")["Location"] == visit


def test_whoever_needs_help_is_told_so_whatever_becomes_of_the_time(alice, visit):
    alice.post(f"{visit}screening/", {"emergency": "on"})
    site_is_closed(Appointment.objects.get())
    assert "Call 911 now" in text_of(alice.get(f"{visit}screening/"))


def test_once_it_is_over_no_page_lets_alice_come(alice, visit, clock):
    alice.post(f"{visit}screening/", {"none": "1"})
    clock.shift(3 * DAY)
    assert "You can come" not in text_of(alice.get(f"{visit}screening/"))
