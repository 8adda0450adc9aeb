"""A clinic is set up step by step: each is read from what is there, and leads to where it is done."""

import re

import pytest
from django.test import Client

from booking.models import Appointment
from core.accounts.actions.people import add_administrator
from core.models import Site
from core.roles import Role
from scheduler.models import Place, Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import book, text_of
from tests.factories.scheduler import AT

SECRET = "correct horse battery"  # pragma: allowlist secret


@pytest.fixture
def ada(site):
    return staff("ada", Role.ADMIN, site)


def steps(browser):
    """Return how far each step is, by its key."""
    page = browser.get("/desk/setup/").content.decode()
    return dict(re.findall(r'<li id="(\w+)">.*?<span class="quiet">(?:✓ )?([\w ]+)</span>', page, re.DOTALL))


def test_whoever_opens_an_empty_clinic_begins_by_adding_a_site(catalogue, clock):
    add_administrator(username="zed", email="zed@example.test", name="Zed Moss", password=SECRET, at=AT)
    browser = Client()
    browser.post("/desk/sign-in/", {"username": "zed", "password": SECRET})
    Site.objects.all().delete()
    page = browser.get("/desk/", follow=True)
    assert page.resolver_match.url_name == "desk-setup"
    assert 'href="/admin/core/site/add/"' in page.content.decode()
    assert {browser.get(f"/desk/{tab}/").status_code for tab in ("setup", "setup/places", "import")} == {200, 403}


def test_each_step_is_done_once_it_is_there_and_the_last_is_the_first_patient(ada, site):
    before = steps(ada)
    assert before["site"] == before["places"] == before["practitioners"] == before["hours"] == "done"
    assert (before["colleagues"], before["booking"]) == ("to do", "to do")
    Place.objects.update(active=False)
    after = steps(ada)
    assert (after["places"], after["booking"]) == ("to do", "later")
    Place.objects.update(active=True)
    staff("dana", Role.SCHEDULER, site)
    book(Client())
    booked = Appointment.objects.get()
    last = steps(ada)
    assert (last["colleagues"], last["booking"]) == ("done", "done")
    assert str(booked.public_id) in ada.get("/desk/setup/").content.decode()


def test_a_therapy_is_drawn_and_says_whom_a_change_touches(ada):
    page = ada.get("/desk/setup/therapies/acu_manual/")
    assert page.content.decode().count('<figure class="segments">') == 2
    assert (
        "The patient is there for 60 minutes, 25 of them under somebody’s hands; the place is taken for 70."
        in text_of(page)
    )
    assert "No appointment to come is booked with it" in text_of(page)
    book(Client())
    assert "1 appointment to come is booked with it." in text_of(ada.get("/desk/setup/therapies/acu_manual/"))


def test_lists_say_who_gives_what_and_what_can_be_given_nowhere(ada):
    assert "Grace Okoro" in text_of(ada.get("/desk/setup/practitioners/"))
    assert "Grace Okoro" in text_of(ada.get("/desk/setup/therapies/"))
    said = text_of(ada.get("/desk/setup/places/"))
    assert "Moxibustion (heat above the skin): ventilated" in said
    Practitioner.objects.update(active=False)
    assert "(out of use)" in text_of(ada.get("/desk/setup/practitioners/"))
