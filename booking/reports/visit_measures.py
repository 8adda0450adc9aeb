"""The measures of who comes, worked out from counts of appointments that were once booked. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from booking.reports.measures import Better, Figure, Measure, MeasureUnit, share, spread
from booking.status import OCCUPYING, Status

STOOD = OCCUPYING | {Status.FULFILLED, Status.NOSHOW}
"""Somebody had the time, whether or not they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCount:
    """So many appointments that are alike. `lead`: whole days from when they were made to when they were to begin.

    `late`: cancelled late; `on_time`: begun within ten minutes of their time, None where nobody noted when.
    """

    status: str
    late: bool = False
    lead: int = 0
    on_time: bool | None = None
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillCount:
    """So many cancelled appointments whose time went to somebody else after so many minutes; None: it did not."""

    minutes: int | None = None
    number: int = 1


def _count(counts: Iterable[VisitCount], *statuses: str) -> int:
    return sum(one.number for one in counts if one.status in statuses)


def no_show(counts: Sequence[VisitCount]) -> Figure:
    """Return how many did not come, of those who came or did not."""
    missed = _count(counts, Status.NOSHOW)
    return share(missed, missed + _count(counts, Status.FULFILLED))


def no_show_of_all(counts: Sequence[VisitCount]) -> Figure:
    """Return how many did not come, of all that were booked."""
    return share(_count(counts, Status.NOSHOW), sum(one.number for one in counts))


def on_time(counts: Sequence[VisitCount]) -> Figure:
    """Return how many began on time, of those of which it was noted when they began."""
    noted = [one for one in counts if one.on_time is not None]
    return share(sum(one.number for one in noted if one.on_time), sum(one.number for one in noted))


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


def backfill(counts: Sequence[RefillCount]) -> Figure:
    """Return of how many cancelled appointments the time went to somebody else."""
    again = sum(one.number for one in counts if one.minutes is not None)
    return share(again, sum(one.number for one in counts))


def time_to_refill(counts: Sequence[RefillCount]) -> Figure:
    """Return how many minutes it took until it did."""
    minutes: Counter[int] = Counter()
    for one in counts:
        if one.minutes is not None:
            minutes[one.minutes] += one.number
    return spread(minutes)


NO_SHOW = Measure(
    key="no-show",
    name=_("Did not come"),
    meaning=_("Appointments whose patient did not come and had not cancelled ÷ those and the ones that took place."),
    part=_("Did not come"),
    whole=_("Came or did not"),
    unit=MeasureUnit.SHARE,
    better=Better.LOWER,
)
NO_SHOW_OF_ALL = Measure(
    key="no-show-of-all",
    name=_("Did not come, of all that were booked"),
    meaning=_("The same ÷ all that were booked, also what was cancelled: so much of what is booked is lost to it."),
    part=_("Did not come"),
    whole=_("Booked"),
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
    median=True,
)
ON_TIME = Measure(
    key="on-time-start",
    name=_("Began on time"),
    meaning=_(
        "Appointments that began at most ten minutes after their time ÷ those of which somebody noted when they began. "
        "Where nobody notes it, there is nothing to say."
    ),
    part=_("On time"),
    whole=_("Noted"),
    unit=MeasureUnit.SHARE,
    better=Better.HIGHER,
)
BACKFILL = Measure(
    key="backfill",
    name=_("Cancelled times that went to somebody else"),
    meaning=_(
        "Appointments cancelled before they were to begin, of which somebody else booked the same start with the same "
        "practitioner afterwards ÷ all that were cancelled before they were to begin."
    ),
    part=_("Booked again"),
    whole=_("Cancelled"),
    unit=MeasureUnit.SHARE,
    better=Better.HIGHER,
)
REFILL_TIME = Measure(
    key="time-to-refill",
    name=_("How soon somebody else had it"),
    meaning=_(
        "Of those, how long after it was cancelled somebody else booked it: half of them sooner than the median, nine "
        "of ten within the second number."
    ),
    whole=_("Booked again"),
    unit=MeasureUnit.MINUTES,
    better=Better.LOWER,
    median=True,
)
OF_VISITS: Sequence[tuple[Measure, Callable[[Sequence[VisitCount]], Figure]]] = (
    (NO_SHOW, no_show),
    (NO_SHOW_OF_ALL, no_show_of_all),
    (LATE_CANCEL, late_cancel),
    (LEAD_TIME, lead_time),
    (ON_TIME, on_time),
)
"""The measures of who comes, each with how it is worked out from counts of appointments that were once booked."""

OF_CANCELS: Sequence[tuple[Measure, Callable[[Sequence[RefillCount]], Figure]]] = (
    (BACKFILL, backfill),
    (REFILL_TIME, time_to_refill),
)
