"""From the start page to a booked visit."""

import re
from dataclasses import replace

import pytest
from django.core import mail
from django.test import Client

from booking import policies
from booking.actions.patients import address_verification
from booking.models import Appointment, Hold, Patient, Proof
from booking.models.holds import HoldState
from booking.policies import Allowance
from booking.web.slot_ids import opened
from core import clock as core_clock
from core.http.networks import network_of
from core.http.request_headers import CleanHeadersMiddleware
from core.roles import Role
from notifications.actions import dispatch
from scheduler.actions.catalogue_edits import change
from scheduler.models import Offering, Practitioner
from tests.booking.pages.walk import (
    ALICE,
    MASKED,
    TIMES,
    book,
    hidden_on,
    hold,
    link,
    say_who,
    slots_on,
    text_of,
    times_on,
    to_check,
)
from tests.factories.booking import SYSTEM, make_patient, make_user
from tests.factories.scheduler import lay_out, make_places, make_practitioner, make_site

MINUTE = 60


def open_holds() -> int:
    return Hold.objects.filter(state=HoldState.OPEN).count()


def test_alice_books_from_the_first_page_to_the_last(alice):
    assert "Book an appointment" in text_of(alice.get("/"))
    chosen = link(alice.get(link(alice.get("/book/"), "Needles")), "Yes, my first")
    assert chosen == TIMES
    times = alice.get(chosen)
    kept = alice.post("/book/hold/", {"slot": slots_on(times)[0]})
    assert kept["Location"] == "/book/you/"
    assert alice.post("/book/you/", ALICE)["Location"] == "/book/check/"
    check = alice.get("/book/check/")
    assert "Alice Adams Born March 27, 1961" in text_of(check)
    booked = alice.post("/book/done/", hidden_on(check))["Location"]
    said, again = text_of(alice.get(booked)), text_of(alice.get(booked))
    assert "You are booked" in said
    assert "alice@example.test" in said
    assert MASKED.search(again)
    assert "alice@example.test" not in again
    visit = Appointment.objects.get()
    assert (visit.patient.name, visit.patient.guest, visit.status) == ("Alice Adams", True, "booked")


def test_where_nothing_is_offered_yet_alice_learns_whom_to_call(alice, settings):
    Offering.objects.all().delete()
    page = alice.get("/book/")
    assert "Nothing can be booked online at the moment" in text_of(page)
    assert settings.CLINIC_PHONE in text_of(page)
    assert "<form" not in page.content.decode()
    sent = alice.post("/book/", {"visit": "first", "therapy": "acu_manual"}, follow=True)
    assert "Nothing can be booked" in text_of(sent)


def test_a_guest_must_fill_in_three_fields_and_may_leave_a_fourth(alice):
    hold(alice)
    page = alice.get("/book/you/").content.decode()
    assert len(re.findall(r'<input type="(?:text|email)"', page)) == 4
    assert page.count("(optional)") == 1


