"""What becomes of an appointment that begins late: values in, values out. Staff decide; nobody is barred by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scheduler.public import lengths

MINUTE = timedelta(minutes=1)
STEP = lengths.TICK_MINUTES * MINUTE


class WhenLate(StrEnum):
    """What the rule says."""

    AS_PLANNED = "as-planned"
    SHORTER = "shorter"
    ANOTHER_TIME = "another-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRule:
    """For how long nothing changes, and how many percent of the treatment are left at least for a shorter one."""

    grace: timedelta
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateStart:
    """What the rule says of a start that is late, if it ends when it was planned to.

    `begins_later`: in steps of five minutes; `left`: so many minutes of hands and rest, of the `whole` that is usual;
    `stays`: for how many minutes the patient would be there; `least`: for how many they have to be; `segments`: how a
    shorter one runs; `shorter`: which parts of it are shorter than now (name, minutes now, minutes then).
    """

    answer: WhenLate
    begins_later: timedelta
    left: int
    whole: int
    stays: int
    least: int
    segments: lengths.Segments | None = None
    shorter: Sequence[tuple[str, int, int]] = ()


def late_start(late: timedelta, planned: lengths.Segments, now: lengths.Segments, rule: LateRule) -> LateStart:
    """Return what becomes of an appointment that runs like `now`. `planned`: as its therapy has it."""
    later = -(-late // STEP) * STEP
    stays = lengths.minutes_taken(now) - later // MINUTE
    segments = None if late <= rule.grace else _shorter(planned, now, stays, percent=rule.percent)
    as_planned = WhenLate.AS_PLANNED if late <= rule.grace else WhenLate.ANOTHER_TIME
    return LateStart(
        answer=WhenLate.SHORTER if segments else as_planned,
        begins_later=later,
        left=lengths.contact(segments) if segments else max(lengths.contact(now) - later // MINUTE, 0),
        whole=lengths.contact(planned),
        stays=max(stays, 0),
        least=lengths.shortest(planned, percent=rule.percent),
        segments=segments,
        shorter=[
            (name, was, then)
            for (name, was, _who), (_name, then, _same) in zip(now, segments or now, strict=True)
            if then < was
        ],
    )


def _shorter(
    planned: lengths.Segments, now: lengths.Segments, minutes: int, *, percent: int
) -> lengths.Segments | None:
    try:
        return lengths.lasting(planned, now, minutes, percent=percent)
    except lengths.BeyondLimitsError:
        return None
