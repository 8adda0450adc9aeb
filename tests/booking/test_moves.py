"""Visits are moved, called off and taken back: all of it, or nothing changes."""

from uuid import uuid4

import pytest

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.errors import (
    CancelledByTheClinic,
    NoticeTooShort,
    PatientBusy,
    SameTime,
    StaffOnly,
    TooManyThisWeek,
    UndoOver,
    VisitStarted,
)  # fmt: skip
from booking.status import Move, Status
from core.models import RoleAssignment
from core.principal import Principal
from core.refusals import Invalid, Missing
from core.roles import Role
from scheduler import public as scheduler
from scheduler.actions import calendars
from tests.factories.booking import (
    DAY,
    HOUR,
    MINUTE,
    SINCE,
    SYSTEM,
    chicago,
    make_visit,
    read_slot,
    slot_id,
    visit_of_both,
)
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.factories.visits import as_it_was
from tests.tables import changed, dump, live_claims, overlaps, sheet_drift

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

TEN = chicago(8, 10)


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    with once_a_module():
        return visit_of_both(made_once, TEN).pk


@pytest.fixture
def visit(visit_once, alice, dr_li):
    return as_it_was(visit_once)


def free(slot, *, at=AT):
    return scheduler.explain(read_slot(slot), at=at).free


# -- moving -----------------------------------------------------------------------------------------------------------


def test_a_visit_moves_and_its_old_time_is_free_at_once(visit, alice, dr_li):
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(9, 14)))
    )
    assert (moved.pk, moved.version, moved.period.lower) == (visit.pk, 1, chicago(9, 14))
    assert free(slot_id(dr_li, TEN))
    facts = moved.changes.latest("pk").facts
    times = {"start": TEN.isoformat(), "end": visit.period.upper.isoformat()}
    assert facts["from"] == {**times, "practitioner": str(dr_li.public_id), "site": "lakeside"}
    assert facts["to"]["start"] == chicago(9, 14).isoformat()


@pytest.mark.parametrize("minutes", [-60, -15, 5, 15, 45, 75])
def test_a_visit_moves_onto_time_that_overlaps_its_own(visit, alice, dr_li, minutes):
    start = TEN + minutes * MINUTE
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, start))
    )
    assert moved.period.lower == start
    assert {allocation for *_, allocation in live_claims(at=AT)} == {moved.allocation}
    assert overlaps(at=AT) == sheet_drift() == []


def test_a_visit_that_finds_its_new_time_taken_stays_where_it_was(visit, alice, mallory, dr_li):
    make_visit(mallory.record, slot_id(dr_li, chicago(9, 14)))
    before = dump()
    with pytest.raises(scheduler.SlotTaken) as refused:
        appointments.move(
            visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(9, 14)))
        )
    assert len(refused.value.facts["alternatives"]) == 3
    assert changed(before, dump()) == []


def test_a_visit_moves_to_another_practitioner_and_site(visit, alice, riverside):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    slot = slot_id(dr_wu, TEN, site="riverside")
    moved = appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot))
    moved.refresh_from_db()
    assert (moved.practitioner, moved.site, moved.place.room.site) == (dr_wu, riverside, riverside)
    assert moved.changes.latest("pk").facts["to"]["site"] == "riverside"


def test_a_visit_does_not_become_another_kind_of_visit_by_moving(visit, alice, dr_li):
    with pytest.raises(Invalid):
        appointments.move(
            visit.public_id,
            Move.RESCHEDULE,
            by=alice.principal,
            at=AT,
            slot=read_slot(slot_id(dr_li, TEN, visit="followup")),
        )


def test_a_visit_does_not_move_to_where_it_is(visit, alice, dr_li):
    with pytest.raises(SameTime):
        appointments.move(
            visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, TEN))
        )


def test_a_patient_moves_late_but_not_to_short_notice(visit, alice, dana, dr_li):
    at = TEN - 2 * HOUR
    soon, later = slot_id(dr_li, TEN + HOUR), slot_id(dr_li, chicago(9, 14))
    with pytest.raises(NoticeTooShort):
        appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=at, slot=read_slot(soon))
    appointments.move(visit.public_id, Move.RESCHEDULE, by=alice.principal, at=at, slot=read_slot(later))
    back = appointments.move(
        visit.public_id,
        Move.RESCHEDULE,
        by=dana.principal,
        at=at,
        slot=read_slot(soon),
        override_reason="She is here already",
    )
    assert back.override_reason == "She is here already"


