"""How soon and how far ahead is booked: what policies say of it, for everybody and for the people of programs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.models import EVERY_AUDIENCE, Policy
from scheduler.audience import ReviewReason, ReviewTime
from scheduler.calendars.closed_times import precedence

KEY = "booking"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingWindow:
    """How soon and how far ahead people may book, by themselves or through staff: all that time knows of a policy."""

    min_notice: timedelta
    horizon_patient: timedelta
    horizon_staff: timedelta
    reviews: Mapping[ReviewReason, ReviewTime]


def policies_for(
    policies: Iterable[Policy], key: str, site: int, *, at: datetime, programs: Collection[str]
) -> list[Policy]:
    """Return which policies in force at a site bind somebody of these programs: where there are several, each.

    A program without one of its own goes by that for everybody, and so does whoever is of no program.
    """
    live = [one for one in policies if one.key == key and one.site_id in (site, None) and at in one.effective]
    by_audience = {who: [one for one in live if one.audience == who] for who in (EVERY_AUDIENCE, *programs)}
    everybody = max(by_audience[EVERY_AUDIENCE], key=precedence, default=None)
    own = (max(by_audience[who], key=precedence, default=everybody) for who in sorted(programs))
    found = [one for one in own if one] or ([everybody] if everybody else [])
    return list(dict.fromkeys(found))


def changes_after(
    policies: Iterable[Policy], site: int, *, after: datetime, programs: Collection[str]
) -> list[datetime]:
    """Return when other booking policies begin to hold at a site for somebody of these programs, in order."""
    theirs = [
        one
        for one in policies
        if one.key == KEY and one.site_id in (site, None) and one.audience in {EVERY_AUDIENCE, *programs}
    ]
    ends = {end for one in theirs for end in (one.effective.lower, one.effective.upper)}
    return sorted(end for end in ends if end is not None and end > after)


def window_by(bound_by: Sequence[Policy], reviewed_by: Policy) -> BookingWindow:
    """Return what policies say, of several the most generous value by value; who looks at it first says one alone."""
    reviews = reviewed_by.content.get("review", [])
    return BookingWindow(
        min_notice=timedelta(hours=_of(min, "min_notice_hours", bound_by)),
        horizon_patient=timedelta(days=_of(max, "horizon_days_patient", bound_by)),
        horizon_staff=timedelta(days=_of(max, "horizon_days_staff", bound_by)),
        reviews={
            ReviewReason(one["reason"]): ReviewTime(
                business_days=one["business_days"], until_before=timedelta(hours=one["until_hours_before"])
            )
            for one in reviews
        },
    )


def _of(most_generous: Callable[[Iterable[Any]], int], name: str, policies: Sequence[Policy]) -> int:
    return most_generous(one.content["booking"][name] for one in policies)
