"""At the door: whose appointment cannot take place at its time."""

from django.test import Client

from booking.models import Appointment
from booking.status import Status
from core import clock as core_clock
from core.models import Site
from core.roles import Role
from scheduler.actions import calendars
from tests.booking.pages.walk import book, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.policies import adopt_screening

DAY = 24 * 60 * 60
DOOR = "/desk/arrivals/"


def test_who_comes_to_an_absent_practitioner_is_not_said_to_come_in_but_can_be_checked_in(alice, clock):
    adopt_screening()
    visit = book(alice)
    clock.shift(DAY)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    alice.post(f"{visit}screening/", {"none": "1"})
    assert "May come in" in text_of(dana.get(DOOR))
    mine, at = Appointment.objects.get(), core_clock.now()
    calendars.add_absence(
        mine.practitioner, starts_at=mine.period.lower, ends_at=mine.period.upper, reason="illness", by=SYSTEM, at=at
    )
    assert "Show this at the door" not in text_of(alice.get(visit))
    page = dana.get(f"{DOOR}?find=Alice")
    assert "Cannot take place at this time: find another time" in text_of(page)
    assert "May come in" not in text_of(page)
    assert "Another time" in text_of(page)
    assert (
        dana.post(f"{DOOR}{mine.public_id}/check-in/", {"nothing_new": "1"}).status_code == 302
    )  # the practitioner is there after all
    assert Appointment.objects.get().status == Status.CHECKED_IN
