"""An address that nobody has verified holds one visit ahead; the next waits for the mailed code or button."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from booking.actions import appointments, links, tidying
from booking.actions.patients import address_verification, patients
from booking.models import Appointment, ContactPoint, Hold, Proof
from booking.status import Move
from core import clock as core_clock
from notifications.actions import codes, dispatch
from notifications.actions import relay as relays
from tests.booking.pages.walk import ALICE, book, hidden_on, say_who, text_of, to_check
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

MINUTE = 60


@pytest.fixture(scope="module")
def asked_once(clinic, once_a_module):
    """Alice has one visit ahead and asks for the next with the same address; return her browser and what it shows."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        browser = Client()
        book(browser)
        check = to_check(browser, week=1)
        assert browser.post("/book/done/", hidden_on(check))["Location"] == "/book/code/"
        return browser, browser.get("/book/code/")


@pytest.fixture
def asked(asked_once, alice):
    """The page that Alice is shown: her browser is where it was when each test begins."""
    browser, page = asked_once
    alice.cookies.load(browser.cookies.output(header=""))
    return page


def code() -> str:
    proof = Proof.objects.select_related("appointment").get()
    return address_verification.code_of(proof.appointment.public_id, proof.issue)


def type_code(client, typed):
    return client.post("/book/code/", {"act": "code", "code": typed})


def second() -> Appointment:
    return Appointment.objects.order_by("pk").last()


def mails() -> list[str]:
    dispatch.run(now=core_clock.now)
    return [f"Subject: {one.subject}\n{one.body}\n{one.alternatives}" for one in mail.outbox]


def mail_server_back_after(clock, *, minutes):
    """Plan what is to be mailed now; let the mail server take it only after a while."""
    relays.relay(at=core_clock.now())
    codes.relay(at=core_clock.now())
    clock.shift(minutes * MINUTE)


def test_the_first_visit_needs_no_code_and_the_second_waits_for_it(alice, asked):
    said = text_of(asked)
    assert "alice@example.test" in said
    assert "We are keeping" in said
    assert second().status == "proposed"
    assert second().kept_until == core_clock.now() + timedelta(minutes=30)
    booked = type_code(alice, f" {code()[:3]} {code()[3:]} ")
    assert "news=booked" in booked["Location"]
    assert (second().status, "You are booked" in text_of(alice.get(booked["Location"]))) == ("booked", True)
    assert ContactPoint.objects.get().verified_at == core_clock.now()


def test_a_code_is_read_in_the_digits_of_any_keyboard(alice, asked):
    arabic = code().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert "news=booked" in type_code(alice, arabic)["Location"]


def test_what_cannot_be_the_code_costs_alice_no_try(alice, asked):
    for typed in ("12345", "1234567", "the code", "²³¹²³¹"):
        refused = type_code(alice, typed)
        assert (refused.status_code, "six digits" in text_of(refused)) == (422, True)
    assert Proof.objects.get().tries == 0


def test_the_code_comes_by_mail_which_tells_nothing_else_and_after_it_the_confirmation(alice, asked):
    first, sent = mails()
    assert "Subject: Your appointment on" in first
    assert code() in sent
    subject = re.search(r"^Subject: (.*)$", sent, re.MULTILINE).group(1)
    assert (subject, "Alice" in sent, "Grace" in sent) == ("Your code", False, False)
    type_code(alice, code())
    assert len(mails()) == 3
    assert "Subject: Your appointment on" in mails()[-1]


def test_a_code_that_was_mailed_before_the_server_got_a_new_key_still_counts(alice, asked, settings):
    mailed = code()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"  # pragma: allowlist secret
    assert code() != mailed
    assert "news=booked" in type_code(alice, mailed)["Location"]


def test_once_verified_the_address_books_without_a_code(alice, asked):
    type_code(alice, code())
    third = to_check(alice, week=2)
    assert "news=booked" in alice.post("/book/done/", hidden_on(third))["Location"]


def test_the_mailed_page_s_button_books_and_opening_it_does_not(alice, asked):
    token = links.issue(second(), at=core_clock.now())
    assert f"/m/{links.mailed_token(token)}/" in mails()[1]
    phone = Client()
    for agent in ("Mozilla/5.0", "Barracuda scanner"):
        page = phone.get(f"/m/{token}/", HTTP_USER_AGENT=agent)
        assert "Is this your appointment?" in text_of(page)
    assert (second().status, ContactPoint.objects.get().verified_at) == ("proposed", None)
    pressed = [phone.post(f"/m/{token}/confirm/") for _ in range(2)]
    assert [answer.status_code for answer in pressed] == [302, 302]
    assert second().status == "booked"
    assert "news=booked" in alice.get("/book/code/")["Location"]


def test_whoever_booked_does_not_get_the_link_that_only_the_mail_holds(alice, asked):
    token = links.issue(second(), at=core_clock.now())
    again = alice.post("/book/done/", {"hold": Hold.objects.order_by("pk").last().public_id} | ALICE)
    assert again["Location"] == "/book/code/"
    assert token not in asked.content.decode()


