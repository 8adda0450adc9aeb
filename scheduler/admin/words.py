"""What the admin says after an edit."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.languages import when_in_words
from scheduler.cover import Uncovered

NAMED = 10


def without_cover(left: Iterable[Uncovered]) -> str:
    """Return how many visits are without cover, and the first of them by time and practitioner."""
    visits = sorted(left, key=lambda one: one.start)
    named = [_named(one) for one in visits[:NAMED]]
    if len(visits) > NAMED:
        named.append(_("and %(count)d more") % {"count": len(visits) - NAMED})
    return ngettext(
        "%(count)d visit is now outside of the calendar: %(visits)s. It stays booked: please find another time. "
        "It is listed under Appointments, “Without cover”.",
        "%(count)d visits are now outside of the calendar: %(visits)s. They stay booked: please find other times. "
        "They are listed under Appointments, “Without cover”.",
        len(visits),
    ) % {"count": len(visits), "visits": "; ".join(named)}


def _named(one: Uncovered) -> str:
    when = when_in_words(one.start, ZoneInfo(one.zone))
    return f"{when} ({one.practitioner_name})" if one.practitioner_name else when
