"""Somebody finds no time that suits them, is told when one opens, and has it by one press."""

import itertools
import re

import pytest
from django.core import mail

from booking.actions import appointments, links
from booking.actions.waiting import answering, list_entries, looks, offers, who_waits
from booking.models import Appointment, Hold, WaitingListEntry, WaitingListOffer
from booking.models.holds import HoldState
from booking.patients import known_by_link
from booking.status import Status
from booking.waiting.errors import AddressNeeded
from core import clock as clocks
from scheduler.models import Practitioner
from tests.booking.pages.stories.waiting_people import fill_tuesday_morning, free, waits
from tests.booking.pages.walk import ALICE, book, link, text_of
from tests.factories.booking import DAY, MINUTE, SYSTEM, chicago, make_patient, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.notifications.rounds import run
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db

TUESDAY_TEN = {"weekdays": ["2"], "part": "morning", "earliest": "10/6", "latest": "10/6", "site": "lakeside"}
JOIN = "/book/acu_manual/waiting/?visit=first"


@pytest.fixture
def full(site):
    return fill_tuesday_morning(site)


def mailed(clock):
    """Send what is due; return where the last mail leads, and the mail."""
    run(clocks.now())
    found = [one for one in mail.outbox if "/waiting/" in one.body][-1]
    return re.search(r"https?://[^/]+(/waiting/[^/]+/)", found.body)[1], found


def asks(browser):
    """Ask to be told, as Alice."""
    return browser.post(JOIN, TUESDAY_TEN | ALICE)


def test_alice_asks_confirms_is_offered_what_somebody_gives_back_and_books_it_by_one_press(full, alice, clock):
    page = alice.get("/book/acu_manual/times/?visit=first")
    assert link(page, "Tell me when a time opens").startswith("/book/acu_manual/waiting/?visit=first")
    assert "Look into" not in text_of(alice.get(JOIN))
    assert asks(alice)["Location"] == "/waiting/asked/"
    here, _mail = mailed(clock)
    assert "Shall we tell you" in text_of(alice.get(here))
    assert WaitingListEntry.objects.get().status == "draft"  # to open a page changes nothing
    alice.post(here, {"act": "confirm"})
    assert offers.offer_times(now=clocks.now) == 0
    alice.post(JOIN, TUESDAY_TEN | ALICE | {"weekdays": ["5"]})  # whoever types her name and birth date changes nothing
    assert [one.weekdays for one in WaitingListEntry.objects.all()] == [[2]]
    free(full[1])
    assert offers.offer_times(now=clocks.now) == 0  # until the cancel cannot be undone any more
    clock.shift(11 * MINUTE)
    assert offers.offer_times(now=clocks.now) == 1
    here, told = mailed(clock)
    assert "A time has opened" in told.subject
    assert "acupuncture" not in told.body.casefold()
    page = alice.get(here)
    assert "Tuesday" in text_of(page)
    assert Appointment.objects.filter(patient__name="Alice Adams").count() == 0
    offer = WaitingListOffer.objects.get()
    assert "You are booked" in text_of(alice.post(here, {"act": "accept", "offer": offer.public_id}, follow=True))
    visit = Appointment.objects.get(patient__name="Alice Adams")
    assert (visit.status, visit.period) == (Status.BOOKED, full[1].period)
    again = alice.post(here, {"act": "accept", "offer": offer.public_id})
    assert again.status_code == 302
    assert Appointment.objects.filter(patient__name="Alice Adams").count() == 1
    assert overlaps(at=clocks.now()) == sheet_drift() == []


def test_what_alice_does_not_want_or_does_not_answer_is_free_for_others(full, alice, clock):
    asks(alice)
    here, _mail = mailed(clock)
    alice.post(here, {"act": "confirm"})
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    offer = WaitingListOffer.objects.get()
    page = alice.post(here, {"act": "decline", "offer": offer.public_id}, follow=True)
    assert "You are on the waiting list" in text_of(page)
    assert "so we offer it to somebody else. You keep your place on the list." in text_of(page)
    assert Hold.objects.get(pk=offer.hold_id).state == HoldState.RELEASED
    late = alice.post(here, {"act": "accept", "offer": offer.public_id})
    assert late.status_code == 409
    assert offers.offer_times(now=clocks.now) == 0  # one a day, and not the same again
    alice.post(here, {"act": "leave"})
    assert "You are not on the waiting list" in text_of(alice.get(here))


def test_of_several_who_are_asked_the_first_has_it_and_the_others_hear_that_it_is_taken(full, site, clock):
    entries = []
    for name in ("Ann One", "Bea Two", "Cal Three", "Dee Four"):
        entries.append(waits(site, name))
        clock.shift(MINUTE)
    free(full[1])
    clock.shift(11 * MINUTE)
    assert offers.offer_times(now=clocks.now) == 3
    assert {one.entry for one in WaitingListOffer.objects.all()} == set(entries[:3])
    first, second, third = WaitingListOffer.objects.order_by("pk")
    answering.accept(second.pk, at=clocks.now())
    with pytest.raises(answering.JustTaken):
        answering.accept(first.pk, at=clocks.now())
    third.refresh_from_db()
    assert third.status == "taken"
    assert WaitingListEntry.objects.filter(status="active").count() == 3


