"""Frank keeps times for a patient's family: several in one act, until their name-by date, and nobody else has them."""

from dataclasses import replace

import pytest

from booking.actions import appointments
from booking.actions.families import reservations, seat_reminders
from booking.errors import BeyondHorizon
from booking.models import Reservation
from booking.seats.seat_rules import ReservationAnchor
from booking.seats.seat_sets import WantedSeats, seat_sets
from core.refusals import Forbidden, Invalid
from scheduler import public as scheduler
from scheduler.audience import CANCER_PROGRAM, STAFF_ALONE
from scheduler.models import Program, Therapy
from tests.booking.test_audiences import give_hours
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, read_slot, slot_id
from tests.factories.policies import publish_for_program
from tests.factories.scheduler import AT, lay_out
from tests.factories.seats import TEN, beside, in_a_row, is_free
from tests.tables import changed, dump, overlaps, sheet_drift

pytestmark = pytest.mark.django_db


def test_three_seats_side_by_side_are_kept_in_one_act_and_nobody_else_has_them(kept, three, frank, mallory):
    assert [(one.number, one.state, one.period.lower) for one in kept.seats.all()] == [
        (n, "open", TEN) for n in (1, 2, 3)
    ]
    assert (kept.made_by, kept.name_by, kept.in_a_row) == (frank.principal.key, TEN - 3 * DAY, False)
    assert not any(is_free(one, at=AT) for one in beside(three))
    with pytest.raises(scheduler.SlotTaken):
        appointments.book(patient=mallory.record, by=mallory.principal, at=AT, slot=beside(three)[0])


def test_what_nobody_has_by_the_name_by_date_is_free_with_every_worker_dead(kept, three, mallory):
    just_before, then = kept.name_by - MINUTE, kept.name_by
    assert not any(is_free(one, at=just_before) for one in beside(three))
    assert all(is_free(one, at=then) for one in beside(three))
    assert appointments.book(patient=mallory.record, by=mallory.principal, at=then, slot=beside(three)[0])
    assert overlaps(at=then) == sheet_drift() == []


def test_seats_in_a_row_with_one_practitioner(dr_li, frank):
    kept = reservations.keep(in_a_row(dr_li, 3), by=frank.principal, at=AT)
    assert kept.in_a_row
    assert [one.period.lower for one in kept.seats.all()] == [one.start for one in in_a_row(dr_li, 3)]


def test_one_practitioner_treats_two_side_by_side_where_hands_are_free_in_turn(dr_li, frank):
    staggered = [read_slot(slot_id(dr_li, start, visit="followup")) for start in (TEN, TEN + 20 * MINUTE)]
    kept = reservations.keep(staggered, by=frank.principal, at=AT)
    assert (kept.in_a_row, len({one.place_id for one in kept.seats.all()})) == (False, 2)


def test_of_seats_of_which_one_is_taken_none_is_kept(three, frank, mallory):
    appointments.book(patient=mallory.record, by=mallory.principal, at=AT, slot=beside(three)[2])
    before = dump()
    with pytest.raises(scheduler.SlotTaken) as refusal:
        reservations.keep(beside(three), by=frank.principal, at=AT)
    assert [one.id for one in refusal.value.taken] == [beside(three)[2].id]
    assert changed(before, dump()) == []


PEDIATRICS = "pediatrics"


@pytest.fixture
def pediatrics(lakeside):
    """A second program that takes families."""
    return Program.objects.create(key=PEDIATRICS, name={"en": "Pediatrics"}, families=True)


def test_times_are_kept_for_families_of_whichever_program_gives_them(three, frank, pediatrics):
    kept = reservations.keep(beside(three), by=frank.principal, at=AT, program=PEDIATRICS)
    assert kept.program == PEDIATRICS


@pytest.mark.parametrize("what", ["families", "active", "sites", "therapies", "practitioners"])
def test_no_time_is_kept_that_the_program_does_not_give_to_families_here(what, three, frank, pediatrics, riverside):
    narrowed = {
        "sites": [riverside],
        "therapies": [Therapy.objects.exclude(key="acu_manual").first()],
        "practitioners": [three[0]],
    }
    if what in narrowed:
        getattr(pediatrics, what).set(narrowed[what])
    else:
        Program.objects.filter(key=PEDIATRICS).update(**{what: False})
    with pytest.raises(Invalid) as refused:
        reservations.keep(beside(three), by=frank.principal, at=AT, program=PEDIATRICS)
    pointer = refused.value.facts["errors"][0]["pointer"]
    assert pointer == ("/slots" if what in {"therapies", "practitioners"} else "/program")
    assert not Reservation.objects.exists()


def test_twin_without_the_look_at_the_program_its_time_is_kept_with_anybody(three, frank, pediatrics, monkeypatch):
    pediatrics.practitioners.set([three[0]])
    monkeypatch.setattr("booking.actions.families.reservations.refuse_beyond", lambda _program, _slots: None)
    assert reservations.keep(beside(three), by=frank.principal, at=AT, program=PEDIATRICS)


def test_only_what_a_program_gives_is_looked_for(three, lakeside, pediatrics):
    pediatrics.practitioners.set(three[:2])
    asked = {"therapy": "acu_manual", "visit": "first", "technique": "", "in_a_row": False, "program": PEDIATRICS}
    wanted = WantedSeats(seats=1, anchor=ReservationAnchor(at=TEN, minutes=0, site=lakeside), **asked)
    found = {one.practitioner.public_id for one_set in seat_sets(wanted, at=AT, most=20) for one in one_set}
    assert found <= {one.public_id for one in three[:2]}
    assert found
    assert seat_sets(replace(wanted, program="nobody"), at=AT) == []


