"""Who asks for time, and how soon and how far ahead they may have it. Whoever asks later is one more value here."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
"""No slot has an id that lies behind it."""


class Audience(StrEnum):
    """Who asks for time. STAFF_WITH_REASON: staff who set soft rules aside."""

    PATIENT = "patient"
    STAFF = "staff"
    STAFF_WITH_REASON = "staff-with-reason"

    @property
    def is_staff(self) -> bool:
        """Whether staff asks: rules for patients do not bind them."""
        return self is not Audience.PATIENT


class Bounds(Protocol):
    """How soon and how far ahead a site is booked."""

    @property
    def min_notice(self) -> timedelta:
        """How long before a visit it is booked at the latest."""

    @property
    def horizon_patient(self) -> timedelta:
        """How far ahead patients book."""

    @property
    def horizon_staff(self) -> timedelta:
        """How far ahead staff book."""


def window_of(audience: Audience, bounds: Bounds, *, at: datetime) -> tuple[datetime, datetime]:
    """Return the earliest and the latest start that an audience may book, the latest excluded.

    The one place that decides notice and horizon, for search, explanation, hold, alternatives and booking alike.
    """
    if audience is Audience.STAFF_WITH_REASON:
        return at, FOREVER
    horizon = bounds.horizon_staff if audience.is_staff else bounds.horizon_patient
    return at + bounds.min_notice, at + horizon
