"""Alice mistyped her address as she booked: she corrects it at once, and nobody else's record is touched or told of."""

import re

import pytest
from django.test import Client

from booking.actions.patients import patients, typed_addresses
from booking.models import Appointment, ContactChange, ContactPoint, ManageLink, Patient, WaitingListEntry
from booking.queries import mail_of
from notifications import tasks
from tests.booking.pages.stories.test_contact_page import contact_page
from tests.booking.pages.walk import ALICE, book, text_of
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

WRONG, RIGHT = "allice@example.test", ALICE["email"]


def corrected(client, visit: str, email: str = RIGHT) -> str:
    """Correct the address behind a visit's link; return the address of the visit from then on."""
    saved = contact_page(client, visit, email=email)
    assert "From now on we write about this appointment to this address" in text_of(saved), text_of(saved)
    return re.search(r'href="(/m/[^"]+/)"', saved.content.decode())[1]


def test_her_address_is_corrected_without_booking_anew(alice):
    visit = book(alice, email=WRONG)
    assert "Is the address not right? Change it" in text_of(alice.get(f"{visit}?news=booked"))
    now = corrected(alice, visit)
    assert mail_of(Patient.objects.get()) == RIGHT
    assert Client().get(visit).status_code == 410
    assert alice.get(now).status_code == 200
    assert ContactChange.objects.get().old_email == WRONG
    assert Appointment.objects.get().status == "booked"


def test_both_addresses_are_told_and_the_wrong_one_of_nothing_but_that(alice, mailoutbox):
    visit = book(alice, email=WRONG)
    tasks.dispatch()
    corrected(alice, visit)
    tasks.dispatch()
    told = [one for one in mailoutbox if one.to == [WRONG]]
    assert "contact details" in told[-1].body
    assert "/m/" not in told[-1].body
    assert RIGHT not in told[-1].body


@pytest.fixture
def known(alice):
    """Alice has a record with her address, shown to be hers, and an appointment; Mallory types her three facts."""
    book(alice)
    ContactPoint.objects.update(verified_at=AT)
    return Patient.objects.get()


def test_an_appointment_on_somebody_elses_record_leaves_it_alone(known, mailoutbox):
    mallory = Client()
    visit = book(mallory, 5)
    tasks.dispatch()
    page = contact_page(mallory, visit)
    assert RIGHT not in page.content.decode()
    now = corrected(mallory, visit, "mallory@example.test")
    assert mail_of(known) == RIGHT
    assert known.appointments.count() == 1
    other = Patient.objects.exclude(pk=known.pk).get()
    assert mail_of(other) == "mallory@example.test"
    assert other.appointments.get().period.lower > AT
    assert ManageLink.objects.filter(revoked_at=None, appointment__patient=known).count() == 1
    assert text_of(mallory.get(f"{now}mine/")).count("newest mail") >= 1
    mailoutbox.clear()
    tasks.dispatch()
    (told,) = (one for one in mailoutbox if one.to == [RIGHT])
    assert "The contact details for some appointments were changed" in told.body
    assert "mallory" not in told.body


PHONE = "312-555-0147"


def phones_of(record: Patient) -> list[str]:
    return [one.value[-7:] for one in record.contacts.filter(system="phone")]


def test_the_phone_of_a_first_booking_goes_along_though_the_address_was_verified_meanwhile(alice):
    visit = book(alice, email=WRONG, phone=PHONE)
    ContactPoint.objects.filter(system="email").update(verified_at=AT)
    corrected(alice, visit)
    record = Appointment.objects.get().patient
    assert (mail_of(record), phones_of(record)) == (RIGHT, ["5550147"])
    assert phones_of(Patient.objects.exclude(pk=record.pk).get()) == []


def test_where_others_of_theirs_stand_the_phone_stays_there_too(alice):
    visit = book(alice, email=WRONG, phone=PHONE)
    ContactPoint.objects.filter(system="email").update(verified_at=AT)
    first = Appointment.objects.get().patient
    book(Client(), 5, email=WRONG)
    corrected(alice, visit)
    other = Patient.objects.exclude(pk=first.pk).get()
    assert phones_of(first) == phones_of(other) == ["5550147"]


