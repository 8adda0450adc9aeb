"""The measures of health questions and of who looks at answers. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from booking.reports.measures import Better, Figure, Measure, MeasureUnit, share, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCount:
    """So many appointments of which the patient had answered the health questions a day before, or had not."""

    in_time: bool
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCount:
    """So many answers about which somebody decided after so many minutes."""

    minutes: int
    number: int = 1


def screening_completion(counts: Sequence[AnsweredCount]) -> Figure:
    """Return how many had answered a day before."""
    return share(sum(one.number for one in counts if one.in_time), sum(one.number for one in counts))


def review_turnaround(counts: Sequence[DecidedCount]) -> Figure:
    """Return how long people waited until somebody had decided."""
    minutes: Counter[int] = Counter()
    for one in counts:
        minutes[max(one.minutes, 0)] += one.number
    return spread(minutes)


OF_SCREENING: Sequence[tuple[Measure, Callable[[Sequence[AnsweredCount]], Figure]]] = (
    (
        Measure(
            key="screening-completion",
            name=_("Health questions answered in time"),
            meaning=_(
                "Appointments whose patient had answered the health questions 24 hours before or sooner ÷ those that "
                "stood while the site asked them, and were made by then."
            ),
            part=_("Answered in time"),
            whole=_("Asked"),
            unit=MeasureUnit.SHARE,
            better=Better.HIGHER,
        ),
        screening_completion,
    ),
)
OF_REVIEWS: Sequence[tuple[Measure, Callable[[Sequence[DecidedCount]], Figure]]] = (
    (
        Measure(
            key="review-turnaround",
            name=_("Until a clinician had decided"),
            meaning=_(
                "How long after somebody answered, before booking or about their health, a clinician had decided: half "
                "of them sooner than the median, nine of ten within the second number. Taken together with nights and "
                "weekends."
            ),
            whole=_("Decided"),
            unit=MeasureUnit.MINUTES,
            better=Better.LOWER,
            median=True,
        ),
        review_turnaround,
    ),
)
