"""The life cycle of an appointment: FHIR's states and the moves between them, read aloud from one table."""

from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """FHIR AppointmentStatus, without its waiting list: whoever waits there has no appointment yet."""

    PROPOSED = "proposed", _("waiting for a check")
    PENDING = "pending", _("waiting for a document or an answer")
    BOOKED = "booked", _("booked")
    ARRIVED = "arrived", _("arrived")
    CHECKED_IN = "checked-in", _("checked in")
    FULFILLED = "fulfilled", _("done")
    CANCELLED = "cancelled", _("cancelled")
    NOSHOW = "noshow", _("did not come")
    ENTERED_IN_ERROR = "entered-in-error", _("entered in error")


class Move(models.TextChoices):
    """What can happen to an appointment."""

    REQUEST = "request", _("ask for a check")
    BOOK = "book", _("book")
    APPROVE = "approve", _("approve")
    AWAIT = "await", _("wait for a document or an answer")
    COMPLETE = "complete", _("complete")
    EXPIRE = "expire", _("let expire")
    DECLINE = "decline", _("decline")
    RESCHEDULE = "reschedule", _("move")
    RESIZE = "resize", _("change the length")
    ARRIVE = "arrive", _("mark as arrived")
    CHECK_IN = "check-in", _("check in")
    START = "start", _("mark as begun")
    FULFIL = "fulfil", _("mark as done")
    NO_SHOW = "no-show", _("mark as not come")
    CANCEL = "cancel", _("cancel")
    UNDO = "undo", _("undo")
    ENTER_IN_ERROR = "enter-in-error", _("mark as entered in error")


NEWS = frozenset(
    {
        Move.REQUEST, Move.BOOK, Move.APPROVE, Move.COMPLETE, Move.RESCHEDULE, Move.RESIZE, Move.CANCEL, Move.DECLINE,
        Move.EXPIRE, Move.AWAIT, Move.UNDO, Move.ENTER_IN_ERROR,
    }
)  # fmt: skip
"""Moves of which the patient is told."""

BOOKS = frozenset({Move.APPROVE, Move.COMPLETE})
"""Moves by which what waited is booked."""

OCCUPYING = frozenset({Status.PROPOSED, Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN})
WAITING = frozenset({Status.PROPOSED, Status.PENDING})
"""What takes time for a while: until somebody has approved or completed it, or nobody has."""

BEFORE: Literal["before"] = "before"
"""The state that the visit was in before the act that is undone: never one that never was."""

MOVES: dict[tuple[Status | None, Move], Status | Literal["before"]] = {
    (None, Move.REQUEST): Status.PROPOSED,
    (None, Move.BOOK): Status.BOOKED,
    (None, Move.AWAIT): Status.PENDING,
    (Status.PROPOSED, Move.APPROVE): Status.BOOKED,
    (Status.PROPOSED, Move.AWAIT): Status.PENDING,
    (Status.BOOKED, Move.AWAIT): Status.PENDING,
    (Status.PENDING, Move.AWAIT): Status.PENDING,
    (Status.PENDING, Move.COMPLETE): Status.BOOKED,
    (Status.PROPOSED, Move.EXPIRE): Status.CANCELLED,
    (Status.PENDING, Move.EXPIRE): Status.CANCELLED,
    (Status.PROPOSED, Move.DECLINE): Status.CANCELLED,
    (Status.PENDING, Move.DECLINE): Status.CANCELLED,
    (Status.BOOKED, Move.RESCHEDULE): Status.BOOKED,
    (Status.PROPOSED, Move.RESCHEDULE): Status.PROPOSED,
    (Status.PENDING, Move.RESCHEDULE): Status.PENDING,
    (Status.BOOKED, Move.RESIZE): Status.BOOKED,
    (Status.PROPOSED, Move.RESIZE): Status.PROPOSED,
    (Status.PENDING, Move.RESIZE): Status.PENDING,
    (Status.ARRIVED, Move.RESIZE): Status.ARRIVED,
    (Status.CHECKED_IN, Move.RESIZE): Status.CHECKED_IN,
    (Status.BOOKED, Move.ARRIVE): Status.ARRIVED,
    (Status.NOSHOW, Move.ARRIVE): Status.ARRIVED,
    (Status.BOOKED, Move.CHECK_IN): Status.CHECKED_IN,
    (Status.ARRIVED, Move.CHECK_IN): Status.CHECKED_IN,
    # FHIR's appointment has no such state: from here on an encounter has. When it began is a fact of its own.
    (Status.CHECKED_IN, Move.START): Status.CHECKED_IN,
    (Status.ARRIVED, Move.FULFIL): Status.FULFILLED,
    (Status.CHECKED_IN, Move.FULFIL): Status.FULFILLED,
    (Status.BOOKED, Move.NO_SHOW): Status.NOSHOW,
    (Status.BOOKED, Move.CANCEL): Status.CANCELLED,
    (Status.PROPOSED, Move.CANCEL): Status.CANCELLED,
    (Status.PENDING, Move.CANCEL): Status.CANCELLED,
    (Status.ARRIVED, Move.CANCEL): Status.CANCELLED,
    (Status.CHECKED_IN, Move.CANCEL): Status.CANCELLED,
    (Status.PENDING, Move.UNDO): BEFORE,
    (Status.BOOKED, Move.UNDO): BEFORE,
    (Status.CANCELLED, Move.UNDO): BEFORE,
    (Status.ARRIVED, Move.UNDO): BEFORE,
    (Status.CHECKED_IN, Move.UNDO): BEFORE,
    (Status.NOSHOW, Move.UNDO): BEFORE,
    (Status.FULFILLED, Move.UNDO): BEFORE,
    (Status.BOOKED, Move.ENTER_IN_ERROR): Status.ENTERED_IN_ERROR,
    (Status.FULFILLED, Move.ENTER_IN_ERROR): Status.ENTERED_IN_ERROR,
    (Status.NOSHOW, Move.ENTER_IN_ERROR): Status.ENTERED_IN_ERROR,
    (Status.CANCELLED, Move.ENTER_IN_ERROR): Status.ENTERED_IN_ERROR,
}


def after(status: Status | None, what: Move, *, before: Status | None = None) -> Status | None:
    """Return the state that `what` leads to from `status` (None: no appointment yet); None when it leads nowhere.

    `before`: the state before the act that an undo takes back; without one, there is nothing to undo.
    """
    reached = MOVES.get((status, what))
    return reached if reached is None or isinstance(reached, Status) else before


class HistoryRow(Protocol):
    """A row of a visit's history."""

    @property
    def move(self) -> str:
        """What was done."""

    @property
    def undoes_a_move(self) -> bool:
        """Whether the visit was put back onto the time that it was moved from."""


A = TypeVar("A", bound=HistoryRow)


def last_not_undone(history: Iterable[A]) -> A | None:
    """Return the last act that nobody has undone, of a visit's history from the oldest on: the one to undo next."""
    standing: list[A] = []
    # An undo takes away the last that still stands, as brackets close: two in a row undo two acts.
    for act in history:
        if act.move != Move.UNDO and not act.undoes_a_move:
            standing.append(act)
        elif standing:
            standing.pop()
    return standing[-1] if standing else None
