"""Behind her link Alice says how she is reminded, and has her appointments in her own calendar."""

import re
from datetime import time

import pytest
from django.test import Client

from booking.actions import calendar_feeds
from booking.actions.patients import merging, patients
from booking.models import CalendarFeed, MessagePreferences, Patient
from tests.booking.pages.stories.test_contact_page import booked_and_proven
from tests.booking.pages.test_own_appointments import BORN, booked_in_her_name, own_page
from tests.booking.pages.walk import link, text_of
from tests.factories.booking import SYSTEM, make_patient
from tests.factories.scheduler import AT

AS_BEFORE = {"reminders": "yes", "not_before": "", "not_after": "", "language": "en"}


@pytest.fixture
def visit(alice):
    visit = booked_and_proven(alice)
    own_page(alice, visit)
    return visit


def prefer(alice, visit, **chosen):
    return alice.post(f"{visit}mine/messages/", AS_BEFORE | chosen, follow=True)


def test_she_wishes_for_no_reminders_and_reads_it_where_her_own_is(alice, visit):
    assert "We send you a reminder" in text_of(alice.get(visit))
    page = alice.get(link(alice.get(f"{visit}mine/"), "Reminders and language"))
    assert "Shall we remind you" in text_of(page)
    assert "Saved" in text_of(prefer(alice, visit, reminders="no"))
    assert not MessagePreferences.objects.get().reminders
    assert "We send you a reminder" not in text_of(alice.get(visit)), "nor is one promised where it stands"
    assert "No reminders" in text_of(alice.get(f"{visit}mine/"))


def test_her_hours_and_her_language_are_as_she_chose_them_when_she_looks_again(alice, visit):
    prefer(alice, visit, not_before="10:00", not_after="17:00", language="es")
    found = MessagePreferences.objects.get()
    assert (found.not_before, found.not_after) == (time(10), time(17))
    assert Patient.objects.get().language == "es"
    again = alice.get(f"{visit}mine/messages/").content.decode()
    assert '<option value="10:00" selected>' in again
    assert '<option value="es" selected>' in again
    assert "not before 10:00 AM, not after 5:00 PM" in text_of(alice.get(f"{visit}mine/"))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"reminders": ""}, "Choose whether we remind you"),
        ({"reminders": "maybe"}, "Choose whether we remind you"),
        ({"not_before": "03:00"}, "Choose one of the answers: Not before"),
        ({"language": "klingon"}, "Choose one of the answers: Your language"),
    ],
)
def test_what_is_not_offered_is_said_and_changes_nothing(alice, visit, sent, words):
    answer = prefer(alice, visit, **sent)
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert not MessagePreferences.objects.exists()


def test_a_stranger_with_the_link_alone_is_asked_for_the_birth_date(alice, visit):
    for part in ("messages", "calendar"):
        answer = Client().post(f"{visit}mine/{part}/", AS_BEFORE | {"act": "make"}, follow=True)
        assert "birth date" in text_of(answer)
    assert not MessagePreferences.objects.exists()
    assert not CalendarFeed.objects.exists()


def test_nor_do_three_facts_open_them(alice):
    stranger, visit = booked_in_her_name(alice)
    for part in ("messages", "calendar"):
        answer = stranger.post(f"{visit}mine/{part}/", BORN, follow=True)
        assert "open the link in your newest mail" in text_of(answer)


def feed_of(alice, visit):
    page = alice.post(f"{visit}mine/calendar/", {"act": "make"})
    return re.search(r'href="http://testserver(/calendar/[^"]+)"', page.content.decode())[1]


def test_her_calendar_says_when_and_where_and_nothing_of_what_for(alice, visit):
    feed = feed_of(alice, visit)
    text = Client().get(feed).content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "SUMMARY:Appointment at " in text
    assert "STATUS:CONFIRMED" in text
    for word in ("Acupuncture", "Ivanov", "Okoro", "Alice", "/m/"):
        assert word not in text, word
    alice.post(f"{visit}cancel/", {"reason": "other"})
    assert "STATUS:CANCELLED" in Client().get(feed).content.decode()


def test_it_ends_when_she_ends_it_or_makes_another(alice, visit):
    first = feed_of(alice, visit)
    second = feed_of(alice, visit)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    alice.post(f"{visit}mine/calendar/", {"act": "end"})
    assert Client().get(second).status_code == 404


def test_another_address_ends_it_as_it_ends_her_links(alice, visit):
    feed = feed_of(alice, visit)
    patients.change(Patient.objects.get(), email="elsewhere@example.test", by=SYSTEM, at=AT)
    assert Client().get(feed).status_code == 404


def test_of_two_records_that_become_one_the_one_that_stays_has_its_wishes_and_its_calendar(alice, visit):
    prefer(alice, visit, not_before="10:00")
    mine = feed_of(alice, visit)
    patient = Patient.objects.get()
    other = make_patient(patient.site, "Alice Adams")
    MessagePreferences.objects.create(patient=other, reminders=False, changed_by="link:x", changed_at=AT)
    theirs = calendar_feeds._fresh(at=AT, patient=other)
    merging.merge(kept=patient, given_up=other, by=SYSTEM, at=AT)
    assert MessagePreferences.objects.get(patient=patient).reminders
    assert Client().get(mine).status_code == 200
    assert Client().get(f"/calendar/{theirs}.ics").status_code == 404
