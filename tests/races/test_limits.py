"""Limits hold also for whoever presses in many browsers at once."""

from datetime import date

import pytest

from booking.actions import drafts, limits, proofs
from booking.actions.drafts import Guest
from tests.factories.booking import chicago, slot_id, visitor
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once, tally

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = (9, 11, 13, 15)
BORN = date(1961, 3, 27)


def presses(dr_li):
    """Return bookings with one address from five browsers, each for another person and time."""
    acts = []
    for number, (day, hour) in enumerate([*((8, hour) for hour in HOURS), (9, 9)]):
        by = visitor(str(number))
        kept = drafts.choose(slot_id(dr_li, chicago(day, hour)), by=by, at=AT)
        guest = Guest(name=f"Guest {'abcde'[number]}", email="shared@example.test", birth_date=BORN)
        acts.append(lambda b=by, k=kept, g=guest: drafts.book(k.public_id, by=b, at=AT, patient=None, guest=g))
    return acts


def states(acts):
    return sorted(visit.status for visit in at_once(acts))


def test_two_visits_at_once_with_one_unverified_address_are_one_visit_and_one_that_waits_for_a_code(dr_li):
    assert states(presses(dr_li)[:2]) == ["booked", "proposed"]


def test_twin_when_nobody_waits_for_the_address_both_are_booked_without_a_code(dr_li, monkeypatch):
    acts, gate, needed = presses(dr_li)[:2], Gate(2), proofs.needed

    def look_together(patient, **facts):
        found = needed(patient, **facts)
        gate.wait()
        return found

    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(proofs, "needed", look_together)
    assert states(acts) == ["booked", "booked"]


def test_five_browsers_at_once_book_three_visits_with_one_address(dr_li):
    assert tally(at_once(presses(dr_li))) == {"Appointment": 3, "TooManyBookings": 2}


def test_twin_when_nobody_waits_all_five_are_booked(dr_li, monkeypatch):
    acts, gate, insist = presses(dr_li), Gate(5), limits._insist

    def count_together(counted, hold, *, at):
        insist(counted, hold, at=at)
        if counted.whose == "contact":
            gate.wait()

    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(limits, "_insist", count_together)
    assert tally(at_once(acts)) == {"Appointment": 5}
