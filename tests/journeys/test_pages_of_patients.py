"""Alice sees every page that patients have, and each fits a phone, also with letters twice as large.

With SCREENS set to a folder, each page leaves a picture there: on a phone, in the dark, with large letters, on a screen
and on paper.
"""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from booking.actions import links
from booking.web.urls import urlpatterns
from core import clock
from scheduler.models import Practitioner
from tests.booking.pages.walk import book, slots_on
from tests.factories.blocks import make_block
from tests.factories.booking import make_enrolled, make_visit, slot_id
from tests.factories.policies import adopt_screening, adopt_suitability
from tests.factories.scheduler import CHICAGO, lay_out, offer
from tests.journeys import health_pages, test_suitability
from tests.journeys.health_pages import large_letters, usual_letters
from tests.journeys.people import PHONE, TIMES, whole_way
from tests.journeys.pictures import PATIENT_LOOKS, SHEET_SIZE, keep_pictures

pytestmark = [pytest.mark.journey, pytest.mark.full]

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BORN = "5/1/1970"
NO_PAGES = {"desk", "calendar-feed", "manage-ics"}
LED_ON = {
    "help-outcome", "waiting-asked", "hold", "held-times", "more-time", "leave", "done", "family-settle",
    "family-forget", "manage-undo", "manage-again",
}  # fmt: skip
"""What a button sends, and what leads to another page at once."""
AFTER_ANOTHER_ACT = {
    "code", "family-details", "family-home", "family-seat", "family-meeting", "family-patient", "family-mailed",
    "manage-accept", "manage-call-me", "manage-give-back", "manage-change-answers", "manage-questions",
    "manage-closed-give-back", "manage-confirm", "manage-instead", "manage-own-code", "manage-other-practitioner",
    "manage-together", "waiting", "waiting-questions", "help-questions",
}  # fmt: skip
"""Seen by whoever is asked or offered something by somebody else first: their own journeys go there."""


FOUND: set[str] = set()
"""The pages that were seen: these tests run one after the other, in one process."""


def kind_of(address: str) -> str:
    """Return the name of the page at an address; of one that is not there, nothing."""
    try:
        return resolve(urlsplit(address).path).url_name
    except Resolver404:
        return ""


def her_link(clinic) -> str:
    """Return the link of Alice of the cancer program, whose family has time kept for it."""
    at = clock.now()
    day = at.astimezone(ZoneInfo(CHICAGO)) + timedelta(days=10)
    grace = Practitioner.objects.get(name="Grace Okoro")
    make_block(grace, day.isoweekday(), "11:00", "13:00", at=at, valid_from=day.date())
    lay_out(at=at, weeks=7)
    start = day.replace(hour=9, minute=0, second=0, microsecond=0)
    visit = make_visit(make_enrolled(clinic, "Alice Adams").record, slot_id(grace, start), at=at)
    return f"/m/{links.issue(visit, at=at)}/"


def her_own(page: Page, clinic) -> Iterator[str]:
    """Let Alice open what is her own, and what is kept for her family."""
    link = her_link(clinic)
    page.goto(link)
    yield "appointment"
    page.goto(f"{link}mine/")
    yield "birth date"
    for name in ("mine", "mine/messages", "mine/calendar", "needs", "again", "earlier", "contact", "family"):
        page.goto(f"{link}{name}/")
        if page.get_by_label("Date of birth").count():
            page.get_by_label("Date of birth").fill(BORN)
            with page.expect_navigation():
                page.locator("main form button").first.click()
        yield name.replace("/", " ")
    page.goto("/family/")
    yield "family-code"


def asked_before(page: Page, clinic) -> Iterator[str]:
    """Let her be asked before she books."""
    adopt_suitability()
    grace = Practitioner.objects.get(name="Grace Okoro")
    offer(grace, "acu_electro", "acupressure", "cup_dry", sites=[clinic])
    lay_out(at=clock.now(), weeks=7)
    yield from test_suitability.every_page(page)


def asked_on_the_day(page: Page, _clinic) -> Iterator[str]:
    """Let her be asked how she is before she comes."""
    client = Client()
    visit = book(client, slot=slots_on(client.get(TIMES))[8])
    adopt_screening()
    yield from health_pages.every_page(page, visit)


WALKS = {
    "book": lambda page, clinic: whole_way(page),
    "own": her_own,
    "asked": asked_before,
    "health": asked_on_the_day,
}


@pytest.mark.parametrize("part", WALKS)
def test_alice_sees_every_page_and_each_fits_a_phone_also_with_large_letters(open_page, clinic, part):
    page, sheet, wrong = open_page(PHONE), open_page(SHEET_SIZE), {}
    for name in WALKS[part](page, clinic):
        FOUND.add(kind_of(page.url))
        large_letters(page)
        if wider := page.evaluate(WIDER):
            wrong[name] = wider
        usual_letters(page)
        if os.environ.get("SCREENS"):
            keep_pictures(page, sheet, f"{part}-{name.replace(', ', '-').replace(' ', '-')}", PATIENT_LOOKS)
    assert not wrong, json.dumps(wrong, indent=1)


def test_no_page_of_patients_was_left_out():
    pages = {one.name for one in urlpatterns if getattr(one, "name", "")}
    assert sorted(pages - FOUND - NO_PAGES - LED_ON - AFTER_ANOTHER_ACT) == []
