"""What a change of the ledger makes worth saying: values in, values out; no database, no clock."""

from notifications.plan import Stage
from notifications.status import Kind

NEWS = {
    "book": Kind.CONFIRMATION,
    "approve": Kind.CONFIRMATION,
    "complete": Kind.CONFIRMATION,
    "offer-taken": Kind.CONFIRMATION,
    "reschedule": Kind.MOVED,
    "cancel": Kind.CANCELLED,
    "expire": Kind.CANCELLED,
    "decline": Kind.CANCELLED,
    "wait": Kind.CANCELLED,
    "enter-in-error": Kind.CANCELLED,
}
TAKES_BACK = frozenset({"wait", "enter-in-error"})
IN_CALENDARS = frozenset({"booked", "pending"})
STAGES = {
    "proposed": Stage.ASKED_FOR,
    "pending": Stage.STANDS,
    "booked": Stage.STANDS,
    "arrived": Stage.STANDS,
    "checked-in": Stage.STANDS,
    "cancelled": Stage.CALLED_OFF,
    "waitlist": Stage.CALLED_OFF,
    "entered-in-error": Stage.CALLED_OFF,
}
SILENT = frozenset({"deceased"})
BY_CLINIC = frozenset({"practitioner", "closure", "room"})


def stage_of(status: str) -> Stage:
    """Return how a visit with this status stands."""
    return STAGES.get(status, Stage.OVER)


def news_of(move: str, *, before: str, cancel_reason: str, ahead: bool) -> Kind | None:
    """Return what a move makes worth saying at once, or None. `ahead`: the visit had not begun at that time.

    Undoing a cancellation is: the visit stands again. So is giving back the time of a visit ahead: it must leave the
    patient's calendar. After a death nothing is said any more.
    """
    if cancel_reason in SILENT:
        return None
    if move == "undo":
        return Kind.CONFIRMATION if before == "cancelled" else None
    if move in TAKES_BACK and not (ahead and before in IN_CALENDARS):
        return None
    return NEWS.get(move)
