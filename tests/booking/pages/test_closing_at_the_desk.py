"""Dana closes a therapy at the desk: what she saw counted is what is closed, and its page leads on."""

import html
import re
from datetime import date
from urllib.parse import urljoin

import pytest
from django.test import Client

from booking.models import Appointment
from core.roles import Role
from scheduler.actions import calendars
from scheduler.models import Closure, Practitioner, Therapy
from tests.booking.pages.closing import close
from tests.booking.pages.walk import go_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, make_patient, make_visit, slot_id
from tests.factories.scheduler import AT, chicago


@pytest.fixture
def visit(booked_once, alice):
    """Where Alice's appointment of tomorrow is found."""
    return go_on(alice, booked_once)


@pytest.fixture
def dana(site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


def test_dana_closes_what_she_saw_counted_and_what_she_changes_after_it_is_counted_first(visit, dana, site):
    form = {"therapy": "acu_manual", "first_on": "10/6/2026", "last_on": "10/11/2026", "name": "Ventilation"}
    page = dana.post("/desk/closures/new/", form)
    (closes,) = forms_of(page)
    hidden = dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', closes))
    assert form.items() <= hidden.items()
    assert 'type="text"' not in closes
    assert "October 6, 2026 Last day October 11, 2026 Name Ventilation" in text_of(page)
    (counts,) = forms_of(dana.post("/desk/closures/new/", form | {"change": "1"}))
    assert 'value="Ventilation"' in counts
    assert 'name="sure"' not in counts  # Enter in a field presses the first button of its form


def forms_of(page):
    """Return the forms of a page that are sent."""
    main = page.content.decode().partition("<main")[2]
    return re.findall(r"<form(?: method=\"post\"[^>]*)>.*?</form>", main, re.DOTALL)


def test_dana_reads_that_it_is_open_again_and_what_to_do_where_that_was_a_slip(visit, dana, site):
    where = close()
    opened = text_of(dana.post(f"{where}open/", {"day": "10/6/2026"}, follow=True))
    assert "It is open again from October 6, 2026 on" in opened
    assert "Was it a mistake? Close it again." in opened
    again = dana.post(f"{where}open/", {"day": "10/20/2026"})
    assert again.status_code >= 400
    assert "Some of what was sent" not in text_of(again)


def test_after_proposing_dana_still_reaches_the_times_of_whoever_else_is_inside(visit, dana, site):
    free = slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago("2026-10-07", "15:00"))
    other = make_visit(make_patient(site, "Ben Brown"), free)
    made = calendars.add_closure(
        site,
        therapy=Therapy.objects.get(key="acu_manual"),
        first_on=date(2026, 10, 6),
        last_on=date(2026, 10, 11),
        name="Ventilation",
        by=SYSTEM,
        at=AT,
    )
    where = f"/desk/closures/{made.row.public_id}/"
    named = {"appointment": str(Appointment.objects.order_by("pk")[0].public_id)}
    done = dana.post(f"{where}propose/", named, follow=True)
    (link,) = re.findall(rf'href="([^"]+times={other.public_id})#', done.content.decode())
    assert "Ben Brown" in text_of(dana.get(urljoin(f"{where}propose/", html.unescape(link))))


@pytest.mark.parametrize("first_on", ["12/1/2020", "10/6/2028"])
def test_a_day_of_another_year_is_asked_about_before_anything_is_closed(dana, first_on):
    form = {"therapy": "acu_manual", "first_on": first_on, "last_on": "", "name": "Ventilation", "sure": "1"}
    asked = dana.post("/desk/closures/new/", form)
    assert asked.status_code == 422
    assert "Is the year right?" in text_of(asked)
    assert not Closure.objects.exists()
