"""How a visit runs that was claimed before: its therapy may have become longer or shorter since."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from scheduler.catalogue import Plan
from scheduler.models import Claim
from scheduler.models.resources import ResourceKind
from scheduler.slots import Run, TickPlan
from scheduler.ticks import TICK


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierClaim:
    """What a visit had claimed and gave back: under which allocation, and when its patient was to leave.

    `although_closed`: it is claimed again also where it was closed since, or whoever treats is away.
    """

    allocation: UUID
    end: datetime
    although_closed: bool = False


def as_claimed(plan: Plan, earlier: EarlierClaim, *, start: datetime) -> Plan:
    """Return a plan with the lengths of an earlier claim of the same start."""
    runs: dict[str, set[Run]] = {kind: set() for kind in ResourceKind.values}
    # Retired claims keep their periods: they are what is left of how long the visit was.
    rows = Claim.objects.filter(allocation=earlier.allocation).values_list("resource__kind", "period", "plan")
    named = None
    for kind, period, named in rows:  # noqa: B007  (each names the same plan)
        runs[kind].add(((period.lower - start) // TICK, (period.upper - period.lower) // TICK))
    # A visit that had no place left no length of one behind: today's will do, since it takes none now either.
    tick_plan = TickPlan(
        hands=tuple(sorted(runs[ResourceKind.HANDS])),
        nearby=tuple(sorted(runs[ResourceKind.LANE])),
        patient=(earlier.end - start) // TICK,
        place=max((length for _, length in runs[ResourceKind.PLACE]), default=plan.tick_plan.place),
    )
    return replace(plan, id=named or plan.id, tick_plan=tick_plan)
