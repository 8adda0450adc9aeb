"""Mails about family links: neutral, and without the name of anybody but whoever reads them."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from booking.public import FamilyLinkFacts, FamilySide
from core.text.languages import date_in_words, localized, released_language, when_in_words
from notifications.channels.mail.button_mail import ButtonMail, compose_button_mail
from notifications.channels.mail.plain import plain
from notifications.models import FamilyMail, FamilyMailKind


def compose(mail: FamilyMail, facts: FamilyLinkFacts, *, at: datetime) -> EmailMultiAlternatives:
    """Return a mail in its reader's language. Raises NoAddress."""
    with translation.override(released_language(facts.language)):
        words = context(mail, facts)
        name = f"family-{mail.pk}.{mail.attempts}"
        return compose_button_mail(words, name=name, address=facts.address, at=at)


def context(mail: FamilyMail, facts: FamilyLinkFacts) -> ButtonMail:
    """Return what a mail says, in the language in force."""
    kind, side = FamilyMailKind(mail.kind), FamilySide(mail.side)
    until = plain(date_in_words(facts.ends_on))
    title, lines, button = BODIES[kind, side](until)
    if kind in WITH_TIMES:
        lines = (*_reserved_times(facts), *lines)
    link = _link(facts, side, kind)
    if not link:
        button = ""
        lines = (*lines, _("To see more or to change something, please call us."))
    return ButtonMail(
        title=title,
        subject=title,
        greeting_name=facts.greeting_name,
        lines=lines,
        code=facts.code,
        button=button,
        link=link,
        phone=facts.phone,
    )


def _reserved_times(facts: FamilyLinkFacts) -> list[str]:
    """Say when and where times are kept for the reader, and until when; not what for: that is theirs to choose."""
    words = _("We keep a time for you: %(when)s, %(where)s. Please book it by %(until)s; then it is free for others.")
    return [
        plain(
            words
            % {
                "when": when_in_words(one.starts_at, one.site.tz),
                "where": localized(one.site.name),
                "until": when_in_words(one.until, one.site.tz),
            }
        )
        for one in facts.reserved
    ]


def _link(facts: FamilyLinkFacts, side: FamilySide, kind: FamilyMailKind) -> str:
    if kind in {FamilyMailKind.ENDED, FamilyMailKind.REVOKED}:
        return f"{settings.PUBLIC_URL}/book/" if side is FamilySide.RELATIVE else ""
    if facts.manage:
        return f"{settings.PUBLIC_URL}/m/{facts.manage}/family/"
    if side is FamilySide.PATIENT:
        return f"{settings.PUBLIC_URL}/family/patient/{facts.token}/" if facts.token else ""
    return f"{settings.PUBLIC_URL}/family/{facts.token}/" if facts.token else ""


def _invitation(until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("Your code to choose a time"),
        (
            _("You are invited to choose an appointment of your own with us."),
            _("Press the button, or type this code on our page. It works once, until %s.") % until,
            _("You did not expect this? Then you do not need to do anything."),
        ),
        _("Go on"),
    )


def _claimed(until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("Please confirm an invitation"),
        (
            _("Somebody has used a code that was made for a member of your family."),
            _("Please look whether it is the person whom you invited, by %s. Until then they cannot book.") % until,
            _("You invited nobody? Take it back, or call us."),
        ),
        _("Look and confirm"),
    )


def _confirmed(until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("You can choose a time now"),
        (
            _("The times that we keep are open to you until %s.") % until,
            _("Keep this mail: its button is your way back."),
        ),
        _("Choose a time"),
    )


def _time_reserved(_until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("A time is kept for you"),
        (_("You do not want it? Then you do not need to do anything."),),
        _("See the time"),
    )


def _vouched(until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("An invitation was used"),
        (
            _("Somebody has used a code that was made for a member of your family, and our staff have confirmed them."),
            _("It is open to them until %s. If that is not right, take it back, or call us.") % until,
        ),
        _("See who it is"),
    )


def _ends_soon(until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("Please look: it ends on %s") % until,
        (
            _("The times that we keep for families are open until %s. You can keep that for another year.") % until,
            _("If you do nothing, it ends by itself. Appointments that are booked stand."),
        ),
        _("Keep it for another year"),
    )


def _ended(_until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("It has ended"),
        (
            _("The times that we keep for families are no longer open by your invitation."),
            _("Appointments that are booked stand. If you need it again, call us."),
        ),
        _("Book like everybody"),
    )


def _revoked(_until: str) -> tuple[str, tuple[str, ...], str]:
    return (
        _("It is no longer open"),
        (
            _("The times that we keep for families are no longer open to you."),
            _("Appointments that you have booked stand. You can book like everybody, or call us: we are glad to help."),
        ),
        _("Book like everybody"),
    )


WITH_TIMES = frozenset({FamilyMailKind.INVITATION, FamilyMailKind.CONFIRMED, FamilyMailKind.TIME_KEPT})
"""Mails that say which times are kept for their reader by name."""

BODIES = {
    (FamilyMailKind.INVITATION, FamilySide.INVITED): _invitation,
    (FamilyMailKind.CLAIMED, FamilySide.PATIENT): _claimed,
    (FamilyMailKind.CONFIRMED, FamilySide.RELATIVE): _confirmed,
    (FamilyMailKind.VOUCHED, FamilySide.PATIENT): _vouched,
    (FamilyMailKind.TIME_KEPT, FamilySide.RELATIVE): _time_reserved,
    (FamilyMailKind.ENDS_SOON, FamilySide.PATIENT): _ends_soon,
    (FamilyMailKind.ENDS_SOON, FamilySide.RELATIVE): _ends_soon,
    (FamilyMailKind.ENDED, FamilySide.PATIENT): _ended,
    (FamilyMailKind.ENDED, FamilySide.RELATIVE): _ended,
    (FamilyMailKind.REVOKED, FamilySide.RELATIVE): _revoked,
}
