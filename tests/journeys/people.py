"""What people do on the way from the first page to the last."""

from collections.abc import Iterator

from playwright.sync_api import Locator, Page

PHONE, SMALL_PHONE, DESK = (390, 844), (320, 568), (1280, 900)
TIMES = "/book/acu_manual/times/?visit=first"


def press(page: Page, words: str) -> None:
    """Press the button with these words."""
    with page.expect_navigation():
        page.get_by_role("button", name=words).first.click()


def follow(page: Page, words: str) -> None:
    """Follow the link with these words."""
    with page.expect_navigation():
        page.get_by_role("link", name=words).first.click()


def times(page: Page) -> Locator:
    """Return the times that can be chosen."""
    return page.locator("button[name=slot]")


def choose(page: Page, number: int) -> None:
    """Choose the time with this number."""
    with page.expect_navigation():
        times(page).nth(number).click()


def books(page: Page) -> Iterator[str]:
    """Let Alice book, and stop on each page with its name."""
    page.goto("/")
    yield "start"
    follow(page, "Book an appointment")
    yield "families"
    follow(page, "Needles")
    yield "therapy"
    press(page, "Continue")
    yield "therapy with errors"
    page.get_by_label("Yes, my first").check()
    page.get_by_label("Acupuncture (manual)").check()
    press(page, "Continue")
    yield "times"
    choose(page, 8)
    yield "you"
    press(page, "Continue")
    yield "you with errors"
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "I need more time")
    press(page, "Continue")
    yield "check"
    press(page, "Book this appointment")
    yield "booked"


def changes_her_mind(page: Page) -> Iterator[str]:
    """Let Alice, on the page of her visit, move it, cancel it and take that back."""
    follow(page, "Move it")
    yield "move"
    choose(page, 13)
    yield "move check"
    press(page, "Move my appointment")
    yield "moved"
    follow(page, "Cancel it")
    yield "cancel"
    page.get_by_label("I cannot come").check()
    press(page, "Cancel my appointment")
    yield "cancelled"
    press(page, "Undo")
    yield "kept"


def looks_around(page: Page) -> Iterator[str]:
    """Let Alice open the pages beside the way."""
    for name, address in {
        "only therapy of its family": "/book/family/pressure/",
        "all times of a day": f"{TIMES}&part=morning",
        "what helps you to come": "/book/needs/?then=/book/",
        "privacy": "/privacy/",
        "accessibility": "/accessibility/",
        "who is asked first": "/waiting/order/",
        "asked to be told": "/waiting/asked/",
        "tell me when a time opens": "/book/acu_manual/waiting/?visit=first",
        "lost link": "/lost-link/",
        "link sent": "/lost-link/sent/",
        "not found": "/nowhere/",
        "unknown link": "/m/nonsense/",
        "outbox": "/demo/outbox/",
        "design": "/design/",
        "next free times, for a frame": "/book/acu_manual/next/",
    }.items():
        page.goto(address)
        yield name
    page.goto(TIMES)
    follow(page, "All ")
    yield "a day"
    follow(page, "Tell me when a time opens")
    press(page, "Put me on the list")
    yield "tell me when a time opens, with errors"


def whole_way(page: Page) -> Iterator[str]:
    """Let Alice see every page there is."""
    for part in (books, changes_her_mind, looks_around):
        yield from part(page)
