"""What the pages behind a mail's link show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import policies, rules
from booking.actions import booking_checks, links, requested_slots
from booking.cancel_reasons import CancelReason
from booking.closures import undo_until
from booking.models import Appointment, Change, ManageLink, MessagePreferences, Patient
from booking.queries import has_lapsed, mail_of, move_context, review_answer, uncovered_ids
from booking.screening.notices import mask_lines
from booking.screening.state import ScreeningState
from booking.status import OCCUPYING, Move, Status, after
from booking.status_display import (
    ASKED,
    OFFERED,
    QUESTION,
    REFERRAL,
    REQUEST,
    Phase,
    StatusDisplay,
    phase_of,
    status_display,
)
from booking.suitability.answers_by_link import CLINICIAN_ASKS, awaited_of
from booking.suitability.brought_along import brought_along
from booking.suitability.content import Disposition
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import disposition_in_words
from booking.web.labels import masked_email
from booking.web.visit_card import VisitCard, arrival_text, directions_to
from core.principal import Principal
from core.text.languages import localized, near_day_in_words, time_in_words, when_in_words, zone_in_words
from scheduler.public import Slot

STAYS_HOME = frozenset({ScreeningState.STAY_AWAY, ScreeningState.SEEK_CARE})
NEWS = {
    "booked": (Move.BOOK, Move.REQUEST, Move.APPROVE, Move.COMPLETE),
    "moved": (Move.RESCHEDULE,),
    "kept": (Move.UNDO, Move.RESCHEDULE),
    "cancelled": (Move.CANCEL,),
}
"""What an address says was done just now, and the moves that are it; taking a move back is a move."""

KIND_WORDS = {
    CancelReason.ILLNESS: gettext_lazy("We hope you feel better soon."),
    CancelReason.HOSPITALISED: gettext_lazy("We wish you a good recovery."),
    CancelReason.FEELS_BETTER: gettext_lazy("We are glad that you feel better."),
}
"""What is said first to whoever called a visit off."""

NOBODY_COMES = STAYS_HOME | {ScreeningState.BY_CALL}
"""Who stands like this is not told how to come."""


@dataclass(frozen=True, slots=True)
class VisitUrls:
    """The addresses of one visit."""

    see: str
    move: str
    check: str
    accept: str
    cancel: str
    undo: str
    ics: str
    give_back: str
    call_me: str
    earlier: str

    @classmethod
    def of(cls, token: str) -> Self:
        """Return the addresses behind a token."""
        names = (
            "manage",
            "manage-move",
            "manage-move-check",
            "manage-accept",
            "manage-cancel",
            "manage-undo",
            "manage-ics",
            "manage-give-back",
            "manage-call-me",
            "manage-earlier",
        )
        return cls(*(reverse(name, args=[token]) for name in names))


@dataclass(frozen=True, slots=True)
class LinkAccess:
    """Whoever has the link, and the visit it opens."""

    link: ManageLink
    token: str

    @classmethod
    def of(cls, token: str, *, at: datetime) -> Self:
        """Open a link. Raises LinkUnknown, LinkMoved, LinkExpired."""
        return cls(links.open_link(token, at=at), token)

    @property
    def visit(self) -> Appointment:
        """The visit, with what its pages show."""
        return self.link.appointment

    @property
    def principal(self) -> Principal:
        """Who acts: the link itself, with no role."""
        return links.principal_of(self.link)

    def may(self, what: Move, *, at: datetime) -> bool:
        """Whether the visit can still be moved or called off by its owner: no page offers what the act would refuse."""
        visit = self.visit
        if has_lapsed(visit, at=at) or after(Status(visit.status), what) is None:
            return False
        policy = policies.booking_policy(visit.site_id, at=at)
        return rules.guard(what, move_context(visit, staff=False, policy=policy), at=at) is None

    def slot_named(self, slot_id: str, *, at: datetime) -> Slot:
        """Return the time to which the visit shall move. Raises UnknownSlot, SlotTaken."""
        return requested_slots.slot_for(self.visit, slot_id, by=self.principal, at=at)

    def status_display(self, *, to_settle: bool = False, at: datetime) -> StatusDisplay:
        """Return how the visit stands; whether its time is still open is asked where it matters.

        `to_settle`: others may read it, and their health answers say that they do not come as it stands.
        """
        visit = self.visit
        phase = phase_of(visit.period.lower, visit.period.upper, at=at)
        takes_time = visit.status in OCCUPYING and phase is not Phase.OVER
        # One query more, and only where the answer would change what is said.
        lost = takes_time and bool(uncovered_ids({visit.pk: visit.allocation}, at=at))
        answer = review_answer(visit)
        return status_display(
            visit.status,
            phase,
            covered=not lost,
            lapsed=has_lapsed(visit, at=at),
            offered=answer.offered,
            declined=answer.declined,
            to_settle=to_settle,
            awaited=awaited_of(visit),
        )

    @property
    def urls(self) -> VisitUrls:
        """The addresses of the visit."""
        return VisitUrls.of(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPage:
    """The visit as its page shows it. `live`: its owner can change it; `expected`: they are awaited.

    `bring`: what to bring and wear, for whoever has just booked it here: it may tell others what it is for.
    """

    heading: str
    notices: Sequence[str]
    warm: bool
    visit: VisitCard
    live: bool
    expected: bool
    gone: bool
    fresh: bool
    undo: bool
    offered: bool
    next: Sequence[str]
    bring: str
    directions: Sequence[str]
    phone: str
    reference: str
    urls: VisitUrls


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNews:
    """What an address says was done just now, believed when the history says so too.

    `typed`: where mail goes, for whoever has just typed it; others read it masked; `free_again`: it was called off, its
    time was free at once, and nobody has it still.
    """

    done: str
    typed: str = ""
    free_again: bool = False


def visit_page(access: LinkAccess, news: VisitNews, *, screening: ScreeningState, at: datetime) -> VisitPage:
    """Return the page of a visit."""
    visit = access.visit
    display, live = access.status_display(at=at), access.may(Move.RESCHEDULE, at=at)
    undo = news.free_again or _can_be_undone(visit, at=at)
    news, last = _believed(visit, news, stands=live and display.expected)
    comes = display.expected and screening not in NOBODY_COMES
    return VisitPage(
        heading=_heading(display, news.done, comes=comes),
        notices=[*_new_place(visit, last), *_notices(visit, display, news, undo=undo, at=at)],
        warm=display.gone,
        visit=VisitCard.of(visit, gone=display.gone),
        live=live,
        expected=comes,
        gone=display.gone,
        fresh=news.done in {"booked", "moved"},
        undo=undo,
        offered=live and display is OFFERED,
        next=_next(visit, screening, typed=bool(news.typed), at=at) if live and comes else (),
        bring=localized(visit.therapy.bring_and_wear) if news.typed else "",
        directions=directions_to(visit.site),
        phone=visit.site.phone,
        reference=visit.reference,
        urls=access.urls,
    )


def _can_be_undone(visit: Appointment, *, at: datetime) -> bool:
    until = undo_until(visit)
    return until is not None and at < until


def _believed(visit: Appointment, news: VisitNews, *, stands: bool) -> tuple[VisitNews, Change | None]:
    """Return what an address says was done, and the act, where the visit says so, too; else that nothing was."""
    last = _last_act(visit, news.done)
    believed = last is not None and (stands or visit.status == Status.CANCELLED)
    return (news, last) if believed else (VisitNews(done=""), None)


def _last_act(visit: Appointment, just_done: str) -> Change | None:
    """Return what was done last, where the visit's history says so, too: anybody can type an address."""
    moves = NEWS.get(just_done)
    last = visit.changes.order_by("pk").last() if moves else None
    return last if last is not None and last.move in (moves or ()) else None


