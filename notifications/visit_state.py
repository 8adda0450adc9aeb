"""A visit as booking tells it, brought into the plan's terms."""

from zoneinfo import ZoneInfo

from booking.public import VisitFacts
from notifications.plan import VisitState


def visit_state(visit: VisitFacts, *, covered: bool = True) -> VisitState:
    """Return what the plan has to know of a visit."""
    return VisitState(
        version=visit.version,
        stage=visit.stage,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=ZoneInfo(visit.zone),
        covered=covered,
        kept_until=visit.kept_until,
        asked=visit.screened_from is not None,
    )
