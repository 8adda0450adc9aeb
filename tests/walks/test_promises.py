"""Whatever people do, in whatever order: no time is promised twice, and no promise is forgotten."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from booking.actions import appointments, holds, tidying
from booking.cancel_reasons import CancelReason
from booking.errors import (
    CallToBook,
    HoldExpired,
    HoldUsed,
    MoveNotAllowed,
    SameTime,
    StaffOnly,
    TooManyHolds,
    UndoOver,
)
from booking.models import Appointment
from booking.status import Move
from core.refusals import Refusal
from scheduler import public as scheduler
from tests.factories.booking import MINUTE, chicago, make_patient, read_slot, slot_id, visitor
from tests.factories.policies import publish_policy
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.tables import live_claims, overlaps, sheet_drift

STARTS = [chicago(8, 9) + n * 15 * MINUTE for n in range(14)]
HANDS_APART, PATIENT = 65 * MINUTE, 75 * MINUTE
"""A first appointment takes the hands at 0–35 and 60–65, so starts lie 65 minutes apart; the patient leaves at 75."""

people, practitioners = st.integers(0, 2), st.integers(0, 1)
starts = st.sampled_from(STARTS)


@dataclass(frozen=True)
class Kept:
    """The model's view of a hold or a visit."""

    who: int
    whom: int
    start: datetime
    state: str
    until: datetime | None = None
    moved: bool = False

    def takes(self, at):
        return self.state in {"held", "booked", "cancelled"} and (self.until is None or at < self.until)


class Clinic(RuleBasedStateMachine):
    """Three people, two practitioners, one morning; the model is a dict, and the database must agree with it."""

    stage = None
    made = Bundle("made")

    def __init__(self):
        super().__init__()
        self.at, self.kept = AT, {}
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # what the model expects

    def slot(self, whom, start):
        return slot_id(self.stage.practitioners[whom], start)

    def taken(self, whom, start, *, but=None):
        rows = (k for key, k in self.kept.items() if key != but and k.whom == whom and k.takes(self.at))
        return any(abs(k.start - start) < HANDS_APART for k in rows)

    def elsewhere(self, who, start, *, but=None):
        rows = (k for key, k in self.kept.items() if key != but and k.who == who and k.state == "booked")
        return any(abs(k.start - start) < PATIENT for k in rows)

    def open_holds(self, who):
        return sum(1 for k in self.kept.values() if k.who == who and k.state == "held" and k.takes(self.at))

    def tried(self, expected, act):
        """Make the act, and return what came of it: exactly what the model expects, or None where it refuses."""
        done, met = None, None
        try:
            done = act()
        except Refusal as refusal:
            met = type(refusal)
        assert met is expected
        return done

    # what people do

    @rule(target=made, who=people, whom=practitioners, start=starts)
    def hold(self, who, whom, start):
        expected = TooManyHolds if self.open_holds(who) >= 3 else None
        expected = expected or (scheduler.SlotTaken if self.taken(whom, start) else None)
        by = visitor(str(who))
        hold = self.tried(expected, lambda: holds.take(read_slot(self.slot(whom, start)), by=by, at=self.at))
        if hold is None:
            return multiple()
        self.kept[hold.public_id] = Kept(who, whom, start, "held", self.at + 15 * MINUTE)
        return hold.public_id

    @rule(target=made, name=made)
    def confirm(self, name):
        kept = self.kept[name]
        if kept.state not in {"held", "used"}:
            return multiple()
        expected = None if kept.takes(self.at) else HoldExpired
        expected = HoldUsed if kept.state == "used" else expected
        expected = expected or (CallToBook if self.elsewhere(kept.who, kept.start) else None)
        visit = self.tried(expected, lambda: self.book(kept.who, hold_id=name))
        if visit is None:
            return multiple()
        self.kept[name] = replace(kept, state="used")
        self.kept[visit.public_id] = replace(kept, state="booked", until=None)
        return visit.public_id

    @rule(target=made, who=people, whom=practitioners, start=starts)
    def book_at_once(self, who, whom, start):
        expected = scheduler.SlotTaken if self.taken(whom, start) else None
        expected = expected or (CallToBook if self.elsewhere(who, start) else None)
        visit = self.tried(expected, lambda: self.book(who, slot=read_slot(self.slot(whom, start))))
        if visit is None:
            return multiple()
        self.kept[visit.public_id] = Kept(who, whom, start, "booked")
        return visit.public_id

    def book(self, who, **what):
        patient = self.stage.patients[who]
        return appointments.book(patient=patient, by=visitor(str(who)), at=self.at, **what)

    @rule(name=made, whom=practitioners, start=starts)
    def move(self, name, whom, start):
        kept = self.kept[name]
        if kept.state in {"held", "used"}:
            return
        expected = MoveNotAllowed if kept.state == "cancelled" else None
        expected = expected or (SameTime if (whom, start) == (kept.whom, kept.start) else None)
        expected = expected or (scheduler.SlotTaken if self.taken(whom, start, but=name) else None)
        expected = expected or (CallToBook if self.elsewhere(kept.who, start, but=name) else None)
        slot, by = self.slot(whom, start), visitor(str(kept.who))
        if self.tried(
            expected, lambda: appointments.move(name, Move.RESCHEDULE, by=by, at=self.at, slot=read_slot(slot))
        ):
            self.kept[name] = replace(kept, whom=whom, start=start, moved=True)

    @rule(name=made)
    def cancel(self, name):
        kept = self.kept[name]
        if kept.state in {"held", "used"}:
            return
        expected, by = MoveNotAllowed if kept.state == "cancelled" else None, visitor(str(kept.who))
        reason = CancelReason.PATIENT
        if self.tried(expected, lambda: appointments.move(name, Move.CANCEL, by=by, at=self.at, reason=reason)):
            self.kept[name] = replace(kept, state="cancelled", until=self.at + 10 * MINUTE)

    @rule(name=made)
    def undo(self, name):
        kept = self.kept[name]
        if kept.state in {"held", "used"}:
            return
        # What they have moved, visitors move again: only staff put it back.
        stands = StaffOnly if kept.moved else MoveNotAllowed
        expected = stands if kept.state == "booked" else None if kept.takes(self.at) else UndoOver
        expected = expected or (CallToBook if self.elsewhere(kept.who, kept.start, but=name) else None)
        if self.tried(expected, lambda: appointments.move(name, Move.UNDO, by=visitor(str(kept.who)), at=self.at)):
            self.kept[name] = replace(kept, state="booked", until=None)

    @rule(minutes=st.integers(1, 16))
    def wait(self, minutes):
        self.at += minutes * MINUTE

    @rule()
    def clean(self):
        tidying.tidy(at=self.at)

    @invariant()
    def nothing_is_promised_twice(self):
        assert overlaps(at=self.at) == sheet_drift() == []

    @invariant()
    def the_database_agrees_with_the_model(self):
        standing = {(k.whom, k.start) for k in self.kept.values() if k.takes(self.at)}
        hands = {p.resources.get(kind="hands").pk: n for n, p in enumerate(self.stage.practitioners)}
        claimed = {(hands[r], start) for r, start, *_ in live_claims(at=self.at) if r in hands}
        assert {(whom, start) for whom, start in claimed if start in STARTS} >= standing
        assert len({allocation for *_, allocation in live_claims(at=self.at)}) == len(standing)
        told = {v.public_id: (v.status, v.period.lower) for v in Appointment.objects.all()}
        assert told == {n: (k.state, k.start) for n, k in self.kept.items() if k.state not in {"held", "used"}}