def test_pressing_the_button_twice_books_once(alice):
    check = to_check(alice)
    first, second = (alice.post("/book/done/", hidden_on(check)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == Patient.objects.count() == 1


def test_a_change_link_comes_straight_back_to_the_check(alice):
    say_who(alice)
    assert hold(alice, 11)["Location"] == "/book/check/"
    assert alice.post("/book/you/", ALICE | {"name": "Alice B. Adams"})["Location"] == "/book/check/"
    assert "Alice B. Adams" in text_of(alice.get("/book/check/"))


def test_the_page_books_for_whom_it_names_whatever_another_tab_says_by_then(alice):
    maria = to_check(alice, name="Maria One", email="maria@example.test")
    nora = alice.get(alice.post("/book/you/", ALICE | {"name": "Nora Two", "email": "nora@example.test"})["Location"])
    assert alice.post("/book/done/", hidden_on(maria)).status_code == 302
    assert Appointment.objects.get().patient.name == "Maria One"
    refused = alice.post("/book/done/", hidden_on(nora))
    assert (refused.status_code, Appointment.objects.count()) == (409, 1)
    assert "booked already" in text_of(refused)


def test_a_page_whose_time_was_given_up_in_another_tab_says_so(alice):
    first = to_check(alice)
    hold(alice, 4)
    refused = alice.post("/book/done/", hidden_on(first))
    assert refused.status_code == 410
    assert "We no longer keep this time for you" in text_of(refused)
    assert not Appointment.objects.exists()


def test_a_page_for_a_guest_books_nothing_for_whoever_signed_in_meanwhile(alice, site):
    page, ben = to_check(alice), make_user("ben", Role.PATIENT)
    make_patient(site, "Ben Adams", user=ben)
    alice.force_login(ben)
    assert alice.post("/book/done/", hidden_on(page))["Location"] == "/book/check/"
    assert not Appointment.objects.exists()


def test_choosing_again_and_again_never_meets_the_quota(alice):
    for number in range(6):
        assert hold(alice, number).status_code == 302
    assert open_holds() == 1


def test_the_same_time_chosen_twice_is_kept_once(alice):
    slot = slots_on(alice.get(TIMES))[8]
    for _ in range(2):
        assert alice.post("/book/hold/", {"slot": slot}).status_code == 302
    assert Hold.objects.count() == 1


def test_alice_still_sees_the_time_that_she_keeps_and_ben_does_not(alice, ben):
    slot = slots_on(alice.get(TIMES))[8]
    alice.post("/book/hold/", {"slot": slot})
    assert opened(slot) in times_on(alice.get(TIMES))
    assert "We are keeping" in text_of(alice.get(TIMES))
    assert opened(slot) not in times_on(ben.get(TIMES))


def test_when_her_time_runs_out_alice_keeps_her_answers_and_books_the_time_all_the_same(alice, clock):
    check = to_check(alice)
    clock.shift(20 * MINUTE)
    late = alice.get("/book/check/")
    assert "your answers are safe" in text_of(late)
    assert "Keep this time again" in text_of(late)
    assert alice.post("/book/done/", hidden_on(check)).status_code == 302
    assert alice.post("/book/done/", hidden_on(check)).status_code == 302
    assert Appointment.objects.count() == 1


def test_a_time_that_ran_out_can_be_kept_again(alice, clock):
    say_who(alice)
    clock.shift(20 * MINUTE)
    slot = Hold.objects.get().slot
    assert alice.post("/book/hold/", {"slot": slot})["Location"] == "/book/check/"
    assert "We are keeping" in text_of(alice.get("/book/check/"))


def test_when_ben_was_quicker_alice_is_offered_the_three_nearest_times_and_keeps_her_answers(alice, ben, clock):
    check = to_check(alice)
    clock.shift(20 * MINUTE)
    book(ben, name="Ben Adams", email="ben@example.test")
    refused = alice.post("/book/done/", hidden_on(check))
    assert refused.status_code == 409
    assert "not free" in text_of(refused)
    assert len(slots_on(refused)) == 3
    assert alice.post("/book/hold/", {"slot": slots_on(refused)[0]})["Location"] == "/book/check/"
    assert "Alice Adams" in text_of(alice.get("/book/check/"))


def test_a_time_taken_between_looking_and_choosing_is_refused_with_others(alice, ben):
    slot = slots_on(alice.get(TIMES))[8]
    ben.post("/book/hold/", {"slot": slot})
    refused = alice.post("/book/hold/", {"slot": slot})
    assert (refused.status_code, len(slots_on(refused))) == (409, 3)


def test_where_a_therapy_is_given_at_several_sites_the_nearest_times_say_where(alice, ben, site):
    riverside = make_site("riverside")
    make_places(riverside, 1)
    make_practitioner(riverside, name="Natalia Orlova")
    lay_out(weeks=3)
    slot = slots_on(alice.get(TIMES))[8]
    ben.post("/book/hold/", {"slot": slot})
    refused = alice.post("/book/hold/", {"slot": slot})
    named = re.findall("(Lakeside|Riverside) clinic", text_of(refused))
    assert len(named) == len(slots_on(refused)) == 3


def test_a_refused_choice_leaves_the_time_kept_before(alice, ben):
    taken = slots_on(alice.get(TIMES))[1]
    ben.post("/book/hold/", {"slot": taken})
    say_who(alice)
    assert alice.post("/book/hold/", {"slot": taken}).status_code == 409
    assert "We are keeping" in text_of(alice.get("/book/check/"))


@pytest.mark.parametrize("page", ["/book/you/", "/book/check/"])
def test_more_time_is_given_without_losing_what_was_typed(alice, clock, page):
    say_who(alice)
    clock.shift(14 * MINUTE)
    where = page if page == "/book/you/" else "/book/more-time/"
    assert alice.post(where, {"name": "Alice Ad", "more_time": "1"})["Location"] == page
    clock.shift(14 * MINUTE)
    assert "We are keeping" in text_of(alice.get("/book/you/"))
    if page == "/book/you/":
        assert 'value="Alice Ad"' in alice.get(page).content.decode()


def test_more_time_is_given_three_times(alice):
    say_who(alice)
    for _ in range(3):
        assert alice.post("/book/more-time/").status_code == 302
    assert "I need more time" not in text_of(alice.get("/book/check/"))
    assert alice.post("/book/more-time/").status_code == 409


def test_mallory_cannot_book_what_alice_keeps(alice, mallory):
    check = to_check(alice)
    say_who(mallory, 5)
    assert mallory.post("/book/done/", hidden_on(check)).status_code == 404
    assert not Appointment.objects.exists()


def test_nobody_reaches_the_later_steps_without_a_time(alice):
    assert alice.get("/book/you/")["Location"] == "/book/"
    assert alice.get("/book/check/")["Location"] == "/book/"
    assert alice.get("/book/done/")["Location"] == "/book/check/"


def test_nobody_reaches_the_check_without_saying_who_comes(alice):
    hold(alice)
    assert alice.get("/book/check/")["Location"] == "/book/you/"
    kept = Hold.objects.get()
    assert alice.post("/book/done/", {"hold": kept.public_id})["Location"] == "/book/check/"
    assert not Patient.objects.exists()


def test_once_booked_the_draft_is_gone_and_whoever_goes_back_learns_that_it_is_booked(alice, clock):
    book(alice)
    assert "This is booked" in text_of(alice.get("/book/check/"))
    clock.shift(15 * MINUTE)
    assert alice.get("/book/check/")["Location"] == "/book/"
    assert "alice@example.test" not in str(dict(alice.session))


def test_the_cost_is_spoken_of_before_booking(alice):
    assert "Please ask us about insurance" in text_of(to_check(alice))


def hold_from(address, number, **more):
    """Choose a time in a new browser."""
    return hold(Client(REMOTE_ADDR=address, **more), number).status_code


def test_on_a_shared_wi_fi_nobody_is_told_that_they_keep_what_others_keep(site, monkeypatch):
    policy = policies.booking_policy
    narrow = lambda key, *, at: replace(policy(key, at=at), open_holds_per_network=1, short_holds_per_network=1)  # noqa: E731
    monkeypatch.setattr(policies, "booking_policy", narrow)
    assert [hold_from(f"203.0.113.{n}", n) for n in range(2)] == [302] * 2
    refused = hold(Client(REMOTE_ADDR="203.0.113.99"), 2)
    said = text_of(refused)
    assert (refused.status_code, refused["Retry-After"]) == (429, str(5 * MINUTE))
    assert "Many people on your network" in said
    assert "Try again in 5 minutes" in said
    assert "You are keeping" not in said
    assert hold_from("203.0.113.99", 2, HTTP_X_FORWARDED_FOR="198.51.100.1") == 429
    assert hold_from("198.51.100.1", 2) == 302
    assert "203.0.113" not in str(list(Hold.objects.values()))


def test_where_many_book_from_alice_s_network_the_page_says_so_kindly_and_her_code_books(alice, ben, monkeypatch):
    policy, one = policies.booking_policy, {"visits_per_network": Allowance(1, 1)}
    monkeypatch.setattr(policies, "booking_policy", lambda site, **asked: replace(policy(site, **asked), **one))
    book(ben, name="Ben Adams", email="ben@example.test")
    assert alice.post("/book/done/", hidden_on(to_check(alice, 10)))["Location"] == "/book/code/"
    said = text_of(alice.get("/book/code/"))
    assert (
        "Many people are booking from your network right now, so we first make sure that the e-mail address is yours"
        in said
    )
    assert "another visit ahead" not in said
    proof = Proof.objects.get()
    code = address_verification.code_of(proof.appointment.public_id, proof.issue)
    dispatch.run(now=core_clock.now)
    assert code in mail.outbox[-1].body
    assert "news=booked" in alice.post("/book/code/", {"act": "code", "code": code})["Location"]
    assert Appointment.objects.get(pk=proof.appointment.pk).status == "booked"


def test_behind_a_trusted_proxy_the_visitor_s_own_network_counts(rf, settings):
    def network(text):
        request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=text)
        return CleanHeadersMiddleware(network_of)(request)

    assert network("203.0.113.5") == network("198.51.100.7")
    settings.TRUSTED_PROXIES = 1
    assert network("10.0.0.9, 203.0.113.5") == network("203.0.113.200") == network("::ffff:203.0.113.1")
    assert len({network(text) for text in ("203.0.113.5", "198.51.100.7", "2001:db8:0:100::1", "nonsense")}) == 4
    assert network("2001:db8:0:1ff::1") == network("2001:db8:0:100::1")
    assert network("2001:db8:0:200::1") != network("2001:db8:0:100::1")


def test_alice_whose_practitioner_leaves_while_she_types_keeps_what_she_typed_and_chooses_another(alice):
    say_who(alice)
    change(Practitioner.objects.get(name="Grace Okoro"), active=False, by=SYSTEM, at=core_clock.now())
    assert "Alice Adams" in alice.get("/book/you/").content.decode()
    gone = alice.get("/book/check/")
    assert (gone.status_code, "not free" in text_of(gone)) == (409, True)
    again = alice.post("/book/hold/", {"slot": slots_on(gone)[0]})
    assert again["Location"] == "/book/check/"
    check = text_of(alice.get("/book/check/"))
    assert "Alice Adams" in check
    assert "Boris Ivanov" in check


def test_alice_who_keeps_three_times_sees_them_goes_on_with_one_and_gives_another_back(alice):
    for number in range(3):
        hold(alice, number)
        session = alice.session
        del session["draft"]  # she began anew, in a window of her own for each
        session.save()
    refused = hold(alice, 3)
    assert refused.status_code == 409
    assert 'href="/book/held/"' in refused.content.decode()
    page = alice.get("/book/held/")
    slots = slots_on(page)
    assert len(slots) == 3
    assert hold(alice, slot=slots[0])["Location"] == "/book/you/"
    given = re.findall(r'name="hold" value="([^"]+)"', page.content.decode())[1]
    assert alice.post("/book/held/", {"hold": given}, follow=True).content.decode().count('name="hold"') == 2
    assert alice.post("/book/held/", {"hold": given}).status_code == 302  # pressed twice
    assert hold(alice, 3).status_code == 302


def test_nobody_sees_or_gives_back_what_somebody_else_keeps(alice):
    hold(alice)
    mallory = Client()
    hold(mallory, 5)
    assert mallory.get("/book/held/").content.decode().count('name="hold"') == 1
    assert mallory.post("/book/held/", {"hold": alice.session["draft"]["hold"]}).status_code == 404
    assert Client().get("/book/held/").status_code == 200
    assert open_holds() == 2
