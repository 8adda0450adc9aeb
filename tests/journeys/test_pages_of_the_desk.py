"""Whoever works in the demo clinic is led to every page of the desk, and each fits a phone.

With SCREENS set to a folder, each page leaves a picture there: on a screen, on a phone, in the dark and on paper.
"""

import json
import os
import re
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, resolve, reverse
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

from booking.web.desk.urls import urlpatterns
from core.models import User
from tests.journeys.crawl import pages_led_to
from tests.journeys.desk_presses import PRESSES
from tests.journeys.people import PHONE
from tests.journeys.pictures import DESK_LOOKS, SHEET_SIZE, keep_pictures
from tests.journeys.working_morning import working_morning

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(1800)]

STAFF = {
    "scheduler": ("/desk/find/?find=alice",),
    "program": (),
    "practitioner": (),
    "clinician": (),
    "admin": (),
    "auditor": (),
}
"""Who works there, and what they type beside what they are led to. Whoever treats goes first."""

ANSWERS = {"desk-late"}
"""Pages that say nothing before somebody asks: of these the last picture stays, with the answer."""

READ_BY_THE_BOARD = {"desk-board-changes", "desk-board-sizes", "desk-board-targets"}
FILES = {
    "desk-family-measures-csv",
    "desk-import-left-csv",
    "desk-import-template",
    "desk-policy-yaml",
    "desk-reports-csv",
}
IN_THE_LIST = re.compile(r"\(screens/desk/([\w-]+)\.webp\)")

SOMETHING = {UUIDConverter: UUID(int=0), IntConverter: 0, SlugConverter: "nothing", StringConverter: "nothing"}
METHOD_NOT_ALLOWED = 405

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def clinic(transactional_db):
    with working_morning():
        yield


def is_sent(url: URLPattern) -> bool:
    """Whether an address only takes what a button sends."""
    given = {name: SOMETHING[type(kind)] for name, kind in url.pattern.converters.items()}
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    return client.get(reverse(url.name, kwargs=given)).status_code == METHOD_NOT_ALLOWED


def kind_of(address: str) -> str:
    """Return the name of the page at an address."""
    return resolve(urlsplit(address).path).url_name


def test_whoever_works_here_is_led_to_every_page_of_the_desk_and_each_fits_a_phone(open_page, service_url):
    page, sheet = open_page(PHONE), open_page(SHEET_SIZE)
    wrong, found = {}, set()
    for name, who in pages_of_everybody(page, service_url):
        if wider := page.evaluate(WIDER):
            wrong[f"{who}: {page.url}"] = wider
        if os.environ.get("SCREENS") and (name not in found or name in ANSWERS):
            keep_pictures(page, sheet, name, DESK_LOOKS)
        found.add(name)
    assert not wrong, json.dumps(wrong, indent=1)
    pages = {one.name for one in urlpatterns if not is_sent(one)}
    left_out = READ_BY_THE_BOARD | FILES
    assert pages - found == left_out
    assert in_the_list() == pages - left_out


def in_the_list() -> set[str]:
    """Return the names of the pages that the list of pages shows, each with its picture."""
    listed = set(IN_THE_LIST.findall((settings.BASE_DIR / "docs" / "desk-pages.md").read_text()))
    return {name for name in listed if (settings.BASE_DIR / "docs" / "screens" / "desk" / f"{name}.webp").exists()}


def pages_of_everybody(page, service_url):
    """Open what each of them is led to, then what they press; stop on each page with its name and who sees it."""
    for who, typed in STAFF.items():
        sits_down(page, who, service_url)
        for address in pages_led_to(page, "/desk/", *typed, kind=kind_of, of_each=3):
            yield kind_of(address), who
    for who, act in PRESSES:
        if who:
            sits_down(page, who, service_url)
        for name in act(page):
            assert kind_of(page.url) == name
            yield name, who


def sits_down(page, who, service_url):
    """Let somebody be signed in."""
    client = Client()
    client.force_login(User.objects.get(username=who))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service_url}])
