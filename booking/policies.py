"""The booking policy: what a row's content says, and which one is in force."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.policies.keys import PolicyKey, content_of
from core.policies.meaning import Meaning, UnfitValueError
from core.text.languages import localized
from scheduler import public as scheduler

KEY = "booking"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is allowed within any hour, and within any day."""

    hour: Annotated[int, Meaning(_("within any hour"))]
    day: Annotated[int, Meaning(_("within any day"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How soon and how far ahead people may book, and how much one has ahead."""

    min_notice_hours: Annotated[int, Meaning(_("hours before an appointment until which it can be booked"))]
    horizon_days_patient: Annotated[int, Meaning(_("days ahead that patients may book"))]
    horizon_days_staff: Annotated[int, Meaning(_("days ahead that staff may book"))]
    max_active_per_patient: Annotated[int, Meaning(_("appointments ahead that one person may have"))]
    max_per_week: Annotated[int, Meaning(_("appointments in one week that one person may have"))]
    first_visit_required_before_followup: Annotated[bool, Meaning(_("a first appointment before others"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling:
    """Until how long before a visit its time can be left without being late, and how long a cancel can be undone."""

    free_until_hours: Annotated[int, Meaning(_("hours before an appointment from which a cancel or move is late"))]
    undo_minutes: Annotated[int, Meaning(_("minutes for which a cancel can be undone"), least=1, most=240)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShow:
    """How long after its start a visit can be marked as missed, and for how long that can be undone."""

    mark_after_min: Annotated[int, Meaning(_("minutes after the start from which it can be marked as missed"))]
    undo_hours: Annotated[int, Meaning(_("hours for which that it was missed can be undone"), least=1, most=168)]
    consecutive_review: Annotated[
        int, Meaning(_("appointments missed in a row after which somebody asks what is in the way"), least=2, most=20)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateTerms:
    """What becomes of an appointment that begins late: nothing, a shorter one, or another time. Staff decide."""

    grace_min: Annotated[int, Meaning(_("minutes late for which nothing changes"), most=120)]
    contact_percent: Annotated[
        int, Meaning(_("percent of the treatment that must be left for a shorter appointment"), least=1, most=100)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTerms:
    """For how long a chosen time is kept, and how many one person keeps; shorter where a network keeps many."""

    minutes: Annotated[int, Meaning(_("minutes for which a chosen time is kept"), least=5, most=120)]
    extensions: Annotated[int, Meaning(_("times that somebody may ask for as long again"), most=20)]
    open_per_person: Annotated[int, Meaning(_("times that one person may keep at once"), least=1, most=20)]
    short_minutes: Annotated[
        int, Meaning(_("minutes for which it is kept where one network keeps many"), least=1, most=120)
    ]
    proposed_hours: Annotated[
        int, Meaning(_("hours for which a time is kept that we propose because of a closure"), least=1, most=336)
    ]

    def __post_init__(self) -> None:
        """Refuse a shorter while that is longer."""
        if self.short_minutes > self.minutes:
            raise UnfitValueError(
                "short_minutes", gettext("Where one network keeps many, a time is kept no longer than others.")
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedAddresses:
    """What guests may book whose e-mail address nobody has verified, and the code by which it is."""

    visits_ahead: Annotated[int, Meaning(_("appointments ahead without a verified address"), most=50)]
    hold_minutes: Annotated[
        int, Meaning(_("minutes for which the next one is kept until the code is typed"), least=5, most=240)
    ]
    code_minutes: Annotated[int, Meaning(_("minutes for which a mailed code works"), least=2, most=240)]
    code_tries: Annotated[int, Meaning(_("wrong codes that end a code"), least=1, most=10)]
    codes: Annotated[int, Meaning(_("codes that are mailed for one appointment at most"), least=1, most=10)]

    def __post_init__(self) -> None:
        """Refuse a code that would promise more than is kept."""
        if self.code_minutes > self.hold_minutes:
            raise UnfitValueError(
                "code_minutes", gettext("A code works no longer than its time is kept: hold_minutes.")
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """How long the link in a mail opens its appointment."""

    days_after_visit: Annotated[int, Meaning(_("days after an appointment until which its link works"), most=365)]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorLimits:
    """How much visitors who are not signed in hold and book."""

    visits_per_contact: Annotated[Allowance, Meaning(_("appointments booked with one e-mail address"))]
    visits_per_session: Annotated[Allowance, Meaning(_("appointments booked in one browser"))]
    visits_per_network: Annotated[Allowance, Meaning(_("appointments booked from one network"))]
    open_holds_per_network: Annotated[int, Meaning(_("times that one network keeps at once"))]
    short_holds_per_network: Annotated[int, Meaning(_("times more that it keeps for the shorter while"))]
    proposals_per_network: Annotated[int, Meaning(_("requests of one network that wait for a code at once"))]
    proposals_per_contact: Annotated[
        Allowance, Meaning(_("codes mailed to one e-mail address that nobody has verified"))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody looks at before it is booked.

    They look at it within so many business days; until so long before the visit, its time is kept for that.
    """

    reason: Annotated[scheduler.ReviewReason, Meaning(_("why somebody looks at it before it is booked"))]
    business_days: Annotated[int, Meaning(_("business days within which somebody looks at it"))]
    until_hours_before: Annotated[int, Meaning(_("hours before the appointment until which it is kept for that"))]

    def __post_init__(self) -> None:
        """Refuse a check for which there is no time at all."""
        if not self.business_days:
            raise UnfitValueError("business_days", gettext("Whoever looks at it needs a business day at least."))


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingContent:
    """The content of a booking policy, as it is written down. Without `review` everything is booked at once."""

    booking: Ahead
    cancel: Cancelling
    no_show: NoShow
    late: LateTerms
    holds: HoldTerms
    unverified: UnverifiedAddresses
    links: Links
    limits: VisitorLimits
    review: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramAhead:
    """How soon and how far ahead the people of a program book, and how much one has ahead."""

    min_notice_hours: Annotated[int, Meaning(_("hours before an appointment until which it can be booked"))]
    horizon_days_patient: Annotated[int, Meaning(_("days ahead that patients may book"))]
    horizon_days_staff: Annotated[int, Meaning(_("days ahead that staff may book"))]
    max_active_per_patient: Annotated[int, Meaning(_("appointments ahead that one person may have"))]
    max_per_week: Annotated[int, Meaning(_("appointments in one week that one person may have"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramContent:
    """The content of a booking policy for a program: in all else its people go by the policy for everybody."""

    booking: ProgramAhead


def wrong_with_program(content: ProgramContent) -> Iterator[dict[str, str]]:
    """Yield what is refused when a policy for a program is written: what leaves its people no time."""
    ahead = content.booking
    horizon = timedelta(days=ahead.horizon_days_patient)
    if horizon and timedelta(hours=ahead.min_notice_hours) >= horizon:
        yield {"pointer": "/booking/min_notice_hours", "detail": _too_late(ahead.horizon_days_patient)}


def _too_late(days: int) -> str:
    said = gettext("With %(days)s days ahead that patients may book, this leaves no time to be booked.")
    return said % {"days": days}


def programs_in_use() -> tuple[str, ...]:
    """Return for which programs there may be a booking policy of their own."""
    return tuple(one.key for one in scheduler.programs())


def wrong_with(content: BookingContent) -> Iterator[dict[str, str]]:
    """Yield what is refused when a policy is written: what leaves patients no time that they could book.

    Days ahead of 0 mean that they book nothing by themselves: then nothing else keeps them from it.
    """
    ahead = content.booking
    horizon = timedelta(days=ahead.horizon_days_patient)
    detail = _too_late(ahead.horizon_days_patient)
    if horizon and timedelta(hours=ahead.min_notice_hours) >= horizon:
        yield {"pointer": "/booking/min_notice_hours", "detail": detail}
    reasons = [one.reason for one in content.review]
    for number, one in enumerate(content.review):
        takes = longest_review(one.business_days) + timedelta(hours=one.until_hours_before)
        if horizon and takes >= horizon:
            yield {"pointer": f"/review/{number}", "detail": detail}
        if one.reason in reasons[:number]:
            yield {"pointer": f"/review/{number}/reason", "detail": gettext("This reason is there already.")}


def longest_review(business_days: int) -> timedelta:
    """Return how long somebody has to look at what comes early on the day before a weekend: no request waits longer.

    Where the site opens from Monday to Friday; holidays apart.
    """
    weeks, days = divmod(business_days, 5)
    return timedelta(weeks=weeks, days=3 + days if days else 1)


def value_words(part: str, value: str) -> str:
    """Return what a value of a policy says: why somebody looks at a request first, or for which program it is."""
    if part == "audience":
        return next((localized(one.name) for one in scheduler.programs() if one.key == value), value)
    reasons: dict[str, str] = {
        scheduler.ReviewReason.FIRST_VISIT: gettext("a first appointment"),
        scheduler.ReviewReason.SUITABILITY: gettext("answers before booking"),
    }
    return reasons.get(value, value) if part == "reason" else value


OF_PROGRAMS = PolicyKey(
    key=KEY, content=ProgramContent, wrong=wrong_with_program, title=_("Booking"), value_words=value_words
)
BOOKING = PolicyKey(
    key=KEY,
    content=BookingContent,
    begins_with=Path(__file__).parent / "fixtures" / "booking-policy.yaml",
    approvals=2,
    approved_parts=("review",),
    wrong=wrong_with,
    came_later=(
        "cancel.undo_minutes",
        "no_show.consecutive_review",
        "no_show.undo_hours",
        "late",
        "holds",
        "holds.proposed_hours",
        "unverified",
        "links",
    ),
    title=_("Booking"),
    value_words=value_words,
    audiences_now=programs_in_use,
    apart=OF_PROGRAMS,
)
"""What somebody has to look at before it is booked is for clinicians to say; the rest a site decides by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """How far ahead and how late people may book, how much, and how long what they chose is kept for them.

    `code_wait`: how long a time is kept until an address is verified. `link_life`: after the visit's end.
    """

    min_notice: timedelta
    horizon_patient: timedelta
    horizon_staff: timedelta
    max_active: int
    max_per_week: int
    free_until: timedelta
    first_visit_first: bool
    undo: timedelta
    no_show_after: timedelta
    no_show_undo: timedelta
    missed_in_a_row: int
    late_grace: timedelta
    late_percent: int
    hold: timedelta
    short_hold: timedelta
    extensions: int
    proposed: timedelta
    open_holds: int
    unverified_ahead: int
    code_wait: timedelta
    code_life: timedelta
    code_tries: int
    code_issues: int
    link_life: timedelta
    visits_per_contact: Allowance
    visits_per_session: Allowance
    visits_per_network: Allowance
    open_holds_per_network: int
    short_holds_per_network: int
    proposals_per_network: int
    proposals_per_contact: Allowance
    reviews: Mapping[scheduler.ReviewReason, scheduler.ReviewTime]
    version: int


def booking_policy(
    site: int, *, at: datetime, programs: Collection[str] = (), start: datetime | None = None
) -> BookingPolicy:
    """Return the booking policy in force at a site (its id) at `at`. Raises LookupError when none is.

    `programs`: of which somebody is who goes by their own rules of how soon, how far ahead and how much: of several the
    most generous, value by value. `start`: these rules as they are when a visit begins.
    """
    policy = scheduler.policy(KEY, site, at=at)
    whole = as_booking_policy(content_of(policy, BookingContent), version=policy.version)
    found = scheduler.policies_for(KEY, site, at=start or at, programs=programs) if programs or start else []
    return bound_by(whole, [one.content["booking"] for one in found]) if found not in ([], [policy]) else whole


def bound_by(whole: BookingPolicy, rules: Sequence[Mapping[str, int]]) -> BookingPolicy:
    """Return a policy with the most generous of some rules of how soon, how far ahead and how much."""
    return replace(
        whole,
        min_notice=timedelta(hours=min(one["min_notice_hours"] for one in rules)),
        horizon_patient=timedelta(days=max(one["horizon_days_patient"] for one in rules)),
        horizon_staff=timedelta(days=max(one["horizon_days_staff"] for one in rules)),
        max_active=max(one["max_active_per_patient"] for one in rules),
        max_per_week=max(one["max_per_week"] for one in rules),
    )


def as_booking_policy(content: BookingContent, *, version: int) -> BookingPolicy:
    """Return a content in the terms of the rules."""
    ahead, limits, kept, unverified = content.booking, content.limits, content.holds, content.unverified
    return BookingPolicy(
        min_notice=timedelta(hours=ahead.min_notice_hours),
        horizon_patient=timedelta(days=ahead.horizon_days_patient),
        horizon_staff=timedelta(days=ahead.horizon_days_staff),
        max_active=ahead.max_active_per_patient,
        max_per_week=ahead.max_per_week,
        free_until=timedelta(hours=content.cancel.free_until_hours),
        first_visit_first=ahead.first_visit_required_before_followup,
        undo=timedelta(minutes=content.cancel.undo_minutes),
        no_show_after=timedelta(minutes=content.no_show.mark_after_min),
        no_show_undo=timedelta(hours=content.no_show.undo_hours),
        missed_in_a_row=content.no_show.consecutive_review,
        late_grace=timedelta(minutes=content.late.grace_min),
        late_percent=content.late.contact_percent,
        hold=timedelta(minutes=kept.minutes),
        short_hold=timedelta(minutes=kept.short_minutes),
        extensions=kept.extensions,
        proposed=timedelta(hours=kept.proposed_hours),
        open_holds=kept.open_per_person,
        unverified_ahead=unverified.visits_ahead,
        code_wait=timedelta(minutes=unverified.hold_minutes),
        code_life=timedelta(minutes=unverified.code_minutes),
        code_tries=unverified.code_tries,
        code_issues=unverified.codes,
        link_life=timedelta(days=content.links.days_after_visit),
        visits_per_contact=limits.visits_per_contact,
        visits_per_session=limits.visits_per_session,
        visits_per_network=limits.visits_per_network,
        open_holds_per_network=limits.open_holds_per_network,
        short_holds_per_network=limits.short_holds_per_network,
        proposals_per_network=limits.proposals_per_network,
        proposals_per_contact=limits.proposals_per_contact,
        reviews=_reviews(content.review),
        version=version,
    )


def _reviews(content: Iterable[Review]) -> Mapping[scheduler.ReviewReason, scheduler.ReviewTime]:
    """Return what is looked at, with the time that it takes."""
    return {
        one.reason: scheduler.ReviewTime(
            business_days=one.business_days, until_before=timedelta(hours=one.until_hours_before)
        )
        for one in content
    }
