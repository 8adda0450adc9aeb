"""The refusals of booking, and which of them a rule or a database constraint stands for."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from booking.limit_kinds import LimitKind
from booking.refused_moves import comes_first, not_allowed_in_words
from booking.rules import CODE_PAUSE, Broken
from core.refusals import Forbidden, Refusal
from core.text.languages import when_in_words, zone_in_words
from scheduler.public import NotOpenYet, ReferralNeeded


class HoldExpired(Refusal):
    """The hold has run out, or another time was chosen in its place. Facts: `slot`, `alternatives`."""

    code = "hold-expired"
    status = 410
    title = _("We no longer keep this time for you.")


class HoldUsed(Refusal):
    """The hold has become an appointment already. Facts: `appointment` is not told; the person has its mail."""

    code = "hold-used"
    title = _("This time has been booked already.")


class HoldNotExtendable(Refusal):
    """A hold is extended as often as the clinic's policy says."""

    code = "hold-not-extendable"
    title = _("We cannot keep this time for longer.")


class TooManyHolds(Refusal):
    """As many open holds as the clinic's policy gives one person. Facts: `limit`."""

    code = "too-many-holds"
    title = _("You are keeping as many times as one person may. Book or give back one of them first.")

    def __init__(self, *, limit: int) -> None:
        keeps = ngettext(
            "You are keeping %(count)d time already. Book it or give it back first.",
            "You are keeping %(count)d times already. Book or give back one of them first.",
            limit,
        )
        super().__init__(keeps % {"count": limit}, limit=limit)


class LimitReached(Refusal):
    """Somebody books or keeps more than honest people do; staff are told. `Retry-After` says how long to wait."""

    code = "limit-reached"
    status = 429
    title = _("This is more than can be booked at once.")

    def __init__(self, detail: str, *, whose: LimitKind, digest: str, site_id: int, wait: int) -> None:
        super().__init__(detail, retry_after=wait)
        self.whose, self.digest, self.site_id = whose, digest, site_id


class ManyFromNetwork(LimitReached):
    """Many visitors of one network keep times. `Retry-After` says how many seconds to wait."""

    code = "many-from-network"
    title = _("Many people on your network are choosing times right now.")

    def __init__(self, *, digest: str, site_id: int, wait: int) -> None:
        minutes = math.ceil(wait / 60)
        again = ngettext("Try again in %(count)d minute", "Try again in %(count)d minutes", minutes)
        way_out = _(
            "This is nothing that you did. %(again)s, use your phone's own connection in place of the Wi-Fi, "
            "or call us: we book it for you."
        ) % {"again": again % {"count": minutes}}
        super().__init__(way_out, whose=LimitKind.NETWORK, digest=digest, site_id=site_id, wait=wait)


class TooManyBookings(LimitReached):
    """As many appointments within an hour or a day as one visitor or address books, or as a network has waiting."""

    code = "too-many-bookings"
    title = _("For now no more appointments can be booked like this.")
    sentences: ClassVar[dict[LimitKind, str | Promise]] = {
        LimitKind.CONTACT: _("Several appointments were booked with this e-mail address a short time ago."),
        LimitKind.SESSION: _("You have booked several appointments a short time ago."),
        LimitKind.NETWORK: _(
            "Very many people are booking from the network that you use, such as a Wi-Fi that many share. "
            "This is nothing that you did: your phone's own connection will do."
        ),
    }

    def __init__(self, *, zone: ZoneInfo, again_at: datetime, whose: LimitKind, **counted: Any) -> None:  # noqa: ANN401  (as above)
        when = {"when": when_in_words(again_at, zone), "zone": zone_in_words(zone)}
        rest = _("The next can be booked here from %(when)s, %(zone)s. Or call us now: we book it for you.") % when
        super().__init__(f"{self.sentences[whose]} {rest}", whose=whose, **counted)


class OverlapsOwnVisit(Refusal):
    """The wanted time overlaps the appointment that is to be moved: its own claims keep it already. Facts: `slot`."""

    code = "overlaps-own-visit"
    title = _("This time overlaps the appointment itself. Move the appointment there without keeping the time first.")


