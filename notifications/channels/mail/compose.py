"""A message as a mail: neutral subject, plain text, HTML, and the calendar part.

The calendar is a third alternative (`text/calendar; method=…`), which mail programs show as an invitation; it is not
attached a second time, because some of them would then put the visit into the calendar twice.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from booking.public import (
    Stage,
    StatusDisplay,
    VisitFacts,
    companions_at_most,
    entry_title,
    status_display_of,
    was_cancelled,
)
from core.templatetags.clinic import foot
from core.text.ical import CalendarEntry, Method, invitation, uid
from core.text.languages import (
    localized,
    released_language,
    time_in_words,
    when_in_words,
    zone_in_words,
)
from core.text.mail_addresses import on_the_wire
from core.text.maps import map_link
from notifications.change_messages import BY_CLINIC, UNASKED, is_elsewhere
from notifications.channels.mail.context import (
    AddressChangedContext,
    ClosureMailContext,
    CodeMailContext,
    VisitMailContext,
    address_changed_context,
    closure_context,
    code_context,
    short_when,
)
from notifications.channels.mail.filled_in import filled_in
from notifications.channels.mail.link_mail import LinkMailContext, link_context
from notifications.channels.mail.mime import WrittenMail, written
from notifications.channels.mail.plain import plain, without_empty_lines
from notifications.channels.mail.reviewed import ReviewedContext, reviewed_context
from notifications.channels.mail.together import together_context
from notifications.outgoing import OutgoingMessage
from notifications.status import OF_A_CLOSURE, MessageKind

SUBJECTS = {
    MessageKind.CONFIRMATION: gettext_noop("Your appointment on %(when)s"),
    MessageKind.REMINDER: gettext_noop("Reminder: your appointment on %(when)s"),
    MessageKind.MOVED: gettext_noop("Changed: your appointment is now on %(when)s"),
    MessageKind.HEALTH: gettext_noop("Before your appointment on %(when)s"),
    MessageKind.CANCELLED: gettext_noop("Cancelled: your appointment on %(when)s"),
}

WITHOUT_CALENDAR = OF_A_CLOSURE | {
    MessageKind.REOPENED,
    MessageKind.LINK,
    MessageKind.CONTACT_CHANGED,
    MessageKind.CODE,
    MessageKind.REVIEWED,
    MessageKind.TOGETHER,
}
"""What says nothing that a calendar shows."""


def write(outgoing: OutgoingMessage, *, at: datetime) -> WrittenMail | None:
    """Return a message as the mail that goes over the wire, or None where its address cannot be written."""
    return written(compose(outgoing, at=at))


def compose(outgoing: OutgoingMessage, *, at: datetime) -> EmailMultiAlternatives:
    """Return the mail for a message, in the recipient's language. `at` becomes its date. Raises NoAddress.

    Neither subject nor calendar nor body names the therapy, nor does the page behind its link: mailboxes get lost.
    """
    address = on_the_wire(outgoing.address)
    if address != outgoing.address:
        outgoing = replace(outgoing, address=address)
    with translation.override(released_language(outgoing.visit.language)):
        if outgoing.kind in WITHOUT_CALENDAR:
            return _about_no_visit(outgoing, at=at)
        return _about_a_visit(_as_heard(outgoing), at=at)


def _about_a_visit(outgoing: OutgoingMessage, *, at: datetime) -> EmailMultiAlternatives:
    """Return a mail about one visit, which calendars show, too."""
    words, template, below = _visit_context(outgoing, at=at), _template(outgoing), foot(outgoing.visit.phone)
    text, html = (filled_in(f"{template}.{kind}", words, below) for kind in ("txt", "html"))
    mail = _mail(outgoing, text, html, subject=_subject(outgoing, words), at=at)
    method = Method.CANCEL if outgoing.kind is MessageKind.CANCELLED else Method.REQUEST
    mail.attach_alternative(_calendar(outgoing, words, method=method, at=at), f"text/calendar; method={method}")
    return mail


def _about_no_visit(outgoing: OutgoingMessage, *, at: datetime) -> EmailMultiAlternatives:
    """Return a mail with links, a code, what came of health answers, an address or a closure; no calendar."""
    words: LinkMailContext | CodeMailContext | AddressChangedContext | ClosureMailContext | ReviewedContext
    match outgoing.kind:
        case MessageKind.LINK:
            words = link_context(outgoing, at=at)
        case MessageKind.CLOSED | MessageKind.OTHER_TIME | MessageKind.REOPENED:
            words = closure_context(outgoing)
        case MessageKind.CODE:
            words = code_context(outgoing)
        case MessageKind.REVIEWED:
            words = reviewed_context(outgoing)
        case MessageKind.TOGETHER:
            words = together_context(outgoing)
        case _:
            words = address_changed_context(outgoing)
    template, facts = _template(outgoing), {"words": words, "foot": foot(outgoing.visit.phone)}
    text, html = render_to_string(f"{template}.txt", facts), render_to_string(f"{template}.html", facts)
    return _mail(outgoing, text, html, subject=words.subject, at=at)


def _template(outgoing: OutgoingMessage) -> str:
    of_a_closure = outgoing.kind in OF_A_CLOSURE | {MessageKind.REOPENED}
    return f"notifications/mail/{'closure' if of_a_closure else outgoing.kind.value}"


def _mail(outgoing: OutgoingMessage, text: str, html: str, *, subject: str, at: datetime) -> EmailMultiAlternatives:
    headers = _headers(outgoing, at=at)
    mail = EmailMultiAlternatives(subject, without_empty_lines(text), to=[outgoing.address], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def _as_heard(outgoing: OutgoingMessage) -> OutgoingMessage:
    """Return a cancellation with the visit as its patient heard of it last: what they never heard is left out."""
    was, visit = outgoing.facts.get("from", {}), outgoing.visit
    if outgoing.kind is not MessageKind.CANCELLED or not was:
        return outgoing
    start, same_site = datetime.fromisoformat(was["start"]), was["site"] == visit.where["site"]
    heard = replace(
        visit,
        starts_at=start,
        ends_at=start + (visit.ends_at - visit.starts_at),
        practitioner_name=visit.practitioner_name if was["practitioner"] == visit.where["practitioner"] else "",
        site_name=visit.site_name if same_site else {},
        site_address=visit.site_address if same_site else "",
    )
    return replace(outgoing, visit=heard)


def _visit_context(outgoing: OutgoingMessage, *, at: datetime) -> VisitMailContext:
    """Return what is said about a visit."""
    visit, zone = outgoing.visit, ZoneInfo(outgoing.visit.zone)
    was, now = outgoing.facts.get("from", {}), outgoing.facts.get("to", {})
    start = datetime.fromisoformat(was["start"]) if "start" in was else None
    again, instead = bool(outgoing.facts.get("again")), _off_otherwise(outgoing, at=at)
    questions, settle = _questions_link(outgoing, at=at), _settle_link(outgoing)
    return VisitMailContext(
        title=str(instead.heading) if instead else _title(outgoing, again=again),
        greeting_name=visit.greeting_name,
        when=plain(when_in_words(visit.starts_at, zone)),
        short_when=short_when(visit, zone),
        whose_time=zone_in_words(zone),
        practitioner=visit.practitioner_name,
        where=localized(visit.site_name) if visit.site_name else "",
        address=visit.site_address,
        reference=visit.reference,
        **_coming(visit, zone, was),
        phone=visit.phone,
        note=_note(outgoing, at=at),
        instead=str(instead.line) if instead else "",
        button=_("See what suits you better") if visit.suits_better and instead else _("See your appointment"),
        link=f"{settings.PUBLIC_URL}/m/{outgoing.token}/{'instead/' if visit.suits_better and instead else ''}",
        brings=" ".join(str(one) for one in visit.brings),
        health_link=questions,
        questions_link=f"{settings.PUBLIC_URL}/m/{outgoing.token}/questions/" if outgoing.asks else "",
        settle_link=settle,
        **_companions(visit, questions),
        notices=" ".join(localized(notice) for notice in visit.notices),
        old_when=plain(when_in_words(start, zone)) if start and start != visit.starts_at else "",
        **_what_differs(visit, was, now),
        again=again,
        **_whose_cancel(visit),
        offered=visit.offered,
        moved_since=outgoing.kind is MessageKind.CANCELLED and bool(was) and is_elsewhere(was, visit.where),
        undo_until=plain(time_in_words(visit.undo_until, zone)) if visit.undo_until and at < visit.undo_until else "",
    )


def _coming(visit: VisitFacts, zone: ZoneInfo, was: Mapping[str, str]) -> dict[str, Any]:
    """Return how to come: when to be there, what to bring, how to find it."""
    early = 0 if _begins_later(visit, was) else visit.arrive_early_minutes
    return {
        "map_link": map_link(visit.site_address),
        "arrive_at": plain(time_in_words(visit.starts_at - timedelta(minutes=early), zone)),
        "arrive_early": early,
        "directions": localized(visit.directions),
        "parking": localized(visit.parking),
        "bring_and_wear": localized(visit.bring_and_wear),
    }


def _begins_later(visit: VisitFacts, was: Mapping[str, str]) -> bool:
    """Whether it begins later than they know and ends as they know: they are late, and asked to be early by nobody."""
    if not {"start", "end"} <= was.keys():
        return False
    return (
        datetime.fromisoformat(was["start"]) < visit.starts_at and datetime.fromisoformat(was["end"]) == visit.ends_at
    )


def _what_differs(visit: VisitFacts, was: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Any]:
    """Return what is another one since they last heard of it, and whether they may say that they would rather not."""
    return {
        "new_practitioner": was.get("practitioner") != now.get("practitioner"),
        "may_decline": visit.may_decline,
        "new_place": was.get("site") != now.get("site"),
        **_ends(visit, was),
    }


def _ends(visit: VisitFacts, was: Mapping[str, str]) -> dict[str, str]:
    """Return when it ends and ended, where it lasts for another while than they know."""
    if _lasts_as_known(visit, was):
        return {"old_end": "", "new_end": ""}
    zone = ZoneInfo(visit.zone)
    ends = (datetime.fromisoformat(was["end"]), visit.ends_at)
    return dict(zip(("old_end", "new_end"), (plain(time_in_words(one, zone)) for one in ends), strict=True))


def _lasts_as_known(visit: VisitFacts, was: Mapping[str, str]) -> bool:
    """Whether a visit lasts as long as its patient knows; of what an earlier release noted nobody knows otherwise."""
    if "end" not in was:
        return True
    start, end = (datetime.fromisoformat(was[name]) for name in ("start", "end"))
    return end - start == visit.ends_at - visit.starts_at


def _whose_cancel(visit: VisitFacts) -> dict[str, Any]:
    """Return whether the clinic called it off, and whether anybody did but its patient."""
    return {"by_clinic": visit.cancel_reason in BY_CLINIC, "unasked": visit.cancel_reason in UNASKED}


def _note(outgoing: OutgoingMessage, *, at: datetime) -> str:
    """Return what is to be known about how the visit stands."""
    if outgoing.facts.get("reopened"):
        return _("It is not booked yet, and we keep the time for you meanwhile. We write to you when we know.")
    return "" if outgoing.kind is MessageKind.CANCELLED else str(status_display_of(outgoing.visit, at=at).line)


def _companions(visit: VisitFacts, questions: str) -> dict[str, Any]:
    """Return what is said of whoever may come along. `questions`: where to answer, empty where nothing is asked."""
    link = f"{questions}?who=1" if questions and visit.companions else ""
    return {
        "companion_link": link,
        "companions": visit.companions,
        "companion_age": visit.screening.companion_min_age if visit.screening else 0,
        "company": companions_at_most(visit.companions) if visit.tells_companions and not link else "",
    }


def _questions_link(outgoing: OutgoingMessage, *, at: datetime) -> str:
    """Return where the health questions are, where they can be answered now and have not been."""
    since = outgoing.visit.screened_from
    return f"{settings.PUBLIC_URL}/m/{outgoing.token}/screening/" if since is not None and since <= at else ""


def _settle_link(outgoing: OutgoingMessage) -> str:
    """Return where it says what somebody is to do who does not come as it stands, by their health answers."""
    visit = outgoing.visit
    return f"{settings.PUBLIC_URL}/m/{outgoing.token}/screening/" if visit.screening_state.to_settle else ""


def _off_otherwise(outgoing: OutgoingMessage, *, at: datetime) -> StatusDisplay | None:
    """Return how a visit stands that is off though nobody cancelled it: there may be something to do about it."""
    off = outgoing.kind is MessageKind.CANCELLED and not was_cancelled(outgoing.visit)
    return status_display_of(outgoing.visit, at=at) if off else None


def _title(outgoing: OutgoingMessage, *, again: bool) -> str:
    """Return the mail's heading."""
    kind, visit = outgoing.kind, outgoing.visit
    by_clinic, request = visit.cancel_reason in BY_CLINIC, visit.stage is Stage.ASKED_FOR
    if kind is MessageKind.CONFIRMATION:
        return _("Your appointment stands again") if again else _("Your appointment is booked")
    if kind is MessageKind.CANCELLED:
        return _("We had to cancel your appointment") if by_clinic else _("Your appointment is cancelled")
    if kind is MessageKind.MOVED:
        return _moved_title(outgoing, again=again, request=request)
    ahead = _("Before you come") if kind is MessageKind.HEALTH else _("Your appointment is coming up")
    return _("About your appointment") if visit.screening_state.to_settle else ahead


