"""What a person may book, and when a visit may change: values in, values out; no database, no clock, no settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from booking.cancel_reasons import BY_PATIENT, EXCUSED, FREES_AT_ONCE, CancelReason
from booking.status import OCCUPYING, Move, Status
from scheduler.public import REFERRAL_WAITED_BEFORE, Audience, BusinessDays, ReviewReason, ReviewTime, reviews_of

if TYPE_CHECKING:
    from booking.policies import BookingPolicy

# No clinic would set these: a mail takes about so long, and people live so long.
CODE_PAUSE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
PRESSED_TWICE = timedelta(minutes=2)
"""So long the same act is one press of a button: later it may be meant."""
LONGEST_LIFE_YEARS = 120


class Broken(StrEnum):
    """A rule that stands in the way, by its public code."""

    PAST = "past"
    NOT_OFFERED = "not-offered"
    NOTICE = "notice-too-short"
    HORIZON = "beyond-horizon"
    NOT_ONLINE = "not-bookable-online"
    FIRST = "first-visit-needed"
    ACTIVE = "too-many-visits"
    WEEK = "too-many-visits-this-week"
    NO_REVIEW = "no-time-to-review"
    IN_REVIEW = "in-review"
    REFERRAL = "referral-needed"
    NOT_OPEN = "not-open-yet"
    NO_PLACE = "no-suitable-place"
    STAFF_ONLY = "staff-only"
    STARTED = "visit-started"
    NOT_YET = "not-yet"
    UNDO_OVER = "undo-over"
    NOT_YOURS = "cancelled-by-the-clinic"
    LAPSED = "request-lapsed"
    NO_COVER = "without-cover"


SOFT = frozenset(
    {
        Broken.NOTICE, Broken.HORIZON, Broken.ACTIVE, Broken.WEEK, Broken.NOT_OPEN, Broken.NO_PLACE, Broken.NO_REVIEW,
    }
)  # fmt: skip
"""What staff may set aside with a reason. Patients' rules (`NOT_ONLINE`, `FIRST`) do not bind staff at all."""

OF_THE_PERSON = frozenset({Broken.FIRST, Broken.ACTIVE, Broken.WEEK})
"""What the other visits of a person stand against."""


class CheckAnswer(StrEnum):
    """Whether a time may be booked as asked, only once somebody has looked at it, or not."""

    BOOK = "book"
    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer of a booking check with its reasons: what stands in the way, was set aside, or is to be looked at.

    `due_at`: by when somebody looks at it; `until`: how long the time is kept at most while they do.
    """

    refused: tuple[Broken, ...] = ()
    overridden: tuple[Broken, ...] = ()
    reviews: tuple[ReviewReason, ...] = ()
    due_at: datetime | None = None
    until: datetime | None = None

    def setting_aside(self, broken: Iterable[Broken]) -> "Decision":
        """Return the same decision, with more that was set aside."""
        return replace(self, overridden=(*self.overridden, *broken))

    @property
    def answer(self) -> CheckAnswer:
        """The worst that was found."""
        if self.refused:
            return CheckAnswer.REFUSE
        return CheckAnswer.REVIEW if self.reviews else CheckAnswer.BOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedTime:
    """A time somebody asks for. `known`: the record is a patient's own, not a guest's that nobody has matched yet."""

    start: datetime
    visit: str
    therapy: str
    days: BusinessDays
    offered: bool = True
    online: bool = True
    audience: Audience = Audience.PATIENT
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherVisit:
    """Another visit of the same person, on whichever record: one that takes time, or is done."""

    start: datetime
    end: datetime
    visit: str
    therapy: str
    status: Status


def overlaps(other: OtherVisit, start: datetime, end: datetime) -> bool:
    """Whether another visit of the same person takes time between two moments."""
    return other.status in OCCUPYING and other.start < end and start < other.end


def broken_by_time(
    start: datetime, window: tuple[datetime, datetime], *, at: datetime, stays: bool = False
) -> list[Broken]:
    """Return what a start breaks by itself: the past, or the window of who asks, which is as when they first asked.

    `stays`: staff let a visit begin when it does, elsewhere or with somebody else. The window was for its booking.
    """
    if start < at:
        return [Broken.PAST]
    earliest, latest = window
    found = [Broken.NOTICE] if start < earliest and not stays else []
    return [*found, Broken.HORIZON] if start >= latest and not stays else found


def broken_by_offer(requested: RequestedTime) -> list[Broken]:
    """Return whether the therapy cannot be booked: by anyone, or by patients themselves."""
    if not requested.offered:
        return [Broken.NOT_OFFERED]
    return [] if requested.online or requested.audience.is_staff else [Broken.NOT_ONLINE]


def broken_by_others(
    requested: RequestedTime, others: Sequence[OtherVisit], policy: "BookingPolicy", *, at: datetime
) -> list[Broken]:
    """Return what the person's other visits stand against: too many ahead, too many that week, no first visit yet."""
    lacks = lacks_first(requested, others) and policy.first_visit_first
    return [*([Broken.FIRST] if lacks else []), *broken_by_number(requested, others, policy, at=at)]


