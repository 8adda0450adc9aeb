"""Many people want the same time. Each guard is shown with its twin: switched off, the fault appears."""

from collections import Counter
from datetime import date
from string import ascii_uppercase

import pytest

from booking import queries
from booking.actions import appointments, booking_checks, guest_flow, hold_limits, holds, limits, moves
from booking.actions.guest_flow import Guest
from booking.actions.patients import person_locks
from booking.errors import SameTime
from booking.models import Appointment, Hold, Patient
from booking.status import Move, Status
from scheduler import public as scheduler
from scheduler.models import Claim
from scheduler.sheets import free_time
from tests.factories.booking import (
    MINUTE,
    SYSTEM,
    chicago,
    make_patient,
    make_visit,
    read_slot,
    slot_id,
    visitor,
)  # fmt: skip
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import Gate, at_once, deadlocks, tally, without_constraint
from tests.tables import overlaps, sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(8, 10)
CROWD = 12


def make_patients(site, number: int) -> list[Patient]:
    return [make_patient(site, f"Patient {letter}") for letter in ascii_uppercase[:number]]


@pytest.fixture
def crowd(lakeside):
    return make_patients(lakeside, CROWD)


@pytest.fixture
def couple(lakeside):
    return make_patients(lakeside, 2)


@pytest.fixture(autouse=True)
def no_deadlock(db):
    before = deadlocks()
    yield
    assert deadlocks() == before


def booking(patient, slot):
    return lambda: appointments.book(slot=read_slot(slot), patient=patient, by=SYSTEM, at=AT)


def careless_take(gate):
    """Return a way to take bits that looks at nothing, after everybody has looked for free time."""

    def take(stretches):
        gate.wait()
        return True

    return take


# -- one slot, many people --------------------------------------------------------------------------------------------


def test_of_many_who_want_one_time_one_gets_it(dr_li, crowd):
    results = at_once([booking(patient, slot_id(dr_li, TEN)) for patient in crowd])
    assert tally(results) == {"Appointment": 1, "SlotTaken": CROWD - 1}
    assert Appointment.objects.count() == 1
    assert overlaps(at=AT) == sheet_drift() == []


def test_of_many_who_hold_and_book_side_by_side_one_gets_the_time(dr_li, crowd):
    slot = slot_id(dr_li, TEN)
    takers = [lambda n=n: holds.take(read_slot(slot), by=visitor(str(n)), at=AT) for n in range(CROWD)]
    results = tally(at_once([*takers, *(booking(patient, slot) for patient in crowd)]))
    assert results["SlotTaken"] == 2 * CROWD - 1
    assert results["Hold"] + results["Appointment"] == 1
    assert overlaps(at=AT) == sheet_drift() == []


def test_the_constraint_alone_keeps_a_time_for_one(dr_li, couple, monkeypatch):
    monkeypatch.setattr(free_time, "take", careless_take(Gate(2)))
    results = at_once([booking(patient, slot_id(dr_li, TEN)) for patient in couple])
    assert tally(results) == {"Appointment": 1, "SlotTaken": 1}
    assert overlaps(at=AT) == []


def test_the_sheets_alone_keep_a_time_for_one(dr_li, crowd):
    with without_constraint("scheduler.Claim", "claim_shares_no_time_with_another"):
        results = at_once([booking(patient, slot_id(dr_li, TEN)) for patient in crowd])
        assert tally(results)["Appointment"] == 1
        assert overlaps(at=AT) == []


def test_with_neither_constraint_nor_sheets_two_get_the_same_time(dr_li, couple, monkeypatch):
    monkeypatch.setattr(free_time, "take", careless_take(Gate(2)))
    with without_constraint("scheduler.Claim", "claim_shares_no_time_with_another"):
        results = at_once([booking(patient, slot_id(dr_li, TEN)) for patient in couple])
        assert tally(results) == {"Appointment": 2}
        assert overlaps(at=AT) != []


# -- moving -----------------------------------------------------------------------------------------------------------


