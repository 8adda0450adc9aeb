"""Behind a mail's link people see and correct how they are reached; nobody takes another one's mail over like that."""

import re

from django.test import Client

from booking.actions import links
from booking.actions.patients import patients
from booking.models import ContactChange, ContactPoint, ManageLink, Patient
from booking.patients import known_by_link
from booking.queries import mail_of
from tests.booking.pages.walk import ALICE, book, booked_and_proven, text_of
from tests.factories.scheduler import AT

BORN = {"birth_date": ALICE["birth_date"]}


def contact_page(client, visit: str, **answers):
    """Open the page behind a visit's address, type the birth date, and send what is given."""
    client.post(f"{visit}contact/", BORN)
    return client.post(f"{visit}contact/", answers, follow=True) if answers else client.get(f"{visit}contact/")


def test_whoever_typed_an_address_sees_it_whole_once_right_after_booking(alice):
    visit = book(alice)
    assert ALICE["email"] in text_of(alice.get(f"{visit}?news=booked"))
    again = text_of(alice.get(f"{visit}?news=booked"))
    assert ALICE["email"] not in again
    assert "a…@example.test" in again


def test_a_mistyped_address_is_corrected_and_the_link_of_the_old_one_ends(alice):
    visit = booked_and_proven(alice, email="allice@example.test")
    asked = alice.get(f"{visit}contact/")
    assert "birth date" in text_of(asked)
    assert "allice@example.test" not in text_of(asked)
    saved = contact_page(alice, visit, email=ALICE["email"], phone="312 555 0142")
    assert "Saved" in text_of(saved)
    assert "+13125550142" in text_of(saved)
    assert mail_of(Patient.objects.get()) == ALICE["email"]
    assert ContactChange.objects.get().old_email == "allice@example.test"
    assert Client().get(visit).status_code == 410
    back = re.search(r'href="(/m/[^"]+/)"', saved.content.decode())[1]
    assert alice.get(back).status_code == 200
    assert ManageLink.objects.filter(revoked_at=None).count() == 1


def test_what_cannot_be_read_is_said_and_nothing_is_lost(alice):
    visit = booked_and_proven(alice)
    answer = contact_page(alice, visit, email="alice@gmial.com", phone="555")
    assert answer.status_code == 422
    assert "Did you mean alice@gmail.com?" in text_of(answer)
    assert "Please check the number" in text_of(answer)
    assert 'value="alice@gmial.com"' in answer.content.decode()
    assert mail_of(Patient.objects.get()) == ALICE["email"]


def book_in_her_name(alice) -> tuple[str, Client]:
    """Let somebody book who knows name, birth date and address of Alice, whose address is known to be hers."""
    book(alice)
    ContactPoint.objects.update(verified_at=AT)
    stranger = Client()
    return book(stranger, number=5), stranger


def test_who_types_three_facts_of_somebody_else_does_not_get_their_mail(alice):
    visit, stranger = book_in_her_name(alice)
    answer = contact_page(stranger, visit)
    assert ALICE["email"] not in answer.content.decode()
    contact_page(stranger, visit, email="mallory@example.test")
    assert mail_of(Patient.objects.order_by("pk").first()) == ALICE["email"]
    elsewhere = Client().get(f"{book(stranger, number=6)}contact/")
    assert elsewhere.status_code == 409
    assert "open the link in your newest mail" in text_of(elsewhere)


def test_nobody_learns_by_that_page_whether_somebody_was_known_here(alice):
    """Whoever types three facts of a person is answered alike, whether that made a record or there was one."""
    fresh = text_of(alice.get(f"{book(alice)}contact/"))
    ContactPoint.objects.update(verified_at=AT)
    stranger = Client()
    known = text_of(stranger.get(f"{book(stranger, number=5)}contact/"))
    assert fresh == known
    assert ALICE["email"] not in known


def test_twin_without_the_guard_a_stranger_gets_their_mail(alice, monkeypatch):
    visit, stranger = book_in_her_name(alice)
    monkeypatch.setattr(known_by_link, "went_to_its_patient", lambda _visit: True)
    contact_page(stranger, visit, email="mallory@example.test", phone="")
    assert mail_of(Patient.objects.get()) == "mallory@example.test"


def test_wrong_birth_dates_are_counted_and_lead_to_a_code(alice):
    visit = booked_and_proven(alice)
    for day in range(1, 8):
        answer = alice.post(f"{visit}contact/", {"birth_date": f"1/{day}/1950"})
    assert "We can send you a code by e-mail instead" in text_of(answer)
    assert ALICE["email"] not in text_of(alice.get(f"{visit}contact/"))


def sent_while_the_link_ends(alice, monkeypatch):
    """Send another address by a link that ends while it waits for the record; return how that is answered."""
    visit, lock = booked_and_proven(alice), patients.lock_to_change
    alice.post(f"{visit}contact/", BORN)

    def locked_once_it_has_ended(patient, **how):
        ManageLink.objects.update(revoked_at=AT)
        return lock(patient, **how)

    monkeypatch.setattr(patients, "lock_to_change", locked_once_it_has_ended)
    return alice.post(f"{visit}contact/", {"email": "mallory@example.test", "phone": ""})


def test_a_link_that_ends_meanwhile_corrects_nothing(alice, monkeypatch):
    assert sent_while_the_link_ends(alice, monkeypatch).status_code == 410
    assert mail_of(Patient.objects.get()) == ALICE["email"]


def test_twin_that_does_not_look_again_lets_the_old_mailbox_take_the_record_back(alice, monkeypatch):
    monkeypatch.setattr(links, "refuse_ended", lambda _link: None)
    sent_while_the_link_ends(alice, monkeypatch)
    assert mail_of(Patient.objects.get()) == "mallory@example.test"