class MoveNotAllowed(Refusal):
    """The life cycle has no such move from here. Facts: `stands` (its status), `move`."""

    code = "move-not-allowed"
    title = _("This cannot be done with the appointment as it stands.")

    def __init__(self, detail: str | Promise = "", *, stands: str, move: str, **facts: object) -> None:
        super().__init__(detail or not_allowed_in_words(stands, move), stands=stands, move=move, **facts)
        self.first = comes_first(stands, move)


class PatientBusy(Refusal):
    """A person cannot be in two places at once."""

    code = "patient-busy"
    title = _("There is another appointment at this time.")


class SameTime(Refusal):
    """The appointment is there already."""

    code = "same-time"
    title = _("The appointment is at this time already.")


class InThePast(Refusal):
    """The time has passed."""

    code = Broken.PAST.value
    title = _("This time has passed.")


class TherapyNotOffered(Refusal):
    """The therapy is not offered at present."""

    code = Broken.NOT_OFFERED.value
    title = _("This is not offered at the moment.")


class InReview(Refusal):
    """Somebody decides about the appointment first; a document is waited for once it is booked."""

    code = Broken.IN_REVIEW.value
    title = _("Somebody looks at this request first. Wait for the document once it is booked.")


class NotBookableOnline(Refusal):
    """Only staff book this therapy."""

    code = Broken.NOT_ONLINE.value
    title = _("Please call us to book this.")


class NoticeTooShort(Refusal):
    """Too soon. Staff may set this aside with a reason."""

    code = Broken.NOTICE.value
    title = _("This time is too soon to book.")


class BeyondHorizon(Refusal):
    """Too far ahead. Staff may set this aside with a reason."""

    code = Broken.HORIZON.value
    title = _("This time is too far ahead to book.")


class FirstVisitNeeded(Refusal):
    """The program asks for a first appointment before follow-up appointments."""

    code = Broken.FIRST.value
    title = _("Please book a first appointment before follow-up appointments.")


class TooManyVisits(Refusal):
    """The patient has as many appointments ahead as one may have. Staff may set this aside with a reason."""

    code = Broken.ACTIVE.value
    title = _("There are as many appointments ahead as one person can have.")


class TooManyThisWeek(Refusal):
    """The patient has as many appointments that week as one may have. Staff may set this aside with a reason."""

    code = Broken.WEEK.value
    title = _("There are enough appointments in this week.")


class NoTimeToReview(Refusal):
    """Somebody looks at such an appointment before it is booked, and until this time begins they cannot."""

    code = Broken.NO_REVIEW.value
    title = _("We look at this before it is booked. This time is too soon for that: choose a later one, or call us.")


class CallToBook(Refusal):
    """The named person's other appointments stand against it. A visitor may be a stranger: not told which or why."""

    code = "call-to-book"
    title = _("We cannot book this time online.")

    def __init__(self) -> None:
        super().__init__(
            _(
                "Choose another time, in another week if you can, and a first appointment if there was none yet. "
                "Or call us: we see what is possible."
            )
        )


class CallToUndo(Refusal):
    """As many appointments were booked since as the person may have. A visitor may be a stranger: not told which."""

    code = "call-to-undo"
    title = _("We cannot take this back online.")

    def __init__(self) -> None:
        way_out = _(
            "If another appointment was booked in its place, cancel that one first. "
            "Or call us while we keep the time: we see what is possible."
        )
        super().__init__(way_out)


class ReferralUsedUp(Refusal):
    """A cancel is not undone: by now as many appointments stand by its referral as that is for."""

    code = "referral-used-up"
    title = _("Other appointments use up the referral by now.")

    def __init__(self) -> None:
        super().__init__(
            _(
                "Cancel one of those first, or let us have another referral while the time is kept. "
                "If you are not sure, call us: we see what is possible."
            )
        )


class StaffOnly(Forbidden):
    """Staff do this, and never on their own record."""

    code = Broken.STAFF_ONLY.value
    title = _("Only our staff can do this. Please call us.")


class VisitStarted(Refusal):
    """A patient cannot change an appointment that has begun."""

    code = Broken.STARTED.value
    title = _("The appointment has begun. Please call us.")


class NotYet(Refusal):
    """It is too early for this move."""

    code = Broken.NOT_YET.value
    title = _("It is too early for this.")


class UndoOver(Refusal):
    """The time in which this could be undone is over."""

    code = Broken.UNDO_OVER.value
    title = _("This can no longer be undone.")


