"""The ways of Alice past her pages: she books, has what is her own, and is asked before the times and on the day."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from playwright.sync_api import Page

from booking.actions import links
from core import clock
from scheduler.models import Practitioner
from tests.booking.pages.walk import book, slots_on
from tests.factories.blocks import make_block
from tests.factories.booking import make_enrolled, make_visit, slot_id
from tests.factories.policies import adopt_screening, adopt_suitability
from tests.factories.scheduler import CHICAGO, lay_out, offer
from tests.journeys import health_pages, test_suitability
from tests.journeys.people import TIMES, whole_way

BORN = "5/1/1970"


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