def test_who_has_a_later_appointment_moves_there_in_one_act_and_keeps_it_where_somebody_was_quicker(full, site, clock):
    swapper = make_patient(site, "Sue Later")
    later = appointments.book(
        patient=swapper, by=SYSTEM, at=AT, slot=read_slot(slot_id(grace(), chicago(7, 10)))
    )  # fmt: skip
    entry = waits(site, patient=swapper, instead_of=later)
    other = waits(site, "Ann One")
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    mine, theirs = entry.offers.get(), other.offers.get()
    moved = answering.accept(mine.pk, at=clocks.now())
    assert (moved.pk, moved.period) == (later.pk, full[1].period)
    with pytest.raises(answering.JustTaken):
        answering.accept(theirs.pk, at=clocks.now())
    assert overlaps(at=clocks.now()) == sheet_drift() == []


def test_an_offer_that_is_not_answered_ends_by_itself(full, site, clock):
    entry = waits(site, "Ann One")
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    offer = entry.offers.get()
    assert offer.expires_at < full[1].period.lower
    clock.move_to(offer.expires_at + MINUTE)
    with pytest.raises(answering.OfferOver):
        answering.accept(offer.pk, at=clocks.now())
    offers.settle(at=clocks.now())
    offer.refresh_from_db()
    assert (offer.status, offer.hold.state) == ("expired", HoldState.LAPSED)


def test_to_which_address_we_write_is_read_by_nobody_who_sits_there_later(site, alice, clock):
    asked = asks(alice)["Location"]
    assert ALICE["email"] in text_of(alice.get(asked))
    clock.shift(15 * MINUTE)
    assert alice.get(asked).status_code == 302


def test_who_waits_for_two_things_is_asked_about_one_of_them_a_day(site, clock):
    ann = make_patient(site, "Ann One")
    for therapy in ("acu_manual", "acu_electro"):
        asked = list_entries.Preferences(therapy=therapy, visit="first", site=site)
        list_entries.join(asked, ann, by=SYSTEM, at=clocks.now())
    assert offers.offer_times(now=clocks.now) == 1


def test_who_could_book_nothing_is_tried_once_a_day_of_those_ahead_and_not_for_each_time(site, clock, monkeypatch):
    asked = list_entries.Preferences(therapy="acu_manual", visit="followup", site=site)
    list_entries.join(asked, make_patient(site, "Ann One"), by=SYSTEM, at=clocks.now())
    tried, refuse = list[str](), offers._insist_able

    def counted(entry, slot, hold, *, at):
        tried.append(slot.id)
        refuse(entry, slot, hold, at=at)

    monkeypatch.setattr(offers, "_insist_able", counted)
    assert offers.offer_times(now=clocks.now) == 0  # nobody comes again before they were there first
    assert 0 < len(tried) <= who_waits.LOOKED_AHEAD.days


def looks_until_asked(site, clock, most):
    """Let Ann want nothing of the next two weeks, where a look sees 100 times; return after how many she is asked."""
    asked = list_entries.Preferences(therapy="acu_manual", visit="first", site=site, notice_minutes=14 * 1440)
    list_entries.join(asked, make_patient(site, "Ann One"), by=SYSTEM, at=clocks.now())
    for number in range(1, most):
        begun, ticks = clocks.now(), itertools.count()
        if offers.offer_times(now=lambda begun=begun, ticks=ticks: begun + next(ticks) * looks.LASTS / 100):
            return number
        clock.shift(MINUTE)
    return None


def test_a_look_that_has_no_time_left_is_gone_on_with_by_the_next_one(site, clock):
    assert 1 < looks_until_asked(site, clock, 40) < 40


def test_twin_where_each_look_begins_anew_the_weeks_at_the_end_are_never_looked_at(site, clock, monkeypatch):
    monkeypatch.setattr(looks.Look, "break_off", lambda *_days: None)
    assert looks_until_asked(site, clock, 40) is None


def test_nobody_is_offered_a_time_at_which_they_are_elsewhere(full, site, clock):
    given = full[1]
    elsewhere = next(
        one
        for one in full
        if one.pk != given.pk and one.period.lower < given.period.upper and given.period.lower < one.period.upper
    )
    waits(site, patient=elsewhere.patient)
    free(given)
    clock.shift(11 * MINUTE)
    assert offers.offer_times(now=clocks.now) == 0


