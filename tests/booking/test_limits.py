"""One visitor does not book a clinic empty: limits by contact, session and network, told in words, seen by staff."""

from dataclasses import replace
from datetime import date

import pytest

from booking import policies
from booking.actions import appointments, guest_flow, holds
from booking.actions.guest_flow import Guest
from booking.actions.patients import address_verification, patients
from booking.cancel_reasons import CancelReason
from booking.errors import CodeTooSoon, TooManyBookings
from booking.models import Appointment, ContactPoint, Proof, UnusualBooking
from booking.policies import Allowance
from booking.status import Move
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id, visitor
from tests.factories.scheduler import AT

BORN = date(1961, 3, 27)
SLOTS = [(week + day, hour) for week in (12, 19) for day in range(5) for hour in (9, 11, 13, 15)]


def book(dr_li, number, *, person=None, browser="one", network="", email=None, at=AT):
    """Book the time with this number for a person of this number."""
    day, hour = SLOTS[number]
    who = number if person is None else person
    by = visitor(browser)
    kept = holds.choose(read_slot(slot_id(dr_li, chicago(day, hour))), by=by, at=at, address=network)
    name = "Guest " + "abcdefghijklmnopqrstuvwxyz"[who]
    guest = Guest(name=name, email=email or f"guest{who}@example.test", birth_date=BORN)
    return guest_flow.book(kept.public_id, by=by, at=at, patient=None, guest=guest, address=network)


def refused(dr_li, number, **facts):
    with pytest.raises(TooManyBookings) as met:
        book(dr_li, number, **facts)
    return met.value


def test_one_visitor_books_four_visits_an_hour_whatever_names_they_give(dr_li):
    for number in range(4):
        book(dr_li, number, at=AT + number * MINUTE)
    no = refused(dr_li, 4, at=AT + 4 * MINUTE)
    assert no.facts == {"retry_after": 56 * 60}
    assert "You have booked several appointments" in str(no.detail)
    assert "9:00" in str(no.detail)
    assert "call us" in str(no.detail)
    book(dr_li, 4, at=AT + HOUR)


def test_one_visitor_books_eight_visits_a_day(dr_li):
    for number in range(8):
        book(dr_li, number, at=AT + number * HOUR / 2)
    assert refused(dr_li, 8, at=AT + 4 * HOUR).facts == {"retry_after": 20 * 3600}
    book(dr_li, 8, at=AT + DAY)


def test_with_one_verified_address_three_visits_an_hour_are_booked_from_whichever_browser(dr_li):
    for number in range(3):
        visit = book(dr_li, number, browser=str(number), email="shared@example.test")
        if visit.status == "proposed":
            type_code(visit, str(number))
        ContactPoint.objects.update(verified_at=AT)
    no = refused(dr_li, 3, browser="3", email="Shared@example.test")
    assert "this e-mail address" in str(no.detail)
    assert "You have booked" not in str(no.detail)


def test_zoe_books_with_a_code_though_a_stranger_books_with_her_address_all_day(dr_li):
    for number in range(6):
        made = book(dr_li, number, browser=f"mallory {number}", email="zoe@example.test", at=AT + number * HOUR / 2)
        appointments.move(
            made.public_id, Move.CANCEL, by=SYSTEM, at=AT + number * HOUR / 2, reason=CancelReason.PATIENT
        )
    visit = book(dr_li, 6, person=25, browser="zoe", email="zoe@example.test", at=AT + 3 * HOUR)
    assert (visit.status, visit.proof.why) == ("proposed", "contact")
    assert type_code(visit, "zoe", at=AT + 3 * HOUR).status == "booked"
    assert UnusualBooking.objects.get(whose="contact").slowed > 0
    again = book(dr_li, 20, person=25, browser="zoe", email="zoe@example.test", at=AT + 3 * HOUR)
    assert again.status == "booked"


