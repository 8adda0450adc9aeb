"""A move of an appointment while it is made: what is to be done, by whom, and what it needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from booking.cancel_reasons import CancelReason, DeclineReason
from booking.models import Appointment, Change
from booking.policies import BookingPolicy
from booking.status import Move, Status
from core.principal import Principal
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True)
class TakenTime:
    """The new time of one of several appointments that move together: it was claimed with those of the others."""

    allocation: UUID
    claimed: scheduler.Claimed


class Details(TypedDict, total=False):
    """What some moves need to know: the new time, the reason, until when to wait.

    `as_seen`: as which whoever acts saw the appointment (`as_seen.mark_of`); `mark`: as which they saw its answers;
    `set_aside`: why it is booked whatever was answered; `questions`: what a patient is asked by link; `heard`: its
    patient stands there; `taken`: the new time is claimed already; `for_good`: what this cancel follows cannot be
    undone; `while_free`: a cancel is undone as long as its time is free, also after the minutes in which it was kept;
    `other_therapy`: what the slot is for is what the appointment is for from now on;
    `place`: the one (its id) that was chosen; `lengths`: the minutes of each segment of hands or rest, in order, or
    `minutes`: for how long its patient is there; `late_by`: how much later it begins.
    """

    slot: scheduler.Slot | None
    hold_id: UUID | None
    override_reason: str
    other_therapy: bool
    place: int | None
    reason: CancelReason | None
    because: DeclineReason | None
    instead: str
    until: datetime | None
    questions: tuple[str, ...]
    propose: bool
    as_seen: str | None
    mark: str | None
    set_aside: str
    all_the_same: bool
    heard: bool
    taken: TakenTime
    for_good: bool
    while_free: bool
    lengths: Sequence[int]
    minutes: int
    late_by: timedelta


@dataclass(kw_only=True)
class Act:
    """A move being made on a locked appointment. `facts` go into the ledger. `undone`: what an undo takes back."""

    appointment: Appointment
    what: Move
    before: Status
    by: Principal
    at: datetime
    staff: bool
    policy: BookingPolicy
    details: Details
    undone: Change | None = None
    facts: dict[str, object] = field(default_factory=dict)
