"""Every page of patients, those behind links and those that say no as well: seen, read aloud, weighed, in one hand."""

import json

import pytest
from playwright.sync_api import Page

from tests.journeys.behind_links import BEHIND
from tests.journeys.patient_walks import WALKS
from tests.journeys.people import DESK, PHONE
from tests.journeys.test_patient_pages import faults
from tests.journeys.test_read_aloud import unclear
from tests.journeys.test_sight_and_hand import LOOKED_AT_HERE, WAYS, ZOOMED_IN, name_of
from tests.journeys.test_weights import Costs, too_much

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
NOT_OF_PATIENTS = {"outbox", "design"}
SIZES, SCHEMES = (DESK, ZOOMED_IN), ("light", "dark")
PARTS = [*BEHIND, *(pytest.param(part, marks=pytest.mark.full) for part in WALKS)]
WEIGHED_ELSEWHERE = "book"
"""The way of everybody: test_weights."""
OPENED: set[str] = set()
"""The pages that were seen: these tests run one after the other, in one process."""


def looked_at(page: Page) -> dict[str, list[object]]:
    """Return what is wrong with a page, by how somebody looks at it."""
    found = {way: look(page) for way, look in WAYS.items()}
    found["read aloud"] = list(unclear(page))
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found[f"{scheme}, {size[0]} by {size[1]}"] = faults(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return {way: wrong for way, wrong in found.items() if wrong}


@pytest.mark.parametrize("part", PARTS)
def test_every_page_can_be_seen_read_aloud_and_pressed(open_page, clinic, part):
    page, wrong = open_page(PHONE), {}
    for name in (BEHIND | WALKS)[part](page, clinic):
        OPENED.add(name_of(page.url) if page.url.startswith("http") else "")
        if name not in NOT_OF_PATIENTS and (found := looked_at(page)):
            wrong[name] = found
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


@pytest.mark.full
def test_no_page_behind_a_link_was_left_out():
    assert sorted(LOOKED_AT_HERE - OPENED) == []


@pytest.mark.full
@pytest.mark.parametrize("part", [*BEHIND, *(part for part in WALKS if part != WEIGHED_ELSEWHERE)])
def test_every_page_is_light_early_and_still(open_page, clinic, part):
    page, found = open_page(PHONE), {}
    costs = Costs(beside := page.context.new_page())
    beside.set_default_timeout(60_000)
    for _name in (BEHIND | WALKS)[part](page, clinic):
        if page.url not in found:
            found[page.url] = costs.on_a_slow_phone(page.url)
    beside.close()
    assert {url: cost for url, cost in found.items() if too_much(cost)} == {}
