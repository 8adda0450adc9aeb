"""All benchmarks behind `manage.py bench`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core import clock
from proof.benchmarks import (
    blocks,
    board,
    booking,
    clinic,
    find,
    history,
    messages,
    race,
    reports,
    search,
    sets,
    waiting_list,
    waiting_looks,
    waiting_race,
)
from proof.benchmarks.database import bench_database
from proof.benchmarks.rounds import Result

PARTS: dict[str, tuple[str, Callable[..., list[Result]]]] = {
    "search": ("Search", search.run),
    "blocks": ("Kept time", blocks.run),
    "sets": ("Sets", sets.run),
    "history": ("History", history.run),
    "booking": ("Booking", booking.run),
    "board": ("Day board", board.run),
    "race": ("One slot", race.run),
    "messages": ("Messages", messages.run),
    "waiting-list": ("Waiting list", waiting_list.run),
    "waiting-looks": ("Looks at the waiting list", waiting_looks.run),
    "waiting-race": ("Ten thousand accept", waiting_race.run),
    "find": ("Finding somebody", find.run),  # late: the others are measured without its people
    "reports": ("Reports", reports.run),  # and last, with a million appointments
}


@contextmanager
def clinic_of(scale: float, *, keep: bool, **shape: Any) -> Iterator[int]:  # noqa: ANN401  (fields of Size)
    """Make the big clinic in a database of its own; yield how many claims are new."""
    size = clinic.Size(**shape).scaled(scale)
    name = f"meridian_bench_{size.practitioners}_{size.lanes}_{size.suites}"
    with bench_database(keep=keep, name=name) as fresh:
        yield clinic.build(size, at=clock.now()) if fresh else 0


def run(part: str, *, rounds: int) -> tuple[str, list[Result]]:
    """Run one part; return its title and results."""
    title, measure = PARTS[part]
    return title, measure(rounds=rounds)