def _moved_title(outgoing: OutgoingMessage, *, again: bool, request: bool) -> str:
    if outgoing.visit.offered:
        return _("We can offer you another time")
    if outgoing.facts.get("reopened"):
        return _("We look at your request once more")
    if again:
        return _("Your request stands again")
    return _("Your request has changed") if request else _("Your appointment has changed")


def _subject(outgoing: OutgoingMessage, words: VisitMailContext) -> str:
    """Return a subject that tells when, and nothing about what or who."""
    sentence = SUBJECTS[outgoing.kind]
    if outgoing.kind is MessageKind.REMINDER and outgoing.visit.screening_state.to_settle:
        sentence = gettext_noop("About your appointment on %(when)s")
    if outgoing.visit.declined or outgoing.visit.stage is Stage.ASKED_FOR:
        sentence = gettext_noop("Your request for %(when)s")
    if outgoing.visit.offered:
        sentence = gettext_noop("Another time for your request: %(when)s")
    return _(sentence) % {"when": words.short_when}


def _headers(outgoing: OutgoingMessage, *, at: datetime) -> dict[str, str]:
    """Return the headers of a mail that a machine wrote; its id is the message's own, so that a copy can be told."""
    domain = _sender(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2]
    return {
        "Date": format_datetime(at),
        "Message-ID": f"<message-{outgoing.message_id}.{outgoing.visit.public_id}@{domain}>",
        # Absence notes and mailing lists do not answer a machine that says it is one (RFC 3834).
        "Auto-Submitted": "auto-generated",
    }


@lru_cache(maxsize=8)
def _sender(written: str) -> str:
    """Return the bare address of "Name <address>"."""
    return parseaddr(written)[1]


def _calendar(outgoing: OutgoingMessage, words: VisitMailContext, *, method: Method, at: datetime) -> str:
    """Return the visit for a calendar: when and where, and the phone number; no link, since calendars are shared."""
    visit, display = outgoing.visit, status_display_of(outgoing.visit, at=at)
    entry = CalendarEntry(
        uid=uid(visit.public_id),
        sequence=outgoing.version,
        stamped_at=at,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=ZoneInfo(visit.zone),
        # A shared calendar and a locked screen show this to everybody.
        summary=entry_title(visit.site_name),
        location=words.address,
        description=display.calendar_note(minutes=words.arrive_early, phone=words.phone),
        organizer=_sender(settings.DEFAULT_FROM_EMAIL),
        organizer_name=settings.CLINIC_NAME,
        attendee=outgoing.address,
        status=display.event,
        alarm=display.alarm,
    )
    return invitation(entry, method=method).decode()
