"""Which web server: booking over HTTP under each, in turns, with the load from a process of its own.

    python -m benchmarks.web_servers
    python -m benchmarks.web_servers --server "granian=granian --interface wsgi --port {port} config.wsgi:application"

`{port}` is filled in. Runs on a database of its own, on the server that DATABASE_URL names.
"""

import argparse
import shlex
import sys
from collections import defaultdict

import django

GTHREAD = "-m gunicorn -c python:config.gunicorn config.wsgi:application"
SYNC = "-m gunicorn -b 127.0.0.1:{port} -k sync -w 4 --preload config.wsgi:application"


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
        "gunicorn gthread": [sys.executable, *shlex.split(GTHREAD)],
        "gunicorn sync": [sys.executable, *shlex.split(SYNC)],
    }
    known |= {name: shlex.split(command) for name, _, command in (one.partition("=") for one in wanted.server)}
    compare(known, rounds=wanted.rounds, each=wanted.each, scale=wanted.scale)
    return 0


def compare(servers: dict[str, list[str]], *, rounds: int, each: int, scale: float) -> None:
    """Print bookings a second by server, and each as a share of the first."""
    from benchmarks import booking  # noqa: PLC0415  (Django must be set up first)
    from benchmarks.bench import clinic_of  # noqa: PLC0415
    from benchmarks.bookings import restore, stock  # noqa: PLC0415
    from benchmarks.rounds import median_of  # noqa: PLC0415
    from benchmarks.server import serving  # noqa: PLC0415

    rates: dict[str, list[float]] = defaultdict(list)
    with clinic_of(scale, keep=False):
        prepared = stock(booking.CLIENTS * each)
        for _ in range(rounds):
            for name, command in servers.items():
                with serving(command) as base_url:
                    booking.over_http(prepared, base_url)
                    restore()
                    rates[name].append(booking.over_http(prepared, base_url).rate)
                    restore()
    first = median_of(next(iter(rates.values())))
    for name, found in rates.items():
        rounds_told = " ".join(f"{rate:.0f}" for rate in found)
        print(f"{name:<20} {median_of(found):6.0f} requests/s  {median_of(found) / first:.2f}   rounds: {rounds_told}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
