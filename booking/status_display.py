"""How a visit stands, by status and time: one table for its page, its calendar entry, its mails and the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.cancel_reasons import DeclineReason
from booking.status import OCCUPYING, Status
from core.text.ical import EventStatus
from core.text.languages import localized


class Phase(StrEnum):
    """Where a moment lies to the time of a visit."""

    AHEAD = "ahead"
    RUNNING = "running"
    OVER = "over"


class Awaited(StrEnum):
    """What a request waits for, as far as its status alone does not tell.

    ANSWERS: by link, before anybody books it. QUESTION: what a clinician asks by link. LOOK: they look at the answer.
    CALL: that somebody talks with its patient. REFERRAL: that their program's referral is here.
    """

    NOTHING = ""
    ANSWERS = "answers"
    QUESTION = "question"
    LOOK = "look"
    CALL = "call"
    REFERRAL = "referral"


class Stage(StrEnum):
    """What may be said of a visit in a mail."""

    STANDS = "stands"
    CALLED_OFF = "called-off"
    ASKED_FOR = "asked-for"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDisplay:
    """What people are shown of a visit. `expected`: they are awaited; `gone`: they need not come, nobody does.

    `event` and `alarm` are for their calendar.
    """

    heading: str | Promise
    line: str | Promise = ""
    event: EventStatus
    alarm: bool = False
    expected: bool = False
    gone: bool = False

    def calendar_note(self, *, minutes: int, phone: str) -> str:
        """Return what a calendar says beside the time: how early to come, to whoever is awaited, and whom to call."""
        call = _("Questions? Call %(phone)s.") % {"phone": phone}
        if not (self.expected and minutes):
            return call
        early = ngettext("Please come %(minutes)d minute early.", "Please come %(minutes)d minutes early.", minutes)
        return f"{early % {'minutes': minutes}} {call}"


def entry_title(site: Mapping[str, str]) -> str:
    """Return what a calendar calls an appointment at a site of this name, which tells nobody why people come."""
    return _("Appointment at %(site)s") % {"site": localized(site)} if site else _("Appointment")


COMING = StatusDisplay(heading=gettext_lazy("Your appointment"), event=EventStatus.CONFIRMED, alarm=True, expected=True)
AWAITING = StatusDisplay(
    heading=gettext_lazy("Your appointment"),
    line=gettext_lazy("We keep this time for you while we wait for a document."),
    event=EventStatus.TENTATIVE,
    alarm=True,
    expected=True,
)
UNSURE = StatusDisplay(
    heading=gettext_lazy("Your appointment"),
    line=gettext_lazy(
        "We may need to change this appointment. We will contact you. You can also choose another time now, or call us."
    ),
    event=EventStatus.TENTATIVE,
)
"""Its time is not open any more. What becomes of it is for staff to say: nothing is promised, nothing is taken back."""

UNSURE_NOW = replace(UNSURE, line=gettext_lazy("Please call us about this appointment."))
"""The same while it would run: no other time can be chosen any more."""

TO_SETTLE = StatusDisplay(
    heading=gettext_lazy("Your appointment"),
    line=gettext_lazy(
        "Something is still to be settled before you come. The page of this appointment says what to do."
    ),
    event=EventStatus.TENTATIVE,
)
"""By health answers they do not come yet, or nobody has decided. Mails and calendars say no more: others read them."""

NOW = StatusDisplay(
    heading=gettext_lazy("Your appointment is now"),
    line=gettext_lazy("If you are late, please call us."),
    event=EventStatus.CONFIRMED,
    expected=True,
)
HERE = StatusDisplay(
    heading=gettext_lazy("Your appointment is today"),
    line=gettext_lazy("We know that you are here."),
    event=EventStatus.CONFIRMED,
    expected=True,
)
DONE = StatusDisplay(heading=gettext_lazy("Your appointment is over"), event=EventStatus.CONFIRMED)
PAST = StatusDisplay(heading=gettext_lazy("Your past appointment"), event=EventStatus.CONFIRMED)
REQUEST = StatusDisplay(
    heading=gettext_lazy("Your request"),
    line=gettext_lazy("We are checking your request, and write to you when we know."),
    event=EventStatus.TENTATIVE,
)
ASKED = replace(
    REQUEST, line=gettext_lazy("We keep this time for you. We book it as soon as you have answered some questions.")
)
"""Booked by staff, for whoever has not answered yet what is asked before."""

QUESTION = replace(
    REQUEST, line=gettext_lazy("We have a question before we book. We keep this time for you until you have answered.")
)
"""A clinician asks something by link. What it is stands behind the link alone."""

REFERRAL = StatusDisplay(
    heading=gettext_lazy("Your appointment"),
    line=gettext_lazy(
        "We keep this time for you, and book it as soon as we have your referral. Ask your doctor for it, and bring or "
        "send it to us. If it does not come in time, this time is free for others two days before."
    ),
    event=EventStatus.TENTATIVE,
)
"""Their program asks for a referral, and it is not here yet."""

TO_TALK = replace(
    REQUEST, line=gettext_lazy("We would like to talk with you before we book anything. We call you, or call us.")
)
"""By what they answered it is not booked as it is. Others may read this: it says no more."""

LAPSED = StatusDisplay(
    heading=gettext_lazy("Your request has run out"),
    line=gettext_lazy("We no longer keep this time for you, and nobody expects you. Choose a time again, or call us."),
    event=EventStatus.CANCELLED,
    gone=True,
)
"""Its time was kept for a while, and is free again for whoever comes first."""

UNANSWERED = StatusDisplay(
    heading=gettext_lazy("Your past request"),
    line=gettext_lazy("We did not answer in time, and are sorry. Please call us, or choose another time."),
    event=EventStatus.CANCELLED,
    gone=True,
)
OFFERED = StatusDisplay(
    heading=gettext_lazy("We can offer you another time"),
    line=gettext_lazy("We looked at your request: this time suits better. Take it, choose another one, or cancel."),
    event=EventStatus.TENTATIVE,
)
"""Whoever looked at the request waits for the person's answer."""