def test_five_wrong_codes_end_the_code_and_a_new_one_works(alice, asked, clock):
    right = code()
    wrong = "000000" if right != "000000" else "111111"
    answers = [type_code(alice, wrong) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {422}
    assert "no longer works" in text_of(answers[-1])
    assert "no longer works" in text_of(type_code(alice, right))
    clock.shift(MINUTE)
    assert alice.post("/book/code/", {"act": "again"}).status_code == 302
    assert code() != right
    assert "news=booked" in type_code(alice, code())["Location"]


def test_a_code_works_for_ten_minutes_and_is_not_sent_twice_within_one(alice, asked, clock):
    too_soon = alice.post("/book/code/", {"act": "again"})
    assert (too_soon.status_code, too_soon["Retry-After"]) == (429, "60")
    clock.shift(10 * MINUTE)
    assert "no longer works" in text_of(type_code(alice, code()))
    alice.post("/book/code/", {"act": "again"})
    assert code() in mails()[-1]


def test_after_half_an_hour_the_time_is_free_again_and_no_second_mail_goes_to_an_address_that_asked_for_nothing(
    alice, asked, clock
):
    assert len(mails()) == 2
    clock.shift(20 * MINUTE)
    assert alice.get("/book/code/").status_code == 200
    clock.shift(11 * MINUTE)
    assert type_code(alice, code()).status_code == 409
    tidying.tidy(at=core_clock.now())
    assert second().status == "cancelled"
    assert len(mails()) == 2


def test_a_code_that_the_mail_server_put_off_is_not_mailed_once_the_time_is_given_back(alice, asked, clock):
    mail_server_back_after(clock, minutes=31)
    assert len(mails()) == 1


def test_of_two_codes_that_the_mail_server_put_off_the_one_that_works_is_mailed(alice, asked, clock):
    mail_server_back_after(clock, minutes=2)
    alice.post("/book/code/", {"act": "again"})
    (sent,) = [one for one in mails() if "Subject: Your code" in one]
    assert code() in sent


def test_with_a_wrong_address_alice_starts_again_and_her_time_is_given_back(alice, asked):
    assert alice.post("/book/code/", {"act": "wrong"})["Location"] == "/book/"
    assert (second().status, second().cancel_reason) == ("cancelled", "error")
    assert "Alice Adams" in text_of(to_check(alice, week=1))
    assert len(mails()) == 1


def test_mallory_types_no_code_for_alice(alice, asked, mallory):
    mallory.post("/book/hold/", {"slot": "x"})
    assert mallory.get("/book/code/")["Location"] == "/book/"
    assert type_code(mallory, code())["Location"] == "/book/"
    assert second().status == "proposed"


def test_whoever_stops_leaves_neither_address_nor_link_to_the_next_person_at_that_computer(alice, asked):
    assert "alice@example.test" in text_of(alice.get("/book/code/"))
    assert alice.post("/book/leave/").status_code == 302
    assert alice.get("/book/code/")["Location"] == "/book/"
    Client().post(f"/m/{links.issue(second(), at=core_clock.now())}/confirm/")
    assert alice.get("/book/code/")["Location"] == "/book/"


def test_the_next_person_at_that_computer_is_another_visitor(alice, asked):
    alice.post("/book/leave/")
    say_who(alice, 10, week=1)
    assert len(set(Hold.objects.values_list("made_by", flat=True))) == 2


def test_the_page_of_a_visit_that_waited_in_vain_says_so_and_what_to_do(alice, asked, clock):
    token = links.issue(second(), at=core_clock.now())
    clock.shift(31 * MINUTE)
    for tidied in (False, True):
        if tidied:
            tidying.tidy(at=core_clock.now())
        read = text_of(alice.get(f"/m/{token}/"))
        for there in ("Your request has run out", "Choose a time again, or call us", "Book another time"):
            assert there in read
        for untrue in ("We are checking", "Move it", "Cancel it"):
            assert untrue not in read
        assert b"STATUS:CANCELLED" in alice.get(f"/m/{token}/appointment.ics").content


def test_alice_books_the_time_again_for_which_her_code_came_too_late(alice, asked, clock):
    clock.shift(31 * MINUTE)
    again = alice.post("/book/done/", hidden_on(to_check(alice, week=1)))
    assert again["Location"] == "/book/code/"
    assert "news=booked" in type_code(alice, address_verification.code_of(second().public_id, 1))["Location"]


def test_the_code_at_an_address_that_was_corrected_verifies_nothing_and_the_new_address_gets_its_own(alice, asked):
    old, patient = code(), second().patient
    mails()
    patients.change(patient, by=SYSTEM, at=core_clock.now(), email="other@example.test")
    assert type_code(alice, old).status_code == 422
    assert (second().status, ContactPoint.objects.get().verified_at) == ("proposed", None)
    said = text_of(alice.get("/book/code/"))
    assert ("o…@example.test" in said, "other@" in said) == (True, False)  # nobody typed it in this browser
    mails()
    (sent,) = [one for one in mail.outbox if code() in one.body]
    assert sent.to == ["other@example.test"]
    assert "news=booked" in type_code(alice, code())["Location"]
    verified = ContactPoint.objects.get(verified_at__isnull=False)
    assert verified.value == "other@example.test"


def test_alice_who_says_that_the_address_was_wrong_after_the_mailed_button_finds_her_visit_booked(alice, asked):
    Client().post(f"/m/{links.issue(second(), at=core_clock.now())}/confirm/")
    pressed = alice.post("/book/code/", {"act": "wrong"}, follow=True)
    assert (second().status, "You are booked" in text_of(pressed)) == ("booked", True)


def test_the_page_that_asks_for_a_code_promises_no_time_that_is_no_longer_kept(alice, asked, clock):
    clock.shift(20 * MINUTE)
    assert "We are keeping" in text_of(alice.get("/book/code/"))
    clock.shift(11 * MINUTE)
    page = alice.get("/book/code/")
    assert (page.status_code, "Choose another time" in text_of(page)) == (409, True)


def test_alice_who_asks_for_a_new_code_after_the_mailed_button_finds_her_visit_booked(alice, asked):
    Client().post(f"/m/{links.issue(second(), at=core_clock.now())}/confirm/")
    pressed = alice.post("/book/code/", {"act": "again"}, follow=True)
    assert (pressed.status_code, "You are booked" in text_of(pressed)) == (200, True)


def test_alice_who_asks_for_a_new_code_too_soon_is_led_back_to_where_she_types_it(alice, asked):
    assert 'href="/book/code/"' in alice.post("/book/code/", {"act": "again"}).content.decode()


@pytest.mark.parametrize("press", [None, {"act": "code", "code": "000000"}])
def test_the_page_that_asked_for_a_code_hands_out_no_link_once_mail_goes_elsewhere(alice, asked, press):
    type_code(alice, code())
    visit = second()
    patients.change(visit.patient, by=SYSTEM, at=core_clock.now(), email="other@example.test")
    page = alice.post("/book/code/", press) if press else alice.get("/book/code/")
    assert (page["Location"], visit.links.filter(revoked_at=None).exists()) == ("/lost-link/", False)


def test_nor_does_it_half_an_hour_later(alice, asked, clock):
    type_code(alice, code())
    clock.shift(20 * MINUTE)
    assert "news=booked" in alice.get("/book/code/")["Location"]
    clock.shift(10 * MINUTE)
    assert alice.get("/book/code/")["Location"] == "/lost-link/"
    assert alice.get("/book/code/")["Location"] == "/book/"


def test_whoever_sits_there_after_alice_left_does_not_see_that_she_is_asked_for_a_code(alice, asked):
    alice.post("/book/leave/")
    assert alice.get("/book/code/")["Location"] == "/book/"


def test_alice_whom_a_clinician_books_before_she_has_typed_the_code_hears_that_she_is_booked(alice, asked):
    appointments.move(second().public_id, Move.APPROVE, by=SYSTEM, at=core_clock.now())
    assert "You are booked" in text_of(alice.get("/book/code/"))
    assert "You are booked" in text_of(alice.post("/book/code/", {"act": "wrong"}, follow=True))
    assert second().status == "booked"
    assert "news=booked" in type_code(alice, code())["Location"]
    assert ContactPoint.objects.get().verified_at == core_clock.now()


def other_address(client, email, **more):
    return client.post("/book/code/", {"act": "address", "email": email} | more, follow=True)


def test_a_mistyped_address_is_corrected_where_the_code_is_awaited_and_the_code_goes_there(alice, asked):
    assert "The address is not right? Change it" in text_of(asked)
    before = code()
    wrong = other_address(alice, "alice@gmial.com")
    assert wrong.status_code == 422
    assert "Did you mean alice@gmail.com?" in text_of(wrong)
    page = other_address(alice, "adams@example.test")
    assert "It is on its way to adams@example.test" in text_of(page)
    assert type_code(alice, before).status_code == 422
    mails()
    assert [one.to for one in mail.outbox if code() in one.body] == [["adams@example.test"]]
    assert "news=booked" in type_code(alice, code())["Location"]
    assert second().patient.contacts.get().verified_at == core_clock.now()


def test_twin_without_another_code_the_old_mailbox_shows_that_the_new_one_is_theirs(alice, asked, monkeypatch):
    monkeypatch.setattr(address_verification, "follow", lambda _patient, **_at: None)
    before = code()
    other_address(alice, "adams@example.test")
    assert "news=booked" in type_code(alice, before)["Location"]


def test_nobody_else_corrects_it_and_after_two_corrections_nor_does_she(alice, asked):
    assert other_address(Client(), "mallory@example.test").redirect_chain[-1][0] == "/book/"
    for number in range(2):
        ContactPoint.objects.update(verified_at=AT)  # the record is somebody's: the appointment alone goes along
        other_address(alice, f"adams{number}@example.test")
    ContactPoint.objects.update(verified_at=AT)
    assert "Please call us" in text_of(other_address(alice, "adams3@example.test"))
