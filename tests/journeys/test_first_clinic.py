"""From nothing to a booked visit by clicking: Ada opens her clinic, Alice books there, the mail is the clinic's own."""

import os
import subprocess
import sys
import time
from email.utils import parseaddr
from pathlib import Path

import pytest
from playwright.sync_api import Page

from local.commands.test import folder
from local.services.data_folder import ROOT, free_port
from tests.factories.post import post_office
from tests.journeys.people import DESK, PHONE, follow, press, times
from tests.platform.running import Up, eventually

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(400)]

ADA = {"--username": "ada", "--name": "Ada Moss", "--email": "ada@harbor.example"}
PASSWORD = "correct horse battery"  # pragma: allowlist secret
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Hand:
    """Ada's or Alice's hand on the mouse: it clicks, types, and counts both."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.fields = page, 0, 0

    def click(self, words: str, kind: str = "link") -> None:
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.get_by_role(kind, name=words, exact=True).first.click()

    def tick(self, *labels: str) -> None:
        for label in labels:
            self.clicks += 1
            self.page.get_by_label(label, exact=True).check()

    def type(self, **fields: str) -> None:
        for name, text in fields.items():
            self.fields += 1
            self.page.locator(f"[name={name}]").fill(text)

    def choose(self, name: str, label: str) -> None:
        self.clicks += 1
        self.page.locator(f"select[name={name}]").select_option(label=label)

    def add(self, model: str) -> None:
        """From wherever she is to the form for something new."""
        if not self.page.url.endswith("/admin/"):
            self.go("#site-name a")
        self.go(f".model-{model} .addlink")

    def go(self, what: str) -> None:
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.locator(what).first.click()

    def save(self) -> None:
        self.click("Save", "button")
        told = self.page.locator(".messagelist").inner_text()
        assert "successfully" in told, told


def seen(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for them."""
    if place := os.environ.get("SCREENS"):
        page.screenshot(path=Path(place) / f"{name}.png", full_page=True)


def create_admin(up: Up) -> subprocess.CompletedProcess[str]:
    """Type what `up` said."""
    assert eventually(lambda: "create_admin" in up.said())
    (line,) = [line for line in up.said().splitlines() if "create_admin" in line]
    assert line.endswith(f"manage.py create_admin --data {up.data}")
    environment = {name: value for name, value in up.environment.items() if name not in {"MERIDIAN_DATA", "EMAIL_URL"}}
    options = [word for pair in ADA.items() for word in pair]
    return subprocess.run(
        [sys.executable, "manage.py", "create_admin", "--data", str(up.data), *options],
        cwd=ROOT,
        env=environment | {"MERIDIAN_ADMIN_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )


def opens_her_clinic(hand: Hand, home: str) -> None:
    """Sign in, add a site, a room, a place, somebody who treats, and their hours."""
    page = hand.page
    page.goto(f"{home}/admin/")
    hand.type(username="ada", password=PASSWORD)
    hand.click("Log in", "button")
    seen(page, "01-setting-up")

    hand.add("site")
    hand.type(
        name="Harbor house", street="1 Pier Road", city="Chicago", state="IL", postal_code="60611",
        phone="(312) 555-0199", directions="The blue door.",
    )  # fmt: skip
    hand.tick("Saturday", "Sunday")
    seen(page, "02-site")
    hand.save()

    hand.add("room")
    hand.choose("site", "Harbor house")
    hand.type(name="Blue room")
    hand.save()
    hand.add("place")
    hand.choose("room", "Blue room (Harbor house)")
    hand.type(name="Bay A")
    seen(page, "03-place")
    hand.save()

    hand.add("practitioner")
    hand.type(name="Dr Wu", credentials="L.Ac.")
    hand.tick("Acupuncture (manual)")
    seen(page, "04-practitioner")
    hand.save()

    hand.add("workinghours")
    hand.choose("practitioner", "Dr Wu, L.Ac.")
    hand.choose("site", "Harbor house")
    hand.tick(*WEEK)
    hand.type(starts="09:00", ends="17:00", valid_from=time.strftime("%Y-%m-%d"))
    seen(page, "05-hours")
    hand.save()


def still_to_do(hand: Hand) -> str:
    """Return what her first page says is still to be set up."""
    hand.go("#site-name a")
    said = hand.page.locator("#content").inner_text()
    if "Still to be set up" in said:
        seen(hand.page, "06-still-to-do")
    return said


SIGNED = """
import django; django.setup()
from booking.suitability.shipped import asks_nothing
from core import clock
from demo import suitability
suitability.adopt(asks_nothing(), at=clock.now())
"""


def sign_rules(up: Up) -> None:
    """Put rules in force that ask nothing, as two clinicians would have signed them."""
    lines = (line.removeprefix("export ").split("=", 1) for line in up.run("env").stdout.splitlines())
    urls = {name: value.strip("'") for name, value in lines}
    environment = up.environment | {
        "DATABASE_URL": urls["DATABASE_OWNER_URL"],
        "REDIS_URL": urls["REDIS_URL"],
        "SECRET_KEY": "tests-only-" * 5,  # pragma: allowlist secret
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", SIGNED]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def books(page: Page, home: str) -> str:
    """Let Alice book the first time shown; return what her last page says."""
    page.goto(f"{home}/")
    assert "Harbor Clinic" in page.content()
    follow(page, "Book an appointment")
    follow(page, "Needles")
    follow(page, "Yes, my first")
    seen(page, "07-times")
    with page.expect_navigation():
        times(page).first.click()
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Continue")
    press(page, "Book this appointment")
    seen(page, "08-booked")
    return page.content()


def test_ada_opens_a_clinic_by_clicking_and_alice_books_there_and_is_written_to_in_its_name(browser):
    with post_office() as post, folder() as place:
        mail = f"smtp://127.0.0.1:{post.port}"
        with Up(place / "data", free_port(), "--no-demo", mail=mail) as up:
            home = f"http://127.0.0.1:{up.port}"
            made = create_admin(up)
            assert made.returncode == 0, made.stderr
            began = time.monotonic()
            hand = Hand(browser.new_page(viewport={"width": DESK[0], "height": DESK[1]}))
            opens_her_clinic(hand, home)
            assert "Still to be set up at Harbor house: Questions before booking" in still_to_do(hand)
            phone = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
            phone.goto(f"{home}/book/")
            assert "Please call us" in phone.content()
            sign_rules(up)
            assert "Still to be set up" not in still_to_do(hand)
            last = books(phone, home)
            assert "Dr Wu" in last
            assert "Harbor house" in last
            assert eventually(lambda: post.mails)
            sys.stdout.write(
                f"{hand.clicks} clicks, {hand.fields} fields from the sign-in to times on sale; booked after "
                f"{time.monotonic() - began:.0f} s; the mail left by then.\n"
            )
            (confirmation,) = post.mails
    assert parseaddr(confirmation["From"]) == ("Harbor Clinic", "desk@harbor.example")
    whole = confirmation.as_string()
    assert "1 Pier Road" in whole
    assert "Lakeside" not in whole
    assert "example.org" not in whole
