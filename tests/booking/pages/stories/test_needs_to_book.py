"""Alice says as she books what helps her to come: nothing typed is lost, her place has it, and the desk prepares it."""

import re

import pytest
from django.test import Client

from booking.access_needs import AskedAsBooked, AskedFor
from booking.actions import guest_flow
from booking.actions.access_needs import put_on_record
from booking.actions.patients import address_verification
from booking.actions.suitability import hidden_needs
from booking.models import AccessNeeds, Appointment, CallReason, CallTask, ContactPoint, Patient, Proof
from core.principal import Principal
from core.roles import Role
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place
from tests.booking.pages.test_own_appointments import own_page
from tests.booking.pages.walk import ALICE, TIMES, book, hidden_on, hold, in_mail, link, say_who, slots_on, text_of
from tests.factories.booking import SYSTEM, make_user
from tests.factories.scheduler import AT

NEEDED = {"needs": ["low-table", "service-animal"], "interpreter": "es"}
LOWERED = "a table that can be lowered"


@pytest.fixture
def lowered(clinic):
    """Give one place a table that can be lowered."""
    place = Place.objects.order_by("pk").last()
    change(place, features=[*place.features, "hi-lo"], by=SYSTEM, at=AT)
    return place


def asked(client, **sent):
    """Open the page of what is needed from that of who comes, say it, and return to where she came from."""
    page = client.post("/book/you/", ALICE | {"needs": "yes"}, follow=True)
    assert "What helps you to come" in text_of(page)
    return client.post(page.redirect_chain[-1][0], NEEDED | sent, follow=True)


def booked_as_checked(client):
    """Book what the page says."""
    return client.post("/book/done/", hidden_on(client.get("/book/check/")), follow=True)


def test_she_says_it_as_she_books_and_has_a_place_with_it(alice, lowered, site):
    hold(alice)
    page = asked(alice)
    assert f'value="{ALICE["name"]}"' in page.content.decode()
    check = alice.post("/book/you/", ALICE, follow=True)
    assert "Interpreter: Spanish; A table that can be lowered; My service dog comes along" in text_of(check)
    assert "/book/needs/?then=%2Fbook%2Fcheck%2F" in check.content.decode()
    booked = booked_as_checked(alice)
    assert "You are booked" in text_of(booked)
    assert "Help to come: Interpreter: Spanish; A table that can be lowered; My service dog comes" in text_of(booked)
    assert "Do you need anything else? Tell us" in text_of(booked)
    again = alice.get(booked.redirect_chain[-1][0])  # said once: others may sit here next
    assert "Interpreter: Spanish" not in text_of(again)
    assert "Do you need an interpreter, or help to come? Tell us" in text_of(again)
    visit = Appointment.objects.get()
    assert visit.place == lowered
    assert (visit.asked_needs, visit.asked_interpreter) == (["low-table", "service-animal"], "es")
    assert visit.patient.access_needs == []  # nobody knows yet whether it is she
    assert AccessNeeds.objects.get().appointment == visit
    assert CallTask.objects.get().reason == CallReason.ACCESS
    desk = Client()
    desk.force_login(make_user("dana", Role.SCHEDULER, site=site))
    assert "An interpreter: Spanish (book one)" in text_of(desk.get(f"/desk/appointments/{visit.public_id}/"))
    to_do = text_of(desk.get("/desk/to-do/"))
    assert "An interpreter, or help to come, is asked for" in to_do
    assert "Asked for, so that they can come: An interpreter: Spanish (book one)" in to_do
    assert "Nobody can reach them" not in to_do


def test_times_are_of_places_that_have_it_and_where_none_has_she_is_told_whom_to_call(alice, clinic, site):
    needs = link(alice.get(TIMES), "I need an interpreter")
    without = alice.post(needs, NEEDED, follow=True)
    assert "no place with a table that can be lowered yet. Please call us" in text_of(without)
    assert not slots_on(without)
    place = Place.objects.order_by("pk").first()
    change(place, features=[*place.features, "hi-lo"], by=SYSTEM, at=AT)
    found = alice.get(TIMES)
    assert f"All of these times are at a place with {LOWERED}" in text_of(found)
    assert slots_on(found)


def test_a_time_without_such_a_place_is_refused_with_others_and_nothing_is_written(alice, clinic):
    hold(alice)
    asked(alice)
    alice.post("/book/you/", ALICE)
    refused = booked_as_checked(alice)
    assert refused.status_code == 409
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists()


def test_whoever_sits_here_next_sees_nothing_of_it(alice, lowered):
    hold(alice)
    asked(alice)
    alice.post("/book/leave/")
    hold(alice, 3)
    assert "checked" not in alice.get("/book/needs/?then=/book/you/").content.decode()
    assert "Change what helps" not in text_of(alice.get("/book/you/"))


def test_what_is_not_offered_is_said_and_leads_nowhere_else(alice, clinic):
    refused = alice.post("/book/needs/?then=/book/you/", {"needs": ["a-throne"]}, follow=True)
    assert refused.status_code == 422
    assert "There is a problem" in text_of(refused)
    assert "Choose among these" in text_of(refused)
    left = alice.post("/book/needs/?then=https://evil.example/book/", {})
    assert left["Location"] == "/book/"


@pytest.fixture
def known(alice, lowered):
    """Alice has an appointment, and a record on which stands what she needs."""
    book(alice)
    return put_on_record(Patient.objects.get(), AskedFor.of(["low-table"], "es"), adds=True, by=SYSTEM, at=AT)