def test_a_stranger_has_six_codes_an_hour_sent_to_one_address_and_whoever_verified_it_is_not_refused_for_that(dr_li):
    mine = {"person": 25, "browser": "zoe", "email": "zoe@example.test"}
    book(dr_li, 0, **mine)
    type_code(book(dr_li, 10, **mine), "zoe")
    for number in range(1, 8):
        book(dr_li, number, browser=f"mallory {number}", email="zoe@example.test")
    no = refused(dr_li, 8, browser="mallory", email="zoe@example.test")
    assert "this e-mail address" in str(no.detail)
    assert book(dr_li, 21, **mine, at=AT + MINUTE).status == "booked"


def test_a_stranger_has_six_codes_an_hour_sent_to_one_address_also_by_having_each_sent_again(dr_li):
    book(dr_li, 0, browser="mallory", email="zoe@example.test")
    first, second = (
        book(dr_li, number, browser=f"mallory {number}", email="zoe@example.test", at=AT) for number in (1, 2)
    )
    for minute, visit in ((2, first), (4, first), (6, second), (8, second)):
        again(visit, at=AT + minute * MINUTE)
    for visit in (first, second):
        with pytest.raises(CodeTooSoon, match="We have sent several"):
            again(visit, at=AT + 10 * MINUTE)
    refused(dr_li, 3, browser="mallory 3", email="zoe@example.test", at=AT + 10 * MINUTE)
    assert sum(len(proof.codes_at) for proof in Proof.objects.all()) == 6
    book(dr_li, 3, browser="mallory 3", email="zoe@example.test", at=AT + HOUR)


def test_codes_that_follow_a_corrected_address_count_for_it(dr_li):
    book(dr_li, 0, browser="mallory", email="yoe@example.test")
    waits = book(dr_li, 1, browser="mallory", email="yoe@example.test")
    patients.change(waits.patient, by=SYSTEM, at=AT + MINUTE, email="zoe@example.test")
    assert Proof.objects.get(appointment=waits).codes_at == [AT, AT + MINUTE]


def again(visit, *, at):
    """Have the code of a visit sent again."""
    address_verification.send_again(visit.public_id, by=visitor(visit.proof.made_by.removeprefix("visitor:")), at=at)


def test_nobody_learns_by_an_address_that_a_patient_of_the_clinic_has_a_visit(dr_li, lakeside):
    grace = patients.register(
        name="Grace Hopper", email="g@example.test", birth_date=BORN, site=lakeside, by=SYSTEM, at=AT
    )
    make_visit(grace, slot_id(dr_li, chicago(*SLOTS[0])))
    assert book(dr_li, 1, email="g@example.test").status == "booked"
    assert book(dr_li, 2, person=3, email="g@example.test").status == "proposed"  # the stranger's own is ahead by now


@pytest.fixture
def small_ward(monkeypatch):
    """Let two visits an hour be booked from one network without a code, and two more wait for one."""
    policy, small = policies.booking_policy, {"visits_per_network": Allowance(2, 5), "proposals_per_network": 2}
    monkeypatch.setattr(policies, "booking_policy", lambda site, **asked: replace(policy(site, **asked), **small))


def fill(dr_li, *numbers):
    """Let Mallory book on the ward's Wi-Fi, each time in a new browser and with a new address."""
    return [book(dr_li, number, browser=str(number), network="ward").status for number in numbers]


def type_code(visit, browser, *, at=AT):
    code = address_verification.code_of(visit.public_id, 1)
    assert (
        address_verification.type_code(visit.public_id, code, by=visitor(browser), at=at)
        is address_verification.CodeResult.RIGHT
    )
    visit.refresh_from_db()
    return visit


def test_alice_on_the_hospital_s_wi_fi_books_with_a_code_while_mallory_fills_the_network_s_hour(dr_li, small_ward):
    assert fill(dr_li, 0, 1, 2) == ["booked", "booked", "proposed"]
    visit = book(dr_li, 3, browser="alice", network="ward")
    assert (visit.status, visit.kept_until, visit.proof.why) == ("proposed", AT + 30 * MINUTE, "network")
    assert type_code(visit, "alice").status == "booked"
    assert fill(dr_li, 4) == ["proposed"]
    assert book(dr_li, 5, browser="5", network="ward", at=AT + HOUR).status == "booked"


