"""What Alice needs so that she can come goes along from the waiting list; whoever missed a time is on it still."""

import pytest
from django.test import Client

from booking.actions import access_needs
from booking.actions.waiting import answering, list_entries, offers
from booking.models import CallReason, CallTask, Patient, WaitingListEntry, WaitingListOffer
from core import clock as clocks
from scheduler.actions.catalogue_edits import change
from scheduler.models import Place
from tests.booking.pages.stories.test_waiting_list import JOIN, TUESDAY_TEN, asks, mailed
from tests.booking.pages.stories.waiting_people import fill_tuesday_morning, free, waits
from tests.booking.pages.walk import ALICE, book, slots_on, text_of
from tests.factories.booking import DAY, MINUTE, SYSTEM
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db
CALL = "Or call us, we are glad to help: (773) 555-0177"


@pytest.fixture
def full(site):
    return fill_tuesday_morning(site)


def test_whoever_did_not_answer_in_time_hears_that_they_are_on_the_list_still(full, alice, clock):
    asks(alice)
    here, _mail = mailed(clock)
    alice.post(here, {"act": "confirm"})
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    here, told = mailed(clock)
    assert "You need not answer. Then somebody else is asked, and you stay on the list." in told.body
    assert "You did not get to answer" not in told.body
    offer = WaitingListOffer.objects.get()
    clock.move_to(offer.expires_at + MINUTE)
    offers.settle(at=clocks.now())
    assert "We kept it until" in text_of(alice.get(here))
    assert "You keep your place on the list." in text_of(alice.get(here))
    WaitingListEntry.objects.update(weekdays=[], latest_on=None)
    WaitingListOffer.objects.update(offered_at=AT - 2 * DAY)
    offers.offer_times(now=clocks.now)
    _here, told = mailed(clock)
    assert "You did not get to answer about Tuesday, October 6" in told.body
    assert "You kept your place on the list." in told.body


@pytest.mark.parametrize(
    "spoken", [{"on_record": "", "then": "es", "alone": ""}, {"on_record": "pl", "then": "pl", "alone": "es"}]
)
def test_what_helps_her_to_come_goes_along_from_the_list_to_the_appointment(full, alice, clock, spoken):
    alice.post(JOIN, TUESDAY_TEN | ALICE | {"needs": ["oxygen", "low-table"], "interpreter": "es"})
    here, _mail = mailed(clock)
    alice.post(here, {"act": "confirm"})
    entry = WaitingListEntry.objects.get()
    assert (entry.asked_needs, entry.asked_interpreter) == (["low-table", "oxygen"], "es")
    page = text_of(alice.get(here))
    assert "as you told us" in page
    assert "oxygen" not in page  # a link may be read by others as well
    free(full[1])
    clock.shift(11 * MINUTE)
    assert offers.offer_times(now=clocks.now) == 0  # no place has such a table
    place = Place.objects.get(pk=full[1].place_id)
    change(place, features=[*place.features, "hi-lo"], by=SYSTEM, at=clocks.now())
    Patient.objects.filter(pk=entry.patient_id).update(interpreter=spoken["on_record"])
    clock.shift(16 * MINUTE)
    assert offers.offer_times(now=clocks.now) == 1
    visit = answering.accept(entry.offers.get().pk, at=clocks.now())
    visit.refresh_from_db()
    who = Patient.objects.get(pk=entry.patient_id)
    assert (visit.place, who.access_needs, who.interpreter) == (place, ["low-table", "oxygen"], spoken["then"])
    assert (visit.asked_needs, visit.asked_interpreter) == ([], spoken["alone"])
    assert (CallTask.objects.get().appointment, CallTask.objects.get().reason) == (visit, CallReason.ACCESS)


def test_twin_left_behind_nobody_hears_of_it(full, site, clock, monkeypatch):
    monkeypatch.setattr(access_needs, "bring_along", lambda _visit, _asked, **_how: None)
    entry = waits(site, "Ann One")
    WaitingListEntry.objects.update(asked_interpreter="es")
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    answering.accept(entry.offers.get().pk, at=clocks.now())
    assert not CallTask.objects.exists()


def test_what_she_chose_among_the_times_is_chosen_as_she_asks_to_be_told(site, alice):
    assert "Which language" not in text_of(alice.get(JOIN))
    alice.post(f"/book/needs/?then={JOIN}", {"needs": ["oxygen"], "interpreter": "pl"})
    page = alice.get(JOIN).content.decode()
    assert 'value="oxygen" checked' in page
    assert 'value="pl" selected' in page
    wrong = alice.post(JOIN, TUESDAY_TEN | ALICE | {"interpreter": "klingon"})
    assert wrong.status_code == 422
    assert not WaitingListEntry.objects.exists()


def test_whoever_hears_that_somebody_was_quicker_is_given_the_number_of_that_site(full, site, clock, client):
    site.phone = "(773) 555-0177"
    site.save()
    entry, other = waits(site, "Ann One"), waits(site, "Bea Two")
    free(full[1])
    clock.shift(11 * MINUTE)
    offers.offer_times(now=clocks.now)
    answering.accept(other.offers.get().pk, at=clocks.now())
    here = f"/waiting/{list_entries.token_for(entry)}/"
    taken = client.post(here, {"act": "accept", "offer": entry.offers.get().public_id})
    assert taken.status_code == 409
    assert CALL in text_of(taken)
    assert "(773) 555-0177" in text_of(taken).partition("Need help?")[2]
    assert "(773) 555-0177" not in text_of(client.get("/waiting/nonsense/"))


def test_whoever_hears_no_while_a_time_is_kept_or_behind_their_link_is_given_the_number_of_that_site(
    site, alice, clock
):
    visit = book(alice)
    slots = slots_on(alice.get("/book/acu_manual/times/?visit=first"))
    site.phone = "(773) 555-0177"
    site.save()
    alice.post("/book/hold/", {"slot": slots[3]})
    Client().post("/book/hold/", {"slot": slots[5]})
    assert CALL in text_of(alice.post("/book/hold/", {"slot": slots[5]}, follow=True))
    gone = alice.post(f"{visit}move/", {"slot": slots[5]}, follow=True)
    assert gone.status_code == 409
    assert CALL in text_of(gone)
