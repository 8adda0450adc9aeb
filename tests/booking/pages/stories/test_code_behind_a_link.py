"""After five wrong birth dates a mailed code opens what is Alice's own; who has her link alone does not guess it."""

import re

import pytest
from django.test import Client

from booking.actions import link_codes, links
from booking.actions.patients import patients
from booking.actions.patients.address_verification import CodeResult
from booking.models import ManageLink, Patient
from notifications.actions import dispatch
from tests.booking.pages.stories.test_contact_page import booked_and_proven
from tests.booking.pages.test_own_appointments import own_page
from tests.booking.pages.walk import link, slots_on, text_of
from tests.factories.booking import HOUR, MINUTE, SYSTEM
from tests.factories.scheduler import AT

DIGITS = re.compile(r"\b\d{6}\b")


@pytest.fixture
def page(alice):
    """The address behind which the birth date was mistyped five times."""
    visit = booked_and_proven(alice)
    dispatch.run(now=lambda: AT)
    for day in range(1, 7):
        alice.post(f"{visit}mine/", {"birth_date": f"1/{day}/1950"})
    return f"{visit}mine/"


def code_in_mail(mailoutbox, at=AT):
    before = len(mailoutbox)
    dispatch.run(now=lambda: at)
    (mail,) = mailoutbox[before:]
    assert mail.subject == "Your code"
    assert "/m/" not in mail.body
    return DIGITS.search(mail.body)[0]


def test_she_goes_on_with_a_mailed_code_and_books_again(alice, page, mailoutbox):
    asked = alice.get(link(alice.get(page), "Go on with a code"))
    assert "a…@example.test" in text_of(asked)
    alice.post(f"{page}code/", {"act": "send"})
    code = code_in_mail(mailoutbox)
    mine = alice.post(f"{page}code/", {"code": f"{code[:3]} {code[3:]}"}, follow=True)
    assert "What we know about you" in text_of(mine)
    assert slots_on(alice.get(link(mine, "Acupuncture")))
    assert "E-mail" in text_of(alice.get(page.replace("mine/", "contact/")))


def test_a_wrong_code_is_said_and_after_some_it_is_spent(alice, page, mailoutbox):
    alice.post(f"{page}code/", {"act": "send"})
    code = code_in_mail(mailoutbox)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    answers = [alice.post(f"{page}code/", {"code": wrong}) for _try in range(6)]
    assert {answer.status_code for answer in answers} == {422}
    assert "This is not the code" in text_of(answers[0])
    assert "This code no longer works" in text_of(answers[-1])
    assert "What we know about you" not in text_of(alice.post(f"{page}code/", {"code": code}, follow=True))


def test_a_code_ends_with_its_minutes_and_with_the_next_one(alice, page, mailoutbox, clock):
    alice.post(f"{page}code/", {"act": "send"})
    code = code_in_mail(mailoutbox)
    assert alice.post(f"{page}code/", {"act": "send"}).status_code == 429
    clock.shift(2 * MINUTE)
    alice.post(f"{page}code/", {"act": "send"})
    second = code_in_mail(mailoutbox, AT + 2 * MINUTE)
    assert alice.post(f"{page}code/", {"code": code}).status_code == 422
    clock.shift(3 * HOUR)
    assert alice.post(f"{page}code/", {"code": second}).status_code == 422


def test_another_address_has_codes_of_its_own(alice, page):
    row = ManageLink.objects.get(revoked_at=None)
    link_codes.send(row, at=AT)
    visit = row.appointment
    old = link_codes.link_code(visit.public_id, visit.readdressed, 1)
    patients.change(Patient.objects.get(), email="elsewhere@example.test", by=SYSTEM, at=AT)
    assert link_codes.type_code(row, old, at=AT) is CodeResult.SPENT
    fresh = links.live_link(type(visit).objects.get(pk=visit.pk), at=AT)
    fresh.mailed = True  # as whoever opened the mail that went to the new address
    link_codes.send(fresh, at=AT)
    assert link_codes.type_code(fresh, old, at=AT) is CodeResult.WRONG


def test_whose_link_shows_nothing_of_hers_is_sent_no_code(alice, page):
    other = Client()
    answer = own_page(other, "/m/unknown/")
    assert answer.status_code == 404
    assert other.post("/m/unknown/mine/code/", {"act": "send"}).status_code == 404


def test_twin_where_wrong_codes_are_not_counted_one_could_go_on(alice, page, mailoutbox, monkeypatch):
    alice.post(f"{page}code/", {"act": "send"})
    code = code_in_mail(mailoutbox)
    monkeypatch.setattr(ManageLink, "save", lambda *_args, **_columns: None)
    for _try in range(6):
        alice.post(f"{page}code/", {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert "What we know about you" in text_of(alice.post(f"{page}code/", {"code": code}, follow=True))
