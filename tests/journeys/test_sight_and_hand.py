"""Every page of patients with large letters, zoomed in, spaced out, in forced colours, at rest, on paper, in one hand.

The pages are those that the whole way opens; which addresses it leaves out is written down, each with who looks there.
"""

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, get_resolver, resolve
from playwright.sync_api import Page

from tests.journeys.people import PHONE, TIMES, choose, follow, press, whole_way

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
ZOOMED_IN = (320, 256)
LETTER = (816, 1056)

LOOKED_AT_HERE = {
    "manage-screening", "manage-questions", "manage-change-answers", "manage-instead",
    "manage-needs", "manage-family", "manage-together", "manage-other-practitioner", "manage-own-code", "code",
    "family-code", "family-details", "family-home", "family-mailed", "family-patient", "family-meeting",
    "waiting", "waiting-questions", "manage-earlier", "booking-questions", "booking-outcome", "help-questions",
    "help-therapies", "waiting-asked",
}  # fmt: skip
"""Behind links, codes and questions: test_behind_links looks at them in every way."""
NO_PAGES = {
    "calendar-feed", "manage-ics", "manage-accept", "manage-give-back", "manage-closed-give-back", "manage-undo",
    "hold", "done", "leave", "more-time", "family-settle", "family-forget", "family-seat", "manage-confirm",
    "manage-call-me", "help-outcome",
}  # fmt: skip
"""Addresses that only take what a button sends, that lead on at once, and files."""

CLIPPED = """() => {
    const wide = document.documentElement.clientWidth;
    const name = e => `${e.localName}.${e.className} "${(e.innerText || "").slice(0, 40)}"`;
    const seen = [...document.body.querySelectorAll("*")]
        .filter(e => e.checkVisibility() && !e.closest(".hidden, .skip, svg"));
    const out = seen.filter(e => e.getBoundingClientRect().right > wide + 1 || e.getBoundingClientRect().left < -1);
    const cut = seen.filter(e => !["visible", "auto"].includes(getComputedStyle(e).overflowX) &&
        (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) && e.localName !== "input" &&
        e.localName !== "select");
    return [...new Set([...out, ...cut].map(name))];
}"""
UNSEEN_BORDERS = """() => [...document.querySelectorAll("button, a.button, input[type=text], .choice label")]
    .filter(e => e.checkVisibility() && !e.matches(".plain"))
    .filter(e => ["none", "hidden"].includes(getComputedStyle(e).borderTopStyle) ||
        parseFloat(getComputedStyle(e).borderTopWidth) < 1)
    .map(e => e.innerText || e.name)"""
MOVES = """() => [...document.querySelectorAll("*")]
    .filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0 || getComputedStyle(e).animationName !== "none")
    .map(e => e.localName)"""
ON_PAPER = """() => [...document.querySelectorAll("button:not(.slots *), .demo, .skip, .step-header")]
    .filter(e => e.checkVisibility()).map(e => `printed: ${e.className || e.innerText}`)"""
