"""Whether everything that was acknowledged is there, as it was acknowledged."""

from collections.abc import Iterable, Iterator

from proof.checker import Violation
from proof.checker.finding import rows
from proof.replay.tally import Promise

THERE = (
    "SELECT public_id::text, lower(period), version, status FROM booking_appointment WHERE public_id = ANY(%s::uuid[])"
)
MADE = """
SELECT count(*) FROM booking_appointment a JOIN booking_patient p ON p.id = a.patient_id
JOIN booking_contactpoint c ON c.patient_id = p.id AND c.value LIKE %s
"""


def broken(promises: Iterable[Promise], *, unsure: Iterable[str] = ()) -> Iterator[Violation]:
    """Yield each promise that the database does not keep; where the last answer was lost, either outcome is right."""
    wanted = {promise.id: promise for promise in promises}
    found = {row[0]: row[1:] for row in rows(THERE, [list(wanted)])}
    for name, promise in wanted.items():
        if name not in found:
            yield Violation("booking-lost", f"appointment {name}")
        elif name not in set(unsure) and found[name] != (promise.start, promise.version, promise.status):
            yield Violation("booking-differs", f"appointment {name}: {found[name][1:]}, acknowledged {promise.version}")


def unasked(run: str, promises: Iterable[Promise]) -> Iterator[Violation]:
    """Yield a finding when this run's patients have more appointments than were acknowledged."""
    count, wanted = rows(MADE, [f"replay.{run}.%"])[0][0], sum(1 for _ in promises)
    if count != wanted:
        yield Violation("bookings-nobody-asked-for", f"{count} made, {wanted} acknowledged")
