"""How somebody stands with the health questions, in words for the desk: what follows, never an answer."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from booking.screening.queries import PATIENT, Screening
from booking.screening.state import ScreeningState
from core.text.languages import when_in_words


def health_in_words(found: Screening, zone: ZoneInfo, *, who: int = PATIENT) -> str:
    """Return how somebody stands with the health questions, for whoever sees the outcome only."""
    if who and found.state is ScreeningState.STAY_AWAY:
        return _("Must not come in: the appointment stands without them")
    words = {
        ScreeningState.NOT_ASKED: "",
        ScreeningState.NOT_YET: _("Asked later"),
        ScreeningState.UNANSWERED: _("Ask now"),
        ScreeningState.CLEAR: _("May come in"),
        ScreeningState.BY_CALL: _("By phone or video: does not come in"),
        ScreeningState.IN_REVIEW: _in_review(found, zone),
        ScreeningState.STAY_AWAY: _("Must not come in: find another time"),
        ScreeningState.SEEK_CARE: _("Needs help now: call a clinician, and 911 if it is urgent"),
    }
    said = words[found.state]
    masked = found.state is ScreeningState.CLEAR and found.newest is not None and found.newest.masked
    return f"{said}, {_('with a mask')}" if masked else said


def then_in_words(found: Screening) -> str:
    """Return how somebody stood on a day that is over: there is nothing to ask or to decide about it any more."""
    words = {
        ScreeningState.UNANSWERED: _("Nobody asked them"),
        ScreeningState.CLEAR: _("Might come in"),
        ScreeningState.IN_REVIEW: _("Nobody had decided about their answers"),
        ScreeningState.STAY_AWAY: _("Was to stay away"),
        ScreeningState.SEEK_CARE: _("Said that they needed help"),
    }
    return words.get(found.state, "")


def _in_review(found: Screening, zone: ZoneInfo) -> str:
    """Say by when somebody decides, so that whoever waits at the door can be told."""
    if found.newest is None or found.newest.due_at is None:
        return _("A clinician looks at it")
    return _("A clinician looks at it by %s") % when_in_words(found.newest.due_at, zone)