def broken_by_number(
    requested: RequestedTime, others: Sequence[OtherVisit], policy: "BookingPolicy", *, at: datetime
) -> list[Broken]:
    """Return whether the patient has enough visits ahead, or in the asked week."""
    ahead = sum(1 for other in others if other.status in OCCUPYING and other.end > at)
    found = [Broken.ACTIVE] if ahead >= policy.max_active else []
    return found + broken_by_week(requested, others, policy)


def broken_by_week(requested: RequestedTime, others: Iterable[OtherVisit], policy: "BookingPolicy") -> list[Broken]:
    """Return whether the patient has enough visits in the asked ISO week (the site's wall clock)."""
    week = _week(requested.start, requested.days.zone)
    count = sum(1 for other in others if _week(other.start, requested.days.zone) == week)
    return [Broken.WEEK] if count >= policy.max_per_week else []


def _week(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    year, week, _ = at.astimezone(zone).date().isocalendar()
    return year, week


def lacks_first(requested: RequestedTime, others: Iterable[OtherVisit]) -> bool:
    """Whether a patient asks for a follow-up before a first visit."""
    # Of a guest we know nothing: whoever says that they have been here before is believed until staff have matched
    # them.
    if requested.audience.is_staff or not requested.known or requested.visit == "first":
        return False
    return not any(other.status is Status.FULFILLED or _comes_first(other, requested) for other in others)


def _comes_first(other: OtherVisit, requested: RequestedTime) -> bool:
    return other.visit == "first" and other.start < requested.start


def review(requested: RequestedTime, policy: "BookingPolicy") -> dict[ReviewReason, ReviewTime]:
    """Return why a visit is looked at before it is booked, each with the time that this takes."""
    return reviews_of(requested.visit, policy.reviews, requested.audience)


def decide(
    found: Iterable[Broken],
    requested: RequestedTime,
    reviews: Mapping[ReviewReason, ReviewTime],
    *,
    override: bool,
    at: datetime,
) -> Decision:
    """Return the answer to what was found for a time asked for at `at`.

    What cannot be looked at in time is refused; for staff with a reason it is kept until the visit begins, and somebody
    looks at it at once.
    """
    start, days = requested.start, requested.days
    late = any(start < takes.earliest(days, at=at) for takes in reviews.values())
    broken = [*found, *([Broken.NO_REVIEW] if late else [])]
    left = unforgiven(broken, override=override)
    return Decision(
        refused=tuple(left),
        overridden=tuple(one for one in broken if one not in left),
        reviews=tuple(reviews),
        due_at=at if late else max((takes.due_at(days, at=at) for takes in reviews.values()), default=None),
        until=start if late else min((start - takes.until_before for takes in reviews.values()), default=None),
    )


def referral_wait_ends(start: datetime, *, at: datetime) -> datetime:
    """Return until when a time is kept for whoever has no referral yet: two days before it.

    Of one that was held while there was time, an hour at least.
    """
    return min(max(start - REFERRAL_WAITED_BEFORE, at + AN_HOUR), start)


def unforgiven(found: Iterable[Broken], *, override: bool) -> list[Broken]:
    """Return what still stands in the way: with `override`, soft rules do not."""
    return [one for one in found if not (override and one in SOFT)]


# -- moves ------------------------------------------------------------------------------------------------------------

STAFF_MOVES = frozenset(
    {
        Move.APPROVE, Move.AWAIT, Move.COMPLETE, Move.EXPIRE, Move.DECLINE, Move.ARRIVE, Move.CHECK_IN, Move.START,
        Move.FULFIL, Move.NO_SHOW, Move.ENTER_IN_ERROR, Move.RESIZE,
    }
)  # fmt: skip
NEW_VERSION = frozenset(
    {Move.RESCHEDULE, Move.RESIZE, Move.CANCEL, Move.UNDO, Move.EXPIRE, Move.DECLINE, Move.ENTER_IN_ERROR}
)
"""Moves that change what a calendar shows: the version is the calendar's SEQUENCE."""

NEEDS_COVER = frozenset({Move.CHECK_IN, Move.NO_SHOW})
"""Moves for a time that is open alone: nobody comes in, or has stayed away, where the clinic has no time for them."""

MARKED_ON_THE_DAY = frozenset({Move.ARRIVE, Move.CHECK_IN, Move.START, Move.FULFIL, Move.NO_SHOW})
"""What staff mark on the day of an appointment: calendars show nothing of it, nor of its being taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveContext:
    """An appointment at the moment somebody acts on it.

    `last_at`: when it was last acted on, or when what an undo takes back was done; `in_review`: somebody looks at it
    before it is booked; `offered`: they did, and the patient is asked whether another time suits; `covered`: its time
    is open still, as far as that matters; `begun`: they are treated already.
    """

    status: Status
    start: datetime
    zone: ZoneInfo
    staff: bool
    last_at: datetime
    cancel_reason: str = ""
    undo_until: datetime | None = None
    kept_until: datetime | None = None
    in_review: bool = False
    offered: bool = False
    covered: bool = True
    begun: bool = False
    no_show_after: timedelta
    no_show_undo: timedelta


def guard(what: Move, context: MoveContext, *, at: datetime) -> Broken | None:
    """Return what forbids a move that the table allows, or None."""
    if found := _by_state(what, context, at=at):
        return found
    if what is Move.UNDO:
        return _undo(context, at=at)
    # Staff are asked for the right moment alone; what only they do, and what has begun, is closed to everybody else.
    if context.staff:
        return _of_the_day(what, context, at=at)
    if what is Move.APPROVE and context.offered:
        return Broken.STARTED if at >= context.start else None
    if what in STAFF_MOVES or context.status in {Status.ARRIVED, Status.CHECKED_IN}:
        return Broken.STAFF_ONLY
    return Broken.STARTED if at >= context.start else None


def _by_state(what: Move, context: MoveContext, *, at: datetime) -> Broken | None:
    """Return what forbids a move to whoever makes it."""
    if (
        what in {Move.RESCHEDULE, Move.RESIZE, Move.UNDO}
        and context.kept_until is not None
        and context.kept_until <= at
    ):
        return Broken.LAPSED  # an undo of a move moves, too: to a time that would be kept until the past
    today = _day(at, context.zone) == _day(context.start, context.zone)
    if what is Move.ARRIVE and context.status is Status.NOSHOW and not today:
        return Broken.UNDO_OVER
    # A document would come, and it would be booked without anybody having looked at it.
    if what in {Move.AWAIT, Move.COMPLETE} and context.in_review:
        return Broken.IN_REVIEW
    return None


def _of_the_day(what: Move, context: MoveContext, *, at: datetime) -> Broken | None:
    """Return what forbids a move to staff: that it is too early, or that the clinic itself has no time for it."""
    if _too_early(what, context, at=at):
        return Broken.NOT_YET
    return Broken.NO_COVER if what in NEEDS_COVER and not context.covered else None


def _too_early(what: Move, context: MoveContext, *, at: datetime) -> bool:
    if what is Move.EXPIRE and context.kept_until is None:
        return True
    since = possible_from(what, context)
    return since is not None and at < since


def begins_long_before(what: Move, start: datetime, *, at: datetime) -> bool:
    """Whether a start is noted so long before an appointment that it may be meant for somebody else."""
    return what is Move.START and start - at > AN_HOUR


def possible_from(what: Move, context: MoveContext) -> datetime | None:
    """Return from when on something is not too early; None where it never is."""
    if what is Move.NO_SHOW:
        return context.start + context.no_show_after
    if what in {Move.ARRIVE, Move.CHECK_IN, Move.START}:
        return datetime.combine(_day(context.start, context.zone), time(), context.zone)
    if what is Move.FULFIL:
        return None if context.begun else context.start
    return context.kept_until if what is Move.EXPIRE else None


def _undo(context: MoveContext, *, at: datetime) -> Broken | None:
    if context.status is Status.CANCELLED and context.cancel_reason != CancelReason.DECLINED:
        if context.undo_until is None or at >= context.undo_until:
            return Broken.UNDO_OVER
        return None if context.staff or context.cancel_reason in BY_PATIENT else Broken.NOT_YOURS
    if not context.staff:
        return Broken.STAFF_ONLY
    if context.status is Status.NOSHOW:  # who was there all the same calls on the next day, or comes
        return None if at < context.last_at + context.no_show_undo else Broken.UNDO_OVER
    return None if _day(context.last_at, context.zone) == _day(at, context.zone) else Broken.UNDO_OVER


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def may_undo_cancel(before: Status, reason: CancelReason) -> bool:
    """Whether a cancel keeps the time for a while: it was a firm visit, and nothing frees it at once.

    What follows another's cancel comes back with that, also where it waited for something.
    """
    if reason is CancelReason.TOGETHER:
        return before in OCCUPYING
    return before in {Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN} and reason not in FREES_AT_ONCE


def answer_wanted_by(start: datetime, *, asked_at: datetime) -> datetime:
    """Return until when somebody may say whether they keep a time: a day, or half of what is left, then staff call."""
    return asked_at + min(timedelta(days=1), max(start - asked_at, timedelta()) / 2)


def leaves_late(
    start: datetime, *, at: datetime, free_until: timedelta, reason: CancelReason | None, staff: bool
) -> bool:
    """Whether a patient leaves a time late, by a cancel (for a reason) or by a move (for none), and is not excused.

    A move by staff is not the patient's own; of a cancel the reason says whose it is, whoever makes it.
    """
    # A cancel has a reason, which tells whose it is though staff type it; a move has none.
    own = not staff if reason is None else reason in BY_PATIENT and reason not in EXCUSED
    return own and start - at < free_until


def age_is_plausible(birth: date, *, on: date) -> bool:
    """Whether somebody born on `birth` can be alive on the day `on`."""
    # Not more than the longest life: a slip in the century is the commonest in a year that is typed.
    return birth <= on and on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)) <= LONGEST_LIFE_YEARS
