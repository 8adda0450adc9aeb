"""Every page of the desk that is led to fits a screen of 320 pixels, and whatever is pressed there is large enough."""

import json
import re
from datetime import timedelta

import pytest

from booking.actions.patients import patients
from core import clock
from core.principal import Principal
from core.roles import Role
from tests.factories.policies import adopt_screening
from tests.journeys.desk_pages import employ, signs_in
from tests.journeys.people import SMALL_PHONE

pytestmark = [pytest.mark.journey, pytest.mark.full]

NARROW = """() => {
    const root = document.documentElement, found = [], wider = root.scrollWidth - root.clientWidth;
    if (wider > 0) found.push(`scrolls sideways by ${wider}`);
    for (const one of document.querySelectorAll("main a, main button, main select, main summary, nav a, nav summary")) {
        const {width, height} = one.getBoundingClientRect();
        // A link within a sentence is as high as its line (WCAG 2.5.8); what stands by itself is a target.
        const alone = one.parentElement.textContent.trim() === one.textContent.trim() || one.closest("th, li");
        if (width && height && (height < 23.5 || width < 23.5) && alone && !one.closest(".hidden"))
            found.push(`${one.textContent.trim().slice(0, 40)}: ${Math.round(width)} × ${Math.round(height)}`);
    }
    return found;
}"""
SOME_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|/\d+(?=/)")
MOST_PAGES = 120


def kind_of(address):
    """Return what pages are alike: a person's page is one kind, whoever it is about."""
    return SOME_ID.sub("one", address.split("?")[0].split("#")[0])


def sweep(page):
    """Visit one page of each kind that is led to from the desk; return what is wrong with each."""
    waiting, seen, wrong = ["/desk/", "/desk/find/?find=reyes"], set(), {}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if kind_of(address) in seen or kind_of(address).endswith((".csv", ".yaml")):  # a file is no page
            continue
        seen.add(kind_of(address))
        answer = page.goto(address)
        assert answer.status == 200, address
        if faults := page.evaluate(NARROW):
            wrong[address] = faults
        waiting += page.eval_on_selector_all("a[href^='/desk/']", "all => all.map(one => one.getAttribute('href'))")
    return seen, wrong


@pytest.fixture
def staffed(clinic):
    adopt_screening()
    born = clock.now().date() - timedelta(days=20_000)
    by = Principal.system("test")
    facts = {"birth_date": born, "phone": "+13125550123", "site": clinic, "by": by, "at": clock.now()}
    patients.register(name="Olga Reyes", email="", **facts)
    employ("ada", Role.ADMIN, Role.SCHEDULER)


def test_all_that_the_desk_leads_to_fits_a_small_phone(open_page, staffed):
    page = open_page(SMALL_PHONE)
    signs_in(page, "ada")
    seen, wrong = sweep(page)
    assert len(seen) >= 40
    assert not wrong, json.dumps(wrong, indent=1)
