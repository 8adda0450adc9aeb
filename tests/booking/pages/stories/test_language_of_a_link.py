"""A link of the hospital says which language Alice reads: it goes along to the end, and stands on her record."""

import pytest
from django.test import Client

from booking.models import Patient
from tests.booking.pages.walk import ALICE, TIMES, book, booked_and_proven, hidden_on, hold, link, slots_on, text_of


def booked_from(client, address: str):
    """Come by an address, and book one of the times."""
    client.get(address)
    hold(client)
    check = client.post("/book/you/", ALICE, follow=True)
    client.post("/book/done/", hidden_on(check))
    return check


@pytest.mark.parametrize("address", ["/?lang=ru", "/book/?language=ru", f"{TIMES}&lang=ru"])
def test_it_goes_along_to_her_record(alice, address):
    assert "Your language Russian We write in English for now" in text_of(booked_from(alice, address))
    assert Patient.objects.get().language == "ru"


def test_the_frame_on_the_hospitals_page_hands_it_on(alice):
    page = alice.get("/book/acu_manual/next/?visit=first&language=zh-Hans")
    assert "lang=zh-Hans" in page.content.decode()
    assert not page.cookies


def test_she_is_shown_who_speaks_it_or_led_to_an_interpreter(alice):
    page = alice.get(f"{TIMES}&lang=ru")
    spoken = alice.get(link(page, "Show times with somebody who speaks Russian"))
    assert "Boris Ivanov" in text_of(spoken)
    assert slots_on(spoken)
    assert "Grace Okoro, " not in text_of(spoken).partition("Show times")[2].partition("Choose")[2]
    nobody = alice.get(f"{TIMES}&lang=pl")
    assert "Nobody here speaks Polish. We can have somebody interpret." in text_of(nobody)
    assert slots_on(nobody)
    assert "What helps you to come" in text_of(alice.get(link(nobody, "Ask for an interpreter")))


@pytest.mark.parametrize("address", ["/?lang=klingon", "/book/?language=<b>", f"{TIMES}&lang=xx-yy-zz-1"])
def test_what_is_no_language_is_refused_and_said(alice, address):
    page = alice.get(address)
    assert page.status_code == 400
    assert "names no language that we know" in text_of(page)


def test_whoever_is_known_keeps_their_own_and_the_next_visitor_has_none(alice):
    booked_and_proven(alice)
    alice.get("/?lang=ru")
    alice.post("/book/leave/")
    book(alice, 5, name="Ben Adams", email="ben@example.test")
    assert set(Patient.objects.values_list("language", flat=True)) == {"en"}
    book(Client(), 6, lang="ru")
    assert Patient.objects.get(name=ALICE["name"]).language == "en"
