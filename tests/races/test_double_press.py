"""A button pressed twice at once: the second press waits for the first and gets the same visit."""

from datetime import date

import pytest
import time_machine
from django.db.models import QuerySet
from django.test import Client

from booking.actions import guest_flow, holds, links
from booking.actions.guest_flow import Guest
from booking.actions.patients import person_locks
from booking.models import Appointment, Hold, Patient
from booking.status import Status
from tests.booking.pages.walk import TIMES, hidden_on, slots_on, text_of
from tests.factories.booking import chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, beside, tally

pytestmark = pytest.mark.django_db(transaction=True)
ALICE = Guest(name="Alice Adams", email="alice@example.test", birth_date=date(1961, 3, 27))
PRESSES = 6


def presses(dr_li):
    by = visitor("alice")
    kept = holds.choose(read_slot(slot_id(dr_li, chicago(8, 10))), by=by, at=AT)
    return [lambda: guest_flow.book(kept.public_id, by=by, at=AT, patient=None, guest=ALICE)] * PRESSES


def test_pressing_book_many_times_at_once_books_one_visit_for_one_guest(dr_li):
    results = at_once(presses(dr_li))
    assert tally(results) == {"Appointment": PRESSES}
    assert len({visit.pk for visit in results}) == Appointment.objects.count() == Patient.objects.count() == 1


def test_twin_without_the_locks_on_visitor_and_hold_later_presses_are_refused(dr_li, monkeypatch):
    acts = presses(dr_li)
    original = QuerySet.select_for_update
    unlocked = lambda self, *a, **k: self if self.model.__name__ == "Hold" else original(self, *a, **k)  # noqa: E731
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    monkeypatch.setattr(person_locks, "wait_for_others_of", lambda by: None)
    assert tally(at_once(acts)) != {"Appointment": PRESSES}


@pytest.mark.parametrize("status", [Status.BOOKED, Status.PROPOSED])
def test_pressing_move_many_times_at_once_moves_once(dr_li, alice, status):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)), status)
    token, there = links.issue(visit, at=AT), slot_id(dr_li, chicago(8, 14))
    results = at_once([lambda: guest_flow.move(token, there, at=AT)] * PRESSES)
    assert tally(results) == {"Appointment": PRESSES}
    assert Appointment.objects.get().version == 1


# -- choosing a time --------------------------------------------------------------------------------------------------


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def two_taps(times, cookies):
    """Return what one browser sends when a time is tapped twice: nothing is answered yet, so neither has a session."""
    sent = {"slot": slots_on(times)[8], "csrfmiddlewaretoken": hidden_on(times)["csrfmiddlewaretoken"]}

    def tap():
        browser = Client(enforce_csrf_checks=True)
        browser.cookies["csrftoken"] = cookies["csrftoken"].value
        return browser, browser.post("/book/hold/", sent)

    return [tap] * 2


def test_a_new_visitor_who_taps_a_time_twice_keeps_it_once_whichever_answer_comes_last(dr_li, clock):
    browser = Client()
    results = at_once(two_taps(browser.get(TIMES), browser.cookies))
    assert [answer["Location"] for _, answer in results] == ["/book/you/"] * 2
    assert Hold.objects.count() == 1
    for tapped, _ in results:
        assert "We are keeping" in text_of(tapped.get("/book/you/"))


def test_twin_when_the_second_tap_does_not_wait_it_is_told_that_the_time_is_gone(dr_li, clock, monkeypatch):
    monkeypatch.setattr(person_locks, "wait_for_others_of", lambda by: None)
    original, gate = holds.take, Gate(2)

    def both_have_looked(*args, **facts):
        gate.wait()
        return original(*args, **facts)

    monkeypatch.setattr(holds, "take", both_have_looked)
    browser = Client()
    results = at_once(two_taps(browser.get(TIMES), browser.cookies))
    assert sorted(answer.status_code for _, answer in results) == [302, 409]


def test_a_time_tapped_twice_in_place_of_another_is_kept_once(dr_li):
    by = visitor("alice")
    first = holds.choose(read_slot(slot_id(dr_li, chicago(8, 10))), by=by, at=AT)
    other = slot_id(dr_li, chicago(8, 13))
    results = at_once([lambda: holds.choose(read_slot(other), by=by, at=AT, instead_of=first.public_id)] * PRESSES)
    assert tally(results) == {"Hold": PRESSES}
    assert sorted(Hold.objects.values_list("slot", "state")) == sorted([(first.slot, "released"), (other, "open")])


def kept_for_a_caller(dr_li, alice, dana):
    """Let Dana choose two times for Alice at once, in two tabs; return how many are kept."""
    slots = [read_slot(slot_id(dr_li, chicago(8, hour))) for hour in (10, 13)]

    def keep(slot):
        return holds.choose(slot, by=dana.principal, at=AT, patient=alice.record, alone=True)

    beside(lambda: keep(slots[1]), while_open=lambda: keep(slots[0]))
    return Hold.objects.filter(state="open").count()


def test_of_two_times_that_are_chosen_for_a_caller_at_once_one_is_kept(dr_li, alice, dana):
    assert kept_for_a_caller(dr_li, alice, dana) == 1


def test_twin_without_waiting_for_one_s_own_other_tab_two_are_kept_for_a_caller(dr_li, alice, dana, monkeypatch):
    monkeypatch.setattr(person_locks, "wait_for_others_of", lambda _by: None)
    assert kept_for_a_caller(dr_li, alice, dana) == 2


def test_a_time_to_move_to_tapped_twice_is_kept_once(dr_li, alice):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    bearer = links.principal_of(links.link_of(links.issue(visit, at=AT)))
    results = at_once(
        [lambda: holds.choose_for(visit, read_slot(slot_id(dr_li, chicago(8, 14))), by=bearer, at=AT)] * PRESSES
    )
    assert tally(results) == {"Hold": PRESSES}
    assert Hold.objects.count() == 1
