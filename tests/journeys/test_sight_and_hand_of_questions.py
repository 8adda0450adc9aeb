"""Questions before a booking and before somebody comes, and what is her own: however somebody looks at them."""

import json

import pytest

from tests.journeys.people import PHONE
from tests.journeys.test_pages_of_patients import WALKS
from tests.journeys.test_sight_and_hand import LOOKED_AT_ELSEWHERE, WAYS, name_of

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


PAGES = {
    "own": {"manage-family"},
    "asked": {"booking-questions", "booking-outcome", "help-therapies"},
    "health": {"manage-screening"},
}
"""What each part opens that no other way does."""


@pytest.mark.parametrize("part", PAGES)
def test_every_page_of_questions_can_be_seen_and_reached_however_somebody_looks_at_it(open_page, clinic, part):
    page, wrong, opened = open_page(PHONE), {}, set()
    for name in WALKS[part](page, clinic):
        opened.add(name_of(page.url))
        found = {way: faults for way, look in WAYS.items() if (faults := look(page))}
        wrong |= {name: found} if found else {}
    assert not wrong, json.dumps(wrong, indent=1)
    assert PAGES[part] <= opened


def test_who_looks_at_these_pages_is_written_down_where_all_others_are_looked_at():
    here = {name for name, where in LOOKED_AT_ELSEWHERE.items() if where == "test_sight_and_hand_of_questions"}
    assert here == set().union(*PAGES.values())