@pytest.mark.parametrize("verified_at", [None, AT])
@pytest.mark.parametrize("sent", ["oxygen|zh-Hans", "|"])
def test_who_has_not_shown_who_they_are_changes_nothing_on_record_and_the_desk_reads_it(
    known, lowered, site, sent, verified_at
):
    ContactPoint.objects.update(verified_at=verified_at)
    book(Client(), 3, asked_for=sent)
    visit = Appointment.objects.latest("pk")
    assert (visit.patient.access_needs, visit.patient.interpreter) == (["low-table"], "es")
    assert "|".join([*visit.asked_needs, visit.asked_interpreter]) == sent.strip("|")
    assert visit.place == lowered
    desk = Client()
    desk.force_login(make_user("dana", Role.SCHEDULER, site=site))
    page = desk.get(f"/desk/appointments/{visit.public_id}/")
    assert ("Asked for with this appointment alone" in text_of(page)) == (sent != "|")
    asked = "Chinese (book one; ask them: on record is Spanish)" if sent != "|" else "Spanish (book one)"
    assert f"An interpreter: {asked}" in text_of(page)
    assert ("oxygen (no heat" in text_of(page)) == (sent != "|")
    desk.post(f"/desk/appointments/{visit.public_id}/needs/", hidden_on(page) | chosen_on(page))
    known.refresh_from_db()
    assert known.access_needs == (["low-table", "oxygen"] if sent != "|" else ["low-table"])
    visit.refresh_from_db()
    assert visit.asked_needs == []


def chosen_on(page):
    """Return what is chosen on a page, as it is sent."""
    shown = page.content.decode()
    return {
        "needs": re.findall(r'name="needs"[^>]*value="([^"]+)" checked', shown),
        "interpreter": re.findall(r'<option value="([^"]*)" selected', shown)[-1],
    }


def test_twin_believed_whoever_types_three_facts_writes_over_what_stands_there(known, monkeypatch):
    monkeypatch.setattr(guest_flow, "AskedAsBooked", lambda **asked: AskedAsBooked(**asked | {"proven": True}))
    book(Client(), 3, asked_for="oxygen|")
    known.refresh_from_db()
    assert known.access_needs == ["oxygen"]


@pytest.mark.parametrize("named", [False, True])
def test_nobody_learns_by_a_place_that_lacks_something_that_somebody_is_known_here(known, lowered, named):
    change(lowered, features=[one for one in lowered.features if one != "hi-lo"], by=SYSTEM, at=AT)
    stranger = Client()
    say_who(stranger, 3)
    sent = hidden_on(stranger.get("/book/check/")) | ({"asked_for": "low-table|"} if named else {})
    refused = stranger.post("/book/done/", sent, follow=True)
    assert refused.status_code == 409
    assert ("with what is needed" in text_of(refused)) == named
    assert Appointment.objects.count() == 1


def test_twin_asked_of_the_place_alone_a_stranger_hears_of_a_need_that_is_not_theirs(known, lowered, monkeypatch):
    monkeypatch.setattr(hidden_needs, "tells_of_record", lambda *_asked: False)
    change(lowered, features=[one for one in lowered.features if one != "hi-lo"], by=SYSTEM, at=AT)
    stranger = Client()
    say_who(stranger, 3)
    refused = stranger.post("/book/done/", hidden_on(stranger.get("/book/check/")), follow=True)
    assert "with what is needed" in text_of(refused)


def test_what_was_asked_for_with_a_code_stands_on_record_once_it_is_typed(alice, lowered):
    book(alice)
    say_who(alice, 3)
    alice.post("/book/done/", hidden_on(alice.get("/book/check/")) | {"asked_for": "low-table|es"}, follow=True)
    proof = Proof.objects.get()
    assert (proof.appointment.asked_needs, proof.appointment.place) == (["low-table"], lowered)
    code = address_verification.code_of(proof.appointment.public_id, proof.issue)
    address_verification.type_code(proof.appointment.public_id, code, by=maker(proof), at=AT)
    patient = Patient.objects.get()
    assert (patient.access_needs, patient.interpreter) == (["low-table"], "es")
    assert Appointment.objects.latest("pk").asked_needs == []


def maker(proof):
    """Return who was asked for a code."""
    return Principal(key=proof.made_by, roles=frozenset())


def test_it_holds_for_what_she_books_next_until_she_takes_it_back(alice, lowered):
    visit = in_mail(book(alice, asked_for="low-table|es"))
    mine = own_page(alice, visit)
    assert "Interpreter: Spanish; A table that can be lowered" in text_of(mine)
    assert "All of these times are at a place with what you need" in text_of(alice.get(TIMES))
    page = link(mine, "What helps you to come")
    alice.post(page, hidden_on(alice.get(page)) | {"needs": [], "interpreter": ""})
    assert Patient.objects.get().access_needs == []
    assert not CallTask.objects.filter(done_at=None).exists()


def test_what_the_desk_writes_while_she_books_is_not_written_over(alice, lowered):
    own_page(alice, in_mail(book(alice)))
    alice.post("/book/needs/?then=/book/you/", {"needs": ["oxygen"], "interpreter": ""})
    put_on_record(Patient.objects.get(), AskedFor.of(["quiet"], ""), adds=True, by=SYSTEM, at=AT)
    hold(alice, 5)
    again = booked_as_checked(alice)
    assert "This was changed while you were booking" in text_of(again)
    assert 'value="quiet" checked' in again.content.decode()
    assert Appointment.objects.count() == 1
    alice.post(again.redirect_chain[-1][0], {"needs": ["quiet", "oxygen"], "interpreter": ""})
    assert "You are booked" in text_of(booked_as_checked(alice))
    assert Patient.objects.get().access_needs == ["quiet", "oxygen"]
