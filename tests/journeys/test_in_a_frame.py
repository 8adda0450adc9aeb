"""The hospital's website shows the next free times; another website cannot."""

import pytest
from playwright.sync_api import expect

from tests.journeys.people import PHONE, follow
from tests.journeys.test_patient_pages import violations

pytestmark = pytest.mark.journey

HOSPITAL, STRANGER = "http://127.0.0.1:9", "http://127.0.0.2:9"
"""Nobody answers there: the browser is given the page by this test."""
SHOWN = "/book/acu_manual/next/?source=home"
FRAME = '<!doctype html><title>Page</title><iframe width="380" height="600" src="{}{}"></iframe>'


@pytest.fixture
def websites(open_page, service_url, settings):
    """A page of the hospital and one of a stranger, both with the frame."""
    settings.EMBED_ORIGINS = [HOSPITAL]
    page = open_page(PHONE)
    html = FRAME.format(service_url, SHOWN)
    page.route("http://127.0.0.*:9/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    return page


def test_the_hospitals_website_shows_the_next_free_times_and_a_press_leads_out_of_the_frame(websites):
    websites.goto(f"{HOSPITAL}/")
    frame = websites.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Next free times for Acupuncture (manual)")
    with websites.expect_navigation():
        frame.get_by_role("link", name="See all times").click()
    expect(websites.locator("h1")).to_be_visible()
    assert websites.url.partition("/book/")[2].startswith("acu_manual/times/")


def test_another_website_shows_nothing(websites):
    websites.goto(f"{STRANGER}/")
    expect(websites.frame_locator("iframe").get_by_text("Next free times")).to_have_count(0)
    assert websites.frames[-1].url.startswith("chrome-error")


def test_everybody_can_use_what_stands_in_the_frame(open_page):
    page = open_page(PHONE)
    page.goto("/book/acu_manual/next/")
    assert violations(page) == []
    follow(page, "See all times")