DECLINED = StatusDisplay(
    heading=gettext_lazy("We could not book what you asked for"),
    line=DeclineReason.CALL.label,
    event=EventStatus.CANCELLED,
    gone=True,
)
MISSED = StatusDisplay(
    heading=gettext_lazy("We missed you"),
    line=gettext_lazy("Please call us, or choose another time."),
    event=EventStatus.CANCELLED,
)
CANCELLED = StatusDisplay(
    heading=gettext_lazy("This appointment is cancelled"),
    line=gettext_lazy("You do not need to come. You can book another time whenever you like."),
    event=EventStatus.CANCELLED,
    gone=True,
)
MISTAKE = StatusDisplay(
    heading=gettext_lazy("This appointment was entered by mistake"),
    line=gettext_lazy("You do not need to come, nor to do anything. We are sorry."),
    event=EventStatus.CANCELLED,
    gone=True,
)


class StatusRow(NamedTuple):
    """What a status means for mails at any time, and for everything else before, during and after the visit."""

    stage: Stage
    ahead: StatusDisplay
    running: StatusDisplay
    over: StatusDisplay


TABLE: Mapping[Status, StatusRow] = {
    Status.PROPOSED: StatusRow(Stage.ASKED_FOR, REQUEST, UNANSWERED, UNANSWERED),
    Status.PENDING: StatusRow(Stage.STANDS, AWAITING, NOW, PAST),
    Status.BOOKED: StatusRow(Stage.STANDS, COMING, NOW, PAST),
    Status.ARRIVED: StatusRow(Stage.STANDS, HERE, HERE, PAST),
    Status.CHECKED_IN: StatusRow(Stage.STANDS, HERE, HERE, PAST),
    Status.FULFILLED: StatusRow(Stage.OVER, DONE, DONE, PAST),
    Status.NOSHOW: StatusRow(Stage.OVER, MISSED, MISSED, MISSED),
    Status.CANCELLED: StatusRow(Stage.CALLED_OFF, CANCELLED, CANCELLED, CANCELLED),
    Status.ENTERED_IN_ERROR: StatusRow(Stage.CALLED_OFF, MISTAKE, MISTAKE, MISTAKE),
}
AWAITED = {
    Awaited.ANSWERS: ASKED,
    Awaited.QUESTION: QUESTION,
    Awaited.LOOK: REQUEST,
    Awaited.CALL: TO_TALK,
    Awaited.REFERRAL: REFERRAL,
}
"""How a request is shown while it is ahead, by what it waits for."""

NEEDS_COVER = (COMING, AWAITING, NOW)
"""What is not shown of a visit whose time is not open."""


def phase_of(starts_at: datetime, ends_at: datetime, *, at: datetime) -> Phase:
    """Return where `at` lies to a visit's time; its end is over already."""
    if at < starts_at:
        return Phase.AHEAD
    return Phase.RUNNING if at < ends_at else Phase.OVER


def stage_of(status: str) -> Stage:
    """Return what mails may say of a visit with this status."""
    return TABLE[Status(status)].stage


def status_display(
    status: str,
    phase: Phase,
    *,
    covered: bool = True,
    lapsed: bool = False,
    offered: bool = False,
    declined: str = "",
    to_settle: bool = False,
    awaited: Awaited = Awaited.NOTHING,
) -> StatusDisplay:
    """Return what people are shown of a visit.

    `covered`: its time is open, as it was when they booked. `lapsed`: its time was kept for a while that is over.
    `offered`: whoever looked at the request waits for their answer to another time. `declined`: why it was declined.
    `to_settle`: something follows from their health answers before they come, and others may read this. `awaited`:
    what a request waits for.
    """
    # Before the state: what ran out stands as it was until somebody has tidied up, and must be shown as gone at once.
    if lapsed and phase is Phase.AHEAD:
        return LAPSED
    if declined:
        return replace(DECLINED, line=DeclineReason(declined).label)
    if offered and phase is Phase.AHEAD:
        return OFFERED
    if awaited is not Awaited.NOTHING:
        return AWAITED[awaited] if phase is Phase.AHEAD else UNANSWERED
    row = TABLE[Status(status)]
    found = {Phase.AHEAD: row.ahead, Phase.RUNNING: row.running, Phase.OVER: row.over}[phase]
    if covered or found not in NEEDS_COVER:
        return TO_SETTLE if to_settle and found in (COMING, NOW) else found
    return UNSURE if phase is Phase.AHEAD else UNSURE_NOW


BEING_TREATED = gettext_lazy("being treated")
"""How a visit stands that has begun: FHIR's appointment has no word for it."""


def staff_label(status: str, phase: Phase, *, lapsed: bool = False, begun: bool = False) -> str:
    """Return the status in words; where it takes time, also that this time has begun, is over or no longer kept.

    `begun`: whoever is checked in is treated already.
    """
    known = Status(status)
    if known not in OCCUPYING or (phase is Phase.AHEAD and not (lapsed or begun)):
        return str(known.label)
    if lapsed:
        return _("%(status)s, but its time is no longer kept") % {"status": known.label}
    if begun and phase is not Phase.OVER:
        return str(BEING_TREATED)
    sentence = _("%(status)s, under way") if phase is Phase.RUNNING else _("%(status)s, but its time is over")
    return sentence % {"status": BEING_TREATED if begun else known.label}
