"""Staff of a program keep three times near a treatment, with few clicks, and a family has one of them."""

import json
from datetime import timedelta

import pytest

from booking.models import Reservation
from core import clock
from core.models import Site
from core.roles import Role
from tests.factories.booking import make_enrolled
from tests.factories.scheduler import EVERY_DAY, lay_out, make_practitioner
from tests.journeys.desk_pages import employ, signs_in
from tests.journeys.health_pages import seen
from tests.journeys.people import DESK, PHONE, SMALL_PHONE
from tests.journeys.test_patient_pages import faults_by_day_and_by_night

pytestmark = pytest.mark.journey

MOST_CLICKS = 6


@pytest.fixture
def frank(clinic):
    """Staff of the program at Lakeside, where three can treat at one time."""
    who = make_practitioner(clinic, name="Nadia Haddad", hours=[(day, "07:00", "20:45") for day in EVERY_DAY])
    lay_out(at=clock.now(), weeks=7)
    employ("frank", Role.PROGRAM)
    return who


class Clicks:
    """Clicks as they are made: each of a person's on a page."""

    def __init__(self, page) -> None:
        self.page, self.count = page, 0

    def on(self, target, *, leads_on: bool = False) -> None:
        self.count += 1
        if leads_on:
            with self.page.expect_navigation():
                target.click()
        else:
            target.click()


def keeps_three(page, *, day):
    """Let Frank keep three times after two o'clock of a day; return how many clicks that takes from the open page."""
    clicks = Clicks(page)
    clicks.on(page.get_by_label("Day", exact=True))
    page.keyboard.type(f"{day.month}/{day.day}/{day.year}")
    clicks.on(page.get_by_label("Time of day"))
    page.keyboard.type("2 pm")
    clicks.on(page.get_by_role("button", name="Show times"), leads_on=True)
    clicks.on(page.locator("button[name=set]").first, leads_on=True)
    return clicks.count


@pytest.mark.parametrize("script", [True, False])
def test_three_times_after_two_o_clock_are_kept_with_six_clicks_at_most(open_page, frank, script):
    page, day = open_page(DESK, script=script), (clock.now() + timedelta(days=10)).date()
    signs_in(page, "frank")
    page.goto("/desk/families/")
    assert keeps_three(page, day=day) <= MOST_CLICKS
    kept = Reservation.objects.get()
    starts = {one.period.lower.astimezone(kept.site.tz) for one in kept.seats.all()}
    assert (kept.seats.count(), {(one.date(), one.hour) for one in starts}) == (3, {(day, 14)})
    assert kept.name_by == min(starts) - timedelta(hours=72)
    assert "3 times are kept until" in page.inner_text("main")


def test_the_pages_can_be_used_on_a_phone_by_day_and_by_night(open_page, frank):
    page, wrong = open_page(PHONE), {}
    for name in walks_family_time(page):
        seen(page, f"family-time-{name}")
        wrong[name] = faults_by_day_and_by_night(page)
    assert len(wrong) == 6
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


def walks_family_time(page):
    """Let Frank keep three times, and name somebody for one of them; stop on each page with its name."""
    alice = make_enrolled(Site.objects.get(key="lakeside"), "Alice Wolfeschlegelstein").record
    signs_in(page, "frank")
    page.goto("/desk/families/")
    yield "empty"
    page.get_by_role("button", name="Show times").click()
    yield "with errors"
    page.goto("/desk/families/")
    keeps_three(page, day=(clock.now() + timedelta(days=10)).date())
    yield "kept"
    page.get_by_role("link", name="Name somebody").first.click()
    yield "for whom"
    page.goto(f"{page.url}&patient={alice.public_id}")
    yield "invite"
    page.get_by_label("Who is it?").select_option("SPS")
    with page.expect_navigation():
        page.get_by_role("button", name="Make a code").click()
    yield "code"


def test_what_is_kept_stands_with_its_codes_on_one_printed_page(open_page, frank):
    page = open_page(DESK)
    for _page in walks_family_time(page):
        pass
    page.goto("/desk/families/")
    page.emulate_media(media="print")
    assert page.get_by_text("Code:").is_visible()
    assert not page.get_by_role("button", name="Show times").is_visible()
    assert page.pdf(format="Letter").count(b"/Type /Page\n") == 1


@pytest.mark.full
@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE])
def test_nothing_scrolls_sideways(open_page, frank, size):
    page, wrong = open_page(size, script=False), {}
    for name in walks_family_time(page):
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] = [f"scrolls sideways by {wider}"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
