"""Staff of a program keep three times near a treatment, with few clicks, and a family has one of them."""

import json
from datetime import datetime, time, timedelta

import pytest
import time_machine

from booking.actions.families import reservations
from booking.models import Appointment, Reservation
from core import clock
from core.models import Site
from core.roles import Role
from scheduler import public as scheduler
from scheduler.models import Practitioner
from tests.factories.booking import SYSTEM, make_enrolled, make_staff, slot_id
from tests.factories.scheduler import EVERY_DAY, lay_out, make_practitioner
from tests.journeys.desk_pages import employ, signs_in
from tests.journeys.health_pages import seen
from tests.journeys.people import DESK, PHONE, SMALL_PHONE, TIMES, press
from tests.journeys.test_patient_pages import faults_by_day_and_by_night

pytestmark = pytest.mark.journey

MOST_CLICKS = 6
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)


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


def test_a_time_that_nobody_of_a_family_has_is_booked_by_a_stranger_a_day_before(open_page, clinic):
    grace, starts_at = Practitioner.objects.get(name="Grace Okoro"), at_ten(clinic, days=9)
    by = make_staff("frank", Role.PROGRAM, site=clinic).principal
    reservations.keep([scheduler.slot(slot_id(grace, starts_at))], by=by, at=clock.now(), name_by=starts_at - A_DAY)
    keep_day(grace, clinic, starts_at)
    address = f"{TIMES}&practitioner={grace.public_id}&day={starts_at.astimezone(clinic.tz).date().isoformat()}"
    page = open_page(PHONE)
    for now, free in ((starts_at - A_DAY - A_MINUTE, False), (starts_at - A_DAY, True)):
        with time_machine.travel(now, tick=True):
            page.goto(address)
            offered = page.locator("button[name=slot]", has_text="10:00 AM")
            seen(page, f"family-time-stranger-{'can book' if free else 'cannot book yet'}")
            assert (offered.count() > 0) is free
    with time_machine.travel(starts_at - A_DAY + A_MINUTE, tick=True):
        page.goto(address)
        with page.expect_navigation():
            page.locator("button[name=slot]", has_text="10:00 AM").first.click()
        books_as_mallory(page)
    visit = Appointment.objects.get()
    assert (visit.patient.name, visit.period.lower) == ("Mallory Moss", starts_at)


def test_places_that_are_kept_with_somebody_s_time_are_given_to_a_stranger_with_anybody_a_day_before(open_page, clinic):
    """Frank keeps all places beside Grace's hours: a stranger has none with Boris either, until the last day."""
    employ("frank", Role.PROGRAM)
    starts_at = at_ten(clinic, days=9)
    desk = open_page(DESK, script=False)
    signs_in(desk, "frank")
    keeps_all_places(desk, starts_at)
    boris = Practitioner.objects.get(name="Boris Ivanov")
    address = f"{TIMES}&practitioner={boris.public_id}&day={starts_at.date().isoformat()}"
    stranger = open_page(PHONE, script=False)
    for now, free in ((starts_at - A_DAY - A_MINUTE, False), (starts_at - A_DAY, True)):
        with time_machine.travel(now, tick=True):
            stranger.goto(address)
            assert (stranger.locator("button[name=slot]", has_text="10:00 AM").count() > 0) is free
            assert stranger.locator("button[name=slot]", has_text="1:00 PM").count() > 0


def keeps_all_places(page, starts_at):
    """Let Frank keep two hours of Grace's on one day, with all places there are; he sees first what that touches."""
    page.goto("/desk/families/blocks/new/")
    page.get_by_label("Whose time").select_option(label="Grace Okoro")
    page.get_by_label("First day").fill(f"{starts_at.month}/{starts_at.day}/{starts_at.year}")
    page.get_by_label("How often").select_option("0")
    page.get_by_label("From", exact=True).fill("10 am")
    page.get_by_label("Until", exact=True).fill("12 pm")
    page.get_by_label("Why").fill("Beside infusion")
    page.locator("summary", has_text="Places kept with it").click()
    for box in page.locator("input[name=places]").all():
        box.check()
    seen(page, "family-time-places")
    press(page, "See what it touches")
    assert "Places kept with it" in page.inner_text("main")
    press(page, "Keep it for families")
    assert "Grace Okoro" in page.inner_text("main")


def at_ten(site, *, days):
    """Return ten o'clock of a day to come."""
    day = clock.now().astimezone(site.tz).date() + timedelta(days=days)
    return datetime.combine(day, time(10), site.tz)


def keep_day(who, site, starts_at):
    """Keep two hours of somebody's day for families, once."""
    facts = scheduler.BlockFacts(
        program="cancer-integrative-medicine", practitioner=who.public_id, first_on=starts_at.date(),
        starts=time(10), ends=time(12), reason="Beside infusion",
    )  # fmt: skip
    scheduler.keep_time(facts, site=site, by=SYSTEM, at=clock.now())


def books_as_mallory(page):
    page.get_by_label("Full name").fill("Mallory Moss")
    page.get_by_label("E-mail").fill("mallory@example.test")
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Continue")
    press(page, "Book this appointment")


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
