"""Alice invites Ben from her phone; he types the code on his and books a time that is kept; she takes it back."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from booking.actions import links
from booking.models import Appointment, FamilyLink
from core import clock
from scheduler.models import Practitioner
from tests.factories.blocks import make_block
from tests.factories.booking import make_enrolled, make_visit, slot_id
from tests.factories.scheduler import CHICAGO, lay_out
from tests.journeys.people import PHONE, SMALL_PHONE, TIMES, choose, press
from tests.journeys.test_patient_pages import MEASURES, SMALLEST_TARGET, TARGETS, violations

pytestmark = pytest.mark.journey

BORN = "5/1/1970"


@pytest.fixture
def her_page(clinic):
    """Keep two hours of Grace Okoro's for families, ten days ahead; return where Alice's family page is."""
    at = clock.now()
    day = at.astimezone(ZoneInfo(CHICAGO)) + timedelta(days=10)
    grace = Practitioner.objects.get(name="Grace Okoro")
    make_block(grace, day.isoweekday(), "11:00", "13:00", at=at, valid_from=day.date())
    lay_out(at=at, weeks=7)
    alice = make_enrolled(clinic, "Alice Adams").record
    start = day.replace(hour=9, minute=0, second=0, microsecond=0)
    visit = make_visit(alice, slot_id(grace, start), at=at)
    return f"/m/{links.issue(visit, at=at)}/family/"


def looked_at(page):
    """Insist that everybody can use a page, also on a small phone."""
    for size in (SMALL_PHONE, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        overhang, targets = page.evaluate(MEASURES, TARGETS)
        assert overhang <= 0, page.url
        assert not [one for one in targets if round(one[1]) < SMALLEST_TARGET], page.url
    assert violations(page) == [], page.url


def behind_her_birth_date(page, address):
    page.goto(address)
    page.get_by_label("Date of birth").fill(BORN)
    press(page, "Continue")


def test_the_whole_way_without_a_script(her_page, open_page):
    alice, ben = open_page(PHONE, script=False), open_page(PHONE, script=False)
    behind_her_birth_date(alice, her_page)
    alice.get_by_label("Who is it?").select_option("SPS")
    press(alice, "Make a code")
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", alice.inner_text("main"))[0]

    ben.goto("/family/")
    ben.get_by_label("Your code").fill(code.lower().replace("-", " "))
    press(ben, "Continue")
    ben.get_by_label("Full name").fill("Ben Adams")
    ben.get_by_label("E-mail").fill("ben@example.test")
    ben.get_by_label("Date of birth").fill("2/3/1968")
    press(ben, "Continue")
    expect(ben.locator("h1")).to_have_text("Thank you")

    alice.goto(her_page)  # her birth date is not asked again so soon
    press(alice, "Yes, I know them: confirm")
    ben.goto("/family/time/")
    expect(ben.locator("h1")).to_have_text("Time for families is open to you")
    ben.goto(TIMES)
    expect(ben.get_by_role("heading", name="Times that we keep for families")).to_be_visible()
    choose(ben, 0)
    press(ben, "Book this appointment")
    expect(ben.locator("h1")).to_have_text("You are booked")
    assert Appointment.objects.filter(patient=FamilyLink.objects.get().relative).count() == 1

    press(alice, "Take it back")
    alice.go_back()  # to a page that an address alone asks for: nothing is sent again
    expect(alice.locator("h1")).to_have_text("Time for your family")
    ben.goto(TIMES)
    expect(ben.locator("h1")).to_have_text("Time for families is no longer open to you.")
    assert "Appointments that you have booked stand" in ben.inner_text("main")


def test_everybody_can_use_its_pages(her_page, open_page):
    page = open_page(PHONE)
    behind_her_birth_date(page, her_page)
    looked_at(page)
    press(page, "Make a code")  # without saying for whom
    looked_at(page)
    page.get_by_label("Who is it?").select_option("SPS")
    press(page, "Make a code")
    looked_at(page)
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page.inner_text("main"))[0]
    page.goto("/family/")
    looked_at(page)
    press(page, "Continue")
    looked_at(page)
    page.get_by_label("Your code").fill(code)
    press(page, "Continue")
    looked_at(page)
    page.get_by_label("Full name").fill("Ben Adams")
    page.get_by_label("E-mail").fill("ben@example.test")
    page.get_by_label("Date of birth").fill("2/3/1968")
    press(page, "Continue")
    looked_at(page)
    page.goto("/family/nonsense/")
    looked_at(page)
