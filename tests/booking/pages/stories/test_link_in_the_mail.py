"""The link that is mailed opens what is a patient's own, also where the one shown at booking does not."""

import re

import pytest
from django.test import Client

from booking.actions import links
from booking.models import Appointment, ContactPoint
from booking.patients import known_by_link
from notifications.actions import dispatch
from tests.booking.pages.test_own_appointments import BORN, booked_in_her_name, own_page
from tests.booking.pages.walk import ALICE, book, text_of
from tests.factories.booking import HOUR
from tests.factories.scheduler import AT

MINE = re.compile(r"/m/[\w-]+/mine/")
SHOWN = re.compile(r"/m/([\w-]+)/")


def mailed(mailoutbox, at):
    """Let a worker send what is due; return the tokens in the mails."""
    before = len(mailoutbox)
    dispatch.run(now=lambda: at)
    return [token for mail in mailoutbox[before:] for token in SHOWN.findall(mail.body)]


def test_what_she_lost_comes_as_one_link_that_opens_all_of_hers(alice, mailoutbox):
    book(alice)
    mailed(mailoutbox, AT)
    elsewhere = Client()
    asked = {"email": ALICE["email"], "birth_date": ALICE["birth_date"]}
    assert "Look into your mail" in text_of(elsewhere.post("/lost-link/", asked, follow=True))
    before = len(mailoutbox)
    dispatch.run(now=lambda: AT + HOUR)
    (mail,) = mailoutbox[before:]
    (mine,) = set(MINE.findall(mail.body))
    page = elsewhere.post(mine, BORN, follow=True)
    assert "What we know about you" in text_of(page)
    assert ALICE["email"] in text_of(page)


def test_a_guest_finds_all_of_hers_behind_the_mail_and_shows_by_it_that_the_address_is_hers(alice, mailoutbox):
    shown = book(alice)
    (token,) = set(mailed(mailoutbox, AT))
    assert token != SHOWN.match(shown)[1]
    assert "open the link in your newest mail" in text_of(own_page(Client(), shown))
    assert not ContactPoint.objects.exclude(verified_at=None).exists()
    browser = Client()
    assert "What we know about you" in text_of(own_page(browser, f"/m/{token}/"))
    assert ContactPoint.objects.get(system="email").verified_at is not None
    assert "open the link in your newest mail" in text_of(own_page(Client(), shown))
    assert "Reminders" in text_of(browser.get(f"/m/{token}/mine/messages/"))


def test_from_each_appointment_the_way_back_asks_nothing_anew(alice, mailoutbox):
    book(alice)
    (token,) = set(mailed(mailoutbox, AT))
    browser = Client()
    page = own_page(browser, f"/m/{token}/")
    visit = re.search(r'href="(/m/[\w-]+/)"', page.content.decode())[1]
    assert "What we know about you" in text_of(browser.get(f"{visit}mine/"))


def test_who_booked_in_her_name_has_no_such_link_and_cannot_make_one(alice, mailoutbox):
    stranger, shown = booked_in_her_name(alice)
    own = SHOWN.match(shown)[1]
    for made in (own + "A" * 20, own + own[:20], own + "A", links.mailed_token(own)[:-1]):
        assert stranger.get(f"/m/{made}/").status_code == 404
    tokens = set(mailed(mailoutbox, AT))
    assert own not in tokens
    assert len(tokens) == Appointment.objects.count()


@pytest.mark.parametrize("seal", ["", "x" * 20])
def test_twin_where_nobody_looks_at_the_seal_a_made_up_one_would_do(alice, monkeypatch, seal):
    shown = book(alice)
    own = SHOWN.match(shown)[1]
    monkeypatch.setattr(links, "constant_time_compare", lambda *_: True)
    assert Client().get(f"/m/{own}{seal}/").status_code == 200


def test_twin_where_a_mailed_link_counts_as_a_shown_one_a_guest_finds_nothing(alice, mailoutbox, monkeypatch):
    book(alice)
    (token,) = set(mailed(mailoutbox, AT))
    went = known_by_link.went_to_its_patient

    def as_shown(link):
        link.mailed = False
        return went(link)

    monkeypatch.setattr(known_by_link, "went_to_its_patient", as_shown)
    assert "open the link in your newest mail" in text_of(own_page(Client(), f"/m/{token}/"))
