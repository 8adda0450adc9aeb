"""The hospital's website shows the next free times; another website cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.journeys.people import PHONE, follow
from tests.journeys.test_patient_pages import violations

pytestmark = pytest.mark.journey

SHOWN = "/book/acu_manual/next/?source=home"
PAGE = '<!doctype html><title>Page</title><iframe width="380" height="600" src="{}"></iframe>'


@contextmanager
def website(framed: str) -> Iterator[str]:
    """Run another website with one page, which frames an address; yield where it is."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.format(framed).encode())

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def hospital(service_url):
    """The hospital's own website."""
    with website(f"{service_url}{SHOWN}") as origin:
        yield origin


def test_the_hospitals_website_shows_the_next_free_times_and_a_press_leads_out_of_the_frame(
    open_page, hospital, settings
):
    settings.EMBED_ORIGINS = [hospital]
    page = open_page(PHONE)
    page.goto(hospital)
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Next free times for Acupuncture (manual)")
    with page.expect_navigation():
        frame.get_by_role("link", name="See all times").click()
    expect(page.locator("h1")).to_be_visible()
    assert page.url.partition("/book/")[2].startswith("acu_manual/times/")


def test_a_website_that_is_not_listed_shows_nothing(open_page, hospital, settings):
    settings.EMBED_ORIGINS = ["https://www.hospital.example"]
    page = open_page(PHONE)
    page.goto(hospital)
    expect(page.frame_locator("iframe").get_by_text("Next free times")).to_have_count(0)
    assert page.frames[-1].url.startswith("chrome-error")


def test_everybody_can_use_what_stands_in_the_frame(open_page):
    page = open_page(PHONE)
    page.goto("/book/acu_manual/next/")
    assert violations(page) == []
    follow(page, "See all times")