def test_a_visit_moved_within_its_week_does_not_count_against_itself(visit, alice, dr_li):
    make_visit(alice.record, slot_id(dr_li, chicago(6, 14)))
    moved = appointments.move(
        visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(9, 9)))
    )
    assert moved.version == 1
    make_visit(alice.record, slot_id(dr_li, chicago(13, 14)))
    make_visit(alice.record, slot_id(dr_li, chicago(14, 14)))
    with pytest.raises(TooManyThisWeek):
        appointments.move(
            visit.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(slot_id(dr_li, chicago(15, 9)))
        )


def test_a_visit_does_not_move_onto_another_of_the_same_person(visit, alice, dr_li, riverside):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    other = make_visit(alice.record, slot_id(dr_wu, chicago(12, 10), site="riverside"))
    before = dump()
    with pytest.raises(PatientBusy):
        appointments.move(
            other.public_id,
            Move.RESCHEDULE,
            by=alice.principal,
            at=AT,
            slot=read_slot(slot_id(dr_wu, chicago(8, 11), site="riverside")),
        )
    assert changed(before, dump()) == []


def test_a_proposed_visit_that_moves_is_kept_no_longer_than_before(alice, mallory, dr_li):
    proposed = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    new = slot_id(dr_li, chicago(9, 14))
    appointments.move(proposed.public_id, Move.RESCHEDULE, by=alice.principal, at=AT, slot=read_slot(new))
    assert not free(new, at=AT + 2 * DAY - MINUTE)
    assert free(new, at=AT + 2 * DAY)


@pytest.mark.parametrize("act", ["reschedule", "cancel"])
def test_a_patient_leaves_a_visit_that_has_begun_to_staff(visit, alice, dana, dr_li, act):
    details = (
        {"slot": read_slot(slot_id(dr_li, chicago(12, 14)))}
        if act == "reschedule"
        else {"reason": CancelReason.ILLNESS}
    )
    with pytest.raises(VisitStarted):
        appointments.move(visit.public_id, Move(act), by=alice.principal, at=TEN, **details)
    appointments.move(visit.public_id, Move(act), by=dana.principal, at=TEN, **details)


# -- strangers ---------------------------------------------------------------------------------------------------------


def test_what_is_not_there_cannot_be_moved(alice):
    with pytest.raises(Missing):
        appointments.move(uuid4(), Move.UNDO, by=alice.principal, at=AT)


def test_what_staff_marks_no_patient_marks(visit, alice):
    before = dump()
    for what in (Move.ARRIVE, Move.CHECK_IN, Move.ENTER_IN_ERROR):
        with pytest.raises(StaffOnly):
            appointments.move(visit.public_id, what, by=alice.principal, at=AT)
    assert changed(before, dump()) == []


def test_nobody_marks_their_own_visit_even_as_staff(visit, alice, lakeside):
    RoleAssignment.objects.create(user=alice.user, role=Role.SCHEDULER, site=lakeside, starts_at=SINCE)
    with pytest.raises(StaffOnly):
        appointments.move(visit.public_id, Move.ARRIVE, by=Principal.of(alice.user, at=AT), at=TEN)


# -- calling off ------------------------------------------------------------------------------------------------------


def test_a_cancel_keeps_the_time_ten_minutes_for_an_undo(visit, alice, dr_li):
    gone = appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    assert (gone.status, gone.version, gone.late_cancel) == (Status.CANCELLED, 1, False)
    assert gone.undo_until == AT + 10 * MINUTE
    assert gone.changes.latest("pk").facts == {"reason": "patient", "late": False}
    assert not free(slot_id(dr_li, TEN), at=AT + 9 * MINUTE)
    assert free(slot_id(dr_li, TEN), at=AT + 10 * MINUTE)
    back = appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + 9 * MINUTE)
    assert (back.status, back.version) == (Status.BOOKED, 2)
    assert (back.cancel_reason, back.cancelled_at, back.undo_until) == ("", None, None)
    assert not free(slot_id(dr_li, TEN), at=AT + HOUR)


def test_after_ten_minutes_a_cancel_stands(visit, alice, mallory, dr_li):
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    with pytest.raises(UndoOver):
        appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + 10 * MINUTE)
    make_visit(mallory.record, slot_id(dr_li, TEN), at=AT + 10 * MINUTE)
    assert overlaps(at=AT + 10 * MINUTE) == sheet_drift() == []


@pytest.mark.parametrize("reason", [CancelReason.ILLNESS, CancelReason.SCREENING, CancelReason.DECEASED])
def test_illness_frees_the_time_at_once_and_cannot_be_undone(visit, dana, dr_li, reason):
    gone = appointments.move(visit.public_id, Move.CANCEL, by=dana.principal, at=AT, reason=reason)
    assert gone.undo_until is None
    assert free(slot_id(dr_li, TEN))
    with pytest.raises(UndoOver):
        appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT)


