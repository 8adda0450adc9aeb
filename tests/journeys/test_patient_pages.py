"""Alice at her phone: she books, moves and cancels; every page can be used by everybody."""

import json
import re
from collections.abc import Iterator
from itertools import chain

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Locator, Page

from booking.models import Appointment, Change
from tests.booking.pages.walk import book, slots_on
from tests.journeys.people import (
    DESK,
    PHONE,
    SMALL_PHONE,
    TIMES,
    books,
    changes_her_mind,
    follow,
    looks_around,
    press,
    times,
    whole_way,
)

pytestmark = pytest.mark.journey

SMALLEST_TARGET = 44
TARGETS = """button, a.button, a.back, a.more, a.way, a.mark, a.tap, .facts a, summary, select, .choice label,
    input[type=text]"""
MEASURES = """targets => [
    document.documentElement.scrollWidth - document.documentElement.clientWidth,
    [...document.querySelectorAll(targets)].filter(e => e.checkVisibility())
        .map(e => [e.innerText || e.name, e.getBoundingClientRect()])
        .map(([words, box]) => [words, Math.min(box.height, box.width)]),
]"""
BROKEN_RULES = """async asked => "axe" in window &&
    (await axe.run(asked)).violations.map(broken => [broken.id, broken.nodes.map(node => node.target)])"""
SCRIPTS = """[...document.querySelectorAll("*")].filter(e => e.matches("script:not([src^='/static/'][defer])") ||
    `${e.getAttribute("href")}`.startsWith("javascript:") ||
    e.getAttributeNames().some(n => n.startsWith("on"))).length"""
FEWEST_PAGES = 12
LONGEST_WORD_OVERHANGS = """() => {
    const heading = document.querySelector("h1");
    heading.style.overflowWrap = "normal";
    const by = heading.scrollWidth - heading.clientWidth;
    heading.style.overflowWrap = "";
    return by;
}"""
NEEDLES = "/book/family/needles/"
FOCUS_LIES_ABOVE_THE_BUTTON = """() => {
    const label = document.activeElement.nextElementSibling.getBoundingClientRect();
    return label.bottom <= document.querySelector(".acts").getBoundingClientRect().top && label.top >= 0;
}"""
FIRST_GUEST = [
    lambda page: page.get_by_role("link", name="Book an appointment"),
    lambda page: page.get_by_role("link", name="Needles"),
    lambda page: page.get_by_text("Yes, my first"),
    lambda page: page.get_by_text("Acupuncture (manual)"),
    lambda page: page.get_by_role("button", name="Continue"),
    times,
    lambda page: page.get_by_role("button", name="Continue"),
    lambda page: page.get_by_role("button", name="Book this appointment"),
]
OTHER_WAYS_TO_LOOK = [("light", DESK), ("dark", PHONE), ("dark", DESK)]


def violations(page: Page, *rules: str) -> list[object]:
    """Return the accessibility rules that a page breaks, with where; asks for `rules`, or for all."""
    asked = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    broken = page.evaluate(BROKEN_RULES, asked)
    if broken is not False:
        return broken
    rulebook = Axe().axe_script
    page.add_init_script(rulebook)  # what this window opens from now on has it from the beginning
    page.evaluate(rulebook)
    return page.evaluate(BROKEN_RULES, asked)


def faults(page: Page) -> list[object]:
    """Return what is wrong with a page: broken accessibility rules, sideways scrolling, targets too small."""
    wider, heights = page.evaluate(MEASURES, TARGETS)
    small = [(words, height) for words, height in heights if height < SMALLEST_TARGET]
    return [*violations(page), *small, *([f"scrolls sideways by {wider}"] if wider > 0 else [])]


def faults_by_day_and_by_night(page: Page) -> list[object]:
    """Return what is wrong with a page by day, and which of its colours cannot be told apart by night."""
    by_day = faults(page)
    page.emulate_media(color_scheme="dark")
    by_night = violations(page, "color-contrast")
    page.emulate_media(color_scheme="light")
    return by_day + by_night


