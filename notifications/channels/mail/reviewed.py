"""What a mail says that tells what came of health answers: what to do, and no answer."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from core.text.languages import time_in_words, when_in_words
from notifications.channels.mail.context import short_when
from notifications.channels.mail.plain import plain
from notifications.outgoing import OutgoingMessage

PHONE = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedContext:
    """What is said, in the recipient's language. `lines`: what to do, the first thing first; `link`: where."""

    title: str
    subject: str
    greeting_name: str
    when: str
    lines: tuple[str, ...]
    button: str
    link: str
    phone: str


def reviewed_context(outgoing: OutgoingMessage) -> ReviewedContext:
    """Return what is said of a review. In a companion's case it is their patient who reads it."""
    visit, facts = outgoing.visit, outgoing.facts
    who = int(facts["companion"])
    when = plain(when_in_words(visit.starts_at, ZoneInfo(visit.zone)))
    title, lines, button = (_of_a_companion if who else _of_the_patient)(outgoing)
    return ReviewedContext(
        title=title,
        subject=_("About your appointment on %(when)s") % {"when": short_when(visit, ZoneInfo(visit.zone))},
        greeting_name=visit.greeting_name,
        when=when,
        lines=tuple(lines),
        button=button,
        link=f"{settings.PUBLIC_URL}/m/{outgoing.token}/screening/" + (f"?who={who}" if who else ""),
        phone=visit.phone,
    )


def _of_the_patient(outgoing: OutgoingMessage) -> tuple[str, list[str], str]:
    look = _("Open this page")
    match outgoing.facts["about"]:
        case "approved":
            wear = _("Please wear a mask the whole time. We give you one if you have none.")
            masked = [wear] if outgoing.facts.get("masked") else []
            return _("You can come"), [_("Your appointment stands."), *masked], _("Show this page at the door")
        case "asked":
            return _("We would like to talk with you before you come"), _call(outgoing), look
        case "declined":
            return (
                _("Please do not come to this appointment yet"),
                [
                    _("Your time stays yours until you choose another one, or give it back. There is no fee."),
                    _("The first free times are on this page."),
                ],
                _("Choose another time"),
            )
        case _:
            return (
                _("Please wait: we look at it once more"),
                [_("What we wrote before does not count any more. We write to you as soon as it is decided.")],
                look,
            )


def _of_a_companion(outgoing: OutgoingMessage) -> tuple[str, list[str], str]:
    look = _("Open this page")
    match outgoing.facts["about"]:
        case "approved":
            return _("Your companion can come"), [_("Please show the page at the door.")], look
        case "asked":
            return _("We would like to talk with your companion"), _call(outgoing), look
        case "declined":
            lines = [_("Your own appointment stands. You can come alone, or with somebody else.")]
            return _("Your companion cannot come along this time"), lines, look
        case _:
            lines = [_("What we wrote before does not count any more. We write to you as soon as it is decided.")]
            return _("Please wait: we look at it once more"), lines, look


def _call(outgoing: OutgoingMessage) -> list[str]:
    """Say when we call, or when to call us where we have no number."""
    zone = ZoneInfo(outgoing.visit.zone)
    starts_at, ends_at = (datetime.fromisoformat(outgoing.facts[name]) for name in ("from", "until"))
    facts = {"from": plain(when_in_words(starts_at, zone)), "until": plain(time_in_words(ends_at, zone))}
    has_number = any(contact.system == PHONE for contact in outgoing.visit.contacts)
    words = (
        _("We call you between %(from)s and %(until)s.")
        if has_number
        else _("Please call us between %(from)s and %(until)s. We have no phone number of yours.")
    )
    return [words % facts, _("Your appointment stands meanwhile.")]
