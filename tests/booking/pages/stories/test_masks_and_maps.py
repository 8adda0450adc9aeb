"""Alice reads on the page of her appointment what it says in her mail: of masks, and where the map is."""

import pytest

from tests.booking.pages.stories.test_screening_pages import result
from tests.booking.pages.walk import go_on, text_of
from tests.factories.policies import publish_screening

MASKS = "Please wear a mask in waiting rooms"


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


def test_masks_and_the_map_are_on_the_page_and_whoever_comes_along_reads_of_masks_too(alice, visit):
    page = alice.get(visit)
    assert "Open the map" in text_of(page)
    assert MASKS in text_of(page)
    assert MASKS in result(alice, visit, who=1)


def test_twin_of_masks_nothing_is_said_where_the_policy_says_nothing(alice, visit):
    publish_screening({"notices": []})
    assert MASKS not in text_of(alice.get(visit)) + result(alice, visit, who=1)