def _new_place(visit: Appointment, last: Change | None) -> list[str]:
    """Say to where somebody comes who has just moved to another place."""
    was, now = (last.facts.get(name) or {} for name in ("from", "to")) if last else ({}, {})
    moved = bool(was and now) and was.get("site") != now.get("site")
    return (
        [_("The place has changed, too: come to %(place)s.") % {"place": localized(visit.site.name)}] if moved else []
    )


def _heading(display: StatusDisplay, just_done: str, *, comes: bool) -> str:
    done = {
        "booked": _("You are booked"),
        "moved": _("Your appointment has moved"),
        "kept": _("Your appointment stands") if comes else _("You have your time back"),
    }
    return str(display.heading) if display.gone else done.get(just_done) or str(display.heading)


def _notices(visit: Appointment, display: StatusDisplay, news: VisitNews, *, undo: bool, at: datetime) -> list[str]:
    """Return how the visit stands, what has just happened, and when a mail about it comes."""
    zone, called_off = visit.site.tz, visit.status == Status.CANCELLED
    thanks = [_("Thank you for your answers.")] if display is REQUEST and visit.answered_at is not None else []
    lines = [*thanks, *([str(display.line)] if display.line else [])]
    due_at = booking_checks.review_of(visit).due_at if display is REQUEST else None
    if due_at and due_at > at:
        lines.append(_("We usually answer by %s.") % near_day_in_words(due_at.astimezone(zone).date()))
    lines += _until_lines(visit, display)
    if called_off and visit.cancel_reason in KIND_WORDS:
        lines.insert(0, str(KIND_WORDS[CancelReason(visit.cancel_reason)]))
    if undo and visit.cancel_reason == CancelReason.ILLNESS:
        lines.append(_("Are you well after all? Nobody has taken your time yet: you can still have it."))
    if undo and visit.undo_until is not None:
        until = {"until": time_in_words(visit.undo_until, zone), "zone": zone_in_words(zone)}
        lines = [_("We keep your time until %(until)s, %(zone)s. Until then you can still undo this.") % until]
    mail = mail_of(visit.patient) if news.done else ""
    sentence = {
        ("booked", False): _("A confirmation e-mail is on its way to %(email)s."),
        ("moved", False): _("We write to %(email)s shortly."),
        ("kept", False): _("If we wrote to %(email)s that it is cancelled, we write again shortly."),
        ("cancelled", True): _("We confirm this to %(email)s shortly."),
    }.get((news.done, called_off))
    return [*lines, sentence % {"email": news.typed or masked_email(mail)}] if sentence and mail else lines


