"""What mails with links say, and the mail with the code that opens what is a patient's own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from booking.public import Awaited, VisitFacts, link_code, status_display_of
from core.text.languages import (
    date_in_words,
    localized,
    when_in_words,
    zone_in_words,
)
from notifications.channels.mail.plain import plain
from notifications.outgoing import ListedVisit, OutgoingMessage

ASKS = frozenset({"questions", "asked"})
REFERRAL, CODE = "referral", "code"
"""Why links are mailed that lead to questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """One visit of a list. `note`: what there is to know of it beside its time, such as that it is asked for only."""

    when: str
    whose_time: str
    practitioner: str
    where: str
    address: str
    link: str
    reference: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMailContext:
    """What a mail with links says, in the recipient's language."""

    title: str
    subject: str
    greeting_name: str
    intro: str
    closing: str
    button: str
    visits: tuple[LinkLine, ...]
    phone: str


def link_context(outgoing: OutgoingMessage, *, at: datetime) -> LinkMailContext:
    """Return what is said to somebody who asked for links or for a visit, or whose address is new."""
    because, several = str(outgoing.facts.get("because", "")), len(outgoing.listed) > 1
    title, subject = _link_titles(because, several=several)
    return LinkMailContext(
        title=title,
        subject=subject,
        intro=_code(outgoing)
        or _waits(outgoing.visit, because)
        or _link_intro(because, several=several, older_ended=bool(outgoing.facts.get("older_ended"))),
        closing=_link_closing(because, several=several, phone=outgoing.visit.phone),
        greeting_name=outgoing.visit.greeting_name,
        visits=tuple(_listed(outgoing.listed, because, at=at)),
        button=_link_button(because),
        phone=outgoing.visit.phone,
    )


def _code(outgoing: OutgoingMessage) -> str:
    """Return the code by which whoever has a link shows who they are; empty where the mail is about something else."""
    if outgoing.facts.get("because") != CODE:
        return ""
    visit = outgoing.visit
    digits = link_code(visit.public_id, visit.readdressed, int(outgoing.facts["issue"]))
    return _("Your code is %s. Type it on the page on which you asked for it. Tell it to nobody.") % digits


def _link_button(because: str) -> str:
    """Return what stands beside a link."""
    if because in ASKS:
        return _("Answer the questions")
    if not because:
        return _("Open my appointments")
    return _("See, move or cancel your request") if because == "request" else _("See, move or cancel your appointment")


def _asked(visit: VisitFacts) -> str:
    """Return until when somebody is to answer."""
    until = plain(when_in_words(visit.kept_until or visit.starts_at, ZoneInfo(visit.zone)))
    return _("We keep your time. Please answer before %s. It takes a minute. Keep the link to yourself.") % until


def _waits(visit: VisitFacts, because: str) -> str:
    """Return what somebody is to do for whom we keep a time; empty where the mail is about something else."""
    if because in ASKS:
        return _asked(visit)
    if because != REFERRAL:
        return ""
    until = plain(when_in_words(visit.kept_until or visit.starts_at, ZoneInfo(visit.zone)))
    return (
        _(
            "For this appointment we need a referral: a paper on which your doctor asks us to treat you. Please ask "
            "them for it, and bring it to our desk or have it sent to us. We keep your time until %s. Once the "
            "referral is here, your appointment is booked."
        )
        % until
    )


def _link_titles(because: str, *, several: bool) -> tuple[str, str]:
    """Return the heading and the subject of a mail with links."""
    if because in {"request", REFERRAL}:
        return (_("We have your request") if because == "request" else _("Please bring your referral"),) * 2
    if because in ASKS:
        asked = _("We have a question before we book")
        return (asked if because == "asked" else _("Some questions before we book"),) * 2
    if because == CODE:
        return (_("Your code"),) * 2
    if because == "contact":
        return (_("We now write to you at this address"),) * 2
    if because == "away":
        return (_("Your other appointments") if several else _("Your other appointment"),) * 2
    return _("Here is the link you asked for"), _("The link you asked for")


