"""What a change of the ledger makes worth saying: values in, values out; no database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from booking.public import Stage
from notifications.status import MessageKind

KIND_BY_MOVE = {
    "book": MessageKind.CONFIRMATION,
    "approve": MessageKind.CONFIRMATION,
    "complete": MessageKind.CONFIRMATION,
    "reschedule": MessageKind.MOVED,
    "resize": MessageKind.MOVED,
    "cancel": MessageKind.CANCELLED,
    "expire": MessageKind.CANCELLED,
    "decline": MessageKind.CANCELLED,
    "enter-in-error": MessageKind.CANCELLED,
}
BOOKING_MOVES = frozenset({"book", "approve", "complete"})
"""Moves by which a visit comes to stand: told at once, and whatever was said before."""

CHANGE_KINDS = frozenset(KIND_BY_MOVE.values())
TAKES_BACK = "enter-in-error"
# Whoever is there, or should be, is told how long it takes by those who treat them.
UNTOLD_ONCE_BEGUN = frozenset({"resize"})
# Of these a mail put an entry into somebody's calendar; a visit that is over need not leave it any more.
IN_CALENDARS = frozenset({"booked", "pending"})
# Whoever reads the mail of somebody who died is not told of their appointments; staff speaks to them.
SILENT = frozenset({"deceased"})
# Nobody at home knows of these yet, and the way to the clinic may have begun.
BY_CLINIC = frozenset({"practitioner", "closure", "room"})
UNASKED = BY_CLINIC | {"together"}
"""Why something is called off that its patient did not call off themselves."""


def kind_of_change(
    move: str, *, before: str, cancel_reason: str, ahead: bool, asked_for: bool = False
) -> MessageKind | None:
    """Return what a move makes worth saying at once, or None. `ahead`: the visit had not begun at that time.

    Undoing a cancellation is: the visit stands again, or (`asked_for`) the request does. Undoing an approval is: it is
    looked at again. So is giving back the time of
    a visit ahead: it must leave the patient's calendar. After a death nothing is said any more.
    """
    if cancel_reason in SILENT:
        return None
    if move == "undo":
        # What was approved again since says so itself.
        returns = before == "cancelled" or (before == "booked" and asked_for)
        return _kind_of_return(asked_for=asked_for) if returns else None
    # An entry that stays in a calendar sends somebody on their way; one of last week does nobody harm.
    if move == TAKES_BACK and not (ahead and before in IN_CALENDARS):
        return None
    if move in UNTOLD_ONCE_BEGUN and not ahead:
        return None
    return KIND_BY_MOVE.get(move)


def _kind_of_return(*, asked_for: bool) -> MessageKind:
    """Return what says that a visit is no longer called off: of one that is asked for, nobody says that it stands."""
    return MessageKind.MOVED if asked_for else MessageKind.CONFIRMATION


def goes_out_at_once(move: str, *, cancel_reason: str) -> bool:
    """Say whether somebody waits for this news: that a visit stands, and that the clinic calls it off."""
    return move in BOOKING_MOVES or cancel_reason in UNASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class LastHeard:
    """How a visit was when its patient last heard of it: start, practitioner and site (`where`), and whether it stood.

    `booked`: they heard that it is, and not that it is asked for. `certain` is False when the mail server's answer was
    lost: perhaps they have not heard.
    """

    where: Mapping[str, str]
    stands: bool
    booked: bool = False
    certain: bool = True


def is_elsewhere(was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a visit is not as it was: what an earlier release did not note counts as the same."""
    return not was or any(was.get(name, value) != value for name, value in now.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a message says: its kind, with the times, ids and codes that it tells beside the visit as it is."""

    kind: MessageKind
    facts: Mapping[str, object] = field(default_factory=dict)


def cancellation_notice(last: LastHeard | None) -> Notice:
    """Return the notice that a visit is cancelled: the one that its patient has in mind, wherever it was at the end."""
    return Notice(kind=MessageKind.CANCELLED, facts={"from": last.where} if last and last.where else {})


def change_notice(stage: Stage, *, where: Mapping[str, str], last: LastHeard | None) -> Notice | None:
    """Return what is new to somebody who last heard `last` of a visit that stands or was called off, or None.

    Whatever happened in between, and in whichever order it was noticed: old is what they know, new is what is.
    """
    if stage is Stage.CALLED_OFF:
        return None if last and last.certain and not last.stands else cancellation_notice(last)
    back = _kind_of_return(asked_for=stage is Stage.ASKED_FOR)
    # Nothing was heard yet, since the mail of before is still waiting or was dropped: this one tells it all.
    if last is None:
        return Notice(kind=back)
    if stage is Stage.ASKED_FOR and last.stands and last.booked:
        return Notice(kind=back, facts={"reopened": True})
    elsewhere = is_elsewhere(last.where, where)
    moved: dict[str, object] = {"from": last.where, "to": where} if last.where and elsewhere else {}
    if last.stands and elsewhere:
        return Notice(kind=MessageKind.MOVED, facts=moved)
    # Moved there and back within the two quiet minutes: what they know is right, and a mail would only alarm them.
    if last.stands and last.certain:
        return None
    return Notice(kind=back, facts={"again": True} | moved)
