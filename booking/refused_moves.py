"""What comes first where an appointment cannot be moved along as it stands, and from when on it can, in words."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.status import WAITING, Move, Status
from core.text.languages import day_in_words, time_in_words, when_in_words

ON_THE_DAY = (Move.ARRIVE, Move.CHECK_IN, Move.START, Move.FULFIL, Move.NO_SHOW)
OF_TIME = (Move.RESCHEDULE, Move.RESIZE)
CALL_US = gettext_lazy("Call us about it: we see what is possible.")
"""What whoever an appointment is for reads, where staff read what comes first."""


def _each(stands: Iterable[Status], moves: Iterable[Move], first: Move) -> dict[tuple[Status, Move], Move]:
    return {(status, move): first for status in stands for move in moves}


FIRST: dict[tuple[Status, Move], Move] = {
    **_each([Status.BOOKED], [Move.START, Move.FULFIL], Move.CHECK_IN),
    **_each([Status.ARRIVED], [Move.START], Move.CHECK_IN),
    **_each([Status.ARRIVED, Status.CHECKED_IN], [Move.NO_SHOW, Move.RESCHEDULE], Move.UNDO),
    **_each([Status.NOSHOW], [Move.CHECK_IN, Move.START, Move.FULFIL], Move.ARRIVE),
    **_each([Status.NOSHOW], [*OF_TIME, Move.CANCEL], Move.UNDO),
    **_each([Status.FULFILLED], [Move.ARRIVE, Move.CHECK_IN, Move.START, Move.NO_SHOW], Move.UNDO),
    **_each([Status.FULFILLED], [*OF_TIME, Move.CANCEL], Move.UNDO),
}
"""What staff do before a move that the life cycle does not know from a state."""


def comes_first(stands: str, move: str) -> Move | None:
    """Return what is done before `move` of an appointment that stands like that; None where nothing leads there."""
    return FIRST.get((Status(stands), Move(move)))


def not_allowed_in_words(stands: str, move: str) -> str:
    """Say what comes before `move`, or how the appointment stands where nothing does."""
    status, first = Status(stands), comes_first(stands, move)
    if move == Move.UNDO:
        return _("There is nothing to undo: nothing was noted of it that can be taken back.")
    if first is not None:
        words = {
            Move.CHECK_IN: _("Check them in first."),
            Move.ARRIVE: _("They are noted as not come. Note first that they arrived."),
            Move.UNDO: _("It is noted as “%(status)s”. Undo that first, if it is not so."),
        }
        return words[first] % {"status": status.label}
    if status in WAITING and move in ON_THE_DAY:
        document = _("It waits for a document or an answer. That comes first; its page says what.")
        check = _("Somebody looks at it before it is booked. That comes first; its page says what.")
        return document if status is Status.PENDING else check
    begun = status is Status.CHECKED_IN and move == Move.START
    return _("They are being treated already.") if begun else _("It is noted as “%s”.") % status.label


def not_yet_in_words(move: Move, start: datetime, since: datetime | None, zone: ZoneInfo, *, at: datetime) -> str:
    """Say from when on something can be noted that it is too early for; empty where nobody knows."""
    if since is None or move not in ON_THE_DAY:
        return ""
    if move not in {Move.NO_SHOW, Move.FULFIL}:
        day = day_in_words(start.astimezone(zone).date())
        return _("It is on %s. This can be noted from that day on.") % day
    if start.astimezone(zone).date() == at.astimezone(zone).date():
        begins = _("It begins at %s.") % time_in_words(start, zone)
    else:
        begins = _("It begins on %s.") % when_in_words(start, zone)
    if move is Move.FULFIL:
        then = _("“Done” can be noted from then on, or once “start” is noted.")
    else:
        then = _("“Did not come” can be noted from %s.") % time_in_words(since, zone)
    return f"{begins} {then}"
