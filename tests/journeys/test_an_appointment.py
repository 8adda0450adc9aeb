"""An appointment in the browser: moved to somebody else in three clicks, declined behind a link, moved by two."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from booking.models import Appointment, CallReason, CallTask
from core import clock
from core.roles import Role
from notifications.actions import dispatch
from tests.booking.pages.walk import book, slots_on
from tests.factories.admin import sign_in
from tests.journeys.people import DESK, PHONE, SMALL_PHONE, TIMES, follow, press, times
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

AFTER_TWO_QUIET_MINUTES = timedelta(minutes=3)
CLICKS_TO_MOVE = 3
"""From the list at the door: the name, Move, and the time with somebody else."""


@pytest.fixture
def visit(clinic):
    """Alice's appointment, which she has the confirmation of."""
    book(Client(), slot=slots_on(Client().get(TIMES))[8])
    dispatch.run(now=clock.now)
    mail.outbox.clear()
    return Appointment.objects.select_related("practitioner").get()


def at_the_door(page, visit) -> None:
    day = visit.period.lower.astimezone(visit.site.tz).date()
    page.goto(f"/desk/arrivals/?day={day.isoformat()}")


def in_the_mail() -> str:
    """Return where the link of the mail leads that has come meanwhile."""
    dispatch.run(now=lambda: clock.now() + AFTER_TWO_QUIET_MINUTES)
    (letter,) = mail.outbox
    return "/m/" + next(word for word in letter.body.split() if "/m/" in word).partition("/m/")[2]


def with_somebody_else(page, visit):
    """Return the first time with anybody but whoever treats now."""
    return times(page).filter(has_not_text=visit.practitioner.name).first


def test_dana_moves_it_to_somebody_else_in_three_clicks_and_alice_says_that_she_would_rather_not(
    open_page, visit, service_url
):
    page, clicks = open_page(DESK), []
    signed_in(page, Role.SCHEDULER, service_url)
    at_the_door(page, visit)
    for target in (
        page.locator("table.day th a").first,
        page.get_by_role("link", name="Move", exact=True),
        with_somebody_else(page, visit),
    ):
        with page.expect_navigation():
            target.click()
        clicks.append(target)
    assert len(clicks) == CLICKS_TO_MOVE
    assert page.get_by_text("They hear so by e-mail.").count() == 1
    moved = Appointment.objects.select_related("practitioner").get()
    assert moved.practitioner != visit.practitioner
    hand = open_page(PHONE)
    hand.goto(in_the_mail())
    assert hand.get_by_text(f"{moved.practitioner.name} will see you now").count() == 1
    follow(hand, "Say what you would like")
    press(hand, "I would rather see somebody else")
    assert hand.get_by_text("We write to you by e-mail within one business day").count() == 1  # she has no phone
    assert CallTask.objects.get().reason == CallReason.OTHER_PRACTITIONER
    page.goto("/desk/calls/")
    assert page.get_by_text("They would rather not come to whom they were moved").count() == 1


def test_of_two_browsers_that_move_one_appointment_the_second_reads_who_was_first(open_page, visit, service_url):
    first, second = open_page(DESK), open_page(DESK, script=False)
    signed_in(first, Role.SCHEDULER, service_url)
    nora = sign_in(Client(), "nora", Role.SCHEDULER, visit.site)
    second.context.add_cookies([{"name": "sessionid", "value": nora.cookies["sessionid"].value, "url": service_url}])
    for page in (first, second):
        page.goto(f"/desk/appointments/{visit.public_id}/move/")
    for page, number in ((first, 3), (second, 5)):
        with page.expect_navigation():
            times(page).nth(number).click()
    stands = Appointment.objects.get()
    assert stands.version == 1
    assert second.get_by_text("This appointment was changed since you looked").count() == 1
    assert second.get_by_text("Nothing of yours was done").count() == 1
    assert second.get_by_role("link", name="Move", exact=True).count() == 1  # what can be done now


def test_every_page_of_an_appointment_can_be_used_by_everybody(open_page, visit, service_url):
    page, wrong = open_page(SMALL_PHONE), {}
    signed_in(page, Role.SCHEDULER, service_url)
    for name in _ways(page, visit):
        wrong[name] = faults_by_day_and_by_night(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] += [f"{wider} too wide"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


def _ways(page, visit):
    address = f"/desk/appointments/{visit.public_id}/"
    page.goto(address)
    page.get_by_text("Write a note").click()
    yield "appointment"
    page.goto(f"{address}cancel/")
    press(page, "Cancel the appointment")
    yield "cancel with errors"
    page.goto(f"{address}mistake/")
    yield "entered by mistake"
    page.goto(f"{address}move/")
    yield "move"
    seen = page.locator("input[name=seen]").first.get_attribute("value")
    page.evaluate("value => document.querySelector('button[name=slot]').value = value", _taken(visit))
    assert seen
    with page.expect_navigation():
        times(page).first.click()
    yield "a time that is taken"


def _taken(visit) -> str:
    """Return a time of whoever treats that Ben has by now."""
    browser = Client()
    slot = next(one for one in slots_on(browser.get(TIMES)))
    book(browser, slot=slot, name="Ben Brown", email="ben@example.test", birth_date="5/6/1955")
    return slot
