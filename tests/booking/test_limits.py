"""One visitor does not book a clinic empty: limits by contact, session and network, told in words, seen by staff."""

from dataclasses import replace
from datetime import date

import pytest

from booking.actions import drafts
from booking.actions.drafts import Guest
from booking.errors import TooManyBookings
from booking.models import Appointment, UnusualBooking
from core.models import Policy
from core.policies import Allowance, read_booking
from scheduler import public as scheduler
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, slot_id, visitor
from tests.factories.scheduler import AT

BORN = date(1961, 3, 27)
SLOTS = [(week + day, hour) for week in (12, 19) for day in range(5) for hour in (9, 11, 13, 15)]


def book(dr_li, number, *, person=None, browser="one", network="", email=None, at=AT):
    """Book the time with this number for a person of this number."""
    day, hour = SLOTS[number]
    who = number if person is None else person
    by = visitor(browser)
    kept = drafts.choose(slot_id(dr_li, chicago(day, hour)), by=by, at=at, address=network)
    name = "Guest " + "abcdefghijklmnopqrstuvwxyz"[who]
    guest = Guest(name=name, email=email or f"guest{who}@example.test", birth_date=BORN)
    return drafts.book(kept.public_id, by=by, at=at, patient=None, guest=guest, address=network)


def refused(dr_li, number, **facts):
    with pytest.raises(TooManyBookings) as met:
        book(dr_li, number, **facts)
    return met.value


def test_one_visitor_books_four_visits_an_hour_whatever_names_they_give(dr_li):
    for number in range(4):
        book(dr_li, number, at=AT + number * MINUTE)
    no = refused(dr_li, 4, at=AT + 4 * MINUTE)
    assert no.facts == {"retry_after": 56 * 60}
    assert "You have booked several visits" in str(no.detail)
    assert "9:00" in str(no.detail)
    assert "call us" in str(no.detail)
    book(dr_li, 4, at=AT + HOUR)


def test_one_visitor_books_eight_visits_a_day(dr_li):
    for number in range(8):
        book(dr_li, number, at=AT + number * HOUR / 2)
    assert refused(dr_li, 8, at=AT + 4 * HOUR).facts == {"retry_after": 20 * 3600}
    book(dr_li, 8, at=AT + DAY)


def test_with_one_address_three_visits_an_hour_are_booked_from_whichever_browser(dr_li):
    for number in range(3):
        book(dr_li, number, browser=str(number), email="shared@example.test")
    no = refused(dr_li, 3, browser="3", email="Shared@example.test")
    assert "this e-mail address" in str(no.detail)
    assert "You have booked" not in str(no.detail)


@pytest.fixture
def small_ward(monkeypatch):
    """Let two visits an hour be booked from one network."""
    policy = scheduler.booking_policy
    narrow = lambda site, *, at: replace(policy(site, at=at), visits_per_network=Allowance(2, 5))  # noqa: E731
    monkeypatch.setattr(scheduler, "booking_policy", narrow)


def test_one_too_many_on_a_ward_s_wi_fi_hears_that_it_is_not_their_fault_and_what_to_do(dr_li, small_ward):
    for number in range(2):
        book(dr_li, number, browser=str(number), network="ward")
    no = refused(dr_li, 2, browser="2", network="ward")
    assert "nothing that you did" in str(no.detail)
    assert "your phone's own connection" in str(no.detail)
    book(dr_li, 2, browser="2", network="phone")
    book(dr_li, 3, browser="3", network="ward", at=AT + HOUR)


def test_a_whole_ward_books_within_an_hour_from_one_network(dr_li, lakeside):
    assert scheduler.booking_policy(lakeside.pk, at=AT).visits_per_network.hour >= 40
    for number in range(12):
        book(dr_li, number, browser=str(number), network="ward")


def test_staff_see_once_a_day_who_met_a_limit_and_how_often(dr_li, lakeside, small_ward, caplog):
    for number in range(2):
        book(dr_li, number, browser=str(number), network="ward")
    for number in range(2, 5):
        refused(dr_li, number, browser=str(number), network="ward", at=AT + number * MINUTE)
    row = UnusualBooking.objects.get()
    assert (row.whose, row.digest, row.site, row.refused) == ("network", "ward", lakeside, 3)
    assert (row.first_at, row.last_at) == (AT + 2 * MINUTE, AT + 4 * MINUTE)
    assert [record.getMessage() for record in caplog.records if "unusual" in record.getMessage()] == [
        "unusual booking: network ward met a limit"
    ]
    assert Appointment.objects.count() == 2


def test_staff_learn_no_address_from_the_list(dr_li, lakeside):
    for number in range(3):
        book(dr_li, number, browser=str(number), email="shared@example.test")
    refused(dr_li, 3, browser="3", email="shared@example.test")
    assert "shared" not in str(list(UnusualBooking.objects.values()))


def test_a_policy_of_before_there_were_limits_has_the_usual_ones():
    content = {
        "booking": {
            "min_notice_hours": 4, "horizon_days_patient": 42, "horizon_days_staff": 180, "max_active_per_patient": 8,
            "max_per_week": 2, "first_visit_required_before_followup": True,
        },
        "cancel": {"free_until_hours": 24},
        "no_show": {"mark_after_min": 20},
    }  # fmt: skip
    assert read_booking(Policy(key="booking", version=1, content=content)).visits_per_session == Allowance(4, 8)