def test_who_leaves_while_a_time_is_being_offered_to_them_keeps_it_from_nobody(full, site, clock, monkeypatch):
    entry = waits(site, "Ann One")
    free(full[1])
    clock.shift(11 * MINUTE)

    def locked_once_offered(pk):
        offers.offer_times(now=clocks.now)
        return list_entries.locked(pk)

    monkeypatch.setattr(answering, "locked", locked_once_offered)
    answering.leave(entry, by=SYSTEM, at=clocks.now())
    offer = entry.offers.get()
    assert (offer.status, offer.hold.state) == ("declined", HoldState.RELEASED)


def test_who_has_called_off_their_later_appointment_waits_on_and_books_what_they_are_offered(full, site, clock):
    sue = make_patient(site, "Sue Later")
    later = appointments.book(patient=sue, by=SYSTEM, at=AT, slot=read_slot(slot_id(grace(), chicago(7, 10))))
    entry = waits(site, patient=sue, instead_of=later)
    free(later)
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    booked = answering.accept(entry.offers.get().pk, at=clocks.now())
    assert (booked.status, booked.period) == (Status.BOOKED, full[1].period)


def test_who_has_no_address_is_not_put_on_a_list_that_writes_to_people(site, clock):
    phone_only = make_patient(site, "Phil Phone")
    phone_only.contacts.all().delete()
    with pytest.raises(AddressNeeded):
        waits(site, patient=phone_only)


def test_in_the_evening_of_their_last_day_by_the_clock_of_the_site_somebody_still_waits(site, clock):
    sue = make_patient(site, "Sue Later")
    later = appointments.book(patient=sue, by=SYSTEM, at=AT, slot=read_slot(slot_id(grace(), chicago(7, 10))))
    waits(site, patient=sue, instead_of=later)
    clock.move_to(chicago(6, 21))  # in Greenwich it is the 7th
    assert answering.tidy(at=clocks.now()) == 0
    clock.move_to(chicago(7, 1))
    assert answering.tidy(at=clocks.now()) == 1


def grace():
    return Practitioner.objects.get(name="Grace Okoro")


def test_who_has_a_later_appointment_asks_for_an_earlier_one_behind_their_link(full, alice, clock):
    sue = make_patient(full[0].site, "Sue Later")
    later = appointments.book(patient=sue, by=SYSTEM, at=AT, slot=read_slot(slot_id(grace(), chicago(7, 10))))
    token = links.issue(later, at=AT)
    page = alice.get(f"/m/{token}/move/")
    assert link(page, "Tell me when an earlier time opens") == f"/m/{token}/earlier/"
    page = alice.post(f"/m/{token}/earlier/", {"weekdays": ["2"]}, follow=True)
    assert "You are on the waiting list" in text_of(page)
    assert "acupuncture" not in text_of(page).casefold()
    assert "stays yours until you accept an earlier time" in text_of(page)
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    here, _mail = mailed(clock)
    offer = WaitingListOffer.objects.get()
    assert "Your appointment moves there" in text_of(alice.get(here))
    assert alice.post(here, {"act": "accept", "offer": offer.public_id})["Location"] == f"/m/{token}/?news=moved"
    later.refresh_from_db()
    assert later.period == full[1].period


def asks_for_an_earlier_time(alice):
    """Let a visitor book, and ask behind the link that they are shown; return where that leads."""
    shown = book(alice)
    return alice.post(f"{shown}earlier/", {"weekdays": ["2"], "part": "morning"})["Location"]


def test_nobody_is_offered_times_by_an_address_that_a_visitor_typed_and_nobody_has_read(full, alice, clock):
    there = asks_for_an_earlier_time(alice)
    assert there == "/waiting/asked/"
    assert ALICE["email"] not in text_of(alice.get(there))
    assert WaitingListEntry.objects.get().status == "draft"
    here, _mail = mailed(clock)
    alice.post(here, {"act": "confirm"})
    assert WaitingListEntry.objects.get().status == "active"


def test_twin_where_each_link_is_believed_a_stranger_is_offered_times(full, alice, clock, monkeypatch):
    monkeypatch.setattr(known_by_link, "went_to_its_patient", lambda _link: True)
    assert asks_for_an_earlier_time(alice) != "/waiting/asked/"
    assert WaitingListEntry.objects.get().status == "active"


def test_who_never_confirms_or_whose_last_day_is_over_waits_no_more(site, alice, clock):
    asks(alice)
    run(clocks.now())
    mail.outbox.clear()
    entry = waits(site, "Ann One")
    clock.shift(DAY)
    assert answering.tidy(at=clocks.now()) == 0
    clock.shift(7 * DAY)
    assert answering.tidy(at=clocks.now()) == 2
    entry.refresh_from_db()
    assert entry.status == "ended"
    run(clocks.now())
    told = [one.to for one in mail.outbox if "not on the waiting list" in one.subject]
    assert len(told) == 1
    assert told != [["alice@example.test"]]  # whoever never confirmed hears nothing more