class CancelledByTheClinic(Refusal):
    """A patient cannot undo what the clinic called off."""

    code = Broken.NOT_YOURS.value
    title = _("We had to cancel this appointment. Please choose another time.")


class RequestLapsed(Refusal):
    """An appointment that nobody approved or completed in time: its time is no longer kept, and it moves nowhere."""

    code = Broken.LAPSED.value
    title = _("The time for this request has run out. Please choose a time again.")


class WithoutCover(Refusal):
    """Nobody is checked in, or did not come, for a time that is not open any more; the former all the same."""

    code = Broken.NO_COVER.value
    title = _("It cannot take place at this time: find another time. If it does all the same, say so at the check-in.")


class StartsLater(Refusal):
    """Somebody is treated so long before their time that it is asked once whether they are meant."""

    code = "starts-later"
    title = _("Their appointment is later today. If they are treated already, say so.")


class CodeTooSoon(Refusal):
    """A code was sent a moment ago, or as often as it is sent."""

    code = "code-too-soon"
    status = 429
    title = _("We have just sent you a code.")

    def __init__(self, *, again: bool) -> None:
        soon = _("It can take a minute or two to arrive. If it has not by then, send a new one, or call us.")
        never = _("We have sent several. Look among unwanted mail, or call us: we book it for you.")
        super().__init__(soon if again else never, retry_after=int(CODE_PAUSE.total_seconds()))


class LinkUnknown(Refusal):
    """No such link."""

    code = "link-unknown"
    status = 404
    title = _("We do not know this link. Please check that it is whole.")


class LinkMoved(Refusal):
    """The patient's address or the server's key has changed since, and a newer mail has the link that works."""

    code = "link-moved"
    status = 410
    title = _("This link was replaced. Please use the link in the newer mail.")


class LinkExpired(Refusal):
    """The appointment was long ago."""

    code = "link-expired"
    status = 410
    title = _("This link is too old.")

    def __init__(self) -> None:
        super().__init__(_("It ended after the appointment. If another one is to come, we send you its link again."))


BY_RULE: dict[Broken, type[Refusal]] = {
    Broken.PAST: InThePast,
    Broken.NOT_OFFERED: TherapyNotOffered,
    Broken.NOTICE: NoticeTooShort,
    Broken.NO_REVIEW: NoTimeToReview,
    Broken.IN_REVIEW: InReview,
    Broken.HORIZON: BeyondHorizon,
    Broken.NOT_ONLINE: NotBookableOnline,
    Broken.FIRST: FirstVisitNeeded,
    Broken.ACTIVE: TooManyVisits,
    Broken.WEEK: TooManyThisWeek,
    Broken.REFERRAL: ReferralNeeded,
    Broken.NOT_OPEN: NotOpenYet,
    Broken.STAFF_ONLY: StaffOnly,
    Broken.STARTED: VisitStarted,
    Broken.NOT_YET: NotYet,
    Broken.UNDO_OVER: UndoOver,
    Broken.NOT_YOURS: CancelledByTheClinic,
    Broken.LAPSED: RequestLapsed,
    Broken.NO_COVER: WithoutCover,
}

BY_CONSTRAINT: dict[str, type[Refusal]] = {"patient_is_in_one_place_at_a_time": PatientBusy}


def refuse(broken: Sequence[Broken], *, why: str = "", staff: bool = False, **facts: object) -> None:
    """Raise the refusal of the first broken rule, naming all in `rules`; do nothing when none is.

    `why`: in words, with what to do; `staff`: who asks is told why, too, where a patient is not.
    """
    if broken:
        why = NotOpenYet.what_to_do(staff=staff) if broken[0] is Broken.NOT_OPEN else why
        raise BY_RULE[broken[0]](why, rules=[rule.value for rule in broken], **facts)


def insist(broken: Broken | None) -> None:
    """Raise the refusal of a broken rule, if there is one."""
    if broken:
        raise BY_RULE[broken]


@contextmanager
def database_refusals() -> Iterator[None]:
    """Say a broken constraint as the refusal that it stands for; the transaction must be given up after it."""
    try:
        yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in BY_CONSTRAINT:
            raise
        raise BY_CONSTRAINT[name] from error
