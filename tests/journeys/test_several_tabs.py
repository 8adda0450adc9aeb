"""Two tabs, two people at one computer, a time that ran out, a network that is gone: nothing swaps, nothing is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page

from booking.models import Appointment, Hold
from booking.web.slot_ids import sealed
from core import clock
from scheduler.models import Claim
from tests.journeys.people import PHONE, TIMES, choose, press, times

pytestmark = pytest.mark.journey
PRESSURE = "/book/acupressure/times/?visit=first"


def types(page: Page, name: str = "Alice Adams", email: str = "alice@example.test") -> None:
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Date of birth").fill("3/27/1961")


def at_the_check(page: Page, address: str = TIMES) -> None:
    page.goto(address)
    choose(page, 8)
    if page.url.partition("?")[0].endswith("/book/you/"):
        types(page)
        press(page, "Continue")


def test_with_another_therapy_in_another_tab_nothing_is_booked_that_the_page_did_not_show(clinic, open_page):
    page = open_page(PHONE)
    at_the_check(page)
    another = page.context.new_page()
    at_the_check(another, PRESSURE)
    press(page, "Book this appointment")
    assert not Appointment.objects.exists(), "the time of this page was given back"
    assert page.get_by_text("Nothing you typed is lost.").is_visible()
    assert times(page).count() == 3
    press(another, "Book this appointment")
    assert Appointment.objects.get().therapy.key == "acupressure"
    another.close()


def types_in_the_older_of_two(open_page):
    """Let Alice choose a time, another one in a second tab, and type in the first; return both tabs."""
    page = open_page(PHONE)
    page.goto(TIMES)
    choose(page, 8)
    another = page.context.new_page()
    another.goto(PRESSURE)
    choose(another, 3)
    types(page)
    return page, another


def test_who_types_in_the_older_tab_reads_that_it_is_the_time_of_the_other_and_loses_nothing(clinic, open_page):
    page, another = types_in_the_older_of_two(open_page)
    press(page, "Continue")
    assert page.get_by_text("In another tab you have chosen another time since.").is_visible()
    assert page.get_by_text("Acupressure").first.is_visible()
    assert page.get_by_text("alice@example.test").is_visible()
    another.close()


def test_twin_a_tab_that_does_not_say_which_time_it_is_about_swaps_it_silently(clinic, open_page):
    page, another = types_in_the_older_of_two(open_page)
    page.evaluate("document.querySelector('input[name=hold]').remove()")
    press(page, "Continue")
    assert not page.get_by_text("In another tab you have chosen another time since.").count()
    another.close()


def test_after_stop_in_one_tab_the_other_books_nothing_and_shows_the_next_person_nothing(clinic, open_page):
    page = open_page(PHONE)
    at_the_check(page)
    another = page.context.new_page()
    another.goto("/book/check/")
    press(another, "Stop, and forget what I typed")
    press(page, "Book this appointment")
    assert not Appointment.objects.exists()
    assert "Alice" not in page.content()
    another.goto(TIMES)
    choose(another, 8)
    assert another.get_by_label("Full name").input_value() == ""
    another.close()


def test_pressed_twice_in_two_tabs_it_is_booked_once(clinic, open_page):
    page = open_page(PHONE)
    at_the_check(page)
    another = page.context.new_page()
    another.goto("/book/check/")
    press(page, "Book this appointment")
    press(another, "Book this appointment")
    assert Appointment.objects.count() == 1
    another.close()


def run_out(held: Hold) -> None:
    """Let a time be kept no more."""
    over = clock.now() - timedelta(seconds=1)
    Claim.objects.filter(allocation=held.allocation).update(expires_at=over)
    Hold.objects.filter(pk=held.pk).update(expires_at=over)


@pytest.mark.parametrize("taken", [False, True])
def test_a_time_that_ran_out_is_had_again_or_the_nearest_are_offered_and_nothing_typed_is_lost(
    clinic, open_page, taken
):
    page = open_page(PHONE)
    at_the_check(page)
    held = Hold.objects.get()
    run_out(held)
    if taken:
        Client().post("/book/hold/", {"slot": sealed(held.slot)})
    press(page, "Book this appointment")
    assert Appointment.objects.exists() != taken, "it is had again while it is free"
    if taken:
        assert page.get_by_text("Nothing you typed is lost.").is_visible()
        assert times(page).count() == 3
        choose(page, 0)
        press(page, "Book this appointment")
    assert Appointment.objects.get().patient.name == "Alice Adams"


def test_without_a_network_the_page_stays_with_what_is_typed_and_says_why(clinic, open_page):
    page = open_page(PHONE)
    page.goto(TIMES)
    choose(page, 8)
    types(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text().startswith("You are not connected right now.")
    assert page.get_by_label("Full name").input_value() == "Alice Adams"
    page.context.set_offline(False)
    press(page, "Continue")
    assert page.url.endswith("/book/check/")
