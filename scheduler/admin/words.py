"""What the admin says after an edit."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.languages import when_in_words
from scheduler.cover import Uncovered

NAMED = 10


def without_cover(left: Iterable[Uncovered]) -> SafeString:
    """Return how many visits and kept times are without cover, the first of them, and a link to where visits stand."""
    visits = sorted(left, key=lambda one: one.start)
    named = [_named(one) for one in visits[:NAMED]]
    if len(visits) > NAMED:
        named.append(_("and %(count)d more") % {"count": len(visits) - NAMED})
    told = ngettext(
        "%(count)d visit or kept time is now outside of the calendar: %(visits)s. A visit stays booked: please find "
        "another time.",
        "%(count)d visits or kept times are now outside of the calendar: %(visits)s. Visits stay booked: please find "
        "other times.",
        len(visits),
    ) % {"count": len(visits), "visits": "; ".join(named)}
    return format_html('{} <a href="{}">{}</a>', told, settings.VISITS_WITHOUT_COVER, _("Visits without cover"))


def _named(one: Uncovered) -> str:
    when = when_in_words(one.start, ZoneInfo(one.zone))
    return f"{when} ({one.practitioner_name})" if one.practitioner_name else when
