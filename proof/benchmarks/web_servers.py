"""Which web server: pages and bookings under each in turns, then the same while 64 + 64 clients send slowly.

    python -m proof.benchmarks.web_servers
    python -m proof.benchmarks.web_servers --server "granian=granian --interface wsgi --port {port} config.wsgi"

`{port}` is filled in. Runs on a database of its own, on the server that DATABASE_URL names.
"""

import argparse
import os
import shlex
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from proof.benchmarks.bookings import Stock

OURS = "-m gunicorn -c python:config.gunicorn config.wsgi:application"
GTHREAD = "-m gunicorn -c python:config.gunicorn -k gthread config.wsgi:application"
ALONE = "-m waitress --listen=127.0.0.1:{port} --threads=8 config.wsgi:application"
SLOW = 64
PAGES = 200


@dataclass(slots=True)
class Found:
    """What was measured of one server."""

    bookings: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    slow_health: list[float] = field(default_factory=list)
    slow_booked: list[str] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Measure each server in turn and print the table."""
    parser = argparse.ArgumentParser(description="Booking over HTTP under several web servers.")
    parser.add_argument("--server", action="append", default=[], help='name=command, with "{port}" in it')
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=12, help="bookings of each of the eight clients in a round (12)")
    parser.add_argument("--scale", type=float, default=0.2, help="size of the clinic (0.2 of 200 practitioners)")
    wanted = parser.parse_args(arguments)
    django.setup()
    known = {
        "gunicorn, buffering": [sys.executable, *shlex.split(OURS)],
        "gunicorn gthread": [sys.executable, *shlex.split(GTHREAD)],
        "waitress alone": [sys.executable, *shlex.split(ALONE)],
    }
    known |= {name: shlex.split(command) for name, _, command in (one.partition("=") for one in wanted.server)}
    compare(known, rounds=wanted.rounds, each=wanted.each, scale=wanted.scale)
    return 0


def compare(servers: dict[str, list[str]], *, rounds: int, each: int, scale: float) -> None:
    """Print the table: each server's figures, and its rates as a share of the first's."""
    from proof.benchmarks import booking  # noqa: PLC0415  (Django must be set up first)
    from proof.benchmarks.bench import clinic_of  # noqa: PLC0415
    from proof.benchmarks.bookings import stock  # noqa: PLC0415

    found: dict[str, Found] = defaultdict(Found)
    with clinic_of(scale, keep=False):
        prepared = stock(booking.CLIENTS * each)
        for _ in range(rounds):
            for name, command in servers.items():
                print(f"{name} …", file=sys.stderr)
                measure(command, prepared, found[name])
    heads = ("bookings/s", "pages/s", "health p95", f"{SLOW}+{SLOW} slow", "booked", "memory")
    print(" " * 22 + "".join(f"{head:>15}" for head in heads))
    first = next(iter(found.values()))
    for name, one in found.items():
        print(f"{name:<22}{line_of(one, first)}")


def measure(command: list[str], prepared: "Stock", found: Found) -> None:
    """Run one server once and note its figures."""
    from proof.benchmarks import booking  # noqa: PLC0415
    from proof.benchmarks.bookings import restore  # noqa: PLC0415
    from proof.benchmarks.load import Job, generate  # noqa: PLC0415
    from proof.benchmarks.server import serving  # noqa: PLC0415
    from proof.benchmarks.slow_clients import health_seconds, p95, slow_clients  # noqa: PLC0415

    with serving(command) as base_url:
        booking.over_http(prepared, base_url)
        restore()
        found.bookings.append(booking.over_http(prepared, base_url).rate)
        restore()
        pages = Job("pages", [["/book/"] * (PAGES // booking.CLIENTS)] * booking.CLIENTS, base_url)
        found.pages.append(generate(pages).rate)
        found.health.append(p95(health_seconds(base_url, times=20)))
        found.megabytes.append(memory())
        with slow_clients(base_url, headers=SLOW, bodies=SLOW):
            found.slow_health.append(p95(health_seconds(base_url, times=20)))
            found.slow_booked.append(booked(prepared, base_url) if found.slow_health[-1] < float("inf") else "no")
        restore()


def booked(prepared: "Stock", base_url: str) -> str:
    """Say whether one booking goes through."""
    from proof.benchmarks.load import Job, generate  # noqa: PLC0415

    one = Job("book", [[(prepared.slots[0], prepared.patients[0])]], base_url, prepared.token)
    return "yes" if generate(one).statuses["confirm 201"] else "no"


def memory() -> float:
    """Return the megabytes of this process's children, pages they share counted once (proportional set size)."""
    kept = 0
    for each in descendants(os.getpid()):
        said = Path(f"/proc/{each}/smaps_rollup").read_text()
        kept += int(said.split("Pss:")[1].split()[0])
    return kept / 1024


def descendants(pid: int) -> list[int]:
    """Return the processes below one."""
    below = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return below + [deeper for child in below for deeper in descendants(child)]


def line_of(found: Found, first: Found) -> str:
    """Return a server's figures as a line."""
    from proof.benchmarks.rounds import median_of  # noqa: PLC0415

    bookings, pages = median_of(found.bookings), median_of(found.pages)
    told = (
        f"{bookings:.0f} ({bookings / median_of(first.bookings):.2f})",
        f"{pages:.0f} ({pages / median_of(first.pages):.2f})",
        f"{1000 * median_of(found.health):.0f} ms",
        f"{1000 * max(found.slow_health):.0f} ms",
        f"{found.slow_booked.count('yes')} of {len(found.slow_booked)}",
        f"{median_of(found.megabytes):.0f} MB",
    )
    return "".join(f"{one:>15}" for one in told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
