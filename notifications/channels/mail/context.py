"""What mails say: what templates are filled in with, and the words of mails that are about no single visit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from booking.public import TO_SETTLE, VisitFacts, code_of
from core.text.languages import (
    date_in_words,
    localized,
    short_day_in_words,
    time_in_words,
    when_in_words,
    zone_in_words,
)
from core.text.typed_dates import iso_date
from notifications.channels.mail.plain import plain
from notifications.outgoing import OutgoingMessage
from notifications.status import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMailContext:
    """What a mail about a visit says, in the recipient's language."""

    title: str
    greeting_name: str
    when: str
    short_when: str
    whose_time: str
    practitioner: str
    where: str
    address: str
    map_link: str
    reference: str
    arrive_at: str
    arrive_early: int
    directions: str
    parking: str
    bring_and_wear: str
    phone: str
    note: str
    instead: str
    button: str
    link: str
    health_link: str
    questions_link: str
    settle_link: str
    companion_link: str
    companions: int
    companion_age: int
    company: str
    brings: str
    notices: str
    old_when: str
    old_end: str
    new_end: str
    new_practitioner: bool
    may_decline: bool
    new_place: bool
    again: bool
    by_clinic: bool
    unasked: bool
    offered: bool
    moved_since: bool
    undo_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChangedContext:
    """What an address that was replaced is told: no name, no visit, and not the new address.

    `some`: it was replaced for some appointments alone: about others mail goes there still.
    """

    title: str
    subject: str
    greeting_name: str
    phone: str
    some: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMailContext:
    """What is said to an address that nobody has verified yet: no name, and no visit.

    `minutes`: for how long the code works, 0 where a release before this one did not note it.
    """

    title: str
    subject: str
    greeting_name: str
    code: str
    minutes: int
    link: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureMailContext:
    """What is said of an appointment whose time is closed, or open again. `proposed`: another time, until when."""

    title: str
    subject: str
    greeting_name: str
    lines: tuple[str, ...]
    when: str
    whose_time: str
    practitioner: str
    where: str
    proposed: str
    proposed_lines: tuple[str, ...]
    button: str
    link: str
    phone: str


def closure_context(outgoing: OutgoingMessage) -> ClosureMailContext:
    """Return what is said to somebody whose appointment a closure touches, or touched."""
    visit, zone, facts = outgoing.visit, ZoneInfo(outgoing.visit.zone), outgoing.facts
    when = plain(when_in_words(visit.starts_at, zone))
    title, lines, button = {
        MessageKind.CLOSED: (_("Your appointment cannot take place at that time"), _closed(facts), _("Choose a time")),
        MessageKind.OTHER_TIME: (_("We propose another time"), _closed(facts), _("Take this time, or choose another")),
        MessageKind.REOPENED: (
            _("Your appointment takes place after all"),
            [_("We told you that it could not. It can now, at the time that you booked.")],
            _("See, move or cancel your appointment"),
        ),
    }[outgoing.kind]
    subject = _("About your appointment on %(when)s")
    if outgoing.kind is MessageKind.OTHER_TIME:  # told in the same minute, the two are not one mail twice
        subject = _("Another time for your appointment on %(when)s")
    link = f"{settings.PUBLIC_URL}/m/{outgoing.token}/"
    if outgoing.kind is MessageKind.REOPENED and visit.screening_state.to_settle:
        title, lines = _("The time of your appointment is open again"), [str(TO_SETTLE.line)]
        button, link = _("Open this page"), f"{link}screening/"
    return ClosureMailContext(
        title=title,
        subject=subject % {"when": when},
        greeting_name=visit.greeting_name,
        lines=tuple(lines),
        when=when,
        whose_time=zone_in_words(zone),
        practitioner=visit.practitioner_name,
        where=localized(visit.site_name),
        proposed=plain(when_in_words(datetime.fromisoformat(facts["start"]), ZoneInfo(facts["zone"])))
        if "start" in facts
        else "",
        proposed_lines=tuple(_proposed(facts, visit.practitioner_name)) if "start" in facts else (),
        button=button,
        link=link,
        phone=visit.phone,
    )


def _closed(facts: Mapping[str, Any]) -> list[str]:
    """Return what is closed as far as anybody has to know, and what they can do."""
    reopens = facts.get("reopens_on")
    again = _("It is possible again from %s on.") % date_in_words(iso_date(reopens)) if reopens else ""
    sorry = _("We are sorry: we cannot see you at the time of your appointment.")
    return [
        f"{sorry} {again}".strip(),
        _("Nothing is cancelled. You can choose another time in a moment, or give yours back. There is no fee."),
    ]


def _proposed(facts: Mapping[str, Any], practitioner: str) -> Iterable[str]:
    zone = ZoneInfo(facts["zone"])
    yield _("With %s, as before.") % practitioner if facts.get("same_practitioner") else _("With another practitioner.")
    if "site" not in facts and not facts.get("same_site"):  # written by an earlier release
        yield _("At another of our sites: you find it behind the link.")
    if site := facts.get("site"):
        yield _("At another of our sites: %s.") % ", ".join(filter(None, (localized(site["name"]), site["address"])))
    until = plain(when_in_words(datetime.fromisoformat(facts["until"]), zone))
    yield _("We keep it for you until %s.") % until


def code_context(outgoing: OutgoingMessage) -> CodeMailContext:
    """Return what is said to somebody who is to show that the address is theirs."""
    return CodeMailContext(
        title=_("Your code"),
        subject=_("Your code"),
        greeting_name="",
        code=code_of(outgoing.visit.public_id, int(outgoing.facts["issue"])),
        minutes=int(outgoing.facts.get("minutes", 0)),
        link=f"{settings.PUBLIC_URL}/m/{outgoing.token}/",
        phone=outgoing.visit.phone,
    )


def address_changed_context(outgoing: OutgoingMessage) -> AddressChangedContext:
    """Return what is said to an address that was replaced."""
    return AddressChangedContext(
        title=_("Your contact details were changed"),
        subject=_("Your contact details were changed"),
        greeting_name="",
        phone=outgoing.visit.phone,
        some=bool(outgoing.message.facts.get("some")),
    )


def short_when(visit: VisitFacts, zone: ZoneInfo) -> str:
    """Return day and time for a narrow place, such as "Tue, Dec 8 at 10:00 AM"."""
    day = short_day_in_words(visit.starts_at.astimezone(zone).date())
    return plain(_("%(day)s at %(time)s") % {"day": day, "time": time_in_words(visit.starts_at, zone)})