def _until_lines(visit: Appointment, display: StatusDisplay) -> list[str]:
    """Say until when the time is kept of what is looked at, asked or offered."""
    if visit.kept_until is None:
        return []
    until = when_in_words(visit.kept_until, visit.site.tz)
    if display is OFFERED:
        return [_("We keep it for you until %s.") % until]
    looked_at = display is REQUEST and visit.suitability in (Disposition.CLINICIAN_REVIEW, CLINICIAN_ASKS)
    waits = looked_at or display in (ASKED, QUESTION, REFERRAL)
    return [_("We keep it for you until %s at the latest.") % until] if waits else []


def _next(visit: Appointment, screening: ScreeningState, *, typed: bool, at: datetime) -> list[str]:
    reminded = visit.period.lower - at > timedelta(days=1) and _is_reminded(visit.patient)
    asked = {
        ScreeningState.NOT_YET: [_("Shortly before you come, we ask you by e-mail how you are.")],
        ScreeningState.UNANSWERED: [],
    }
    return [
        *([_("We send you a reminder by e-mail before your appointment.")] if reminded else []),
        arrival_text(visit),
        *mask_lines(visit.site_id, starts_at=visit.period.lower),
        *_advice(visit, at=at),
        *map(str, brought_along([visit]).get(visit.pk, ())),
        *([] if typed else [_("What to bring and wear is in our e-mail, and under “My appointments”.")]),
        *asked.get(screening, [_("There is nothing more to do before then.")]),
    ]


def _is_reminded(patient: Patient) -> bool:
    """Whether somebody is reminded of appointments; whoever has said nothing of it is."""
    preferences: MessagePreferences | None = getattr(patient, "message_preferences", None)
    return preferences is None or preferences.reminders


def _advice(visit: Appointment, *, at: datetime) -> list[str]:
    """Return what the rules advise somebody who booked with what they answered; nothing of what that was."""
    rules = rules_in_force(visit.site_id, at=at) if visit.suitability == Disposition.INFORM else None
    return [disposition_in_words(rules[0], Disposition.INFORM)] if rules else []
