"""The refusals of a check-in, or of another time, that the health questions stand against."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal
from core.text.languages import near_day_in_words


class ScreeningNeeded(Refusal):
    """Nobody is checked in who has not answered the health questions, or must stay away. Facts: `screening`."""

    code = "screening-needed"
    title = _("Please ask the health questions first, or let a clinician look at the answers.")


class RecheckNeeded(Refusal):
    """Who may come in is asked once more at the door, or their temperature is taken, where the policy says so."""

    code = "recheck-needed"
    title = _("Please ask at the door what is new since they answered, and take the temperature where it is asked for.")


class FirstDayUnknown(Refusal):
    """Nobody chooses another time who is to stay at home until nobody knows when."""

    code = "first-day-unknown"
    title = _("We do not know yet from when on you can come.")

    def __init__(self) -> None:
        super().__init__(
            _("Do you know the last day on which you are to stay at home? Answer the questions again: we show times.")
        )


class TooSoonToCome(Refusal):
    """Nobody moves to a day on which they may not come yet by their answers. Facts: `earliest_day`, `alternatives`."""

    code = "too-soon-to-come"
    title = _("It is too soon to come on this day.")

    def __init__(self, earliest_day: date, *, alternatives: Sequence[object]) -> None:
        way_out = _(
            "By the answers about health the first day is %s. Choose a time from then on. "
            "If something has changed, answer the questions again."
        )
        day = near_day_in_words(earliest_day)
        super().__init__(way_out % day, earliest_day=earliest_day.isoformat(), alternatives=alternatives)
