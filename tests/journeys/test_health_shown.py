"""From the mail to the door: how people hear that they are asked, answer, show it, and are let in or come later.

With SCREENS set to a folder, each step leaves a picture there: by day, in the dark, and with letters twice as large.
"""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from booking import public as booking
from booking.models import Appointment, ScreeningResponse
from booking.status import Status
from core import clock
from core.models import Policy, Site
from core.policies.actions import policies
from core.roles import Role
from notifications.actions import dispatch
from tests.booking.pages.walk import book as books
from tests.booking.pages.walk import slots_on
from tests.factories.admin import sign_in
from tests.factories.policies import SOMEBODY, adopt_screening
from tests.journeys.health_pages import large_letters, says_positive, seen, tick, usual_letters
from tests.journeys.people import DESK, PHONE, TIMES, choose, follow, press

pytestmark = [pytest.mark.journey, pytest.mark.full]

EIGHTH = 8
"""Which of the times shown Alice takes: once she has left it, it is shown there again."""


class Hand:
    """A hand on a phone without JavaScript: it taps, and counts."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def opens(self, address):
        self.taps += 1
        self.page.goto(address)

    def presses(self, words):
        self.taps += 1
        press(self.page, words)

    def follows(self, words):
        self.taps += 1
        follow(self.page, words)

    def chooses(self, number):
        self.taps += 1
        choose(self.page, number)

    def heading(self):
        return self.page.get_by_role("heading", level=1).inner_text()


def pictures(page, name):
    """Keep a picture by day and one in the dark, as large as the phone, and one with letters twice as large."""
    page.mouse.move(0, 0)
    seen(page, name, whole=False)
    page.emulate_media(color_scheme="dark")
    seen(page, f"{name}-dark", whole=False)
    page.emulate_media(color_scheme="light")
    large_letters(page)
    seen(page, f"{name}-200")
    usual_letters(page)


@pytest.fixture
def slot(clinic):
    """A time of the coming days, at a clinic that asks how people are."""
    adopt_screening()
    return slots_on(Client().get(TIMES))[EIGHTH]


@pytest.fixture
def mailed(slot):
    """Where the questions are, by the mail that tells Alice of her booking."""
    books(Client(), slot=slot)
    dispatch.run(now=clock.now)
    (confirmation,) = mail.outbox
    (link,) = [line for line in confirmation.body.splitlines() if line.endswith("/screening/")]
    return link[link.index("/m/") :]


def at_work(open_page, service_url, role, *, name="dana"):
    """Return a window in which somebody of the staff is signed in."""
    page = open_page(DESK, script=False)
    client = sign_in(Client(), name, role, Site.objects.get(key="lakeside"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service_url}])
    return page


def drafted():
    """Return where the draft of another policy of Lakeside is, which asks less."""
    lakeside, at = Site.objects.get(key="lakeside"), clock.now()
    content = Policy.objects.filter(key="screening", audience="patient").latest("version").content
    asked = {"questions": content["questions"][:3], "recheck_questions": content["questions"][:1]}
    draft = policies.draft("screening", content | asked, by=SOMEBODY, at=at, site=lakeside, audience="patient")
    return f"/desk/policies/{draft.pk}/"


def begins_now():
    """Let the visit begin now."""
    length = (period := Appointment.objects.get().period).upper - period.lower
    start = clock.now().replace(second=0, microsecond=0)
    Appointment.objects.update(period=(start, start + length))


def test_alice_answers_from_her_mail_shows_it_at_the_door_and_is_checked_in(open_page, service_url, mailed):
    begins_now()
    hand = Hand(open_page(PHONE, script=False))
    hand.opens(mailed)
    pictures(hand.page, "health-1-asked")
    hand.presses("No, none of these")
    assert hand.heading() == "You can come"
    assert hand.taps <= 5
    pictures(hand.page, "health-2-shown-at-the-door")
    desk = at_work(open_page, service_url, Role.SCHEDULER)
    desk.goto("/desk/arrivals/")
    assert "May come in" in desk.content()
    seen(desk, "health-3-at-the-door")
    press(desk, "Check in")
    assert Appointment.objects.get().status == Status.CHECKED_IN


def test_somebody_who_tested_positive_takes_a_new_time_and_a_stranger_has_the_old_one(open_page, mailed):
    left = Appointment.objects.get().period.lower
    hand = Hand(open_page(PHONE, script=False))
    says_positive(hand.page, mailed, days_ago=0)
    assert hand.heading() == "Please stay home for now"
    pictures(hand.page, "health-4-stay-home")
    assert Appointment.objects.get().status == Status.BOOKED
    hand.chooses(0)
    pictures(hand.page, "health-5-another-time")
    hand.presses("Move my appointment")
    assert hand.taps <= 3
    assert hand.heading() == "Your appointment has moved"
    moved = Appointment.objects.get()
    assert moved.period.lower - clock.now() > timedelta(days=8)
    stranger = open_page(PHONE, script=False)
    stranger.goto(TIMES)
    choose(stranger, EIGHTH)
    for label, words in {"Full name": "Ben Brown", "E-mail": "ben@example.test", "Date of birth": "4/1/1970"}.items():
        stranger.get_by_label(label).fill(words)
    press(stranger, "Continue")
    press(stranger, "Book this appointment")
    pictures(stranger, "health-6-freed")
    assert Appointment.objects.exclude(pk=moved.pk).get().period.lower == left


def test_hay_fever_is_looked_at_and_approved_at_the_desk(open_page, service_url, mailed):
    hand = Hand(open_page(PHONE, script=False))
    tick(hand.page, mailed, "That is usual for me")
    assert hand.heading() == "We look at your answers"
    pictures(hand.page, "health-7-looked-at")
    desk = at_work(open_page, service_url, Role.CLINICIAN)
    desk.goto("/desk/health/")
    seen(desk, "health-8-review")
    press(desk, "May come")
    assert ScreeningResponse.objects.get().decision == "approved"
    hand.page.goto(mailed)
    assert hand.heading() == "You can come"


def test_who_comes_along_answers_on_the_same_phone(open_page, mailed):
    hand = Hand(open_page(PHONE, script=False))
    hand.opens(mailed)
    hand.presses("No, none of these")
    hand.follows("Somebody comes with me")
    hand.presses("No, none of these")
    assert hand.taps <= 5
    assert hand.heading() == "Your companion can come"
    follow(hand.page, "My own page for the door")
    pictures(hand.page, "health-9-with-a-companion")
    assert "Your companion can come" in hand.page.content()
    tick(hand.page, f"{mailed}?who=1", "A new cough")
    assert hand.heading() == "Your companion cannot come along this time"
    hand.page.goto(mailed)
    assert hand.heading() == "You can come"


def test_two_clinicians_approve_a_policy_and_who_publishes_it_reads_first_whom_it_asks_anew(
    open_page, service_url, mailed
):
    hand = Hand(open_page(PHONE, script=False))
    hand.opens(mailed)
    hand.presses("No, none of these")
    there = drafted()
    for name in ("carol", "cyrus"):
        clinician = at_work(open_page, service_url, Role.CLINICIAN, name=name)
        clinician.goto(there)
        press(clinician, "Approve")
    ada = at_work(open_page, service_url, Role.ADMIN)
    ada.goto(there)
    assert "1 have answered already and are asked anew" in ada.content()
    ada.locator("#changes").evaluate("e => e.scrollIntoView()")
    seen(ada, "health-10-a-policy-before-it-is-published", whole=False)
    press(ada, "Publish")
    visit = Appointment.objects.get()
    assert list(booking.asked_anew(at=clock.now())) == [visit.pk]
    hand.opens(mailed)
    assert hand.heading() == "How are you?"
    hand.presses("No, none of these")
    assert hand.heading() == "You can come"
    assert not booking.asked_anew(at=clock.now())
