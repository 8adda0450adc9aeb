"""Alice of the program, without an account, books behind her link: on her own record, with what is open to her."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client

from booking.actions import appointments, guest_flow, links
from booking.actions.families import family_links
from booking.actions.patients import merging, patients
from booking.cancel_reasons import CancelReason
from booking.families.codes import LinkPurpose, token_of
from booking.models import Appointment, Enrolment, Hold, Patient
from booking.models.holds import HoldState
from booking.patients import known_by_link
from booking.status import Move
from booking.web import patient_session
from booking.web.slot_ids import sealed
from core.principal import Principal
from scheduler.actions import calendars
from scheduler.models import Practitioner
from scheduler.public import CANCER_PROGRAM
from tests.booking.pages.walk import TIMES, book, hidden_on, link, slots_on, text_of
from tests.factories.booking import DAY, HOUR, SYSTEM, chicago, make_patient, make_visit, slot_id
from tests.factories.families import confirmed
from tests.factories.policies import publish_for_program
from tests.factories.scheduler import AT, lay_out

BORN = {"birth_date": "5/1/1970"}
FRIDAY = 5
KEPT = chicago(9, 10)
FAR = chicago(4, 10, month=12)
"""A Friday eight weeks ahead, kept for the program as all of its Fridays: everybody else books six."""


@pytest.fixture(scope="module")
def program_once(clinic, once_a_module):
    """The cancer program keeps Grace Okoro's Fridays, and lets its people book 90 days ahead, twice a week."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        grace = Practitioner.objects.get(name="Grace Okoro")
        for hours in grace.working_hours.filter(weekday=FRIDAY):
            calendars.change_hours(hours, audience=CANCER_PROGRAM, by=SYSTEM, at=AT)
        publish_for_program(CANCER_PROGRAM, horizon_days_patient=90, max_per_week=2, max_active_per_patient=4)
        lay_out(weeks=10)


@pytest.fixture
def visit(program_once, site):
    """The visit that staff booked for Alice, of which she has a mail."""
    record = make_patient(site, "Alice Mwangi")
    Enrolment.objects.create(patient=record, site=site)
    return make_visit(record, slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(12, 10)))


@pytest.fixture
def page(visit):
    return f"/m/{links.issue(visit, at=AT)}/"


@pytest.fixture
def alice(page):
    """Alice's browser, once she has typed her birth date behind her link."""
    return come(page)


def come(page, **typed):
    browser = Client()
    browser.post(f"{page}again/", BORN | typed)
    return browser


def grace():
    return Practitioner.objects.get(name="Grace Okoro")


def sees_kept(browser, day="2026-10-09"):
    """Whether the times that are kept for the program are shown."""
    shown = browser.get(f"{TIMES}&day={day}", follow=True)
    return bool(re.search("Grace Okoro", text_of(shown).partition("Choose a time")[2].partition("Friday")[2]))


def press(browser, start, *, name="Grace Okoro"):
    """Press a time; return the page that it leads to."""
    sent = {"slot": sealed(slot_id(Practitioner.objects.get(name=name), start))}
    return browser.post("/book/hold/", sent, follow=True)


def book_at(browser, start, *, name="Grace Okoro"):
    """Press a time, and book what is checked; return the last page."""
    held = press(browser, start, name=name)
    if "Check, then book" not in text_of(held):
        return held
    return browser.post("/book/done/", hidden_on(held), follow=True)


def test_she_sees_the_time_of_her_program_and_as_far_as_it_says_and_the_desk_sees_one_record(alice, visit):
    assert sees_kept(alice)
    assert sees_kept(alice, "2026-12-04")
    done = book_at(alice, FAR)
    assert "You are booked" in text_of(done)
    assert [one.patient for one in Appointment.objects.order_by("pk")] == [visit.patient] * 2
    assert Patient.objects.count() == 1


def test_a_stranger_sees_neither(visit):
    stranger = Client()
    assert not sees_kept(stranger)
    assert "not open" in text_of(book_at(stranger, KEPT)).lower() or not Appointment.objects.exclude(pk=visit.pk)


def test_each_page_says_whose_booking_it_is_and_one_press_forgets_it(alice, visit):
    for address in ("/book/", "/book/help/", "/book/acu_manual/times/", TIMES):
        page = alice.get(address)
        assert "You are booking for Alice M…" in text_of(page), address
        assert "no-store" in page.headers["Cache-Control"], "nobody goes back to it once she has left"
    assert "Mwangi" not in text_of(alice.get(TIMES))
    alice.post("/book/leave/")
    assert "You are booking for" not in text_of(alice.get(TIMES))
    assert not sees_kept(alice)


