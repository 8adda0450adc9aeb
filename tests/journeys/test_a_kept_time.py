"""A time that is kept while somebody books: what the page says of it, by which clock, and what can be changed."""

import pytest
from playwright.sync_api import Page

from booking.models import Hold
from core import clock
from tests.factories.scheduler import EVERY_DAY, lay_out, make_hours, make_places, make_practitioner, make_site
from tests.journeys.people import PHONE, TIMES, choose, follow, press, times

pytestmark = pytest.mark.journey
MINUTE = 60


def says_who(page: Page, *, number: int = 8) -> None:
    """Let Alice choose a time and say who she is."""
    page.goto(TIMES)
    choose(page, number)
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Continue")


def is_in_sight(page: Page, words: str) -> bool:
    box = page.get_by_role("button", name=words).bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


def test_on_the_page_that_is_checked_the_button_is_seen_without_scrolling(clinic, open_page):
    page = open_page(PHONE)
    says_who(page)
    assert is_in_sight(page, "Book this appointment")
    press(page, "Stop, and forget what I typed")  # is not covered by it


def test_twin_a_button_that_does_not_stay_is_not_seen(clinic, open_page):
    page = open_page(PHONE)
    says_who(page)
    page.evaluate("document.querySelector('.acts.stay').classList.remove('stay')")
    assert not is_in_sight(page, "Book this appointment")


def test_each_question_has_one_link_to_change_it_that_comes_straight_back(clinic, open_page):
    page = open_page(PHONE)
    says_who(page)
    links = page.get_by_role("link", name="Change ").all_inner_texts()
    asked = ["Who", "What", "When, with whom and where", "E-mail", "Help to come"]
    assert [one.split(maxsplit=1)[1] for one in links] == asked
    for words, field in (("Change Who", "Full name"), ("Change E-mail", "E-mail")):
        follow(page, words)
        page.get_by_label(field).fill(f"alice.{field[:1]}@example.test")
        press(page, "Continue")
        assert page.get_by_text(f"alice.{field[:1]}@example.test").is_visible()
        assert page.url.endswith("/book/check/")
    follow(page, "Change When, with whom and where")
    choose(page, 3)
    assert page.url.endswith("/book/check/")


def test_that_a_time_is_nearly_over_is_announced_twice_and_nothing_ticks(clinic, open_page):
    page = open_page(PHONE)
    page.clock.install()
    page.goto(TIMES)
    choose(page, 8)
    said = page.get_by_role("status")
    assert said.inner_text() == ""
    left = (Hold.objects.get().expires_at - clock.now()).total_seconds()
    page.clock.fast_forward(int((left - 5 * MINUTE + 10) * 1000))
    assert said.inner_text().startswith("5 minutes left: we keep this time until ")
    first = said.inner_text()
    page.clock.fast_forward(2 * MINUTE * 1000)
    assert said.inner_text() == first
    page.clock.fast_forward(2 * MINUTE * 1000)
    assert said.inner_text().startswith("1 minute left: we keep this time until ")


def test_without_a_script_it_says_until_what_time_it_is_kept(clinic, open_page):
    page = open_page(PHONE, script=False)
    page.goto(TIMES)
    choose(page, 8)
    assert page.get_by_text("for you until").inner_text().endswith("Chicago time.")


def test_more_time_keeps_what_is_half_typed_and_after_three_times_says_why_there_is_no_more(clinic, open_page):
    page = open_page(PHONE)
    page.goto(TIMES)
    choose(page, 8)
    page.get_by_label("Full name").fill("Alice Ad")
    page.get_by_label("Date of birth").fill("3/27")
    for _ in range(3):
        press(page, "I need more time")
        assert page.get_by_label("Full name").input_value() == "Alice Ad"
        assert page.get_by_label("Date of birth").input_value() == "3/27"
    assert not page.get_by_role("button", name="I need more time").count()
    assert page.get_by_text("You have asked for more time 3 times. We cannot keep it longer, so that").is_visible()


@pytest.mark.parametrize(("zone", "differs"), [("Europe/Berlin", True), ("America/Chicago", False)])
def test_who_keeps_another_clock_reads_it_beside_the_clinics(browser, clinic, service_url, zone, differs):
    window = browser.new_context(base_url=service_url, timezone_id=zone)
    page = window.new_page()
    page.goto(TIMES)
    time = times(page).first.locator(".time").inner_text()
    assert page.get_by_text("Chicago time").first.is_visible()
    assert page.get_by_text("Your own time (Berlin) stands beside it").is_visible() == differs
    choose(page, 0)
    kept = page.get_by_text("We are keeping")
    assert time in kept.inner_text(), "the clinic's time stays"
    assert ("on your clock." in kept.inner_text()) == differs
    window.close()


def test_a_place_that_changes_with_the_time_is_said_on_the_list_and_before_it_is_moved(clinic, open_page):
    other = make_site("riverside")
    make_places(other, 1)
    ines = make_practitioner(other, name="Yara Diaz")
    ines.working_hours.all().delete()
    make_hours(ines, other, [(weekday, "07:00", "20:45") for weekday in EVERY_DAY])
    lay_out(at=clock.now(), weeks=7)
    page = open_page(PHONE)
    page.goto(f"{TIMES}&site=lakeside")
    choose(page, 8)
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Continue")
    press(page, "Book this appointment")
    follow(page, "Move it")
    elsewhere = times(page).filter(has_text="Riverside clinic, another place")
    with page.expect_navigation():
        elsewhere.first.click()
    assert page.get_by_text("The place changes too: come to Riverside clinic, not to Lakeside clinic.").is_visible()
    press(page, "Move my appointment")
    assert page.get_by_text("The place has changed, too: come to Riverside clinic.").is_visible()