def test_twin_a_number_that_staff_have_changed_since_is_not_theirs_to_take(alice):
    visit = book(alice, email=WRONG, phone=PHONE)
    ContactPoint.objects.filter(system="email").update(verified_at=AT)
    patients.change(Patient.objects.get(), phone="312-555-0199", by=SYSTEM, at=AT)
    corrected(alice, visit)
    assert phones_of(Appointment.objects.get().patient) == []


def test_who_mistypes_it_twice_has_one_record_and_the_third_time_calls(alice):
    visit = corrected(alice, book(alice, email="alise@example.test"), WRONG)
    visit = corrected(alice, visit, RIGHT)
    assert mail_of(Patient.objects.get()) == RIGHT
    assert "Please call us" in text_of(contact_page(alice, visit, email="somebody@example.test"))


def test_twin_without_a_bound_one_booking_writes_to_any_number_of_people(known, monkeypatch):
    monkeypatch.setattr(typed_addresses, "MOST_CORRECTED", 100)
    mallory = Client()
    visit = book(mallory, 5)
    for number in range(5):
        visit = corrected(mallory, visit, f"victim{number}@example.test")
    assert ContactChange.objects.count() == 5


def test_both_are_answered_alike_and_whoever_did_not_book_is_led_to_the_newest_mail(known):
    mallory, bob = Client(), Client()
    theirs, own = book(mallory, 5), book(bob, 6, name="Bob Baker", email="bob@example.test")
    assert text_of(contact_page(mallory, theirs)) == text_of(contact_page(bob, own))
    assert "open the link in your newest mail" in text_of(Client().get(f"{own}contact/"))


@pytest.mark.parametrize("on_record", [True, False], ids=["of somebody else", "of their own"])
def test_who_waits_for_an_earlier_time_goes_on_waiting_at_the_right_address(request, alice, mailoutbox, on_record):
    if on_record:
        request.getfixturevalue("known")
    mallory, right = Client(), "mallory@example.test"
    visit = book(mallory, 5, **({} if on_record else {"email": WRONG}))
    assert mallory.post(f"{visit}earlier/", {"weekdays": ["2"]})["Location"] == "/waiting/asked/"
    corrected(mallory, visit, right)
    entry = WaitingListEntry.objects.get()
    assert (mail_of(entry.patient), entry.instead_of.patient, entry.status) == (right, entry.patient, "draft")
    tasks.dispatch()
    assert any("/waiting/" in one.body for one in mailoutbox if one.to == [right])


def test_whatever_names_a_person_and_an_appointment_goes_along_with_it():
    columns = {(table.__name__, named) for table, _column, named in typed_addresses.naming_both()}
    assert {("WaitingListEntry", "instead_of"), ("Hold", "moving"), ("SuitabilityResponse", "only_for")} <= columns
    assert ("Appointment", "replaces") not in columns


def test_no_more_is_booked_with_an_address_like_that_than_without(alice):
    book(Client(), 1, name="Ann Other", email=RIGHT)
    visit = book(alice, email=WRONG)
    answer = contact_page(alice, visit, email=RIGHT)
    assert "Please call us about this" in text_of(answer)
    assert mail_of(Patient.objects.get(name=ALICE["name"])) == WRONG


def test_twin_without_the_guard_her_record_gets_their_address(known, monkeypatch):
    mallory = Client()
    visit = book(mallory, 5)
    monkeypatch.setattr(typed_addresses, "_is_theirs_alone", lambda _patient, _by: True)
    corrected(mallory, visit, "mallory@example.test")
    assert mail_of(known) == "mallory@example.test"


def test_twin_without_the_guard_anybody_with_the_link_corrects_it(alice, monkeypatch):
    visit = book(alice, email=WRONG)
    monkeypatch.setattr(typed_addresses, "may_correct", lambda _link, **_who: True)
    corrected(Client(), visit, "mallory@example.test")
    assert mail_of(Appointment.objects.get().patient) == "mallory@example.test"
