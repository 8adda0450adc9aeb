"""A clinic is set up step by step: each is read from what is there, and leads to where it is done."""

import html
import re
from datetime import date

import pytest
from django.test import Client

from booking.models import Appointment
from booking.moving_in.checklist import checklist
from core.accounts.actions.people import add_administrator
from core.models import Site
from core.principal import Principal
from core.roles import Role
from core.text.us_states import state_in_words
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from scheduler.models import Closure, Place, Practitioner, Room
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import book, text_of
from tests.factories.scheduler import AT

SELECT = re.compile(r'<select name="(\w+)".*?<option value="([^"]*)" selected', re.DOTALL)
FIELD = re.compile(r"<input ([^>]*)>")
PART = re.compile(r'(name|value|type)="([^"]*)"')
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
    assert 'href="/desk/setup/sites/new/"' in page.content.decode()
    assert browser.get("/desk/setup/sites/new/").status_code == 200
    assert {browser.get(f"/desk/{tab}/").status_code for tab in ("setup", "setup/places", "import")} == {200, 403}
    shut = text_of(browser.get("/desk/import/"))
    assert ("See the steps, and add the first site" in shut, "not among yours" in shut) == (True, False)


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


def sent(page):
    """Return what a browser sends of a form that nobody touched."""
    text, found = page.content.decode().partition("<main")[2], {}
    fields = [dict(PART.findall(one)) | {"on": "checked" in one} for one in FIELD.findall(text)]
    there = [(one["name"], one.get("value", "")) for one in fields if one["type"] != "checkbox"]
    there += [(one["name"], one.get("value", "on")) for one in fields if one["on"] and one["type"] == "checkbox"]
    for name, value in [*there, *SELECT.findall(text)]:
        found.setdefault(name, []).append(html.unescape(value))
    return found


def test_a_room_and_a_place_are_added_at_the_desk_and_can_be_booked_at_once(ada, site):
    room = ada.post("/desk/setup/rooms/new/", {"name": "Blue room", "suite": "main"}, follow=True)
    assert "Saved: Blue room." in text_of(room)
    blue = Room.objects.get(key="blue-room")
    assert "Choose one" in text_of(ada.get("/desk/setup/places/new/")), "of several rooms none"
    faulty = ada.post("/desk/setup/places/new/", {"room": blue.pk, "name": ""})
    assert faulty.status_code == 422
    assert "Fill this in: Name" in text_of(faulty)
    said = ada.post("/desk/setup/places/new/", {"room": blue.pk, "name": "Bay A", "features": "table", "active": "on"})
    assert said.status_code == 302
    place = Place.objects.get(room=blue)
    assert (place.name["en"], place.features, place.resource.sites.get()) == ("Bay A", ["table"], site)


def test_what_somebody_else_has_changed_since_a_page_was_opened_is_not_undone_unseen(ada):
    place = Place.objects.first()
    page = ada.get(f"/desk/setup/places/{place.public_id}/")
    Place.objects.filter(pk=place.pk).update(name={"en": "Window"})
    stale = sent(page) | {"name": ["Door"]}
    answer = ada.post(page.request["PATH_INFO"], stale)
    assert answer.status_code == 422
    assert "This has changed since you looked. It is now: Window." in text_of(answer)
    assert Place.objects.get(pk=place.pk).name["en"] == "Window"


def test_somebody_with_appointments_ahead_stays_in_use_and_one_link_leads_to_where_they_are_settled(ada):
    book(Client())
    who = Appointment.objects.get().practitioner
    page = ada.get(f"/desk/setup/practitioners/{who.public_id}/")
    form = sent(page)
    form.pop("active")
    asked = ada.post(page.request["PATH_INFO"], form)
    assert asked.status_code == 422
    assert "1 appointment or kept time lies ahead there" in text_of(asked)
    (way,) = re.findall(r'<a class="button" href="([^"]+)">Close it from a day on', asked.content.decode())
    assert ada.get(html.unescape(way)).status_code == 200
    assert Practitioner.objects.get(pk=who.pk).active


