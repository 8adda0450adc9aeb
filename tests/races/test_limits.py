"""Limits hold also for whoever presses in many browsers at once."""

from dataclasses import replace
from datetime import date

import pytest

from booking import policies
from booking.actions import guest_flow, holds, limits
from booking.actions.guest_flow import Guest
from booking.actions.patients import address_verification
from booking.models import Appointment
from booking.policies import Allowance
from tests.factories.booking import MINUTE, chicago, read_slot, slot_id, visitor
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
        kept = holds.choose(read_slot(slot_id(dr_li, chicago(day, hour))), by=by, at=AT)
        guest = Guest(name=f"Guest {'abcde'[number]}", email="shared@example.test", birth_date=BORN)
        acts.append(lambda b=by, k=kept, g=guest: guest_flow.book(k.public_id, by=b, at=AT, patient=None, guest=g))
    return acts


@pytest.fixture
def ward(monkeypatch):
    """Let two visits an hour be booked from one network without a code, and two more wait for one."""
    policy, small = policies.booking_policy, {"visits_per_network": Allowance(2, 9), "proposals_per_network": 2}
    monkeypatch.setattr(policies, "booking_policy", lambda site, **asked: replace(policy(site, **asked), **small))


def on_the_ward(dr_li):
    """Return bookings with five addresses from five browsers of one network."""
    acts = []
    for number, (day, hour) in enumerate([*((8, hour) for hour in HOURS), (9, 9)]):
        by, email = visitor(str(number)), f"guest{number}@example.test"
        kept = holds.choose(read_slot(slot_id(dr_li, chicago(day, hour))), by=by, at=AT, address="ward")
        asked = {"by": by, "guest": Guest(name=f"Guest {'abcde'[number]}", email=email, birth_date=BORN)}
        facts = asked | {"at": AT, "patient": None, "address": "ward"}
        acts.append(lambda k=kept.public_id, f=facts: guest_flow.book(k, **f))
    return acts


def states(acts):
    return sorted(visit.status for visit in at_once(acts))


def test_two_visits_at_once_with_one_unverified_address_are_one_visit_and_one_that_waits_for_a_code(dr_li):
    assert states(presses(dr_li)[:2]) == ["booked", "proposed"]


def test_twin_when_nobody_waits_for_the_address_both_are_booked_without_a_code(dr_li, monkeypatch):
    acts, gate, needed = presses(dr_li)[:2], Gate(2), address_verification.reason_to_verify

    def look_together(patient, **facts):
        found = needed(patient, **facts)
        gate.wait()
        return found

    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(address_verification, "reason_to_verify", look_together)
    assert states(acts) == ["booked", "booked"]


@pytest.fixture
def few_codes(monkeypatch):
    """Let two codes an hour be sent to one address."""
    policy, small = policies.booking_policy, {"proposals_per_contact": Allowance(2, 9)}
    monkeypatch.setattr(policies, "booking_policy", lambda site, **asked: replace(policy(site, **asked), **small))


def test_five_browsers_at_once_book_one_visit_with_one_address_and_have_two_codes_sent(dr_li, few_codes):
    assert tally(at_once(presses(dr_li))) == {"Appointment": 3, "TooManyBookings": 2}
    assert sorted(Appointment.objects.values_list("status", flat=True)) == ["booked", "proposed", "proposed"]


def test_twin_when_nobody_waits_for_the_address_all_have_codes_sent(dr_li, few_codes, monkeypatch):
    first, *acts = presses(dr_li)
    first()
    gate, may_propose = Gate(len(acts)), limits.may_propose

    def count_together(hold, **facts):
        may_propose(hold, **facts)
        gate.wait()

    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(limits, "may_propose", count_together)
    assert tally(at_once(acts)) == {"Appointment": len(acts)}


def sent_again(dr_li, monkeypatch):
    """Return presses for a new code on two visits that wait with one address; one more may be sent to it."""
    policy, small = policies.booking_policy, {"proposals_per_contact": Allowance(3, 9)}
    monkeypatch.setattr(
        address_verification, "booking_policy", lambda site, **asked: replace(policy(site, **asked), **small)
    )
    visits = [act() for act in presses(dr_li)[:3]][1:]
    return [
        lambda v=visit.public_id, n=number: address_verification.send_again(v, by=visitor(str(n)), at=AT + 2 * MINUTE)
        for number, visit in enumerate(visits, start=1)
    ]


def test_of_two_who_have_codes_sent_again_to_one_address_at_once_one_waits_where_one_more_is_allowed(
    dr_li, monkeypatch
):
    assert tally(at_once(sent_again(dr_li, monkeypatch))) == {"NoneType": 1, "CodeTooSoon": 1}


def test_twin_when_nobody_waits_for_the_address_both_codes_are_sent(dr_li, monkeypatch):
    acts, gate, counted = sent_again(dr_li, monkeypatch), Gate(2), limits.code_again_at

    def count_together(*asked, **facts):
        found = counted(*asked, **facts)
        gate.wait()
        return found

    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(limits, "code_again_at", count_together)
    assert tally(at_once(acts)) == {"NoneType": 2}


def test_of_five_who_book_at_once_on_a_ward_two_need_no_code_two_do_and_one_must_wait(dr_li, ward):
    assert tally(at_once(on_the_ward(dr_li))) == {"Appointment": 4, "TooManyBookings": 1}
    assert sorted(Appointment.objects.values_list("status", flat=True)) == ["booked"] * 2 + ["proposed"] * 2


@pytest.mark.parametrize(("count", "all_of_them"), [("may_book", "booked"), ("may_propose", "proposed")])
def test_twin_when_nobody_waits_for_the_network_all_are_booked_or_all_proposed(
    dr_li, ward, monkeypatch, count, all_of_them
):
    acts, counted = on_the_ward(dr_li), getattr(limits, count)
    if count == "may_propose":
        for act in (acts.pop(), acts.pop()):
            act()
    gate = Gate(len(acts))

    def count_together(hold, **facts):
        found = counted(hold, **facts)
        gate.wait()
        return found

    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(limits, count, count_together)
    assert tally(at_once(acts)) == {"Appointment": len(acts)}
    assert Appointment.objects.filter(status=all_of_them).count() >= 3
