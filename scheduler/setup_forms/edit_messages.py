"""What the admin says after an edit."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.text.languages import near_day_in_words
from scheduler.models import Closure
from scheduler.sheets.edit_impact import Uncovered, named


def uncovered_message(left: Iterable[Uncovered]) -> SafeString:
    """Return how many visits and kept times are without cover, the first of them, and a link to where visits stand."""
    visits = list(left)
    told = ngettext(
        "%(count)d appointment or kept time is now outside of the calendar: %(visits)s. An appointment stays booked: "
        "please find another time.",
        "%(count)d appointments or kept times are now outside of the calendar: %(visits)s. Appointments stay "
        "booked: please find other times.",
        len(visits),
    ) % {"count": len(visits), "visits": named(visits)}
    return format_html('{} <a href="{}">{}</a>', told, settings.VISITS_WITHOUT_COVER, _("Appointments without cover"))


def would_uncover_message(left: Iterable[Uncovered]) -> str:
    """Return how many visits and kept times would be without cover, and the first of them."""
    visits = list(left)
    return ngettext(
        "Nothing is saved yet. %(count)d appointment or kept time would be without cover: %(visits)s. It stays booked "
        "until you find another time. To go on, tick the box and save again.",
        "Nothing is saved yet. %(count)d appointments or kept times would be without cover: %(visits)s. They stay "
        "booked until you find other times. To go on, tick the box and save again.",
        len(visits),
    ) % {"count": len(visits), "visits": named(visits)}


def confirming_uncovers_message(left: Iterable[Uncovered]) -> str:
    """Return which visits and kept times would be without cover once closures hold, and how to go on."""
    visits = list(left)
    return ngettext(
        "Nothing is confirmed yet. %(count)d appointment or kept time would be without cover: %(visits)s. To go on, "
        "choose “Confirm all the same”.",
        "Nothing is confirmed yet. %(count)d appointments or kept times would be without cover: %(visits)s. To go on, "
        "choose “Confirm all the same”.",
        len(visits),
    ) % {"count": len(visits), "visits": named(visits)}


def deleting_uncovers_message(left: Iterable[Uncovered]) -> str:
    """Return which visits and kept times will be without cover once a row is deleted."""
    visits = list(left)
    return ngettext(
        "When you delete this, %(count)d appointment or kept time will be without cover: %(visits)s.",
        "When you delete this, %(count)d appointments or kept times will be without cover: %(visits)s.",
        len(visits),
    ) % {"count": len(visits), "visits": named(visits)}


def holidays_message(suggested: Sequence[Closure]) -> str:
    """Return how many public holidays are suggested and still on sale, and the next of them; nothing where none is."""
    if not suggested:
        return ""
    nearest = min(suggested, key=lambda one: one.first_on)
    return ngettext(
        "%(count)d public holiday is suggested and not yet confirmed: %(name)s, %(day)s. Until it is confirmed, its "
        "times can be booked.",
        "%(count)d public holidays are suggested and not yet confirmed, the next one is %(name)s, %(day)s. Until you "
        "confirm those on which you are closed, their times can be booked.",
        len(suggested),
    ) % {"count": len(suggested), "name": nearest.name, "day": near_day_in_words(nearest.first_on)}
