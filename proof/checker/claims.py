"""No resource is taken twice at a time, and nothing is taken for nobody."""

from collections.abc import Iterator
from datetime import datetime

from proof.checker.finding import Violation, overlapping, rows

LIVE = "SELECT resource_id, lower(period), upper(period), id FROM scheduler_claim WHERE retired_at IS NULL"

STRAYS = """
SELECT c.id, c.allocation FROM scheduler_claim c
WHERE c.retired_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
  AND NOT EXISTS (SELECT FROM booking_appointment a WHERE a.allocation = c.allocation
                  AND (a.status NOT IN ('cancelled', 'entered-in-error')
                       OR (a.status = 'cancelled' AND a.undo_until > %(at)s AND c.expires_at <= a.undo_until)))
  AND NOT EXISTS (SELECT FROM booking_hold h WHERE h.allocation = c.allocation
                  AND h.state = 'open' AND c.expires_at = h.expires_at)
  AND NOT EXISTS (SELECT FROM booking_seat s JOIN booking_reservation r ON r.id = s.reservation_id
                  WHERE s.allocation = c.allocation AND s.state IN ('open', 'named') AND c.expires_at = r.name_by)
"""


def overlaps() -> Iterator[Violation]:
    """Yield each pair of live claims of one resource that share time."""
    for resource, one, other in overlapping(rows(LIVE)):
        yield Violation("claims-overlap", f"resource {resource}: claims {one} and {other}")


def strays(*, at: datetime) -> Iterator[Violation]:
    """Yield live claims that belong to no visit, no open hold, and no seat that is kept for a family."""
    for claim, allocation in rows(STRAYS.replace("%(at)s", "%s"), [at, at]):
        yield Violation("claim-for-nobody", f"claim {claim} of allocation {allocation}")