def moving(visit, slot, **facts):
    return lambda: appointments.move(visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot), **facts)


def test_two_who_want_each_other_s_time_both_keep_their_own(dr_li, couple):
    slots = [slot_id(dr_li, TEN), slot_id(dr_li, chicago(8, 13))]
    visits = [make_visit(patient, slot) for patient, slot in zip(couple, slots, strict=True)]
    for _ in range(5):
        results = at_once([moving(visits[0], slots[1]), moving(visits[1], slots[0])])
        assert tally(results) == {"SlotTaken": 2}
    assert [v.slot for v in Appointment.objects.order_by("pk")] == slots
    assert overlaps(at=AT) == sheet_drift() == []


def test_a_crowd_that_moves_to_and_fro_tears_nothing(dr_li, crowd):
    starts = [chicago(day, hour) for day in (8, 9) for hour in (9, 11, 13, 15)]
    visits = [make_visit(p, slot_id(dr_li, start)) for p, start in zip(crowd[:6], starts[:6], strict=True)]

    def wander(number):
        met = Counter()
        for step in range(4):
            start = starts[(number * 3 + step * 5) % len(starts)] + 15 * (step % 2) * MINUTE
            try:
                moving(visits[number], slot_id(dr_li, start))()
                met["moved"] += 1
            except (scheduler.SlotTaken, SameTime) as refusal:
                met[refusal.code] += 1
        return met

    results = at_once([lambda n=n: wander(n) for n in range(len(visits))])
    assert sum(sum(met.values()) for met in results) == 24
    assert sum(met["moved"] for met in results) > 0
    assert overlaps(at=AT) == sheet_drift() == []
    assert Claim.objects.filter(retired_at=None).values("allocation").distinct().count() == 6


def test_of_two_who_move_a_visit_at_once_the_later_moves_it_from_where_the_other_put_it(dr_li, couple):
    visit = make_visit(couple[0], slot_id(dr_li, TEN))
    slots = [slot_id(dr_li, chicago(9, 10)), slot_id(dr_li, chicago(9, 13))]
    assert tally(at_once([moving(visit, slot) for slot in slots])) == {"Appointment": 2}
    moves_made = list(visit.changes.order_by("pk").values_list("version", "facts__from", "facts__to"))
    assert [version for version, *_ in moves_made] == [0, 1, 2]
    assert moves_made[2][1] == moves_made[1][2]
    assert overlaps(at=AT) == sheet_drift() == []


def test_without_the_lock_both_would_move_it_and_one_move_be_lost(dr_li, couple, monkeypatch):
    visit, gate = make_visit(couple[0], slot_id(dr_li, TEN)), Gate(2)

    def unlocked(appointment_id):
        row = Appointment.objects.select_related("patient", "practitioner", "site", "therapy")
        found = row.get(public_id=appointment_id)
        gate.wait()
        return found

    monkeypatch.setattr(moves, "locked", unlocked)
    slots = [slot_id(dr_li, chicago(9, 10)), slot_id(dr_li, chicago(9, 13))]
    assert tally(at_once([moving(visit, slot) for slot in slots])) == {"Appointment": 2}
    assert [c.version for c in visit.changes.order_by("pk")] == [0, 1, 1]


# -- holds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("round_", range(4))
def test_a_hold_is_either_booked_in_time_or_somebody_else_s(dr_li, couple, round_):
    by, slot = visitor(), slot_id(dr_li, TEN)
    hold = holds.take(read_slot(slot), by=by, at=AT)
    just_before, just_after = AT + 15 * MINUTE - MINUTE / 60, AT + 15 * MINUTE
    results = at_once(
        [
            lambda: appointments.book(hold_id=hold.public_id, patient=couple[0], by=by, at=just_before),
            lambda: appointments.book(slot=read_slot(slot), patient=couple[1], by=SYSTEM, at=just_after),
        ]
    )
    told = tally(results)
    assert told["Appointment"] == 1
    assert told["SlotTaken"] + told["ClaimLapsed"] == 1
    assert Appointment.objects.count() == 1
    assert overlaps(at=just_after) == sheet_drift() == []


