"""Every page that patients have is seen, and each fits a phone, also with letters twice as large.

With SCREENS set to a folder, each page leaves a picture there: on a phone, in the dark, with large letters, on a screen
and on paper. docs/patient-pages.md lists all of them.
"""

import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve

from tests.journeys.behind_links import BEHIND
from tests.journeys.health_pages import large_letters, usual_letters
from tests.journeys.patient_walks import WALKS
from tests.journeys.people import PHONE
from tests.journeys.pictures import PATIENT_LOOKS, SHEET_SIZE, keep_pictures
from tests.journeys.test_sight_and_hand import names_of_pages

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(900)]

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

EVERY = WALKS | BEHIND
LISTED = re.compile(r"\*\*(.+)\*\*\n\n!\[\1\]\(screens/patients/([\w-]+)\.webp\)")
"""How a page stands in the list: what it is called, and its picture."""

LED_ON = {"manage-again"}
"""Who has shown their birth date is led to the times at once."""

FOUND: set[str] = set()
"""The pages that were seen: these tests run one after the other, in one process."""

TAKEN: dict[str, str] = {}
"""Of each page that was seen, the name of its picture, and what it is called."""


def kind_of(address: str) -> str:
    """Return the name of the page at an address; of one that is not there, nothing."""
    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""


@pytest.mark.parametrize("part", EVERY)
def test_every_page_is_seen_and_each_fits_a_phone_also_with_large_letters(open_page, clinic, part):
    page, sheet, wrong = open_page(PHONE), open_page(SHEET_SIZE), {}
    for name in EVERY[part](page, clinic):
        FOUND.add(kind_of(page.url))
        picture = f"{part}-{re.sub('[^a-z0-9]+', '-', name.casefold())}"
        TAKEN[picture] = name[0].upper() + name[1:].replace(",", "")
        large_letters(page)
        if wider := page.evaluate(WIDER):
            wrong[name] = wider
        usual_letters(page)
        if os.environ.get("SCREENS"):
            keep_pictures(page, sheet, picture, PATIENT_LOOKS)
    assert not wrong, json.dumps(wrong, indent=1)


def test_no_page_of_patients_was_left_out():
    assert sorted(names_of_pages() - FOUND - LED_ON) == []


def test_the_list_has_each_page_and_no_other():
    text = (Path(settings.BASE_DIR) / "docs/patient-pages.md").read_text(encoding="utf-8")
    listed = {picture: name for name, picture in LISTED.findall(text)}
    lacking = [
        f"**{name}**\n\n![{name}](screens/patients/{one}.webp)\n" for one, name in TAKEN.items() if one not in listed
    ]
    assert not lacking, "\n".join(["docs/patient-pages.md does not list these:", *lacking])
    assert sorted(set(listed) - set(TAKEN)) == [], "these are listed, and no page is like this any more"
    if place := os.environ.get("SCREENS"):
        old = {one.stem for one in Path(place).glob("*.webp")} - set(TAKEN)
        assert sorted(old) == [], "these pictures are of pages that are no more: take them out"
