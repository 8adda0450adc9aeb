"""Seats at once: of two who want one seat one has it, sets are kept whole, and nobody keeps more than their few."""

from contextlib import suppress

import pytest
from django.db import IntegrityError

from booking.actions.families import family_links, reservations, seat_names, seats
from booking.models import Hold, Reservation, Seat
from core.roles import Role
from scheduler.models import Claim
from scheduler.public import CANCER_PROGRAM
from tests.factories.booking import HOUR, SYSTEM, make_staff
from tests.factories.families import invited
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.factories.seats import TEN, beside, keep_three, names
from tests.races.together import Gate, at_once, deadlocks, tally, without_constraint
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(lakeside, dr_li):
    others = [make_practitioner(lakeside, name=name) for name in ("Dr Kim", "Dr Sol")]
    lay_out()
    return [dr_li, *others]


@pytest.fixture
def staff(lakeside):
    """Four of the program, each of whom may have a seat for somebody."""
    return [make_staff(name, Role.PROGRAM, site=lakeside).principal for name in ("frank", "fay", "finn", "flo")]


def taking(seat, by):
    def take():
        # What the constraint refuses is told apart from what is refused in words.
        with suppress(IntegrityError):
            return seats.take(seat, by=by, at=AT)
        return "a fault"

    return take


def test_of_those_who_want_one_seat_at_once_one_has_it_and_the_others_are_told(three, staff):
    seat = names(keep_three(three, staff[0]))[0]
    results = at_once([taking(seat, by) for by in staff])
    assert tally(results) == {"Hold": 1, "SeatHeld": 3}
    assert overlaps(at=AT) == sheet_drift() == []


def unlocked(monkeypatch, people):
    """Let everybody read the seat, and who holds it, before anybody writes."""
    gate, find = Gate(people), seats._hold_of_others_gone

    def found(*args, **facts):
        mine = find(*args, **facts)
        gate.wait()
        return mine

    monkeypatch.setattr(seats, "locked", lambda seat_id: Seat.objects.get(public_id=seat_id))
    monkeypatch.setattr(seats, "_hold_of_others_gone", found)


def test_twin_without_the_lock_on_the_seat_the_others_meet_a_fault(three, staff, monkeypatch):
    seat = names(keep_three(three, staff[0]))[0]
    unlocked(monkeypatch, len(staff))
    assert tally(at_once([taking(seat, by) for by in staff])) == {"Hold": 1, "str": 3}


def test_twin_without_the_constraint_as_well_all_hold_one_seat(three, staff, monkeypatch):
    seat = names(keep_three(three, staff[0]))[0]
    unlocked(monkeypatch, len(staff))
    with without_constraint("booking.Hold", "seat_is_held_by_one_at_a_time"):
        assert tally(at_once([taking(seat, by) for by in staff])) == {"Hold": 4}


def test_of_those_who_keep_the_same_three_one_keeps_them_all(three, staff):
    before = deadlocks()
    orders = [beside(three), beside(three)[::-1]] * 2
    acts = [
        lambda by=by, slots=slots: reservations.keep(slots, by=by, at=AT)
        for by, slots in zip(staff, orders, strict=True)
    ]
    assert tally(at_once(acts)) == {"Reservation": 1, "SlotTaken": 3}
    assert Reservation.objects.count() == 1
    assert Claim.objects.filter(retired_at=None).values("allocation").distinct().count() == Seat.objects.count() == 3
    assert overlaps(at=AT) == sheet_drift() == []
    assert deadlocks() == before


def keeping(three, by):
    """Return acts that keep three seats each, at four times of a day."""
    starts = (TEN, TEN + 2 * HOUR, TEN + 4 * HOUR, TEN - HOUR)
    return [lambda start=start: reservations.keep(beside(three, start), by=by, at=AT) for start in starts[:3]]


def test_frank_with_three_screens_keeps_no_more_than_his_few(three, staff, monkeypatch):
    monkeypatch.setattr(reservations, "MOST_WAITING", 5)
    assert tally(at_once(keeping(three, staff[0]))) == {"Reservation": 1, "TooManySeats": 2}


def test_twin_without_the_lock_on_what_is_counted_he_keeps_all(three, staff, monkeypatch):
    monkeypatch.setattr(reservations, "MOST_WAITING", 5)
    gate, count = Gate(3), reservations.wait_for_quota

    def counted(*args, **facts):
        count(*args, **facts)
        gate.wait()

    monkeypatch.setattr(reservations.person_locks, "wait_for_others_of", lambda *_: None)
    monkeypatch.setattr(reservations, "wait_for_quota", counted)
    assert tally(at_once(keeping(three, staff[0]))) == {"Reservation": 3}


def test_a_seat_is_taken_or_given_back_and_never_both(three, staff):
    kept = keep_three(three, staff[0])
    for seat in names(kept):
        acts = [taking(seat, staff[1]), lambda seat=seat: reservations.release([seat], by=staff[0], at=AT)]
        found = tally(at_once(acts))
        assert found in ({"Hold": 1, "SeatHeld": 1}, {"list": 1, "SeatGone": 1})
    held = set(Hold.objects.values_list("allocation", flat=True))
    assert set(Claim.objects.filter(retired_at=None).values_list("allocation", flat=True)) == held
    assert overlaps(at=AT) == sheet_drift() == []


# -- named at once -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_links(lakeside, alice, mallory, ben, staff):
    """Ben is family of two patients of the program."""
    for patient in (alice.record, mallory.record):
        patient.enrolments.get_or_create(site=lakeside, program=CANCER_PROGRAM)
    made = [
        family_links.claim(invited(patient), own=ben.record, by=ben.principal, at=AT)
        for patient in (alice.record, mallory.record)
    ]
    return [family_links.confirm(one, by=SYSTEM, at=AT) for one in made]


def naming(three, staff, links):
    """Return acts that name Ben for two seats at the same time, by one link or by two."""
    seats_kept = names(keep_three(three, staff[0]))[:2]
    pairs = zip(seats_kept, links, strict=True)
    return [lambda seat=seat, link=link: seat_names.name(seat, link, by=staff[0], at=AT) for seat, link in pairs]


@pytest.mark.parametrize("which", [(0, 0), (0, 1)])
def test_of_two_who_name_ben_for_two_times_at_once_one_hears_that_he_has_another(three, staff, two_links, which):
    before = deadlocks()
    results = at_once(naming(three, staff, [two_links[n] for n in which]))
    assert tally(results) == {"Seat": 1, "NamedAtOnce": 1}
    assert deadlocks() == before


def test_twin_without_that_wait_he_has_two_times_at_once(three, staff, two_links, monkeypatch):
    gate, look = Gate(2), seat_names._refuse_two_at_once

    def looked(*args, **facts):
        look(*args, **facts)
        gate.wait()

    monkeypatch.setattr(seat_names, "wait_for", lambda name: None)
    monkeypatch.setattr(seat_names, "_refuse_two_at_once", looked)
    assert tally(at_once(naming(three, staff, two_links))) == {"Seat": 2}
