"""What a person reads of a rule that stands in the way: its number, and what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.rules import Broken


def limit_in_words(broken: Broken, number: int) -> str:
    """Return up to which number a person books by themselves, and what to do beyond it; empty of other rules."""
    words = {
        Broken.NOTICE: ngettext(
            "Online it can be booked until %(count)d hour before it begins.",
            "Online it can be booked until %(count)d hours before it begins.",
            number,
        ),
        Broken.HORIZON: ngettext(
            "Online you can book %(count)d day ahead.", "Online you can book %(count)d days ahead.", number
        ),
        Broken.WEEK: ngettext(
            "Online you can book %(count)d appointment in a week.",
            "Online you can book %(count)d appointments in a week.",
            number,
        ),
        Broken.ACTIVE: ngettext(
            "Online you can have %(count)d appointment ahead of you.",
            "Online you can have %(count)d appointments ahead of you.",
            number,
        ),
    }
    then = {
        Broken.NOTICE: _("Choose a later time, or call us: we see what is possible."),
        Broken.HORIZON: _("Choose an earlier time, or call us: we see what is possible."),
        Broken.WEEK: _("Choose a time in another week, or call us: we see what is possible."),
        Broken.ACTIVE: _(
            "Once one of them is over you can book the next, or cancel one that you do not need. "
            "Or call us: we see what is possible."
        ),
    }
    return f"{words[broken] % {'count': number}} {then[broken]}" if broken in words else ""
