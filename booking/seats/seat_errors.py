"""The refusals of seats that are kept for families."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.refusals import Refusal
from core.text.languages import time_in_words, when_in_words


class TooManySeats(Refusal):
    """One member of staff keeps as many seats that are not booked as they may. Facts: `limit`."""

    code = "too-many-seats"
    title = gettext_lazy("You are keeping as many times for families as one person may.")

    def __init__(self, *, limit: int, waiting: int) -> None:
        keeps = ngettext(
            "%(count)d time that you keep is not booked yet, and one person keeps %(limit)d such times at most. Give "
            "one back that is not needed, or ask a colleague to keep these.",
            "%(count)d times that you keep are not booked yet, and one person keeps %(limit)d such times at most. Give "
            "some back that are not needed, or ask a colleague to keep these.",
            waiting,
        )
        super().__init__(keeps % {"count": waiting, "limit": limit}, limit=limit)


class SeatGone(Refusal):
    """The seat is not kept any more: given back, not booked by its name-by date, or its time is not open by now."""

    code = "seat-gone"
    status = 410
    title = gettext_lazy("We no longer keep this time.")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _("Look for another time, or call the clinic."))


class SeatBooked(Refusal):
    """Somebody has the seat."""

    code = "seat-booked"
    title = gettext_lazy("This time has been booked.")


class NotForSeats(Refusal):
    """The link has ended, or its patient does not take part in the program that keeps the seat."""

    code = "not-for-seats"
    title = gettext_lazy("This time is not kept for them.")

    def __init__(self) -> None:
        words = _("Choose somebody of the family of a patient who takes part in the program, whose link is open.")
        super().__init__(words)


class NamedAtOnce(Refusal):
    """The same person is to have another seat at that time, or has booked it."""

    code = "named-at-once"
    title = gettext_lazy("They have another time then.")

    def __init__(self, *, start: datetime, zone: ZoneInfo) -> None:
        words = _(
            "Another time is for them on %(when)s, and overlaps this one. Choose somebody else, or say first that the "
            "other is for nobody yet."
        )
        super().__init__(words % {"when": when_in_words(start, zone)})


class SeatHeld(Refusal):
    """Somebody is booking the seat at this moment."""

    code = "seat-held"
    title = gettext_lazy("Somebody is booking this time right now.")

    def __init__(self, *, until: datetime, zone: ZoneInfo) -> None:
        super().__init__(_("Try again at %s: if it is not booked by then, it is here.") % time_in_words(until, zone))