def test_what_belongs_to_another_site_is_not_there_for_whoever_sets_up_this_one(ada, site):
    other = Site.objects.create(key="harbor", name={"en": "Harbor"}, zone="America/Chicago", phone="(312) 555-0100")
    room = Room.objects.create(site=other, key="red", name={"en": "Red"}, suite="main")
    paths = ["sites/harbor", f"rooms/{room.public_id}"]
    assert [ada.get(f"/desk/setup/{path}/").status_code for path in paths] == [404, 404]
    said = text_of(ada.get("/desk/setup/sites/new/", follow=True))
    assert "Sites are added by whoever runs the whole installation" in said


def test_before_the_first_site_all_steps_are_shown_and_mail_is_done_once_one_was_sent(ada, site, settings):
    settings.EMAIL_URL = "smtp://mail.example.org:25"
    empty = [(one.key, one.done, bool(one.where)) for one in checklist(None, by=Principal.system("x"), at=AT)]
    assert [key for key, _done, _where in empty] == [
        "site", "places", "therapies", "practitioners", "hours", "mail", "colleagues", "booking",
    ]  # fmt: skip
    assert [key for key, done, where in empty if done or where] == ["site"]
    assert steps(ada)["mail"] == "to do"
    assert "Not tried yet" in text_of(ada.get("/desk/setup/"))
    book(Client())
    booked = Appointment.objects.get()
    when = {"due_at": AT, "created_at": AT, "settled_at": AT}
    what = {"version": 0, "kind": MessageKind.CONFIRMATION, "status": Delivery.FAILED, "begun": 1}
    Message.objects.create(appointment=booked, recipient=booked.patient, **what, **when)
    assert steps(ada)["mail"] == "to do"
    assert "has not been taken" in text_of(ada.get("/desk/setup/"))
    Message.objects.update(status=Delivery.SENT)
    assert steps(ada)["mail"] == "done"


def test_the_only_room_is_chosen_and_a_table_is_one_click_from_where_it_is_imported(ada, site):
    Place.objects.all().delete()
    Room.objects.exclude(pk=Room.objects.first().pk).delete()
    page = ada.get("/desk/setup/places/new/").content.decode()
    assert dict(SELECT.findall(page))["room"] == str(Room.objects.get().pk)
    Practitioner.objects.all().delete()
    steps_page = ada.get("/desk/setup/").content.decode()
    assert 'href="/desk/import/practitioners/?site=lakeside' in steps_page


def test_holidays_name_the_state_and_a_closure_opens_again_from_its_first_day_on(ada, site):
    said = text_of(ada.get("/desk/closures/holidays/"))
    assert f"The public holidays of {state_in_words(site.state)} in the next 365 days." in said
    assert state_in_words(site.state) != site.state
    made = Closure.objects.create(site=site, name="Floor", first_on=date(2026, 11, 2), last_on=date(2026, 11, 6))
    page = ada.get(f"/desk/closures/{made.public_id}/").content.decode()
    assert 'id="id_day" value="11/2/2026"' in page
    typed = ada.post(f"/desk/closures/{made.public_id}/open/", {"day": "11/4/26x"})
    assert typed.status_code == 422
    assert 'id="id_day" value="11/4/26x"' in typed.content.decode()


def test_a_holiday_that_is_closed_leads_to_where_it_is_opened_again_and_each_closure_is_told_by_its_days(ada, site):
    christmas = {"first_on": date(2026, 12, 25), "last_on": date(2026, 12, 25)}
    made = Closure.objects.create(site=site, name="Christmas Day", confirmed=True, **christmas)
    page = ada.get("/desk/closures/holidays/").content.decode()
    assert f'href="/desk/closures/{made.public_id}/?site=lakeside' in page
    listed = ada.get("/desk/closures/").content.decode()
    assert 'The whole site<span class="hidden">, Closed on Friday, December 25, 2026' in listed
