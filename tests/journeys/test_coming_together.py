"""Staff book three people who come together, and somebody of a family comes beside the patient; on each page a look."""

import json

import pytest

from booking.actions import appointments, links
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.models import Appointment, LinkedVisits
from core import clock
from core.roles import Role
from scheduler.public import Audience, SearchQuery, search
from tests.factories.booking import DAY, MINUTE, SYSTEM, make_enrolled, make_patient
from tests.factories.families import confirmed
from tests.factories.scheduler import EVERY_DAY, lay_out, make_practitioner
from tests.journeys.desk_pages import employ, signs_in
from tests.journeys.health_pages import seen
from tests.journeys.people import DESK, PHONE, SMALL_PHONE
from tests.journeys.test_patient_pages import faults_by_day_and_by_night

pytestmark = pytest.mark.journey

NAMES = ("Alice Wolfeschlegelstein", "Ben Wolfeschlegelstein", "Cora Wolfeschlegelstein")


@pytest.fixture
def family(clinic):
    """Three people, and practitioners for all of them at one time."""
    make_practitioner(clinic, name="Nadia Haddad", hours=[(day, "07:00", "20:45") for day in EVERY_DAY])
    lay_out(at=clock.now(), weeks=7)
    employ("dana", Role.SCHEDULER)
    return [make_patient(clinic, name, at=clock.now()) for name in NAMES]


def books_three(page):
    """Let Dana find three people and book them at one time; stop on each page with its name."""
    signs_in(page, "dana")
    page.goto("/desk/families/together/")
    yield "empty"
    for name in NAMES:
        page.locator("#id_find").fill(name)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name="Find").click()
        with page.expect_navigation():
            page.get_by_role("button", name=f"Add {name}").click()
    yield "people"
    page.get_by_label("Minutes apart").select_option("0")
    with page.expect_navigation():
        page.get_by_role("button", name="Show times").click()
    yield "times"
    with page.expect_navigation():
        page.locator("button[name=set]").first.click()
    yield "booked"


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_staff_book_three_people_at_one_time(open_page, family, size):
    page, wrong = open_page(size), {}
    for name in books_three(page):
        seen(page, f"together-{name}-{size[0]}")
        wrong[name] = faults_by_day_and_by_night(page)
    visits = list(LinkedVisits.objects.get().visits.all())
    assert len({one.period.lower for one in visits}) == 1
    assert {one.patient for one in visits} == set(family)
    assert all(name in page.inner_text("main") for name in NAMES)
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


@pytest.fixture
def alices_visit(clinic):
    """Alice has an appointment in some days, and Ben is confirmed."""
    alice, at = make_enrolled(clinic, NAMES[0]).record, clock.now()
    wanted = SearchQuery(
        therapy="acu_manual", visit="first", starts_at=at + 2 * DAY, ends_at=at + 4 * DAY, audience=Audience.STAFF,
        limit=1,
    )  # fmt: skip
    visit = appointments.book(patient=alice, by=SYSTEM, at=at, slot=search(wanted, at=at)[0])
    return visit, confirmed(alice, at=at)


def comes_beside(page, visit, link):
    """Let Alice offer her time, and Ben book beside it on a phone; stop on each page with its name."""
    page.goto(f"/m/{links.issue(visit, at=clock.now())}/family/")
    page.locator("[name=birth_date]").fill(visit.patient.birth_date.strftime("%m/%d/%Y"))
    with page.expect_navigation():
        page.locator("main form button").first.click()
    yield "patient"
    with page.expect_navigation():
        page.get_by_role("button", name="Let them come at the same time").click()
    yield "offered"
    page.goto(f"/family/{codes.token_of(link.public_id, LinkPurpose.WAY_BACK)}/")
    with page.expect_navigation():
        page.locator("main form button").first.click()
    yield "relative"
    with page.expect_navigation():
        page.get_by_role("link", name="See what is free then").click()
    yield "beside"
    with page.expect_navigation():
        page.locator("button[name=slot]").first.click()
    yield "check"


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE])
def test_somebody_of_the_family_comes_beside_the_patient(open_page, alices_visit, size):
    visit, link = alices_visit
    page, wrong = open_page(size), {}
    for name in comes_beside(page, visit, link):
        seen(page, f"beside-{name}-{size[0]}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] = faults_by_day_and_by_night(page) + ([f"scrolls sideways by {wider}"] if wider > 0 else [])
        if name in {"relative", "beside", "check"}:
            assert visit.patient.name not in page.inner_text("body")
    with page.expect_navigation():
        page.get_by_role("button", name="Book this appointment").click()
    seen(page, f"beside-booked-{size[0]}")
    booked = Appointment.objects.exclude(pk=visit.pk).get()
    assert booked.patient == link.relative
    assert abs(booked.period.lower - visit.period.lower) <= 30 * MINUTE
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