def books_and_changes_her_mind(page: Page) -> Iterator[str]:
    """Let Alice go back, book, move, cancel and undo, and look at what came of it."""
    for name in books(page):
        yield name
        if name == "check":
            corrects_her_name(page)
    assert page.get_by_role("heading", level=1).inner_text() == "You are booked"
    yield from changes_her_mind(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Your appointment stands"
    assert Appointment.objects.get().status == "booked"
    assert list(Change.objects.values_list("move", flat=True)) == ["book", "reschedule", "cancel", "undo"]


def test_alice_goes_back_books_moves_and_cancels_on_her_phone_without_javascript(open_page):
    assert len(list(books_and_changes_her_mind(open_page(PHONE, script=False)))) >= FEWEST_PAGES


def test_alice_books_moves_and_cancels_on_pages_that_everybody_can_use_by_day_and_by_night(open_page):
    page, complaints, wrong = open_page(SMALL_PHONE), [], {}
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for name in chain(books_and_changes_her_mind(page), looks_around(page)):
        scripts = page.evaluate(SCRIPTS)
        wrong[name] = [f"{scripts} scripts"] * (scripts > 0) + faults_by_day_and_by_night(page)
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
    assert not [text for text in complaints if "Content Security Policy" in text]


def corrects_her_name(page: Page) -> None:
    """Let Alice go back from the last page but one: nothing she has typed is lost, and her time stays hers."""
    follow(page, "Change Who")
    page.get_by_label("Full name").fill("Alice B. Adams")
    press(page, "Continue")
    assert "Alice B. Adams" in page.content()
    follow(page, "Change When")
    follow(page, "Go on with this time")


@pytest.mark.full
@pytest.mark.parametrize(("scheme", "size"), OTHER_WAYS_TO_LOOK)
def test_everybody_can_use_every_page_however_they_look_at_it(open_page, scheme, size):
    page = open_page(size, scheme=scheme)
    wrong = {name: found for name in whole_way(page) if (found := faults(page))}
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.full
def test_with_letters_twice_as_large_nothing_lies_beside_the_phone_and_no_heading_breaks_within_a_word(open_page):
    page, wider, broken = open_page(PHONE), {}, {}
    for name in whole_way(page):
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        wider[name] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        broken[name] = page.evaluate(LONGEST_WORD_OVERHANGS)
        page.evaluate("document.documentElement.style.fontSize = ''")
    assert not {name: by for name, by in wider.items() if by > 0}
    assert not {name: by for name, by in broken.items() if by > 0}


def is_seen(what: Locator, *, on: tuple[int, int]) -> bool:
    """Whether something is seen without scrolling on a phone of this size."""
    box = what.bounding_box()
    return box["y"] + box["height"] <= on[1]


def test_what_alice_looks_for_is_seen_without_scrolling(open_page):
    page = open_page(SMALL_PHONE)
    page.goto("/")
    assert is_seen(page.get_by_role("link", name="Book an appointment"), on=SMALL_PHONE)
    page.goto(NEEDLES)
    assert is_seen(page.get_by_role("button", name="Continue"), on=SMALL_PHONE)
    page.goto(TIMES)
    assert is_seen(times(page).first, on=SMALL_PHONE)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert is_seen(times(page).first, on=PHONE)
    page.goto(NEEDLES)
    assert is_seen(page.get_by_role("button", name="Continue"), on=PHONE)
    assert page.locator("button").count() == 1
    page.goto("/book/")
    assert all(is_seen(family, on=PHONE) for family in page.locator("a.way").all())


def test_a_page_needs_three_requests_and_no_other_site(open_page, service_url):
    page, asked = open_page(PHONE), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(TIMES, wait_until="networkidle")
    assert 1 <= len(asked) <= 3
    assert all(url.startswith(service_url) for url in asked)


def test_by_keyboard_the_skip_link_comes_first_and_wrong_answers_are_led_to(open_page):
    page = open_page(PHONE)
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(NEEDLES)
    press(page, "Continue")
    assert page.evaluate("document.activeElement.id") == "problems"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert page.get_by_label("Yes, my first").is_checked()


def test_by_keyboard_no_therapy_that_alice_comes_to_lies_under_the_button(open_page):
    page = open_page(SMALL_PHONE)
    page.goto(NEEDLES)
    page.locator("#id_therapy").focus()
    for _ in range(page.locator("input[name=therapy]").count()):
        page.keyboard.press("ArrowDown")
        assert page.evaluate(FOCUS_LIES_ABOVE_THE_BUTTON)


def test_a_first_guest_books_with_eight_clicks_and_may_be_asked_six_pages_of_questions_more(open_page):
    page, clicks = open_page(PHONE), 0
    page.goto("/")
    for pressed in FIRST_GUEST:
        fills_in(page)
        pressed(page).first.click()
        clicks += 1
    page.wait_for_url("**/m/**")
    assert Appointment.objects.get().patient.name == "Alice Adams"
    assert clicks + 6 <= 14


def fills_in(page: Page) -> None:
    """Let Alice type who she is, where that is asked."""
    page.wait_for_load_state()
    if page.url.endswith("/book/you/"):
        page.get_by_label("Full name").fill("Alice Adams")
        page.get_by_label("E-mail").fill("alice@example.test")
        page.get_by_label("Date of birth").fill("3/27/1961")


def test_the_page_of_the_visit_prints_on_one_sheet(open_page):
    page = open_page(PHONE)
    page.goto(book(alice := Client(), slot=slots_on(alice.get(TIMES))[8]))
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="Letter"))
    assert len(sheets) == 1
