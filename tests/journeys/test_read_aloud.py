"""The pages of patients as they are read aloud: each control says what it does, and no two that differ say the same."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.journeys.people import PHONE, books, changes_her_mind, looks_around

pytestmark = pytest.mark.journey
CONTROLS = {"button", "link", "textbox", "radio", "checkbox", "combobox", "DisclosureTriangle"}
SAY_NOTHING = {
    "change",
    "more",
    "here",
    "click here",
    "ok",
    "submit",
    "go",
    "read more",
    "link",
    "button",
    "show",
    "save",
}
LEADS_TO = """() => [...document.querySelectorAll("a[href]")].filter(e => e.checkVisibility())
    .map(e => [e.textContent.replace(/\\s+/g, " ").trim(), e.getAttribute("href")])"""


@dataclass(frozen=True)
class ReadControl:
    """A control as it is read: what it is, what it is called, and what is said after that."""

    role: str
    name: str
    description: str

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.name, self.role, self.description]))


def value_of(node: dict, key: str) -> str:
    return str(node.get(key, {}).get("value", "")).strip()


def in_order(nodes: list[dict]) -> Iterator[dict]:
    """Yield the nodes of a tree as they are read, each before what it holds."""
    by_id = {node["nodeId"]: node for node in nodes}
    waiting = [node["nodeId"] for node in nodes if "parentId" not in node]
    while waiting:
        node = by_id[waiting.pop()]
        yield node
        waiting += [one for one in reversed(node.get("childIds", [])) if one in by_id]


def read_aloud(page: Page) -> list[ReadControl]:
    """Return the controls of a page in the order in which they are read."""
    client = page.context.new_cdp_session(page)
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    client.detach()
    return [
        ReadControl(value_of(node, "role"), value_of(node, "name"), value_of(node, "description"))
        for node in in_order(nodes)
        if not node.get("ignored") and value_of(node, "role") in CONTROLS
    ]


def unclear(page: Page) -> Iterator[str]:
    """Yield the controls of a page of which nobody who only listens knows what they do."""
    controls = read_aloud(page)
    for one in controls:
        if not one.name:
            yield f"{one.role} has no name"
        elif one.name.casefold().strip(" .…") in SAY_NOTHING:
            yield f"{one.role} “{one.name}” does not say what it does"
    for same, times in Counter((one.role, one.name) for one in controls if one.role == "button").items():
        if times > 1:
            yield f"{times} buttons “{same[1]}”"
    leads: dict[str, set[str]] = {}
    for words, address in page.evaluate(LEADS_TO):
        leads.setdefault(words, set()).add(address)
    yield from (f"“{words}” leads to {len(there)} places" for words, there in leads.items() if len(there) > 1)


def test_each_control_of_every_page_says_what_it_does(open_page):
    page, wrong = open_page(PHONE), {}
    for part in (books, changes_her_mind, looks_around):
        for name in part(page):
            # The page of the parts shows each by day and by night.
            if name != "design" and (found := list(unclear(page))):
                wrong[name] = found
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


def test_the_page_that_is_checked_reads_like_this(open_page):
    page = open_page(PHONE)
    for name in books(page):
        if name == "check":
            break
    assert [str(one) for one in read_aloud(page) if one.role != "link" or "Change" in one.name] == [
        "I need more time, button",
        "Change Who, link",
        "Change What, link",
        "Change When, with whom and where, link",
        "Change E-mail, link",
        "Change Help to come, link",
        "Book this appointment, button",
        "Stop, and forget what I typed, button",
    ]


def test_a_field_is_read_with_its_hint_and_with_what_is_wrong(open_page):
    page = open_page(PHONE)
    for name in books(page):
        if name == "you with errors":
            break
    read = {one.name: one.description for one in read_aloud(page) if one.role == "textbox"}
    assert read["Date of birth"] == "Month, day and year. For example, 3/27/1961 Error: Enter your date of birth"


def test_twin_a_control_that_says_nothing_is_found(open_page):
    page = open_page(PHONE)
    page.goto("/book/")
    page.evaluate("document.querySelector('a.way').textContent = 'More'")
    assert any("does not say what it does" in one for one in unclear(page))