def test_without_the_condition_on_expiry_a_lapsed_hold_would_be_booked_over_another(dr_li, couple, monkeypatch):
    by, slot = visitor(), slot_id(dr_li, TEN)
    hold = holds.take(read_slot(slot), by=by, at=AT)
    appointments.book(slot=read_slot(slot), patient=couple[1], by=SYSTEM, at=AT + 15 * MINUTE)

    def careless(allocation, *, at):
        Claim.objects.filter(allocation=allocation).update(expires_at=None)

    in_time = {"hold_id": hold.public_id, "patient": couple[0], "by": by, "at": AT + 14 * MINUTE}
    with pytest.raises(scheduler.ClaimLapsed):
        appointments.book(**in_time)
    monkeypatch.setattr(scheduler, "take_over", careless)
    appointments.book(**in_time)
    assert Appointment.objects.filter(practitioner=dr_li, period__contains=TEN, status=Status.BOOKED).count() == 2


def test_a_hold_confirmed_by_many_at_once_is_one_appointment(dr_li, crowd):
    by = visitor()
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=by, at=AT)
    results = at_once([lambda p=p: appointments.book(hold_id=hold.public_id, patient=p, by=by, at=AT) for p in crowd])
    assert tally(results) == {"Appointment": 1, "HoldUsed": 11}


def test_without_lock_and_condition_a_hold_would_become_two_appointments(dr_li, couple, monkeypatch):
    by, gate = visitor(), Gate(2)
    hold = holds.take(read_slot(slot_id(dr_li, TEN)), by=by, at=AT)

    def unlocked(hold_id, *, by):
        found = Hold.objects.get(public_id=hold_id)
        gate.wait()
        return found

    def careless(allocation, *, at):
        Claim.objects.filter(allocation=allocation).update(expires_at=None)

    monkeypatch.setattr(holds, "_locked", unlocked)
    monkeypatch.setattr(scheduler, "take_over", careless)
    acts = [lambda p=p: appointments.book(hold_id=hold.public_id, patient=p, by=by, at=AT) for p in couple]
    assert tally(at_once(acts)) == {"Appointment": 2}


def test_nobody_keeps_more_than_three_times_by_asking_in_parallel(dr_li):
    by = visitor()
    slots = [slot_id(dr_li, chicago(day, hour)) for day in (8, 9) for hour in (9, 11, 13, 15)]
    results = at_once([lambda slot=slot: holds.take(read_slot(slot), by=by, at=AT) for slot in slots])
    assert tally(results) == {"Hold": 3, "TooManyHolds": 5}


def test_nobody_keeps_more_than_three_times_for_one_patient_through_many_schedulers(dr_li, couple):
    slots = [slot_id(dr_li, chicago(day, hour)) for day in (8, 9) for hour in (9, 11, 13, 15)]
    results = at_once(
        [lambda slot=slot: holds.take(read_slot(slot), by=SYSTEM, at=AT, patient=couple[0]) for slot in slots]
    )
    assert tally(results) == {"Hold": 3, "TooManyHolds": 5}


def test_without_the_lock_on_the_quota_one_could_keep_every_time(dr_li, monkeypatch):
    by = visitor()
    slots = [slot_id(dr_li, chicago(8, hour)) for hour in (9, 11, 13, 15)]
    gate, count = Gate(len(slots)), hold_limits.count

    def counted(*args, **facts):
        found = count(*args, **facts)
        gate.wait()  # nobody writes before all have counted
        return found

    monkeypatch.setattr(hold_limits, "lock_quota", lambda *_, **__: None)
    monkeypatch.setattr(hold_limits, "count", counted)
    results = at_once([lambda slot=slot: holds.take(read_slot(slot), by=by, at=AT) for slot in slots])
    assert tally(results) == {"Hold": 4}


# -- one person -------------------------------------------------------------------------------------------------------


@pytest.fixture
def dr_wu(dr_li, riverside):
    practitioner = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    return practitioner