@dataclass
class Stage:
    patients: list
    practitioners: list


@pytest.fixture
def clinic(lakeside):
    publish_policy("booking", {"booking": {"max_per_week": 99, "max_active_per_patient": 99}})
    made = [make_practitioner(lakeside, name=name) for name in ("Dr Li", "Dr Wu")]
    lay_out(weeks=1)
    Clinic.stage = Stage([make_patient(lakeside, name) for name in ("Alice A", "Ben A", "Mallory M")], made)
    yield Clinic
    Clinic.stage = None


def play(machine, *, games, steps, phases=tuple(Phase)):
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=games, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=checks,
            derandomize=games < 100, phases=phases,
        ),
    )  # fmt: skip


@pytest.mark.timeout(300)
def test_no_order_of_acts_promises_a_time_twice(clinic):
    play(clinic, games=12, steps=20)


def call_off_and_promise_again(machine):
    """Book a time, call the visit off, and let another person book the time once nobody can take that back."""
    game = machine()
    try:
        game.cancel(game.book_at_once(0, 0, STARTS[0]))
        game.wait(11)
        game.book_at_once(1, 0, STARTS[0])
        game.nothing_is_promised_twice()
        game.the_database_agrees_with_the_model()
    finally:
        game.teardown()


def test_a_clinic_that_never_frees_what_was_called_off_is_found_out(clinic, monkeypatch):
    call_off_and_promise_again(clinic)
    monkeypatch.setattr(scheduler, "lapse", lambda *_, **__: None)
    with pytest.raises(AssertionError):
        call_off_and_promise_again(clinic)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_a_clinic_that_never_frees_what_was_called_off_is_found_out_by_chance(clinic, monkeypatch):
    monkeypatch.setattr(scheduler, "lapse", lambda *_, **__: None)
    with pytest.raises(AssertionError):
        play(clinic, games=60, steps=20, phases=[Phase.generate])


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_no_order_of_acts_promises_a_time_twice_in_a_long_game(clinic):
    play(clinic, games=200, steps=30)
