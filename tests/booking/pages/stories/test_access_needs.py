"""Alice asks for an interpreter and a low table behind her link; the desk reads it with what is to be done."""

import pytest
from django.test import Client

from booking.access_needs import AskedFor
from booking.actions.access_needs import put_on_record
from booking.models import AccessNeeds, Appointment
from core.roles import Role
from tests.booking.pages.stories.test_contact_page import booked_and_proven
from tests.booking.pages.test_own_appointments import own_page
from tests.booking.pages.walk import hidden_on, link, text_of
from tests.factories.booking import SYSTEM, make_user
from tests.factories.scheduler import AT

ASKED = {"needs": ["low-table", "sign-language"], "interpreter": "es"}
TICKED = 'value="low-table" checked'


@pytest.fixture
def visit(alice):
    return booked_and_proven(alice)


def test_the_desk_reads_what_she_needs_and_what_is_to_be_done(alice, visit, site):
    page = alice.get(link(alice.get(visit), "Do you need an interpreter"))
    assert "What helps you to come" in text_of(page)
    assert "Saved. We prepare it" in text_of(alice.post(f"{visit}needs/", ASKED, follow=True))
    desk = Client()
    desk.force_login(make_user("dana", Role.SCHEDULER, site=site))
    shown = text_of(desk.get(f"/desk/appointments/{Appointment.objects.get().public_id}/"))
    assert "An interpreter: Spanish (book one)" in shown
    assert "A table that can be lowered (its place does not have it: choose another)" in shown
    assert "A sign language interpreter (book an interpreter)" in shown


def test_who_has_the_link_alone_may_ask_and_reads_nothing_of_it(alice, visit):
    alice.post(f"{visit}needs/", ASKED)
    assert TICKED not in Client().get(f"{visit}needs/").content.decode()
    own_page(alice, visit)
    assert TICKED in alice.get(f"{visit}needs/").content.decode()


@pytest.mark.parametrize("sent", [{"needs": ["a-throne"]}, {"interpreter": "klingon"}])
def test_what_is_not_offered_is_said_and_changes_nothing(alice, visit, sent):
    assert alice.post(f"{visit}needs/", ASKED | sent).status_code == 422
    assert not AccessNeeds.objects.exists()


def test_nothing_is_asked_for_a_visit_that_is_off(alice, visit):
    alice.post(f"{visit}cancel/", {})
    assert alice.post(f"{visit}needs/", ASKED)["Location"] == visit
    assert not AccessNeeds.objects.exists()


def test_who_has_the_link_alone_asks_for_that_appointment_alone_and_adds_to_it(alice, visit):
    alice.post(f"{visit}needs/", {"needs": ["oxygen"]})
    Client().post(f"{visit}needs/", {"needs": ["quiet"], "interpreter": "es"})
    booked = Appointment.objects.get()
    assert (booked.asked_needs, booked.asked_interpreter, booked.patient.access_needs) == (
        ["quiet", "oxygen"],
        "es",
        [],
    )
    own_page(alice, visit)
    page = alice.get(f"{visit}needs/")
    assert 'value="quiet" checked' in page.content.decode()
    alice.post(f"{visit}needs/", hidden_on(page) | {"needs": ["quiet"]})
    booked = Appointment.objects.get()
    assert (booked.asked_needs, booked.patient.access_needs) == ([], ["quiet"])


def test_what_changed_since_she_looked_is_shown_and_not_written_over(alice, visit):
    own_page(alice, visit)
    sent = hidden_on(alice.get(f"{visit}needs/"))
    put_on_record(Appointment.objects.get().patient, AskedFor.of(["quiet"], ""), adds=True, by=SYSTEM, at=AT)
    again = alice.post(f"{visit}needs/", sent | {"needs": ["oxygen"]})
    assert "This was changed since you looked" in text_of(again)
    assert 'value="quiet" checked' in again.content.decode()
    assert 'value="oxygen" checked' not in again.content.decode()
    assert "Saved" in text_of(alice.post(f"{visit}needs/", hidden_on(again) | {"needs": ["quiet", "oxygen"]}))


def test_what_was_added_with_the_link_alone_since_she_looked_is_not_written_over(alice, visit):
    own_page(alice, visit)
    sent = hidden_on(alice.get(f"{visit}needs/"))
    Client().post(f"{visit}needs/", {"needs": ["step-free"]})
    again = alice.post(f"{visit}needs/", sent | {"needs": ["oxygen"]})
    assert (again.status_code, Appointment.objects.get().asked_needs) == (409, ["step-free"])
    assert 'value="step-free" checked' in again.content.decode()


def test_whoever_sends_no_mark_has_seen_nothing_and_writes_nothing_over(alice, visit):
    own_page(alice, visit)
    alice.post(f"{visit}needs/", hidden_on(alice.get(f"{visit}needs/")) | {"needs": ["quiet"]})
    assert alice.post(f"{visit}needs/", {"needs": ["oxygen"]}).status_code == 409
    assert Appointment.objects.get().patient.access_needs == ["quiet"]


def test_who_has_the_link_alone_corrects_the_language(visit):
    for language in ("es", "fr"):
        Client().post(f"{visit}needs/", {"interpreter": language})
    assert Appointment.objects.get().asked_interpreter == "fr"


def test_what_was_asked_for_with_one_appointment_alone_stands_with_it_among_hers(alice, visit):
    booked = Appointment.objects.get()
    put_on_record(booked.patient, AskedFor.of(["quiet"], "pl"), adds=True, by=SYSTEM, at=AT)
    Client().post(f"{visit}needs/", {"needs": ["oxygen"], "interpreter": "es"})
    mine = text_of(own_page(alice, visit))
    assert "Asked for with this appointment: Interpreter: Spanish; I bring oxygen" in mine
    assert "Interpreter: Polish; A quiet room" in mine
    page = text_of(alice.get(f"{visit}needs/"))
    assert "you asked for another language than for the others, which is Polish" in page
