"""A day to come, as people type it in a form of times: read, or refused in words."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext as _

from core.text.typed_dates import coming_day_typed, date_typed, what_is_impossible

HALF_A_YEAR, FARTHEST = timedelta(days=183), timedelta(days=366)
"""So far ahead is what is meant of a day without its year, and of one with it: beyond, it is a slip."""


def coming_day(typed: str, *, today: date) -> date | None:
    """Return the day; None where nothing was typed. Raises ValidationError for one that is none, over or too far."""
    if not typed:
        return None
    found = coming_day_typed(typed, today=today)
    if found is None:
        raise forms.ValidationError(what_is_impossible(typed) or _("Type a month and a day, such as 12/3"))
    ahead = found - today
    # A day without its year is the next such day: of one that was lately that of the next year.
    if found < today or (ahead > HALF_A_YEAR and date_typed(typed) is None):
        raise forms.ValidationError(_("This day is over. Choose one that is still to come."))
    if ahead > FARTHEST:
        raise forms.ValidationError(_("This day is too far ahead. Is the year right?"))
    return found
