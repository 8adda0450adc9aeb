"""Mails to those who wait for a time to open: when and where, never what for."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from booking.public import waiting_list
from core.text.languages import localized, released_language, when_in_words, zone_in_words
from notifications.channels.mail.button_mail import ButtonMail, compose_button_mail
from notifications.channels.mail.plain import plain
from notifications.models import WaitingListMail, WaitingListMailKind


def compose(mail: WaitingListMail, facts: waiting_list.WaitingListFacts, *, at: datetime) -> EmailMultiAlternatives:
    """Return a mail in its reader's language. Raises NoAddress."""
    with translation.override(released_language(facts.language)):
        words = context(WaitingListMailKind(mail.kind), facts)
        name = f"waiting-list-{mail.pk}.{mail.attempts}"
        return compose_button_mail(words, name=name, address=facts.address, at=at)


def context(kind: WaitingListMailKind, facts: waiting_list.WaitingListFacts) -> ButtonMail:
    """Return what a mail says, in the language in force."""
    title, lines, button = BODIES[kind](facts)
    link = f"{settings.PUBLIC_URL}/waiting/{facts.token}/" if facts.token else ""
    return ButtonMail(
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
    missed = _("You did not get to answer about %(when)s. You kept your place on the list.")
    before = plain(missed % {"when": when_in_words(facts.missed_at, site.tz)}) if facts.missed_at else ""
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
                    _("You need not answer. Then somebody else is asked, and you stay on the list."),
                    before,
                ),
            )
        ),
        _("See the time"),
    )


def _answers(facts: waiting_list.WaitingListFacts) -> Body:
    return (
        _("Please answer a few questions"),
        (
            plain(
                _("You are on our waiting list, %(where)s. Some health questions need an answer.")
                % {"where": _where(facts)}
            ),
            _("You never answered them here, or your answers are too old by now."),
            _("Until you answer them we cannot offer you a time. It takes two minutes, and you keep your place."),
        ),
        _("Answer the questions"),
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
    WaitingListMailKind.ANSWERS: _answers,
    WaitingListMailKind.ENDED: _ended,
}
