"""What becomes of an appointment that begins late: values in, values out. Staff decide; nobody is barred by it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


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
    """What the rule says of a start that is late, and how much of the treatment is left until its planned end."""

    answer: WhenLate
    left: timedelta
    whole: timedelta


def late_start(late: timedelta, contact: timedelta, rule: LateRule) -> LateStart:
    """Return what becomes of an appointment. `contact`: how long somebody is treated."""
    left = max(contact - late, timedelta())
    if late <= rule.grace:
        answer = WhenLate.AS_PLANNED
    else:
        answer = WhenLate.SHORTER if left * 100 >= contact * rule.percent else WhenLate.ANOTHER_TIME
    return LateStart(answer=answer, left=left, whole=contact)
