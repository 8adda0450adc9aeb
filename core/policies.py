"""What the policies in force say, as values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.models import Policy, Site

LIMITS_BEFORE = {
    "visits_per_contact": {"hour": 3, "day": 6},
    "visits_per_session": {"hour": 4, "day": 8},
    "visits_per_network": {"hour": 60, "day": 300},
    "open_holds_per_network": 60,
    "short_holds_per_network": 120,
    "proposals_per_network": 120,
}
"""What holds where the policy in force was written before there was such a limit."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is allowed within any hour, and within any day."""

    hour: int
    day: int


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
    version: int


def booking_policy(site: Site | None, *, at: datetime) -> BookingPolicy:
    """Return the booking policy in force at a site. Raises LookupError when none is loaded."""
    policy = Policy.objects.in_force("booking", site=site, at=at)
    if policy is None:
        raise LookupError("No booking policy is in force: run `manage.py load_catalogue`.")
    return read_booking(policy)


def read_booking(policy: Policy) -> BookingPolicy:
    """Return a booking policy's content as values."""
    booking, cancel = policy.content["booking"], policy.content["cancel"]
    limits = LIMITS_BEFORE | policy.content.get("limits", {})
    return BookingPolicy(
        min_notice=timedelta(hours=booking["min_notice_hours"]),
        horizon_patient=timedelta(days=booking["horizon_days_patient"]),
        horizon_staff=timedelta(days=booking["horizon_days_staff"]),
        max_active=booking["max_active_per_patient"],
        max_per_week=booking["max_per_week"],
        free_until=timedelta(hours=cancel["free_until_hours"]),
        first_visit_first=booking["first_visit_required_before_followup"],
        no_show_after=timedelta(minutes=policy.content["no_show"]["mark_after_min"]),
        visits_per_contact=Allowance(**limits["visits_per_contact"]),
        visits_per_session=Allowance(**limits["visits_per_session"]),
        visits_per_network=Allowance(**limits["visits_per_network"]),
        open_holds_per_network=limits["open_holds_per_network"],
        short_holds_per_network=limits["short_holds_per_network"],
        proposals_per_network=limits["proposals_per_network"],
        version=policy.version,
    )