def _link_intro(because: str, *, several: bool, older_ended: bool) -> str:
    """Return what the links are for."""
    if because == "request":
        return _("With the link below you can see, move or cancel your request. Keep the link to yourself, like a key.")
    said = {
        ("away", True): _("You may want to move them to another time as well, or give them back. There is no fee."),
        ("away", False): _("You may want to move it to another time as well, or give it back. There is no fee."),
    }
    if not because:
        return _(
            "With it and your birth date you see all that is yours: move or cancel an appointment, book again, say how "
            "we reach you. Keep it to yourself, like a key."
        )
    if because != "contact":
        return said["away", several]
    ended = [_("Older links do not work any more.")] if older_ended else []
    if several:
        keep = _("Keep the new ones to yourself, like keys.") if ended else _("Keep the links to yourself, like keys.")
        return " ".join([_("Your appointments are as they were."), *ended, keep])
    keep = _("Keep the new one to yourself, like a key.") if ended else _("Keep the link to yourself, like a key.")
    return " ".join([_("Your appointment is as it was."), *ended, keep])


def _link_closing(because: str, *, several: bool, phone: str) -> str:
    """Return what whoever did not ask for the mail is to do."""
    if because not in {"contact", "request", "away", REFERRAL, *ASKS}:
        return _("You did not ask for this? Then you do not need to do anything: it was sent to you alone.")
    if several:
        return _("These are not your appointments? Then please call us: %s") % phone
    if because == "request":
        return _("You did not ask for this? Then please call us: %s") % phone
    return _("This is not your appointment? Then please call us: %s") % phone


def _lines(listed: Iterable[ListedVisit], *, page: str, at: datetime) -> Iterable[LinkLine]:
    """Yield the visits with their links. `page`: which of the pages behind them."""
    for one in listed:
        visit, zone = one.visit, ZoneInfo(one.visit.zone)
        yield LinkLine(
            when=plain(when_in_words(visit.starts_at, zone)),
            whose_time=zone_in_words(zone),
            practitioner=visit.practitioner_name,
            where=localized(visit.site_name),
            address=visit.site_address,
            link=f"{settings.PUBLIC_URL}/m/{one.token}/{page}",
            reference=visit.reference,
            note=" ".join(filter(None, (str(status_display_of(visit, at=at, covered=one.covered).line), _due(visit)))),
        )


def _listed(listed: Iterable[ListedVisit], because: str, *, at: datetime) -> Iterable[LinkLine]:
    """Return the visits that a mail with links shows; beside a code none."""
    if because == CODE:
        return ()
    if not because:
        return _lines_of_mine(listed, at=at)
    return _lines(listed, page="questions/" if because in ASKS else "", at=at)


def _lines_of_mine(listed: Iterable[ListedVisit], *, at: datetime) -> Iterator[LinkLine]:
    """Yield the visits, those of each record together: one link below them opens all that is theirs."""
    theirs = defaultdict[int, list[ListedVisit]](list)
    for one in listed:
        theirs[one.visit.patient_id].append(one)
    for visits in theirs.values():
        *before, last = _lines(visits, page="mine/", at=at)
        yield from (replace(line, link="") for line in before)
        yield last


def _due(visit: VisitFacts) -> str:
    """Say of a request that somebody looks at it, by when they usually answer, and until when the time is kept.

    Where it waits for its patient's answers, or for a call, nobody looks at it meanwhile.
    """
    if visit.answered_by is None or visit.kept_until is None:
        return ""
    zone = ZoneInfo(visit.zone)
    kept = _("We keep the time until %s at most.") % plain(when_in_words(visit.kept_until, zone))
    if visit.awaited not in (Awaited.NOTHING, Awaited.LOOK):
        return kept
    day = date_in_words(visit.answered_by.astimezone(zone).date())
    return f"{_('Somebody of our team looks at it first, usually by %s.') % day} {kept}"
