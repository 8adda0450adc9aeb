"""Mails to those who wait for a time to open: when and where, never what for."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from booking.public import waiting_list
from core.text.languages import localized, released_language, when_in_words, zone_in_words
from core.text.mail_addresses import on_the_wire
from notifications.channels.mail.family import TEMPLATE
from notifications.channels.mail.plain import plain, without_empty_lines
from notifications.models import WaitingListMail, WaitingListMailKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListMailContext:
    """What a mail says; `link`: where its button leads."""

    title: str
    subject: str
    greeting_name: str
    lines: tuple[str, ...]
    button: str
    link: str
    phone: str
    code: str = ""


def compose(mail: WaitingListMail, facts: waiting_list.WaitingListFacts, *, at: datetime) -> EmailMultiAlternatives:
    """Return a mail in its reader's language. Raises NoAddress."""
    with translation.override(released_language(facts.language)):
        words = context(WaitingListMailKind(mail.kind), facts)
        shown = {"words": words}
        text, html = render_to_string(f"{TEMPLATE}.txt", shown), render_to_string(f"{TEMPLATE}.html", shown)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {
        "Date": format_datetime(at),
        "Message-ID": f"<waiting-list-{mail.pk}.{mail.attempts}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    to = [on_the_wire(facts.address)]
    composed = EmailMultiAlternatives(words.subject, without_empty_lines(text), to=to, headers=headers)
    composed.attach_alternative(html, "text/html")
    return composed


def context(kind: WaitingListMailKind, facts: waiting_list.WaitingListFacts) -> WaitingListMailContext:
    """Return what a mail says, in the language in force."""
    title, lines, button = BODIES[kind](facts)
    link = f"{settings.PUBLIC_URL}/waiting/{facts.token}/" if facts.token else ""
    return WaitingListMailContext(
        title=title,
        subject=title,
        greeting_name=facts.greeting_name,
        lines=lines,
        button=button,
        link=link,
        phone=facts.phone,
    )


Body = tuple[str, tuple[str, ...], str]


def _confirm(_facts: waiting_list.WaitingListFacts) -> Body:
    return (
        _("Please confirm: tell me when a time opens"),
        (
            _("Somebody has asked us to tell you when an appointment opens. Was it you? Then press the button."),
            _("You did not ask for this? Then you do not need to do anything: we write no more."),
        ),
        _("Yes, tell me"),
    )


def _joined(facts: waiting_list.WaitingListFacts) -> Body:
    return (
        _("You are on the waiting list"),
        (
            _("We write to you as soon as a time opens that suits you, %(where)s.") % {"where": _where(facts)},
            _("Keep this mail: its button shows what you wait for, and takes you off the list."),
        ),
        _("See my place on the list"),
    )


def _offer(facts: waiting_list.WaitingListFacts) -> Body:
    site = facts.site
    assert facts.starts_at is not None and facts.until is not None  # noqa: PT018, S101  (an offer has both)
    about = {
        "when": when_in_words(facts.starts_at, site.tz),
        "where": _where(facts),
        "until": when_in_words(facts.until, site.tz),
        "zone": zone_in_words(site.tz),
    }
    others = _("We ask a few people at once: whoever accepts first has the time.") if facts.several else ""
    return (
        _("A time has opened for you"),
        tuple(
            filter(
                None,
                (
                    plain(_("%(when)s, %(where)s.") % about),
                    plain(_("We keep it until %(until)s, %(zone)s.") % about),
                    others,
                    _("It does not suit you? Press the button and say so: then somebody else can have it."),
                ),
            )
        ),
        _("See the time"),
    )


def _ended(_facts: waiting_list.WaitingListFacts) -> Body:
    return (
        _("You are not on the waiting list any more"),
        (_("If that is not right, or if you would like to wait again, call us: we are glad to help."),),
        _("See what happened"),
    )


def _where(facts: waiting_list.WaitingListFacts) -> str:
    return str(plain(localized(facts.site.name)))


BODIES = {
    WaitingListMailKind.CONFIRM: _confirm,
    WaitingListMailKind.JOINED: _joined,
    WaitingListMailKind.OFFER: _offer,
    WaitingListMailKind.ENDED: _ended,
}
