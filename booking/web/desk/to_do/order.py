"""In which order what is to be done stands on its page: what is due first on top. Pure: no request, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from booking.web.desk.phones import PhoneNumber

MOST = 50
"""So much of one kind is shown at once."""


class TaskKind(StrEnum):
    """What is to be done."""

    COVER = "without-cover"
    AWAY = "stays-away"
    UNREACHABLE = "unreachable"
    WAITING_LIST = "waiting-list"
    MESSAGES = "messages"
    CALLS = "calls"
    NEEDS = "asked-for"
    REVIEWS = "reviews"
    SEATS = "family-time"
    ABSENCES = "absences"
    LEAVE = "leave"
    CALENDARS = "calendars"
    HOLIDAYS = "holidays"
    DUPLICATES = "duplicates"
    UNVERIFIED = "unverified"


AT_LEISURE = (TaskKind.HOLIDAYS, TaskKind.DUPLICATES, TaskKind.UNVERIFIED)
"""What nobody waits for stands below all that somebody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do. `first`: before all else, whenever it is due; `url`: where it is done, by what `act` says.

    `who`: whom it is about, or what; `why`: what is to be done, or said to them; `phones`: as a phone dials a number,
    and as people read it; `about`: which appointment.
    `person`: of whom all of one kind stands together; `also`: what else of it is theirs, the soonest first.
    """

    kind: TaskKind
    due_at: datetime
    who: str
    why: str
    url: str
    act: str
    first: bool = False
    about: str = ""
    phones: Sequence[PhoneNumber] = ()
    person: str = ""
    also: "Sequence[Task]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGroup:
    """What is to be done of one kind. `beyond`: how much more there is."""

    kind: TaskKind
    tasks: Sequence[Task]
    beyond: int = 0


def urgency(task: Task) -> tuple[bool, datetime]:
    """Return what is compared: what comes first before all else, then what is due soonest."""
    return not task.first, task.due_at


def grouped(tasks: Iterable[Task], *, most: int = MOST) -> list[TaskGroup]:
    """Return what is to be done by its kind: the most urgent kind on top, and in it what is due first.

    What nobody waits for comes last.
    """
    found: dict[TaskKind, list[Task]] = {}
    for task in _by_person(sorted(tasks, key=urgency)):
        found.setdefault(task.kind, []).append(task)
    own = [
        TaskGroup(kind=kind, tasks=all_of_it[:most], beyond=max(len(all_of_it) - most, 0))
        for kind, all_of_it in found.items()
    ]
    return sorted(own, key=lambda one: one.kind in AT_LEISURE)


def _by_person(tasks: Iterable[Task]) -> list[Task]:
    """Return them with all of one kind that is one person's as one, where the most urgent of it stands."""
    of_one: dict[object, list[Task]] = {}
    for n, task in enumerate(tasks):
        of_one.setdefault((task.kind, task.person) if task.person else n, []).append(task)
    return [replace(first, also=more) if more else first for first, *more in of_one.values()]
