"""Intervals of a day as people read them."""

from datetime import time

from django.utils.translation import gettext as _

from core.text.languages import wall_time_in_words
from scheduler.wall_time import MIDNIGHT


def interval_in_words(starts: time, ends: time) -> str:
    """Return an interval as people read it, such as "9:00 AM–5:00 PM"; an end of the day is midnight."""
    return f"{wall_time_in_words(starts)}–{_('midnight') if ends == MIDNIGHT else wall_time_in_words(ends)}"
