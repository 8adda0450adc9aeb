"""Every page that a page leads to, one or a few of each kind."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Page

SOME_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|/\d+(?=/)")
FILES = (".csv", ".yaml", ".ics")
MOST_PAGES = 600
LONGEST_LOOK = 60_000
"""Milliseconds in which a page finds out what an edit does to appointments."""


def kind_of(address: str) -> str:
    """Return what pages are alike: a person's page is one kind, whoever it is about."""
    return SOME_ID.sub("one", urlsplit(address).path)


def pages_led_to(page: Page, *begin: str, kind: Callable[[str], str] = kind_of, of_each: int = 1) -> Iterator[str]:
    """Open some pages of each kind that the desk leads to, and stop on each with its address. Files are no pages."""
    waiting, seen, opened = list(begin), Counter(), set()
    while waiting and len(opened) < MOST_PAGES:
        address = waiting.pop(0).partition("#")[0]
        if address in opened or kind_of(address).endswith(FILES) or seen[kind(address)] == of_each:
            continue
        opened.add(address)
        seen[kind(address)] += 1
        answer = page.goto(address)
        assert answer.status == 200, address
        if answer.headers.get("refresh", "").startswith("0;"):
            # It says what it looks for, and comes with it by itself.
            page.wait_for_url("**look=1*", timeout=LONGEST_LOOK)
        # Read first: whoever stops here may go elsewhere.
        waiting += page.eval_on_selector_all("a[href^='/desk/']", "all => all.map(one => one.getAttribute('href'))")
        yield address
