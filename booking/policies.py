"""The booking policy: what a row's content says, and which one is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from core.policies.keys import PolicyKey, content_of
from scheduler import public as scheduler

KEY = "booking"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is allowed within any hour, and within any day."""

    hour: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How soon and how far ahead people may book, and how much one has ahead."""

    min_notice_hours: int
    horizon_days_patient: int
    horizon_days_staff: int
    max_active_per_patient: int
    max_per_week: int
    first_visit_required_before_followup: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling:
    """Until how long before a visit its time can be left without being late."""

    free_until_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShow:
    """How long after its start a visit can be marked as missed."""

    mark_after_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorLimits:
    """How much visitors who are not signed in hold and book."""

    visits_per_contact: Allowance
    visits_per_session: Allowance
    visits_per_network: Allowance
    open_holds_per_network: int
    short_holds_per_network: int
    proposals_per_network: int
    proposals_per_contact: Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody looks at before it is booked.

    They look at it within so many business days; until so long before the visit, its time is kept for that.
    """

    reason: scheduler.ReviewReason
    business_days: int
    until_hours_before: int

    def __post_init__(self) -> None:
        """Refuse a check for which there is no time at all."""
        if not self.business_days:
            raise ValueError(_("Whoever looks at it needs a business day at least."))


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingContent:
    """The content of a booking policy, as it is written down. Without `review` everything is booked at once."""

    booking: Ahead
    cancel: Cancelling
    no_show: NoShow
    limits: VisitorLimits
    review: tuple[Review, ...] = ()


BOOKING = PolicyKey(
    key=KEY,
    content=BookingContent,
    begins_with=Path(__file__).parent / "fixtures" / "booking-policy.yaml",
    approvals=2,
    approved_parts=("review",),
)
"""What somebody has to look at before it is booked is for clinicians to say; the rest a site decides by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """How far ahead and how late people may book, and how much."""

    min_notice: timedelta
    horizon_patient: timedelta
    horizon_staff: timedelta
    max_active: int
    max_per_week: int
    free_until: timedelta
    first_visit_first: bool
    no_show_after: timedelta
    visits_per_contact: Allowance
    visits_per_session: Allowance
    visits_per_network: Allowance
    open_holds_per_network: int
    short_holds_per_network: int
    proposals_per_network: int
    proposals_per_contact: Allowance
    reviews: Mapping[scheduler.ReviewReason, scheduler.ReviewTime]
    version: int


def booking_policy(site: int, *, at: datetime) -> BookingPolicy:
    """Return the booking policy in force at a site (its id) at `at`. Raises LookupError when none is."""
    policy = scheduler.policy(KEY, site, at=at)
    return as_booking_policy(content_of(policy, BookingContent), version=policy.version)


def as_booking_policy(content: BookingContent, *, version: int) -> BookingPolicy:
    """Return a content in the terms of the rules."""
    ahead, limits = content.booking, content.limits
    return BookingPolicy(
        min_notice=timedelta(hours=ahead.min_notice_hours),
        horizon_patient=timedelta(days=ahead.horizon_days_patient),
        horizon_staff=timedelta(days=ahead.horizon_days_staff),
        max_active=ahead.max_active_per_patient,
        max_per_week=ahead.max_per_week,
        free_until=timedelta(hours=content.cancel.free_until_hours),
        first_visit_first=ahead.first_visit_required_before_followup,
        no_show_after=timedelta(minutes=content.no_show.mark_after_min),
        visits_per_contact=limits.visits_per_contact,
        visits_per_session=limits.visits_per_session,
        visits_per_network=limits.visits_per_network,
        open_holds_per_network=limits.open_holds_per_network,
        short_holds_per_network=limits.short_holds_per_network,
        proposals_per_network=limits.proposals_per_network,
        proposals_per_contact=limits.proposals_per_contact,
        reviews={
            one.reason: scheduler.ReviewTime(
                business_days=one.business_days, until_before=timedelta(hours=one.until_hours_before)
            )
            for one in content.review
        },
        version=version,
    )