def test_she_books_for_somebody_else_who_is_asked_who_they_are(alice, visit):
    alice.post("/book/hold/", {"slot": sealed(slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(13, 10)))})
    checked = alice.get("/book/check/")
    assert "a…@example.org" in text_of(checked)
    who = alice.get(link(checked, "Change Who") or "/book/you/")
    assert "Go on for Alice Mwangi" in text_of(who)
    times = alice.post("/book/you/", {"somebody_else": "1"}, follow=True)
    assert "You are booking for" not in text_of(times)
    alice.post("/book/hold/", {"slot": slots_on(times)[-1]})
    typed = {"name": "Theo Adams", "email": "theo@example.test", "birth_date": "3/1/1980"}
    alice.post("/book/you/", typed)
    booked = alice.post("/book/done/", hidden_on(alice.get("/book/check/")), follow=True)
    assert "You are booked" in text_of(booked), text_of(booked)
    assert Appointment.objects.latest("pk").patient.name == "Theo Adams"


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        ((chicago(14, 10), chicago(15, 14)), "can book 2 appointments in a week. Choose a time in another week"),
        ((chicago(19, 10), chicago(26, 10), chicago(2, 10, month=11), chicago(9, 10, month=11)),
         "There are as many appointments ahead as one person can have. Online you can have 4 appointments ahead"),
    ],
    ids=["week", "ahead"],
)  # fmt: skip
def test_her_program_s_own_number_is_said_with_what_to_do(alice, starts, words):
    *first, last = starts
    for start in first:
        assert "You are booked" in text_of(book_at(alice, start, name="Boris Ivanov")), start
    assert words in text_of(press(alice, last, name="Boris Ivanov")), "as she presses it, not once all is filled in"
    assert not Hold.objects.filter(state=HoldState.OPEN).exists()


def test_what_is_too_soon_says_until_when_it_could_be_booked(alice):
    words = text_of(book_at(alice, AT + HOUR, name="Boris Ivanov"))
    assert "Online it can be booked until" in words
    assert "Choose a later time, or call us" in words


def test_where_she_is_already_is_not_said(alice, visit):
    words = text_of(press(alice, visit.period.lower, name="Grace Okoro"))
    assert "We cannot book this time online" in words
    assert "another appointment at this time" not in words


def test_twin_where_visitors_are_told_it_is(alice, visit, monkeypatch):
    monkeypatch.setattr(Principal, "visitor", False)
    assert "another appointment at this time" in text_of(press(alice, visit.period.lower, name="Grace Okoro"))


def test_nor_is_it_said_whether_she_has_been_here(alice, visit):
    """A follow-up stands against the first appointment that she has missed: not by that word."""
    held = alice.post("/book/hold/", {"slot": sealed(slot_id(grace(), chicago(7, 10), visit="followup"))}, follow=True)
    assert "and a first appointment if there was none yet" in text_of(held)


def test_of_whoever_types_who_they_are_it_is_said_as_they_book_and_not_before(alice, visit):
    assert "We cannot book this time online" not in text_of(press(Client(), visit.period.lower))


def test_twin_without_it_all_is_filled_in_first(alice, visit, monkeypatch):
    monkeypatch.setattr(guest_flow, "refuse_full", lambda *_args, **_facts: None)
    assert "Check, then book" in text_of(press(alice, visit.period.lower))


def withdrawn(visit):
    patients.change(visit.patient, email="elsewhere@example.test", by=SYSTEM, at=AT)


def died(visit):
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.DECEASED)


def merged_from_elsewhere(visit):
    """A record with another address becomes hers: which of the two mailboxes has the link is not known any more."""
    other = make_patient(visit.patient.site, "Alice Mwangi")
    merging.merge(kept=visit.patient, given_up=other, by=SYSTEM, at=AT)


def born_otherwise(visit):
    patients.change(visit.patient, birth_date=date(1971, 5, 1), by=SYSTEM, at=AT)


ENDS = [
    (withdrawn, "Please open the link in your newest mail once more"),
    (merged_from_elsewhere, "Please open the link in your newest mail once more"),
    (born_otherwise, "Please open the link in your newest mail once more"),
    (died, "Please call us about this"),
]


