"""A clinic moves in: from nothing to its first booked patient by clicking, with the tables that it had."""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from booking.models import Appointment
from core import clock
from core.accounts.actions.people import add_administrator
from scheduler.actions import catalogue
from tests.factories.scheduler import AT
from tests.journeys.conftest import new_window
from tests.journeys.people import DESK

pytestmark = [pytest.mark.journey, pytest.mark.full]

PASSWORD = "correct horse battery"  # pragma: allowlist secret
SITE = {
    "name": "Harbor house", "street": "1 Pier Road", "city": "Chicago", "state": "IL", "postal_code": "60611",
    "phone": "(312) 555-0199",
}  # fmt: skip
MOST_CLICKS = 34
IN_A_WEEK = clock.now().date() + timedelta(days=7)
TABLES = {
    "Practitioners": "Name,Therapies\nDana Wu,Acupuncture (manual)\n",
    "Working hours": "Practitioner,Days,From,Until\nDana Wu,Mon-Sun,09:00,17:00\n",
    "Patients": "Name,Date of birth,E-mail\nAna Diaz,1961-04-03,ana@example.test\n",
    "Coming appointments": "Patient,Date of birth,Date,Time,Practitioner,Therapy\n"
    f"Ana Diaz,1961-04-03,{IN_A_WEEK},10:00,Dana Wu,Acupuncture (manual)\n",
}


class Mouse:
    """Ada's hand on the mouse: it clicks, and counts."""

    def __init__(self, page) -> None:
        self.page, self.clicks = page, 0

    def click(self, words: str, kind: str = "link") -> None:
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.get_by_role(kind, name=words).first.click()

    def add(self, words: str, *ticked: str, **fields: str) -> None:
        """Add something by a form of the desk, in which some boxes are ticked."""
        self.click(words)
        for name, text in fields.items():
            self.page.locator(f"[name={name}]").fill(text)
        for label in ticked:
            self.clicks += 1
            self.page.get_by_label(label, exact=True).check()
        self.click("Save", "button")
        seen(self.page, f"moving-in-{words.replace(' ', '-').lower()}")
        assert "Saved: " in self.page.get_by_role("status").first.inner_text()


def seen(page, name: str) -> None:
    """Keep a picture where somebody asked for them."""
    if place := os.environ.get("SCREENS"):
        page.screenshot(path=Path(place) / f"{name}.png", full_page=True)


@pytest.fixture
def page(browser, transactional_db, service_url):
    """Ada's page at a clinic that has nothing but what comes with Meridian."""
    catalogue.load()
    add_administrator(username="ada", email="ada@harbor.example", name="Ada Moss", password=PASSWORD, at=AT)
    window = new_window(browser, service_url)
    yield window.new_page()
    window.close()


def test_from_nothing_to_the_first_booked_patient_by_clicking(page):
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.goto("/desk/")
    began, mouse = time.monotonic(), Mouse(page)
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    mouse.click("Sign in", "button")
    assert page.get_by_role("heading", name="Setting up").count() == 1
    seen(page, "moving-in-empty")
    mouse.add("Add a site", "Saturday", "Sunday", **SITE)
    mouse.add("Add a room", name="Blue room")
    mouse.add("Add a place", name="Bay A")
    mouse.click("Setting up")
    seen(page, "moving-in-half")
    for title, text in TABLES.items():
        mouse.click("Bring it along")
        mouse.click(title)
        mouse.clicks += 1
        page.locator("#id_file").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": text.encode()})
        mouse.click("Show what it would do", "button")
        seen(page, f"moving-in-{title.split()[0].lower()}")
        mouse.click("Import 1 row", "button")
        assert "Imported: 1 row." in page.locator("main, body").first.inner_text()
        mouse.click("This clinic")
    assert page.get_by_text("Booked: the first patient comes on").count() == 1
    seen(page, "moving-in-booked")
    assert Appointment.objects.get().patient.name == "Ana Diaz"
    assert mouse.clicks <= MOST_CLICKS
    sys.stdout.write(
        f"{mouse.clicks} clicks from the sign-in to the first patient, {time.monotonic() - began:.0f} s.\n"
    )
