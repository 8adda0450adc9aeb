"""Ada sets up her clinic and closes parts of it at the desk, without a script: what takes how many clicks."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from booking.models import Appointment, CalendarEdit
from core import clock
from core.models import Site
from core.roles import Role
from scheduler.actions import holidays
from scheduler.models import BusyCalendar, Closure, Offering, OpeningHours, PlaceClosure, Practitioner, WorkingHours
from tests.booking.pages.walk import book, slots_on
from tests.journeys.people import DESK, SMALL_PHONE, TIMES
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]


class Hand:
    """Ada's hand on the mouse: it clicks, and counts."""

    def __init__(self, page) -> None:
        self.page, self.clicks = page, 0

    def click(self, *words: str | re.Pattern[str], kind: str = "link") -> None:
        for name in words:
            self.clicks += 1
            with self.page.expect_navigation():
                self.page.get_by_role(kind, name=name, exact=isinstance(name, str) and kind == "button").first.click()

    def press(self, *words: str) -> None:
        self.click(*words, kind="button")

    def tick(self, label: str) -> None:
        self.clicks += 1
        self.page.get_by_label(label, exact=True).check()


@pytest.fixture
def hand(open_page, clinic, service_url):
    """Ada, an administrator, on any page of the desk at a desk, without script; Alice has an appointment."""
    book(Client(), slot=slots_on(Client().get(TIMES))[8])
    page = open_page(DESK, script=False)
    signed_in(page, Role.ADMIN, service_url)
    page.goto("/desk/calls/")
    return Hand(page)


def visit():
    return Appointment.objects.select_related("practitioner", "place__room").get()


def day_of(one):
    return one.period.lower.astimezone(one.site.tz).date()


def seen(page, name):
    """Keep a picture where somebody asked for them."""
    if place := os.environ.get("SCREENS"):
        page.screenshot(path=Path(place) / f"{name}.png", full_page=True)


def typed(day):
    return f"{day.month}/{day.day}/{day.year}"


def test_other_opening_hours_take_four_clicks_and_are_taken_back_with_one(hand):
    before = set(OpeningHours.objects.values_list("weekday", "opens", "closes", "valid_to"))
    hand.click("This clinic", "Opening hours")
    for field in hand.page.locator(".week-hours input").all():
        field.fill("")
    hand.page.locator("[name=d7-1-from]").fill("9:00")
    hand.page.locator("[name=d7-1-to]").fill("9:30")
    hand.press("Show what it does")
    seen(hand.page, "setup-opening")
    hand.press("Save the opening hours, and do this")
    assert hand.clicks == 4
    assert [one["appointment"] for one in CalendarEdit.objects.get().done] == [str(visit().public_id)]
    hand.page.get_by_role("button", name="Take back").click()
    hand.page.get_by_text("It is taken back").wait_for()
    assert set(OpeningHours.objects.values_list("weekday", "opens", "closes", "valid_to")) == before


def test_somebody_s_last_day_takes_five_clicks(hand):
    who, now = visit().practitioner, clock.now().date()
    hand.click("This clinic", "See the practitioners", re.compile(f"They leave.*{who.name}"))
    hand.page.get_by_label("Last day").fill(typed(now))
    hand.press("Show what it does")
    seen(hand.page, "setup-leaving")
    hand.press("Save the last day, and do this")
    assert hand.clicks == 5
    assert not WorkingHours.objects.filter(practitioner=who, valid_to=None).exists()


def test_to_change_a_place_what_somebody_gives_and_a_site_takes_four_clicks_each(hand):
    place, offer = visit().place, Offering.objects.filter(practitioner=visit().practitioner).first()
    hand.click("This clinic", "See the places", place.name["en"])
    hand.page.get_by_label("Name", exact=True).fill("Window")
    hand.press("Save")
    assert hand.clicks == 4
    hand.click("This clinic", "See the practitioners", offer.therapy.name["en"])
    hand.press("Save")
    assert hand.clicks == 8
    hand.click("This clinic", "See the sites", "Lakeside clinic")
    hand.page.get_by_label("Floor").fill("Floor 10")
    hand.press("Save")
    assert hand.clicks == 12
    place.refresh_from_db()
    assert (place.name["en"], Site.objects.get(key="lakeside").floor) == ("Window", "Floor 10")


