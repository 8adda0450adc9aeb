"""What becomes of an appointment whose time is taken away: what is suggested, and what somebody chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext_lazy

from booking.actions.as_seen import mark_of
from booking.models import Appointment
from booking.status import Move, Status, after
from core.refusals import Refusal
from scheduler import public as scheduler


class SettlingChoice(StrEnum):
    """What becomes of an appointment."""

    MOVE = "move"
    PROPOSE = "propose"
    KEEP = "keep"
    CANCEL = "cancel"


WITH_A_TIME = frozenset({SettlingChoice.MOVE, SettlingChoice.PROPOSE})


class ChangedSince(Refusal):
    """What was seen of the appointments that an edit touches is not what would be acted on; the detail says what."""

    code = "impact-changed-since"
    title = gettext_lazy("Something changed since you looked. Nothing was done: look at it as it is now.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTime:
    """A time, and where it has to be chosen a place (its id), that an appointment may have instead of its own."""

    choice: SettlingChoice
    slot: scheduler.Slot
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """An appointment without cover, and what fits. `found`: a move or a proposal that was tried; `seen`: its mark.

    `others`: the next nearest, which were not tried. `comes_from`: from which day on its patient may come, if from
    one to come. `sooner`: a nearer time that staff alone may give.
    """

    visit: Appointment
    choice: SettlingChoice
    choices: tuple[SettlingChoice, ...]
    seen: str
    found: OtherTime | None = None
    others: Sequence[OtherTime] = ()
    comes_from: date | None = None
    sooner: scheduler.Slot | None = None

    @property
    def slot(self) -> scheduler.Slot | None:
        """The time that it may have instead."""
        return self.found.slot if self.found else None

    @property
    def times(self) -> Sequence[OtherTime]:
        """The times that can be chosen, the nearest first."""
        return [self.found, *self.others] if self.found else []


@dataclass(frozen=True, slots=True, kw_only=True)
class EditImpact:
    """What would be done. `elsewhere`: appointments by site (id) where whoever looks moves nothing.

    `later`: how many more there are than one press settles; `waiting`: how many patients have yet to answer;
    `warnings`: what else is to be known about the edit; `mark`: of what it would write.
    """

    suggested: Sequence[Suggested]
    elsewhere: dict[int, int]
    later: int
    waiting: int
    warnings: Sequence[str]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What becomes of an appointment, as whoever decides saw it. `slot`: the id of the time that was shown."""

    appointment: UUID
    choice: SettlingChoice
    seen: str
    slot: str = ""
    place: int | None = None


def possible(visit: Appointment) -> tuple[SettlingChoice, ...]:
    """Return what can be done about an appointment as it stands."""
    stands = Status(visit.status)
    moves = WITH_A_TIME if after(stands, Move.RESCHEDULE) else frozenset()
    cancels = {SettlingChoice.CANCEL} if after(stands, Move.CANCEL) else frozenset()
    return tuple(one for one in SettlingChoice if one in moves | cancels | {SettlingChoice.KEEP})


def without_a_time(visit: Appointment, *, comes_from: date | None = None) -> Suggested:
    """Return an appointment for which no time fits, or that cannot move any more."""
    left = tuple(one for one in possible(visit) if one not in WITH_A_TIME)
    return Suggested(visit=visit, choice=SettlingChoice.KEEP, choices=left, seen=mark_of(visit), comes_from=comes_from)
