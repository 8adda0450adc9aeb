"""What somebody's record says of how they can come, to whoever gives them a time: the language, and help to come."""

from django.utils.translation import gettext as _

from booking.access_needs import spoken_in_words as in_words
from booking.actions import access_needs
from booking.models import Patient
from core.principal import Principal
from core.text.languages import language_in_words


def spoken_in_words(who: Patient, by: Principal) -> str:
    """Say which language they read, or asked an interpreter for, where it is not English; else nothing."""
    if asked := access_needs.asked_before(who, by=by).interpreter:
        return _("They asked for an interpreter: %s.") % in_words(asked)
    return "" if who.language.startswith("en") else _("They read %s.") % language_in_words(who.language)