@pytest.mark.parametrize(
    ("ends", "words", "address"),
    [(*one, TIMES) for one in ENDS] + [(*ENDS[0], "/book/"), (*ENDS[0], "/book/help/")],
)
def test_what_shows_her_no_more_is_asked_at_the_very_next_request(alice, visit, ends, words, address):
    ends(visit)
    refused = alice.get(address)
    assert refused.status_code >= 400
    assert words in text_of(refused)
    assert "(312) 555-0100" in text_of(refused)
    assert not sees_kept(alice)  # said once: from then on she is a visitor


@pytest.mark.parametrize("ends", [one for one, _words in ENDS[:3]])
def test_twin_where_rows_are_not_asked_the_note_stands_though_the_link_is_gone(alice, visit, ends, monkeypatch):
    monkeypatch.setattr(patient_session, "patient_known", lambda *_args, **_facts: visit.patient)
    ends(visit)
    assert sees_kept(alice)


def test_twin_where_a_death_is_not_asked_for_the_times_go_on_being_offered(alice, visit, monkeypatch):
    monkeypatch.setattr(known_by_link, "has_died", lambda _patient: False)
    died(visit)
    assert sees_kept(alice)


def test_behind_the_link_of_who_has_died_nothing_is_begun(page, visit):
    died(visit)
    answer = Client().post(f"{page}again/", BORN)
    assert (answer.status_code, "Please call us about this" in text_of(answer)) == (409, True)


def after_two_hours(alice, clock):
    """Look at a page every quarter of an hour, so that the browser is not forgotten meanwhile."""
    for _quarter in range(8):
        alice.get("/book/check/")
        clock.shift(15 * 60)
    return sees_kept(alice)


def test_the_note_ends_after_two_hours(alice, clock):
    assert not after_two_hours(alice, clock)


def test_twin_a_note_that_lasts_a_day_outlives_them(alice, clock, monkeypatch):
    monkeypatch.setattr(patient_session, "LASTS", DAY)
    assert after_two_hours(alice, clock)


def test_what_she_kept_goes_with_the_note(alice, clock):
    alice.post("/book/hold/", {"slot": sealed(slot_id(grace(), KEPT))})
    assert "Alice Mwangi" in text_of(alice.get("/book/check/"))
    after_two_hours(alice, clock)
    assert alice.get("/book/check/")["Location"] == "/book/"


@pytest.mark.parametrize("how", ["her own link", "a family's link"])
def test_who_stops_gives_back_what_was_kept_though_their_link_has_ended(page, visit, how):
    link, browser = confirmed(visit.patient, at=AT), come(page)
    if how == "a family's link":
        browser.post(f"/family/{token_of(link.public_id, LinkPurpose.WAY_BACK)}/")
    boris = Practitioner.objects.get(name="Boris Ivanov")
    browser.post("/book/hold/", {"slot": sealed(slot_id(boris, chicago(14, 10)))})
    withdrawn(visit)
    family_links.revoke(link, by=SYSTEM, at=AT)
    assert browser.post("/book/leave/").status_code == 302
    assert Hold.objects.get().state == HoldState.RELEASED
    assert browser.session.keys() == set()


def test_who_has_the_link_and_not_the_birth_date_is_a_visitor(page):
    assert not sees_kept(come(page, birth_date="5/2/1970"))


def test_twin_if_any_birth_date_would_do(page, monkeypatch):
    monkeypatch.setattr(links, "knows_birth_date", lambda *_args, **_facts: True)
    monkeypatch.setattr(patient_session, "patient_known", lambda *_args, **_facts: Patient.objects.get())
    assert sees_kept(come(page, birth_date="5/2/1970"))


def test_her_birth_date_behind_somebody_else_s_link_is_nobody_s(visit, site):
    ben = patients.register(
        name="Ben Adams", birth_date=date(1968, 2, 3), email="ben@example.test", site=site, by=SYSTEM, at=AT
    )
    other = make_visit(ben, slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(13, 10)))
    assert not sees_kept(come(f"/m/{links.issue(other, at=AT)}/"))


def shown_to_a_guest(visit):
    """Let a guest whom staff have enrolled show her address, and book once more: of that she is shown the link at once.

    Anybody who knows three facts of her would be.
    """
    Patient.objects.update(guest=True)
    visit.patient.contacts.update(verified_at=AT)
    mail = visit.patient.contacts.get().value
    return book(Client(), name="Alice Mwangi", email=mail, birth_date="5/1/1970")


