"""Every page of the desk that is led to fits a screen of 320 pixels, and whatever is pressed there is large enough."""

import json
from datetime import timedelta

import pytest

from booking.actions.patients import patients
from core import clock
from core.principal import Principal
from core.roles import Role
from tests.factories.policies import adopt_screening
from tests.journeys.crawl import pages_led_to
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


def sweep(page):
    """Visit one page of each kind that is led to from the desk; return which there are, and what is wrong with each."""
    seen, wrong = [], {}
    for address in pages_led_to(page, "/desk/", "/desk/find/?find=reyes"):
        seen.append(address)
        if faults := page.evaluate(NARROW):
            wrong[address] = faults
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
