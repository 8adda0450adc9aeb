"""Every state and every move: what the table allows happens whole, and the rest changes nothing at all."""

import pytest

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.errors import MoveNotAllowed
from booking.models import Change
from booking.rules import MARKED_ON_THE_DAY, NEW_VERSION
from booking.status import BEFORE, MOVES, OCCUPYING, Move, Status
from tests.factories.booking import DAY, MINUTE, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.tables import changed, dump, live_claims, overlaps, sheet_drift

START = chicago(8, 10)
KEEPS = OCCUPYING | {Status.FULFILLED}
"""States with live claims for good or for a while; a cancelled visit keeps them ten minutes at most."""

ALLOWED = [(before, what) for before, what in MOVES if before is not None]
REFUSED = [(before, what) for before in Status for what in Move if (before, what) not in MOVES]


@pytest.fixture
def visit_in(alice, dr_li):
    def make(status):
        return make_visit(alice.record, slot_id(dr_li, START), status)

    return make


@pytest.fixture
def details(dr_li):
    """What each move has to be told."""
    return {
        Move.RESCHEDULE: {"slot": read_slot(slot_id(dr_li, chicago(9, 14)))},
        Move.RESIZE: {"minutes": 65},
        Move.CANCEL: {"reason": CancelReason.PATIENT},
        Move.AWAIT: {"until": START - 2 * DAY},
    }


def moment(before, what):
    """Return when somebody would make the move."""
    on_the_day = {Move.NO_SHOW, Move.ARRIVE, Move.CHECK_IN, Move.START}
    if what in on_the_day or before in {Status.NOSHOW, Status.ARRIVED, Status.CHECKED_IN}:
        return START + 40 * MINUTE
    if before is Status.FULFILLED:
        return START + 80 * MINUTE
    return AT + 3 * DAY if what is Move.EXPIRE else AT + 5 * MINUTE


def approved(visit_in):
    """Return what was looked at and approved: of what stands, that alone is undone."""
    visit = visit_in(Status.PROPOSED)
    visit.suitability = "clinician_review"
    visit.save()
    return appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)


@pytest.mark.parametrize(("before", "what"), ALLOWED)
def test_a_move_of_the_table_reaches_its_state_and_leaves_one_row_of_history(visit_in, details, before, what):
    visit = approved(visit_in) if (before, what) == (Status.BOOKED, Move.UNDO) else visit_in(before)
    rows, at = visit.changes.count(), moment(before, what)
    last = visit.changes.latest("pk")
    was, marked = last.before, what is Move.UNDO and last.move in MARKED_ON_THE_DAY
    moved = appointments.move(visit.public_id, what, by=SYSTEM, at=at, **details.get(what, {}))
    moved.refresh_from_db()
    assert moved.status == (was if MOVES[before, what] == BEFORE else MOVES[before, what])
    assert moved.version == visit.version + (what in NEW_VERSION and not marked)
    assert moved.updated_at == at
    change = moved.changes.latest("pk")
    assert moved.changes.count() == rows + 1
    assert (change.move, change.before, change.after) == (what, before, moved.status)
    assert (change.version, change.by, change.at) == (moved.version, SYSTEM.key, at)
    time_is_taken_where_the_state_says_so(moved, at=at)


def time_is_taken_where_the_state_says_so(visit, *, at):
    undoable = visit.undo_until is not None and at < visit.undo_until
    assert owners(at=at) == ({visit.allocation} if visit.status in KEEPS or undoable else set())
    later = at + 11 * MINUTE
    lapsed = visit.kept_until is not None and visit.kept_until <= later
    assert owners(at=later) == ({visit.allocation} if visit.status in KEEPS and not lapsed else set())
    assert overlaps(at=at) == sheet_drift() == []


def owners(*, at):
    return {allocation for *_, allocation in live_claims(at=at)}


@pytest.mark.parametrize("before", Status)
def test_any_other_move_is_refused_and_changes_nothing(visit_in, details, before):
    visit = visit_in(before)
    tables = dump()
    for what in (what for status, what in REFUSED if status is before):
        with pytest.raises(MoveNotAllowed) as refused:
            appointments.move(visit.public_id, what, by=SYSTEM, at=moment(before, what), **details.get(what, {}))
        assert refused.value.facts == {"stands": before.value, "move": what.value}
    assert changed(tables, dump()) == []


def test_every_pair_of_state_and_move_is_tried():
    assert len(ALLOWED) + len(REFUSED) == len(Status) * len(Move)


def test_the_history_tells_the_whole_life_of_a_visit(visit_in):
    visit = visit_in(Status.FULFILLED)
    told = Change.objects.filter(appointment=visit).values_list("move", "before", "after")
    assert list(told) == [
        ("book", "", "booked"),
        ("check-in", "booked", "checked-in"),
        ("fulfil", "checked-in", "fulfilled"),
    ]
