"""Dana reads reports in a browser: drawn as the table says, at each size, by night and printed, and as a file."""

from datetime import timedelta

import pytest

from booking.status import Status
from core import clock
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import make_patient, make_visit, slot_id
from tests.factories.scheduler import lay_out
from tests.journeys.people import DESK, SMALL_PHONE, follow, press
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

HEIGHTS = "all => all.map(bar => Math.round(bar.getBoundingClientRect().height))"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def weeks(clinic):
    """Two weeks ago two came and two did not; last week one came, and nobody was missed."""
    at = clock.now()
    today = at.astimezone(clinic.tz).replace(hour=10, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    lay_out(at=monday - timedelta(weeks=3), weeks=4)
    boris = Practitioner.objects.get(name="Boris Ivanov")
    days = ((-13, True), (-12, True), (-11, False), (-10, False), (-6, True))
    for number, (day, came) in enumerate(days):
        start, status = monday + timedelta(days=day), Status.FULFILLED if came else Status.NOSHOW
        patient = make_patient(clinic, f"Person {number}")
        make_visit(patient, slot_id(boris, start, visit="followup"), status, at=start - timedelta(days=3))


def test_what_is_drawn_is_what_the_table_says_at_each_size_by_night_and_as_a_file(open_page, weeks, service_url):
    page, wrong = open_page(DESK), {}
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/arrivals/")
    follow(page, "Reports")  # one press from any page of the desk
    section = page.locator("section.measure").filter(has=page.get_by_role("heading", name="Did not come", exact=True))
    assert section.locator("tbody tr").all_inner_texts()[2].endswith("2\t4\t50.0 %")
    assert section.locator("svg rect").evaluate_all(HEIGHTS)[1] == 0
    drawing = page.get_by_role("img", name="Did not come", exact=True)
    assert "0.0 %" in drawing.locator("desc").text_content()
    wrong["weeks"] = faults_by_day_and_by_night(page)
    for about in ("How time is used", "Questions and reminders", "Third next available", "Who comes"):
        follow(page, about)
        wrong[about] = faults_by_day_and_by_night(page)
    follow(page, "by practitioner")
    wrong["by practitioner"] = faults_by_day_and_by_night(page)
    page.set_viewport_size(dict(zip(("width", "height"), SMALL_PHONE, strict=True)))
    assert page.evaluate(WIDER) == 0
    wrong["phone"] = faults_by_day_and_by_night(page)
    page.get_by_label("From", exact=True).fill("soon")
    press(page, "Show these days")
    assert page.get_by_role("alert").inner_text().startswith("“soon” is no date")
    wrong["wrong dates"] = faults_by_day_and_by_night(page)
    assert not any(wrong.values()), wrong
    page.go_back()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take it along as CSV").click()
    assert taken.value.suggested_filename.startswith("reports-visits-lakeside-")
