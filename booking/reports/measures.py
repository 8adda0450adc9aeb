"""What a measure is, and how it is worked out from counts of appointments. Pure: no request, no database."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.status import OCCUPYING, Status

HIGH = 0.9
"""Nine of ten are at or below it."""

STOOD = OCCUPYING | {Status.FULFILLED, Status.NOSHOW}
"""Somebody had the time, whether or not they came."""


class MeasureUnit(StrEnum):
    """In what a measure is counted."""

    SHARE = "share"
    DAYS = "days"


class Better(StrEnum):
    """Which way a measure goes where things become better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a measure is somewhere: `part` of `whole`, or the middle of `whole` and what nine of ten are at or below.

    `value`: a share from 0 to 1, or a number in the measure's unit; None where there is nothing to measure.
    """

    whole: int
    part: int | None = None
    value: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: what it is called and means, what is counted (`part`) of what (`whole`), and which way is better."""

    key: str
    name: str | Promise
    meaning: str | Promise
    part: str | Promise = ""
    whole: str | Promise
    unit: MeasureUnit
    better: Better


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCount:
    """So many appointments that are alike. `lead`: whole days from when they were made to when they were to begin."""

    status: str
    late: bool = False
    lead: int = 0
    number: int = 1


def share(part: int, whole: int) -> Figure:
    """Return a part of a whole as a figure."""
    return Figure(whole=whole, part=part, value=part / whole if whole else None)


def spread(numbers: Mapping[int, int]) -> Figure:
    """Return the median of numbers, each with how often it is there, and what nine of ten are at or below."""
    total = sum(numbers.values())
    if not total:
        return Figure(whole=0)
    middle = (_ranked(numbers, (total + 1) // 2) + _ranked(numbers, total // 2 + 1)) / 2
    return Figure(whole=total, value=middle, high=_ranked(numbers, ceil(total * HIGH)))


def _ranked(numbers: Mapping[int, int], rank: int) -> int:
    """Return the number that stands at a rank, counted from 1, in ascending order."""
    seen = 0
    for number in sorted(numbers):
        seen += numbers[number]
        if seen >= rank:
            return number
    raise ValueError(rank)


def _count(counts: Iterable[VisitCount], *statuses: str) -> int:
    return sum(one.number for one in counts if one.status in statuses)


def no_show(counts: Sequence[VisitCount]) -> Figure:
    """Return how many did not come, of those who came or did not."""
    missed = _count(counts, Status.NOSHOW)
    return share(missed, missed + _count(counts, Status.FULFILLED))


def late_cancel(counts: Sequence[VisitCount]) -> Figure:
    """Return how many were cancelled late, of all that were booked."""
    late = sum(one.number for one in counts if one.late and one.status == Status.CANCELLED)
    return share(late, sum(one.number for one in counts))


def lead_time(counts: Sequence[VisitCount]) -> Figure:
    """Return how many days lie between making an appointment and its time, of those that were not called off."""
    days: Counter[int] = Counter()
    for one in counts:
        if one.status in STOOD:
            days[max(one.lead, 0)] += one.number
    return spread(days)


NO_SHOW = Measure(
    key="no-show",
    name=_("Did not come"),
    meaning=_("Appointments whose patient did not come and had not cancelled ÷ those and the ones that took place."),
    part=_("Did not come"),
    whole=_("Came or did not"),
    unit=MeasureUnit.SHARE,
    better=Better.LOWER,
)
LATE_CANCEL = Measure(
    key="late-cancel",
    name=_("Cancelled late"),
    meaning=_(
        "Appointments that a patient cancelled later than the booking policy allows, and was not excused, such as by "
        "illness or the weather ÷ all that were booked. What was never confirmed, and mistakes, count for nothing."
    ),
    part=_("Cancelled late"),
    whole=_("Booked"),
    unit=MeasureUnit.SHARE,
    better=Better.LOWER,
)
LEAD_TIME = Measure(
    key="lead-time",
    name=_("Days from booking to appointment"),
    meaning=_(
        "Whole days from when an appointment was made until it was to begin: half of them waited no longer than the "
        "median, nine of ten no longer than the second number. One that was moved counts from when it was first made; "
        "whoever walked in waited none. What was cancelled does not count."
    ),
    whole=_("Appointments"),
    unit=MeasureUnit.DAYS,
    better=Better.LOWER,
)
OF_VISITS: Sequence[tuple[Measure, Callable[[Sequence[VisitCount]], Figure]]] = (
    (NO_SHOW, no_show),
    (LATE_CANCEL, late_cancel),
    (LEAD_TIME, lead_time),
)
"""The measures of who comes, each with how it is worked out from counts of appointments that were once booked."""