def test_several_therapies_are_kept_in_one_act(three, frank, lakeside):
    anchor = ReservationAnchor(at=TEN, minutes=60, site=lakeside)
    asked = {"therapy": "acu_manual", "visit": "first", "technique": "", "in_a_row": False, "program": CANCER_PROGRAM}
    other = ("acu_manual", "followup", "")
    wanted = WantedSeats(seats=3, anchor=anchor, others=(other,), **asked)
    found = seat_sets(wanted, at=AT)
    kept = reservations.keep(found[0], by=frank.principal, at=AT, anchor=anchor)
    assert sorted(one.visit for one in kept.seats.all()) == ["first", "first", "followup"]


def test_frank_keeps_time_of_his_program_and_not_what_is_open_to_staff_of_another(three, frank, pediatrics):
    give_hours(three[0], CANCER_PROGRAM, 4)
    kept = reservations.keep(beside(three), by=frank.principal, at=AT)
    assert [one.only_for for one in kept.seats.all()].count(CANCER_PROGRAM) == 1
    with pytest.raises(scheduler.NotOpenYet):
        reservations.keep(beside(three, TEN + 2 * HOUR), by=frank.principal, at=AT, program=PEDIATRICS)


def test_time_that_staff_alone_may_use_is_not_kept_for_those_who_could_never_have_it(three, frank, lakeside):
    give_hours(three[0], STAFF_ALONE, 4)
    with pytest.raises(scheduler.NotOpenYet):
        reservations.keep(beside(three), by=frank.principal, at=AT)
    anchor = ReservationAnchor(at=TEN, minutes=0, site=lakeside)
    asked = {"therapy": "acu_manual", "visit": "first", "technique": "", "in_a_row": False, "program": CANCER_PROGRAM}
    found = seat_sets(WantedSeats(seats=1, anchor=anchor, **asked), at=AT, most=20)
    assert found
    assert three[0].public_id not in {one.practitioner.public_id for one_set in found for one in one_set}


@pytest.mark.parametrize("who", ["alice", "mallory"])
def test_nobody_but_staff_of_the_program_and_schedulers_keeps_seats(who, three, request, frank, dana):
    with pytest.raises(Forbidden):
        reservations.keep(beside(three), by=request.getfixturevalue(who).principal, at=AT)
    assert reservations.keep(beside(three), by=dana.principal, at=AT)


def test_what_does_not_go_together_is_refused_and_says_what_to_choose(three, frank, riverside):
    apart = [*beside(three, seats=1), read_slot(slot_id(three[1], TEN + 3 * HOUR))]
    twice = beside(three, seats=1) * 2
    for wrong in ([], apart, twice):
        with pytest.raises(Invalid, match=r"Choose|Some of"):
            reservations.keep(wrong, by=frank.principal, at=AT)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(("anchor", "near"), [
    ({"at": TEN - 30 * MINUTE, "minutes": 45}, True),
    ({"at": TEN - 50 * MINUTE, "minutes": 45}, False),
    ({"at": TEN + 30 * MINUTE, "minutes": 45}, False),
    ({"at": TEN + 3 * HOUR, "minutes": 180, "before": True}, True),
    ({"at": TEN + 30 * MINUTE, "minutes": 45, "before": True}, False),
])  # fmt: skip
def test_seats_near_an_anchor_are_as_near_as_was_asked_for(anchor, near, three, frank, lakeside):
    anchor = ReservationAnchor(site=lakeside, **anchor)
    if not near:
        with pytest.raises(Invalid):
            reservations.keep(beside(three), by=frank.principal, at=AT, anchor=anchor)
        return
    kept = reservations.keep(beside(three), by=frank.principal, at=AT, anchor=anchor)
    assert (kept.anchor_at, kept.anchor_minutes, kept.anchor_site) == (anchor.at, anchor.minutes, lakeside)


def test_nobody_keeps_what_its_people_could_not_book_yet(three, frank):
    lay_out(weeks=12)
    with pytest.raises(BeyondHorizon):
        reservations.keep(beside(three, TEN + 56 * DAY), by=frank.principal, at=AT)


def test_staff_keep_as_far_ahead_and_as_soon_as_the_rules_of_the_program_let_its_families_book(three, frank):
    publish_for_program(CANCER_PROGRAM, horizon_days_patient=90, min_notice_hours=1)
    lay_out(weeks=12)
    for start in (TEN + 56 * DAY, AT + 2 * HOUR):
        assert reservations.keep(beside(three, start), by=frank.principal, at=AT, name_by=start).seats.count() == 3


def test_a_seat_near_now_is_kept_until_a_nearer_moment(three, frank):
    soon = chicago(7, 10)
    assert reservations.keep(beside(three, soon), by=frank.principal, at=AT).name_by == soon - 48 * HOUR


def test_a_day_before_it_is_noted_once_that_nobody_is_named(kept, frank):
    due = kept.name_by - DAY
    assert seat_reminders.remind(at=due - MINUTE) == 0
    assert (seat_reminders.remind(at=due), seat_reminders.remind(at=due + MINUTE)) == (3, 0)
    assert [one.act for one in kept.seats.first().changes.all()] == ["kept", "reminded"]
    assert seat_reminders.remind(at=kept.name_by) == 0


def test_what_is_kept_for_longer_is_noted_anew(kept, frank):
    seat_reminders.remind(at=kept.name_by - DAY)
    longer = reservations.postpone(kept.public_id, kept.name_by + DAY, by=frank.principal, at=kept.name_by - DAY)
    assert seat_reminders.remind(at=longer.name_by - DAY) == 3