def test_alice_s_verified_address_books_straight_through_on_a_full_network_and_takes_nobody_s_place(dr_li, small_ward):
    me = {"person": 25, "browser": "alice", "email": "alice@example.test", "network": "ward"}
    book(dr_li, 0, **me | {"network": "home"})
    type_code(book(dr_li, 10, **me), "alice")
    assert fill(dr_li, 1) == ["booked"]
    assert book(dr_li, 20, **me, at=AT + HOUR / 2).status == "booked"
    assert fill(dr_li, 2, 3) == ["booked", "proposed"]
    assert book(dr_li, 21, **me, at=AT + 2 * HOUR).status == "booked"


def test_when_many_wait_for_their_code_alice_hears_that_it_is_not_her_fault_and_what_to_do(dr_li, small_ward):
    fill(dr_li, 0, 1)
    waiting = book(dr_li, 2, browser="ben", network="ward")
    assert fill(dr_li, 3) == ["proposed"]
    no = refused(dr_li, 4, browser="alice", network="ward", at=AT + 10 * MINUTE)
    assert no.facts == {"retry_after": 20 * 60}
    for said in ("nothing that you did", "your phone's own connection", "8:30", "call us"):
        assert said in str(no.detail)
    assert book(dr_li, 6, browser="phone", network="phone").status == "booked"
    type_code(waiting, "ben", at=AT + MINUTE)
    assert book(dr_li, 5, browser="alice", network="ward", at=AT + 10 * MINUTE).status == "proposed"


def test_on_a_full_network_too_one_address_gets_three_visits_an_hour(dr_li, small_ward):
    fill(dr_li, 0, 1)
    for number in range(2, 5):
        visit = book(dr_li, number, browser=str(number), email="mallory@example.test", network="ward")
        type_code(visit, str(number))
    no = refused(dr_li, 5, browser="5", email="mallory@example.test", network="ward")
    assert "this e-mail address" in str(no.detail)


def test_a_time_chosen_yesterday_counts_in_the_hour_in_which_it_is_booked(dr_li, small_ward):
    old = [
        (
            visitor(str(n)),
            holds.choose(read_slot(slot_id(dr_li, chicago(*SLOTS[n]))), by=visitor(str(n)), at=AT, address="ward"),
        )
        for n in range(3)
    ]
    later = AT + DAY + HOUR
    made = [
        guest_flow.book(
            kept.public_id, by=by, at=later, patient=None, address="ward",
            guest=Guest(name=f"Guest {'abc'[n]}", email=f"g{n}@example.test", birth_date=BORN),
        ).status
        for n, (by, kept) in enumerate(old)
    ]  # fmt: skip
    assert made == ["booked", "booked", "proposed"]


def test_a_whole_ward_books_within_an_hour_from_one_network(dr_li, lakeside):
    assert policies.booking_policy(lakeside.pk, at=AT).visits_per_network.hour >= 40
    for number in range(12):
        book(dr_li, number, browser=str(number), network="ward")


def test_staff_see_once_a_day_who_met_a_limit_and_how_often(dr_li, lakeside, small_ward, caplog):
    fill(dr_li, 0, 1, 2, 3)
    for number in range(4, 7):
        refused(dr_li, number, browser=str(number), network="ward", at=AT + number * MINUTE)
    row = UnusualBooking.objects.get()
    assert (row.whose, row.digest, row.site, row.slowed, row.refused) == ("network", "ward", lakeside, 2, 3)
    assert (row.first_at, row.last_at) == (AT, AT + 6 * MINUTE)
    assert [record.getMessage() for record in caplog.records if "unusual" in record.getMessage()] == [
        "unusual booking: network ward met a limit"
    ]
    assert Appointment.objects.count() == 4


def test_staff_learn_no_address_from_the_list(dr_li, lakeside):
    for number in range(3):
        book(dr_li, number, browser=str(number), email="shared@example.test")
    book(dr_li, 3, browser="3", email="shared@example.test")
    assert UnusualBooking.objects.get().whose == "contact"
    assert "shared" not in str(list(UnusualBooking.objects.values()))
