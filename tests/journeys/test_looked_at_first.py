"""What a clinician looks at before it is booked: one request that somebody is not sure about, and nine by a new rule.

With SCREENS set to a folder, each step leaves a picture there.
"""

import re

import pytest
from django.core import mail
from django.test import Client

from booking.actions import appointments
from booking.models import Appointment, CallReason, CallTask
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.records import save_answers
from booking.suitability.shipped import shipped_rules
from core import clock
from core.models import Policy, PolicyState, Site
from core.roles import Role
from notifications.actions import dispatch
from tests.factories.booking import SYSTEM, make_patient, read_slot
from tests.factories.policies import adopt_suitability
from tests.journeys.health_pages import seen
from tests.journeys.people import PHONE, follow, press
from tests.journeys.test_health_shown import at_work
from tests.journeys.test_suitability import NONE, begin, heading, pictures, says, says_no_to_the_rest, tells_who

pytestmark = pytest.mark.journey

PEOPLE = ("Ana", "Bo", "Cleo", "Dai", "Eli", "Fay", "Gus", "Hua", "Ida")
WITHOUT_ANYTHING = ("Jo", "Kai")
FREE = "/api/v1/slots/?therapy=acu_manual&visit=first&site=lakeside&limit=1"
LOOKED_AT = "/desk/health/before-booking/"


@pytest.fixture
def asking(clinic):
    """A clinic that asks by the shipped rules."""
    adopt_suitability()
    return clinic


def test_who_is_not_sure_is_approved_at_the_desk_and_hears_it_by_mail(asking, open_page, service_url):
    phone = open_page(PHONE, script=False)
    begin(phone, "acu_manual")
    press(phone, NONE)
    says(phone, "You take a blood thinner", "Not sure")
    press(phone, "Continue")
    says_no_to_the_rest(phone)
    tells_who(phone)
    press(phone, "Ask for this appointment")
    assert heading(phone) == "Your request"
    desk = at_work(open_page, service_url, Role.CLINICIAN)
    desk.goto(LOOKED_AT)
    assert "You take a blood thinner" in desk.get_by_role("main").inner_text()
    seen(desk, "looked-at-1-at-the-desk")
    press(desk, "Approve")
    seen(desk, "looked-at-2-approved")
    phone.reload()
    assert heading(phone) == "You are booked"
    pictures(phone, "looked-at-3-booked")
    dispatch.run(now=clock.now)
    assert "Your appointment is booked. You do not need to do anything more for now." in mail.outbox[-1].body
    assert "blood" not in "".join(one.body for one in mail.outbox)
    assert Appointment.objects.get().status == "booked"


def have_said(names, **said):
    """Let people be booked who have answered before; whatever is not named was a no."""
    rules, at, site = shipped_rules(), clock.now(), Site.objects.get(key="lakeside")
    for name in names:
        patient = make_patient(site, f"{name} Moss", at=at)
        answers = SuitabilityAnswers(answers={**answered_no(rules).answers, **said})
        save_answers(patient, answers, rules=rules, policy_version=1, by=SYSTEM, at=at)
        first = Client().get(FREE).json()["results"][0]["id"]
        appointments.book(patient=patient, by=SYSTEM, at=clock.now(), slot=read_slot(first))


def test_a_clinician_changes_a_rule_reads_that_it_is_about_nine_appointments_and_finds_nine_tasks(
    asking, open_page, service_url
):
    have_said(PEOPLE, antiplatelet_or_aspirin="yes")
    have_said(WITHOUT_ANYTHING)
    carol = at_work(open_page, service_url, Role.CLINICIAN, name="carol")
    carol.goto("/desk/policies/")
    carol.locator("section[aria-labelledby^=suitability] a[href*=new]").click()
    text = carol.get_by_label("What it says, as YAML")
    text.fill(to_be_looked_at(text.input_value(), rule="R17"))
    press(carol, "Save the draft")
    for name in ("cyrus", "claire"):
        signs = at_work(open_page, service_url, Role.CLINICIAN, name=name)
        signs.goto(carol.url)
        press(signs, "Approve")
    carol.reload()
    counted = "Of 11 appointments in the coming 30 days that begin while it holds, 9 would be looked at first"
    assert counted in carol.get_by_role("main").inner_text()
    carol.locator("#changes").evaluate("e => e.scrollIntoView()")
    seen(carol, "looked-at-4-a-rule-before-it-is-published", whole=False)
    press(carol, "Publish")
    assert not Policy.objects.filter(state=PolicyState.DRAFT).exists()
    assert CallTask.objects.filter(reason=CallReason.RULES_CHANGED).count() == len(PEOPLE)
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}
    follow(carol, "Health answers to look at")
    assert "9 booked appointments are to be looked at again" in carol.get_by_role("main").inner_text()
    follow(carol, "Look at them")
    seen(carol, "looked-at-5-nine-to-look-at")
    assert carol.get_by_role("button", name="I have looked at it").count() == len(PEOPLE)
    press(carol, "I have looked at it")
    assert carol.get_by_role("button", name="I have looked at it").count() == len(PEOPLE) - 1


def to_be_looked_at(text, *, rule):
    """Let a clinician look at needles first by a rule of which practitioners were only told."""
    changed, many = re.subn(
        rf"(id: {rule}\b.*?needling: )inform", r"\1clinician_review", text, count=1, flags=re.DOTALL
    )
    assert many == 1
    return changed
