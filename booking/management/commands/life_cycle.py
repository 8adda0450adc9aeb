"""Draw the life cycle of an appointment from its table, as docs/life-cycle.md keeps it."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand

from booking.status import BEFORE, MOVES, OCCUPYING, Status

HEAD = """# The life cycle of an appointment

States are FHIR's (AppointmentStatus), without its waiting list. Bold states take time. An undo leads back to the state
before the act that it undoes: a cancel within the minutes that a clinic's policy gives, that somebody did not come
within its hours, what else staff marked, declined or moved on the same day. A visit that was moved goes back to its
time if that is still free. This page is written by `python3 manage.py life_cycle > docs/life-cycle.md` from the table
in `booking/status.py`.

```mermaid
stateDiagram-v2"""


def page() -> Iterator[str]:
    """Return the lines of `docs/life-cycle.md`, as the table of actions has them."""
    yield HEAD
    for (start, what), end in MOVES.items():
        if end != BEFORE:
            yield f"    {_name(start)} --> {_name(Status(end))}: {what}"
    yield from ("```", "", "| state | in words | takes time | undo leads back |", "|---|---|---|---|")
    undone = {start for (start, _what), end in MOVES.items() if end == BEFORE}
    for status in Status:
        name = f"**{status.value}**" if status in OCCUPYING else status.value
        yield f"| {name} | {status.label} | {_yes(status in OCCUPYING)} | {_yes(status in undone)} |"


def _name(status: Status | None) -> str:
    """Return a state as the drawing calls it, where a hyphen means something else."""
    return "[*]" if status is None else status.value.replace("-", "_")


def _yes(fact: bool) -> str:  # noqa: FBT001  (a fact to be said)
    return "yes" if fact else "no"


class Command(BaseCommand):
    """Print the page; a test compares it with the one in the docs."""

    help = "Print docs/life-cycle.md."

    def handle(self, *_: object, **__: object) -> None:
        """Print the page."""
        for line in page():
            self.stdout.write(line)
