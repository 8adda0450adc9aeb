"""The shape of real demand, drawn from counts: how far ahead people ask, when, for which weekday, and how often."""

import json
import random
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

PROFILE = Path(__file__).parent / "data" / "demand-profile.json"


@dataclass(frozen=True, slots=True)
class Weighted:
    """Whole numbers with how often each was counted."""

    values: tuple[int, ...]
    sums: tuple[int, ...]

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Weighted":
        """Read counts by value, as the profile writes them."""
        return cls(tuple(map(int, counts)), tuple(accumulate(counts.values())))

    def draw(self, chance: random.Random, *, least: int | None = None) -> int:
        """Draw a value, of those that are `least` or more; the greatest when there is none."""
        below = 0 if least is None else sum(value < least for value in self.values)
        if below >= len(self.values):
            return self.values[-1]
        start = self.sums[below - 1] if below else 0
        return self.values[bisect(self.sums, start + chance.randrange(self.sums[-1] - start))]

    def weight(self, value: int) -> int:
        """Return how often `value` was counted."""
        if value not in self.values:
            return 0
        index = self.values.index(value)
        return self.sums[index] - (self.sums[index - 1] if index else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What was counted: days ahead, hour of asking, weekday of the visit (Monday is 0), visits per person and day."""

    lead_days: Weighted
    hours: Weighted
    weekdays: Weighted
    visits: Weighted
    visits_a_day: Weighted
    burst: int


@cache
def demand() -> Demand:
    """Return the profile that comes with the project."""
    counted = json.loads(PROFILE.read_text(encoding="utf-8"))
    return Demand(
        lead_days=Weighted.of(counted["lead_days"]),
        hours=Weighted.of(counted["requested_at_hour"]),
        weekdays=Weighted.of(counted["visit_weekday_mon0"]),
        visits=Weighted.of(counted["visits_per_patient"]),
        visits_a_day=Weighted.of(counted["visits_per_patient_per_day"]),
        burst=counted["peak_requests_in_one_second"],
    )
