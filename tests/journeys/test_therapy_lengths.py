"""A therapy takes another while from a day on, in a browser: four clicks from the list, and one to take it back."""

import re
from datetime import timedelta

import pytest

from core import clock
from core.roles import Role
from scheduler.models import VisitPlan
from tests.journeys.people import DESK
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]


def test_a_follow_up_rests_for_less_from_a_day_on_and_that_is_taken_back(open_page, clinic, service_url):
    page, clicks = open_page(DESK), 0
    signed_in(page, Role.ADMIN, service_url)
    page.goto("/desk/setup/therapies/")

    def click(found):
        nonlocal clicks
        clicks += 1
        found.click()

    click(page.get_by_role("link", name="Acupuncture (manual)").first)
    click(page.get_by_role("link", name=re.compile("Change how long it takes.*Follow-up", re.DOTALL)).first)
    assert not faults_by_day_and_by_night(page)
    day = clock.now().astimezone(clinic.tz).date() + timedelta(days=2)
    page.get_by_label("From which day on").fill(f"{day:%m/%d/%Y}")
    page.get_by_label("Retention").fill("20")
    click(page.get_by_role("button", name="Show what it does"))
    page.get_by_text("The patient is there for 50 minutes").wait_for()
    assert not faults_by_day_and_by_night(page)
    click(page.get_by_role("button", name="Let it take so long from that day on"))
    page.get_by_text("Saved: from").wait_for()
    assert VisitPlan.objects.get(version=1).segments.get(name="retention").minutes == 20
    click(page.get_by_role("button", name=re.compile("Take it back")))
    page.get_by_text("It is taken back").wait_for()
    assert clicks == 5
    assert VisitPlan.objects.get(version=1).withdrawn_at is not None
