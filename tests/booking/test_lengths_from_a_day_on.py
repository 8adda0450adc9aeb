"""A therapy takes another while from a day on: what is booked keeps its length, and what is shown can be had."""

import pytest

from booking.actions import appointments, holds
from booking.cancel_reasons import CancelReason
from booking.status import Move
from core.principal import Principal
from core.refusals import Forbidden
from core.roles import Role
from proof.checker import visits
from scheduler import public as scheduler
from scheduler.actions import plan_lengths
from scheduler.actions.plan_lengths import LengthsChanged
from scheduler.models import VisitPlan
from tests.factories.booking import DAY, HOUR, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.tables import overlaps, sheet_drift

THURSDAY, FRIDAY_NOON = chicago(8, 0), chicago(9, 12)
SHORTER = [25, 10, 15, 5, 10, 10]


@pytest.fixture
def plan(dr_li):
    return VisitPlan.objects.get(therapy__key="acu_manual", visit="first", technique="", version=0)


@pytest.fixture
def ada(lakeside):
    """Ada runs the clinic."""
    return Principal(key="user:77", user_id=77, roles=frozenset({(Role.ADMIN, lakeside.pk)}), at=AT)


def minutes(visit):
    return (visit.period.upper - visit.period.lower) // MINUTE


def is_right():
    return [*visits.misfits(), *overlaps(at=AT), *sheet_drift()] == []


def asked(**how):
    window = {"starts_at": chicago(7, 0), "ends_at": chicago(10, 0), "audience": scheduler.Audience.STAFF}
    return scheduler.SearchQuery(therapy="acu_manual", visit="first", limit=None, **window | how)


def test_what_is_booked_and_kept_stays_as_long_and_what_is_booked_from_then_on_takes_less(plan, ada, alice, ben, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    kept = holds.take(read_slot(slot_id(dr_li, FRIDAY_NOON)), by=ben.principal, at=AT, patient=ben.record)
    plan_lengths.change_lengths(plan, SHORTER, since=THURSDAY, by=ada, at=AT)
    booked = appointments.book(patient=ben.record, by=ben.principal, at=AT, hold_id=kept.public_id)
    again = appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)
    again = appointments.move(visit.public_id, Move.UNDO, by=SYSTEM, at=AT)
    assert [minutes(one) for one in (booked, again)] == [75, 75]
    before, after = (make_visit(ben.record, slot_id(dr_li, start)) for start in (chicago(7, 14), chicago(13, 14)))
    assert [minutes(one) for one in (before, after)] == [75, 65]
    assert is_right()
    there = read_slot(slot_id(dr_li, chicago(14, 9)))
    moved = appointments.move(again.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=there)
    moved.refresh_from_db()
    assert minutes(moved) == 65
    assert is_right()


def test_a_search_across_that_day_shows_each_time_as_long_as_it_is_and_each_can_be_had(plan, ada, alice, dr_li):
    make_visit(alice.record, slot_id(dr_li, chicago(8, 13)))
    whole = scheduler.search(asked(), at=AT)
    plan_lengths.change_lengths(plan, SHORTER, since=THURSDAY, by=ada, at=AT)
    found = scheduler.search(asked(), at=AT)
    lengths = {one.start < THURSDAY: set() for one in found}
    for one in found:
        lengths[one.start < THURSDAY].add((one.end - one.start) // MINUTE)
        assert scheduler.explain(one, at=AT, audience=scheduler.Audience.STAFF).free
    assert lengths == {True: {75}, False: {65}}
    assert [one.start for one in found if one.start < THURSDAY] == [one.start for one in whole if one.start < THURSDAY]
    assert len(found) > len(whole)
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert [one.id for one in scheduler.each_start(asked(), at=AT)] == [one.id for one in found]
    counted = {one.day: one.starts for one in scheduler.days(asked(), at=AT)}
    assert sum(counted.values()) == len(found)
    near = scheduler.alternatives(found[0].key.starting(THURSDAY), audience=scheduler.Audience.STAFF, at=AT)
    assert [(one.end - one.start) // MINUTE for one in near] == [65, 65, 65]


def test_the_newest_word_about_a_day_holds_and_can_be_taken_back_until_it_does(plan, ada, ben, dr_li):
    later = plan_lengths.change_lengths(plan, SHORTER, since=chicago(12, 0), by=ada, at=AT)
    with pytest.raises(LengthsChanged):
        plan_lengths.change_lengths(plan, SHORTER, since=chicago(13, 0), by=ada, at=AT, seen=plan.pk)
    sooner = plan_lengths.change_lengths(plan, [25, 10, 35, 5, 10, 10], since=THURSDAY, by=ada, at=AT)
    later.refresh_from_db()
    assert later.withdrawn_at == AT
    booked = make_visit(ben.record, slot_id(dr_li, chicago(13, 14)))
    plan_lengths.take_back_lengths(sooner, by=ada, at=AT + HOUR)
    assert [minutes(one) for one in (booked, make_visit(ben.record, slot_id(dr_li, chicago(15, 9))))] == [85, 75]
    assert is_right()


def test_who_does_not_set_up_each_site_where_it_is_given_changes_nothing(plan, ada, dana, riverside, dr_li):
    with pytest.raises(Forbidden):
        plan_lengths.change_lengths(plan, SHORTER, since=THURSDAY + DAY, by=dana.principal, at=AT)


def test_twin_without_the_plan_that_claims_name_a_longer_appointment_is_taken_for_a_fault(
    plan, ada, alice, dr_li, monkeypatch
):
    make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))
    plan_lengths.change_lengths(plan, SHORTER, since=THURSDAY, by=ada, at=AT)
    assert is_right()
    monkeypatch.setattr(visits, "VISITS", visits.VISITS.replace("DESC,\n", "ASC,\n", 1))
    assert not is_right()