def test_a_cancel_needs_a_reason_and_a_patient_one_of_theirs(visit, alice):
    for reason in (None, CancelReason.PRACTITIONER):
        with pytest.raises(Invalid) as refused:
            appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=reason)
        assert refused.value.facts["errors"][0]["pointer"] == "/reason"


@pytest.mark.parametrize(
    ("reason", "before", "late"),
    [
        (CancelReason.PATIENT, 23 * HOUR, True),
        (CancelReason.PATIENT, 24 * HOUR, False),
        (CancelReason.TRANSPORT, HOUR, False),
        (CancelReason.PRACTITIONER, HOUR, False),
    ],
)
def test_a_late_cancel_is_marked_unless_it_is_excused(visit, dana, reason, before, late):
    gone = appointments.move(visit.public_id, Move.CANCEL, by=dana.principal, at=TEN - before, reason=reason)
    assert gone.late_cancel is late
    assert gone.changes.latest("pk").facts["late"] is late


@pytest.mark.parametrize("case", [("alice", 23, True), ("alice", 24, False), ("dana", 23, False)])
def test_a_time_left_late_by_a_move_is_marked_like_one_left_by_a_cancel(visit, alice, dana, dr_li, case):
    who, before, late = case
    by = {"alice": alice, "dana": dana}[who].principal
    there = slot_id(dr_li, chicago(13, 10))
    appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=TEN - before * HOUR, slot=read_slot(there))
    assert visit.changes.latest("pk").facts["late"] is late
    later = appointments.move(visit.public_id, Move.CANCEL, by=by, at=TEN, reason=CancelReason.PATIENT)
    assert later.late_cancel is False


@pytest.mark.parametrize("leave", ["move", "cancel"])
def test_a_time_that_the_clinic_took_away_is_not_left_late(visit, alice, dr_li, leave):
    calendars.add_absence(dr_li, starts_at=TEN - HOUR, ends_at=TEN + 4 * HOUR, by=SYSTEM, at=AT)
    if leave == "move":
        there = slot_id(dr_li, chicago(13, 10))
        appointments.move(
            visit.public_id, Move.RESCHEDULE, by=alice.principal, at=TEN - 2 * HOUR, slot=read_slot(there)
        )
    else:
        appointments.move(
            visit.public_id, Move.CANCEL, by=alice.principal, at=TEN - 2 * HOUR, reason=CancelReason.PATIENT
        )
    assert visit.changes.latest("pk").facts["late"] is False


def test_whoever_has_no_time_that_is_kept_leaves_none_late(alice, dr_li):
    asked = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)  # whose time was kept for two days
    gone = appointments.move(
        asked.public_id, Move.CANCEL, by=alice.principal, at=TEN - HOUR, reason=CancelReason.PATIENT
    )
    assert (gone.late_cancel, gone.changes.latest("pk").facts["late"]) == (False, False)


def test_undoing_a_late_cancel_takes_its_mark_back(visit, alice):
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=TEN - HOUR, reason=CancelReason.PATIENT)
    assert appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=TEN - HOUR).late_cancel is False


def test_what_the_clinic_called_off_the_clinic_takes_back(visit, alice, dana):
    appointments.move(visit.public_id, Move.CANCEL, by=dana.principal, at=AT, reason=CancelReason.PRACTITIONER)
    with pytest.raises(CancelledByTheClinic):
        appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + MINUTE)
    appointments.move(visit.public_id, Move.UNDO, by=dana.principal, at=AT + MINUTE)


def test_an_undo_does_not_put_a_person_in_two_places(visit, alice, riverside):
    dr_wu = make_practitioner(riverside, name="Dr Wu")
    lay_out()
    appointments.move(visit.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    make_visit(alice.record, slot_id(dr_wu, TEN, site="riverside"))
    with pytest.raises(PatientBusy):
        appointments.move(visit.public_id, Move.UNDO, by=alice.principal, at=AT + MINUTE)


def test_a_called_off_proposal_does_not_come_back_as_a_booking(alice, dr_li):
    proposed = make_visit(alice.record, slot_id(dr_li, TEN), Status.PROPOSED)
    appointments.move(proposed.public_id, Move.CANCEL, by=alice.principal, at=AT, reason=CancelReason.PATIENT)
    with pytest.raises(UndoOver):
        appointments.move(proposed.public_id, Move.UNDO, by=alice.principal, at=AT)
    assert free(slot_id(dr_li, TEN))