def in_two_places(patient, dr_li, dr_wu):
    return [booking(patient, slot_id(dr_li, TEN)), booking(patient, slot_id(dr_wu, TEN, site="riverside"))]


def test_nobody_is_booked_in_two_places_at_once(dr_li, dr_wu, couple):
    assert tally(at_once(in_two_places(couple[0], dr_li, dr_wu))) == {"Appointment": 1, "PatientBusy": 1}
    assert Claim.objects.filter(retired_at=None).values("allocation").distinct().count() == 1


def test_without_the_constraint_a_person_would_be_in_two_places(dr_li, dr_wu, couple):
    with without_constraint("booking.Appointment", "patient_is_in_one_place_at_a_time"):
        assert tally(at_once(in_two_places(couple[0], dr_li, dr_wu))) == {"Appointment": 2}


def twice_as_a_guest(dr_li, dr_wu):
    """Return two bookings of one guest from two browsers: at two sites, in one minute, her name spelled in two ways."""
    asked = [("phone", "Zoë Adams", slot_id(dr_li, TEN)), ("desk", "ZOE ADAMS", slot_id(dr_wu, TEN, site="riverside"))]
    acts = []
    for browser, name, slot in asked:
        by = visitor(browser)
        kept = holds.choose(read_slot(slot), by=by, at=AT)
        guest = Guest(name=name, email="zoe@example.test", birth_date=date(1961, 3, 27))
        acts.append(lambda b=by, k=kept, g=guest: guest_flow.book(k.public_id, by=b, at=AT, patient=None, guest=g))
    return acts


def test_a_guest_who_books_from_two_browsers_at_once_is_in_one_place_on_one_record(dr_li, dr_wu):
    assert tally(at_once(twice_as_a_guest(dr_li, dr_wu))) == {"Appointment": 1, "CallToBook": 1}
    assert Patient.objects.count() == 1


def test_twin_when_nobody_waits_for_the_person_a_guest_has_two_records_and_is_in_two_places(dr_li, dr_wu, monkeypatch):
    gate, looked = Gate(2), queries.guest_record

    def look_together(**facts):
        found = looked(**facts)
        gate.wait()
        return found

    monkeypatch.setattr(person_locks, "wait_for_people", lambda *_: None)
    monkeypatch.setattr(limits, "wait_for", lambda name: None)
    monkeypatch.setattr(queries, "guest_record", look_together)
    asked, asking = booking_checks.is_elsewhere, Gate(2)

    def ask_together(visit, **facts):
        found = asked(visit, **facts)
        asking.wait()
        return found

    monkeypatch.setattr(booking_checks, "is_elsewhere", ask_together)
    assert tally(at_once(twice_as_a_guest(dr_li, dr_wu))) == {"Appointment": 2}
    assert Patient.objects.count() == 2


def test_a_third_visit_in_a_week_is_refused_also_when_three_are_asked_for_at_once(dr_li, couple):
    slots = [slot_id(dr_li, chicago(day, 10)) for day in (12, 13, 14, 15)]
    alone = visitor()
    results = at_once(
        [lambda s=s: appointments.book(slot=read_slot(s), patient=couple[0], by=alone, at=AT) for s in slots]
    )
    assert tally(results) == {"Appointment": 2, "CallToBook": 2}


def test_without_the_lock_on_the_patient_all_four_would_be_booked(dr_li, couple, monkeypatch):
    slots, gate = [slot_id(dr_li, chicago(day, 10)) for day in (12, 13, 14, 15)], Gate(4)
    counted = booking_checks.others_of

    def count_together(patient, **facts):
        found = counted(patient, **facts)
        gate.wait()
        return found

    monkeypatch.setattr(person_locks, "lock_patient", lambda patient: patient)
    monkeypatch.setattr(booking_checks, "others_of", count_together)
    alone = visitor()
    results = at_once(
        [lambda s=s: appointments.book(slot=read_slot(s), patient=couple[0], by=alone, at=AT) for s in slots]
    )
    assert tally(results) == {"Appointment": 4}