def test_a_calendar_elsewhere_takes_four_clicks_beside_whose_it_is(hand):
    one = visit()
    lines = [f"DTSTART:{one.period.lower:%Y%m%dT%H%M%SZ}", f"DTEND:{one.period.upper:%Y%m%dT%H%M%SZ}"]
    event = ["BEGIN:VEVENT", "UID:x", *lines, "END:VEVENT"]
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *event, "END:VCALENDAR", ""]).encode()
    hand.click("Busy elsewhere")
    hand.page.get_by_label("Whose calendar").select_option(label=one.practitioner.name)
    hand.clicks += 1
    hand.page.locator("#id_file").set_input_files({"name": "b.ics", "mimeType": "text/calendar", "buffer": text})
    hand.press("Show what it does")
    seen(hand.page, "busy-shown")
    hand.press("Enter them as absences, and do this")
    assert hand.clicks == 4
    assert BusyCalendar.objects.get().practitioner == one.practitioner


def test_a_part_of_a_day_all_holidays_and_a_place_are_closed_in_four_four_and_five_clicks(hand):
    one, counts = visit(), []
    hand.click("Closures", "Close a room or a place")
    hand.tick(one.place.name["en"])
    hand.page.get_by_label("Name", exact=True).fill("Floor")
    hand.press("Show what it does", "Close, and do this")
    counts.append(hand.clicks)
    hand.page.goto(f"/desk/?by=places&day={day_of(one)}")
    assert "until further notice: Floor" in hand.page.locator("th.shut").inner_text()
    seen(hand.page, "board-closed-place")

    hand.page.goto("/desk/calls/")
    hand.clicks = 0
    hand.click("Closures", "Close the site or a therapy")
    for label, text in {
        "First day": typed(day_of(one)), "From which time on the first day": "1 am", "Last day": typed(day_of(one)),
        "Until which time on the last day": "2 am", "Name": "Meeting",
    }.items():  # fmt: skip
        hand.page.get_by_label(label, exact=True).fill(text)
    hand.press("Count who is inside", "Close")
    counts.append(hand.clicks)

    holidays.suggest_year(one.site, at=clock.now())
    hand.page.goto("/desk/calls/")
    hand.clicks = 0
    hand.click("Closures", "Public holidays", "Close on all")
    hand.press("Close on these days, and do this")
    counts.append(hand.clicks)
    assert counts == [5, 4, 4]
    assert PlaceClosure.objects.count() == 1
    assert Closure.objects.filter(name="Meeting").count() == 1
    assert not Closure.objects.filter(confirmed=False, first_on__lt=clock.now().date() + timedelta(days=364)).exists()


def test_the_pages_of_setting_up_can_be_used_by_everybody(open_page, clinic, service_url):
    page, wrong = open_page(SMALL_PHONE), {}
    signed_in(page, Role.ADMIN, service_url)
    who = Practitioner.objects.first()
    for address in (
        "setup/sites/",
        "setup/sites/lakeside/",
        "setup/places/",
        "setup/places/new/",
        "setup/rooms/new/",
        "setup/devices/new/",
        "setup/practitioners/",
        f"setup/practitioners/{who.public_id}/",
        f"setup/practitioners/{who.public_id}/gives/",
        f"setup/practitioners/{who.public_id}/leaving/",
        f"setup/practitioners/{who.public_id}/leaving/?show=1",
        "setup/opening-hours/",
        "setup/opening-hours/?show=1&d1-1-from=x",
        "busy/",
    ):
        page.goto(f"/desk/{address}")
        wrong[address] = faults_by_day_and_by_night(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[address] += [f"{wider} too wide"] if wider > 0 else []
    page.goto("/desk/setup/places/new/")
    page.get_by_role("button", name="Save").click()
    wrong["a place, with errors"] = faults_by_day_and_by_night(page)
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
