"""What the policies in force say, as values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.models import Policy, Site


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
    return BookingPolicy(
        min_notice=timedelta(hours=booking["min_notice_hours"]),
        horizon_patient=timedelta(days=booking["horizon_days_patient"]),
        horizon_staff=timedelta(days=booking["horizon_days_staff"]),
        max_active=booking["max_active_per_patient"],
        max_per_week=booking["max_per_week"],
        free_until=timedelta(hours=cancel["free_until_hours"]),
        first_visit_first=booking["first_visit_required_before_followup"],
        no_show_after=timedelta(minutes=policy.content["no_show"]["mark_after_min"]),
        version=policy.version,
    )
