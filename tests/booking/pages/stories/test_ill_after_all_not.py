"""Alice calls her appointment off because she is ill, and is well after all: she has it back while nobody took it."""

import pytest
from django.test import Client

from booking.models import Appointment
from booking.web import cancel_page, link_views
from scheduler.models import Claim
from tests.booking.pages.walk import book, text_of
from tests.factories.booking import HOUR


@pytest.fixture
def ill(alice):
    """The address of her appointment, which she has called off."""
    visit = book(alice)
    done = alice.post(f"{visit}cancel/", {"reason": "illness"}, follow=True)
    assert "We hope you feel better soon" in text_of(done)
    return visit


def test_she_has_it_back_by_one_press_hours_later(alice, ill, clock):
    clock.shift(3 * HOUR)
    assert "you can still have it" in text_of(alice.get(ill))
    kept = alice.post(f"{ill}undo/", follow=True)
    assert "Your appointment stands" in text_of(kept)
    visit = Appointment.objects.get()
    assert (visit.status, visit.cancel_reason, visit.cancelled_at) == ("booked", "", None)
    assert Claim.objects.filter(allocation=visit.allocation, retired_at=None).exists()


def test_what_somebody_else_has_by_then_is_not_offered_and_refused(alice, ill):
    ben = Client()
    theirs = book(ben, name="Ben Baker", email="ben@example.test", birth_date="2/2/1970")
    assert theirs != ill
    assert "you can still have it" not in text_of(alice.get(ill))
    alice.post(f"{ill}undo/", follow=True)
    assert sorted(Appointment.objects.values_list("status", flat=True)) == ["booked", "cancelled"]


def test_twin_where_nobody_looks_whether_it_is_free_the_claim_itself_refuses(alice, ill, monkeypatch):
    book(Client(), name="Ben Baker", email="ben@example.test", birth_date="2/2/1970")
    monkeypatch.setattr(link_views, "is_free_again", lambda _access, **_at: True)
    refused = alice.post(f"{ill}undo/")
    assert refused.status_code == 409
    assert sorted(Appointment.objects.values_list("status", flat=True)) == ["booked", "cancelled"]


def test_whoever_is_to_stay_away_is_not_offered_it(alice, ill, monkeypatch):
    monkeypatch.setattr(cancel_page, "away", lambda _visit, **_at: (True, None))
    assert "you can still have it" not in text_of(alice.get(ill))
    alice.post(f"{ill}undo/")
    assert Appointment.objects.get().status == "cancelled"
