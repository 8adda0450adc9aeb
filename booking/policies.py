"""What the booking policies in force say, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import core
from core.models import Policy
from scheduler import public as scheduler

BEGINS_WITH = Path(core.__file__).parent / "fixtures" / "policies.yaml"


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
    proposals_per_contact: Allowance
    version: int


def booking_policy(site: int, *, at: datetime) -> BookingPolicy:
    """Return the booking policy in force at a site (its id). Raises LookupError when none is loaded."""
    return read_booking(scheduler.policy(site, at=at))


@cache
def usual_limits() -> dict[str, Any]:
    """Return the limits that a clinic begins with: they hold where a policy was written before there was such a one."""
    read: dict[str, dict[str, Any]] = yaml.safe_load(BEGINS_WITH.read_text(encoding="utf-8"))
    return read["limits"]


def _completed(given: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, and where a key is missing, on whichever level, what is usual."""
    return {
        key: _completed(given.get(key, {}), value) if isinstance(value, Mapping) else given.get(key, value)
        for key, value in usual.items()
    }


def read_booking(policy: Policy) -> BookingPolicy:
    """Return a booking policy's content as values."""
    booking, cancel = policy.content["booking"], policy.content["cancel"]
    limits = _completed(policy.content.get("limits", {}), usual_limits())
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
        proposals_per_contact=Allowance(**limits["proposals_per_contact"]),
        version=policy.version,
    )
