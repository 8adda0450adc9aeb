"""A button pressed twice at once: the second press waits for the first and gets the same visit."""

from datetime import date

import pytest
from django.db.models import QuerySet

from booking.actions import drafts, links
from booking.actions.drafts import Guest
from booking.models import Appointment, Patient
from tests.factories.booking import chicago, make_visit, slot_id, visitor
from tests.factories.scheduler import AT
from tests.races.together import at_once, tally

pytestmark = pytest.mark.django_db(transaction=True)
ALICE = Guest(name="Alice Adams", email="alice@example.test", birth_date=date(1961, 3, 27))
PRESSES = 6


def presses(dr_li):
    by = visitor("alice")
    kept = drafts.choose(slot_id(dr_li, chicago(8, 10)), by=by, at=AT)
    return [lambda: drafts.book(kept.public_id, by=by, at=AT, patient=None, guest=ALICE)] * PRESSES


def test_pressing_book_many_times_at_once_books_one_visit_for_one_guest(dr_li):
    results = at_once(presses(dr_li))
    assert tally(results) == {"Appointment": PRESSES}
    assert len({visit.pk for visit in results}) == Appointment.objects.count() == Patient.objects.count() == 1


def test_twin_without_the_lock_on_the_hold_later_presses_are_refused(dr_li, monkeypatch):
    acts = presses(dr_li)
    original = QuerySet.select_for_update
    unlocked = lambda self, *a, **k: self if self.model.__name__ == "Hold" else original(self, *a, **k)  # noqa: E731
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    assert tally(at_once(acts)) != {"Appointment": PRESSES}


def test_pressing_move_many_times_at_once_moves_once(dr_li, alice):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    token, there = links.issue(visit, at=AT), slot_id(dr_li, chicago(8, 14))
    results = at_once([lambda: drafts.move(token, there, at=AT)] * PRESSES)
    assert tally(results) == {"Appointment": PRESSES}
    assert Appointment.objects.get().version == 1
