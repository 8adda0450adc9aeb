"""A developer reads about the API in a browser."""

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.full]


def test_the_pages_to_read_and_try_the_api_ask_for_nothing_from_outside(live_server, browser):
    page = browser.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.wait_for_selector("text=/api/v1/slots/", timeout=20_000)
    page.mouse.move(600, 400)
    while not page.locator("text=/api/v1/appointments/").count():  # of so many, those on the screen alone are drawn
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(200)
    page.close()
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert complaints == []
