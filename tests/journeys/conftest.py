"""A person at a screen: the installed Chromium, a clinic that is open today, and a running service."""

import os
from collections.abc import Iterator

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from core import clock
from tests.booking.pages.walk import OF_EACH_FAMILY, open_clinic
from tests.factories.scheduler import CHICAGO, EVERY_DAY, lay_out, make_hours, make_practitioner
from tests.journeys.people import PHONE

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--single-threaded",  # other threads that translate scripts cost a small machine more than they win
]


@pytest.fixture(scope="package")
def browser(chromium_path) -> Iterator[Browser]:
    """The installed Chromium, once for all journeys."""
    # Playwright keeps an event loop in this thread: Django would take it for an asynchronous caller, and while it runs
    # has database connections of its own. So it ends with the journeys, before anybody drops the database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield chromium
        chromium.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE") if before is None else None


@pytest.fixture
def clinic(transactional_db):
    """A clinic open every day of the coming weeks: journeys walk by the real clock."""
    from scheduler.models import Practitioner  # noqa: PLC0415  (apps are ready only once a test runs)

    site = open_clinic()
    site.directions = {"en": "Take the Blue Line to Racine. The door is beside the pharmacy."}
    site.save()
    for practitioner in Practitioner.objects.all():
        practitioner.working_hours.all().delete()
        make_hours(practitioner, site, [(weekday, "07:00", "20:45") for weekday in EVERY_DAY])
    make_practitioner(site, name="Ines Sousa", offers=OF_EACH_FAMILY)
    lay_out(at=clock.now(), weeks=7)
    return site


@pytest.fixture
def service_url(live_server, monkeypatch) -> str:
    """The address of the running service."""
    # It sends head and body of an answer apart. On a connection that stays open the system would keep the body back
    # until the head is acknowledged, which takes whoever reads 40 ms.
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    return live_server.url


@pytest.fixture(scope="package")
def window(browser, live_server) -> BrowserContext:
    """A window for one page of each journey: the browser would begin a process for each window."""
    return new_window(browser, live_server.url)


def new_window(browser: Browser, url: str) -> BrowserContext:
    """Open a window whose addresses start at the service, of somebody whose clock is the clinic's."""
    # a colour on its way to another is no colour to judge
    return browser.new_context(base_url=url, reduced_motion="reduce", timezone_id=CHICAGO)


@pytest.fixture
def open_page(browser, window, clinic, service_url):
    """Open a page of a size and a colour scheme, with or without JavaScript, of somebody whom the service knows not."""
    used, pages = [window], []

    def opened(size=PHONE, *, scheme: str = "light", script: bool = True) -> Page:
        if pages:
            used.append(new_window(browser, service_url))
        pages.append(page := used[-1].new_page())
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        if not script:
            page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
        page.set_default_timeout(15_000)
        return page

    yield opened
    for page in pages:
        page.close()
    window.clear_cookies()
    for another in used[1:]:
        another.close()