SPACED_OUT = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important }
        * { word-spacing: .16em !important }
        p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
}"""
MAIN_ACT = """() => {
    const act = [...document.querySelectorAll("main button:not(.plain, .second), main a.button:not(.second)")]
        .find(e => e.checkVisibility());
    if (!act) return null;
    const box = act.getBoundingClientRect();
    return [box.top + window.scrollY, box.width, box.height];
}"""
JUMPS = """() => {
    const whole = document.body, copy = whole.cloneNode(true), held = document.activeElement, found = new Set();
    whole.replaceWith(copy);
    const all = [...copy.querySelectorAll("*")];
    const seen = all.map(e => [e, e.getBoundingClientRect()])
        .filter(([e, box]) => box.width && box.height && box.top < innerHeight && !e.closest(".hidden, .skip, svg *"));
    for (const next of all.reverse()) {
        next.remove();
        while (seen.length && !seen.at(-1)[0].isConnected) seen.pop();
        for (const [e, then] of seen) {
            const now = e.getBoundingClientRect();
            const shown = now.width && now.height && getComputedStyle(e).visibility !== "hidden";
            if (shown && Math.hypot(now.left - then.left, now.top - then.top) >= 3)
                found.add(`${e.localName}.${e.className} "${e.textContent.trim().slice(0, 40)}"`);
        }
    }
    copy.replaceWith(whole);
    held?.focus({preventScroll: true});
    return [...found];
}"""
"""What moves once the rest of a page has come: a slow network may part it behind each element."""
OUT_OF_REACH = PHONE[1] / 4
"""Above this the thumb of the hand that holds the phone does not come."""


def with_letters_twice_as_large(page: Page) -> list[str]:
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found = page.evaluate(CLIPPED)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def zoomed_in(page: Page) -> list[str]:
    page.set_viewport_size({"width": ZOOMED_IN[0], "height": ZOOMED_IN[1]})
    found = page.evaluate(CLIPPED)
    sticks = "[...document.querySelectorAll('.stay')].filter(e => getComputedStyle(e).position === 'sticky').length"
    found += ["a bar that stays covers half of what is seen"] * page.evaluate(sticks)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return found


def spaced_out(page: Page) -> list[str]:
    page.evaluate(SPACED_OUT)
    found = page.evaluate(CLIPPED)
    page.evaluate("document.adoptedStyleSheets = []")
    return found


def in_forced_colours(page: Page) -> list[str]:
    page.emulate_media(forced_colors="active")
    found = page.evaluate(UNSEEN_BORDERS)
    page.emulate_media(forced_colors="none")
    return found


def at_rest(page: Page) -> list[str]:
    return page.evaluate(MOVES)


def on_paper(page: Page) -> list[str]:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": LETTER[0], "height": LETTER[1]})
    found = [*page.evaluate(ON_PAPER), *page.evaluate(CLIPPED)]
    found += [] if page.locator("h1").first.is_visible() else ["no heading"]
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return found


def as_it_comes(page: Page) -> list[str]:
    page.evaluate("scrollTo(0, 0)")
    return page.evaluate(JUMPS)


def in_one_hand(page: Page) -> list[str]:
    act = page.evaluate(MAIN_ACT)
    if act is None:
        return []
    top, width, height = act
    near = top + height / 2 >= OUT_OF_REACH or page.locator("button[name=slot]").count()
    return [f"{top:.0f} from the top, {width:.0f} by {height:.0f}"] if not near or min(width, height) < 44 else []


WAYS: dict[str, Callable[[Page], list[str]]] = {
    "letters twice as large": with_letters_twice_as_large,
    "zoomed in": zoomed_in,
    "spaced out": spaced_out,
    "forced colours": in_forced_colours,
    "at rest": at_rest,
    "on paper": on_paper,
    "in one hand": in_one_hand,
    "as it comes": as_it_comes,
}


def beside_the_way(page: Page) -> Iterator[str]:
    """Let Alice open what is left: behind her link, and of the times that she keeps."""
    page.goto(TIMES)
    choose(page, 8)
    typed = {"Full name": "Ben Ode", "E-mail": "ben@example.test", "Date of birth": "3/27/1961"}
    for name, words in typed.items():
        page.get_by_label(name).fill(words)
    press(page, "Continue")
    page.goto("/book/held/")
    yield "times that are kept"
    page.goto("/book/check/")
    press(page, "Book this appointment")
    address = page.url.partition("?")[0]
    page.goto("/book/check/")
    yield "this is booked"
    for name in ("contact/", "again/", "mine/", "mine/messages/", "mine/calendar/"):
        page.goto(f"{address}{name}")
        yield name
        if page.get_by_label("Date of birth").count():
            page.get_by_label("Date of birth").fill("3/27/1961")
            press(page, "Go on")
            yield f"{name} opened"
    page.goto("/book/help/")
    yield "help to choose"
    for name in ("Privacy", "Accessibility"):
        follow(page, name)
        yield name
    page.goto("/book/you/?answer=6f2f0a52-7a4e-4f0e-9a51-0d6ad0f3a001")
    yield "what was answered has ended"


def name_of(address: str) -> str:
    """Return the name of the address that is open; empty for one that is none of ours."""
    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""


def names_of_pages() -> set[str]:
    """Return the names of all addresses of patients."""
    return {
        one.name
        for one in get_resolver("booking.web.urls").url_patterns
        if getattr(one, "name", None) and one.name not in NO_PAGES
    }


def test_every_page_can_be_seen_and_reached_however_somebody_looks_at_it(open_page):
    page, wrong, opened = open_page(PHONE), {}, set()
    for part in (whole_way, beside_the_way):
        for name in part(page):
            opened |= {name_of(page.url)} if page.url.startswith("http") else set()
            found = {way: faults for way, look in WAYS.items() if (faults := look(page))}
            wrong |= {name: found} if found else {}
    assert not wrong, json.dumps(wrong, indent=1)
    assert names_of_pages() - opened <= LOOKED_AT_HERE


def test_twin_what_is_cut_and_what_lies_beside_is_seen(open_page):
    page = open_page(PHONE)
    page.goto(TIMES)
    page.evaluate("document.querySelector('h1').style.cssText = 'white-space: nowrap; overflow: hidden; width: 4em'")
    page.evaluate("document.querySelector('button[name=slot]').style.border = 'none'")
    page.evaluate(
        "document.querySelector('main').style.cssText = 'display: grid; align-content: end; min-height: 60vh'"
    )
    assert with_letters_twice_as_large(page)
    assert in_forced_colours(page)
    assert as_it_comes(page)