def test_a_guest_whom_staff_have_enrolled_is_known_by_what_was_mailed_and_not_by_what_was_shown(visit, page):
    shown = shown_to_a_guest(visit)
    assert Patient.objects.count() == 1
    assert sees_kept(come(page))
    assert not sees_kept(come(shown))


def test_nor_while_nobody_has_shown_that_the_address_is_hers(visit, page):
    Patient.objects.update(guest=True)
    assert not sees_kept(come(page))


@pytest.mark.parametrize("switched_off", ["is_verified", "_was_shown_unproven"])
def test_twin_without_one_of_the_two_what_a_stranger_was_shown_opens_her_time(visit, monkeypatch, switched_off):
    shown = shown_to_a_guest(visit)
    if switched_off == "is_verified":
        visit.patient.contacts.update(verified_at=None)
        monkeypatch.setattr(known_by_link.queries, "is_verified", lambda *_args, **_facts: True)
        shown = f"/m/{links.issue(visit, at=AT)}/"
    else:
        monkeypatch.setattr(known_by_link, "_was_shown_unproven", lambda _visit: False)
    assert sees_kept(come(shown))


def three_facts(visit):
    """Let somebody who knows name, address and birth date book as a guest, and staff merge; return their link."""
    mail = visit.patient.contacts.get().value
    mallory = Client()
    address = book(mallory, name="Alice Mwangi", email=mail, birth_date="5/1/1970")
    guests = Patient.objects.get(guest=True)
    merging.merge(kept=visit.patient, given_up=guests, by=SYSTEM, at=AT)
    return address


def test_whoever_typed_three_facts_and_was_shown_a_link_is_not_her_after_a_merging(visit):
    assert not sees_kept(come(three_facts(visit)))


def test_twin_where_every_live_link_is_hers(visit, monkeypatch):
    for module in (patient_session, known_by_link):
        monkeypatch.setattr(module, "went_to_its_patient", lambda _visit: True)
    assert sees_kept(come(three_facts(visit)))


def test_hers_is_the_surviving_record_where_mail_went_to_the_same_address(visit, page):
    mail = visit.patient.contacts.get().value
    kept = patients.register(
        name="Alice Mwangi", birth_date=date(1970, 5, 1), email=mail, site=visit.site, by=SYSTEM, at=AT
    )
    browser = come(page)
    merging.merge(kept=kept, given_up=visit.patient, by=SYSTEM, at=AT)
    assert sees_kept(browser)
    book_at(browser, FAR)
    assert {one.patient for one in Appointment.objects.all()} == {kept}


def test_whoever_came_last_counts_and_the_page_says_who(page, visit):
    link = confirmed(visit.patient, at=AT)
    browser = come(page)
    browser.post(f"/family/{token_of(link.public_id, LinkPurpose.WAY_BACK)}/")
    assert "You are booking for Ben A…" in text_of(browser.get("/book/"))
    browser.post(
        "/book/hold/", {"slot": sealed(slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(14, 10)))}
    )
    words = "You came by a link or code of Ben Adams"  # whichever it was: a code is typed, or read aloud
    assert words in text_of(browser.get("/book/you/"))
    browser.post(f"{page}again/", BORN)
    assert "You are booking for Alice M…" in text_of(browser.get("/book/"))
    assert browser.get("/family/time/")["Location"] == "/family/"


def test_nothing_else_takes_her_for_signed_in(alice, page):
    for address in ("/api/v1/appointments/", "/api/v1/family-links/"):
        assert alice.get(address).status_code in {401, 403}, address
    assert "birth_date" in alice.get(f"{page}family/").text
    assert alice.get("/family/time/")["Location"] == "/family/"
    assert alice.get("/desk/").status_code == 302


def test_behind_a_link_that_shows_nobody_nobody_books_for_whoever_came_before(alice):
    theo = book(Client(), name="Theo Adams", email="theo@example.test", birth_date="3/1/1980")
    alice.post(f"{theo}again/", {"birth_date": "3/1/1980"})
    assert "You are booking for" not in text_of(alice.get("/book/"))
    slot = sealed(slot_id(Practitioner.objects.get(name="Boris Ivanov"), chicago(14, 10)))
    alice.post("/book/hold/", {"slot": slot})
    assert "Theo Adams" in alice.get("/book/you/").text
