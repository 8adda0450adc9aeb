"""What a mail says that asks whether somebody keeps their time: nobody is named, and no reason."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from core.text.languages import when_in_words
from notifications.channels.mail.context import short_when
from notifications.channels.mail.plain import plain
from notifications.channels.mail.reviewed import ReviewedContext
from notifications.outgoing import OutgoingMessage


def together_context(outgoing: OutgoingMessage) -> ReviewedContext:
    """Return what is said to somebody who wanted to come together with somebody else."""
    visit, zone = outgoing.visit, ZoneInfo(outgoing.visit.zone)
    return ReviewedContext(
        title=_("Do you keep your appointment?"),
        subject=_("About your appointment on %(when)s") % {"when": short_when(visit, zone)},
        greeting_name=visit.greeting_name,
        when=plain(when_in_words(visit.starts_at, zone)),
        lines=(
            _("You wanted to come together with somebody else, and something has changed about that."),
            _("Your own appointment stands. You can keep it, choose another time, or cancel it."),
        ),
        button=_("Say what you would like"),
        link=f"{settings.PUBLIC_URL}/m/{outgoing.token}/together/",
        phone=visit.phone,
    )
