"""`manage.py bench`: how fast it is, each figure beside its baseline in the same run and beside its goal."""

import logging
import warnings
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from proof.benchmarks import bench
from proof.benchmarks.database import NotAllowed
from proof.benchmarks.race import SlotRace
from proof.benchmarks.rounds import Result, table
from proof.management.commands.replay_demand import positive, token
from proof.replay.wire import NotThere


class Command(BaseCommand):
    """Works in a database of its own, on the running service's server; `race --clients` is at the service itself."""

    help = "Measure search, booking, one slot wanted by many, and messages against their baselines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to measure and how long."""
        parser.add_argument("part", nargs="?", default="all", choices=[*bench.PARTS, "all"])
        parser.add_argument("--rounds", type=positive, default=5, help="the rivals take turns so often (5)")
        parser.add_argument("--scale", type=float, default=1.0, help="size of the clinic: 0.1 is quick (1)")
        parser.add_argument("--lanes", type=positive, default=1, help="lanes of each practitioner (1)")
        parser.add_argument("--suites", type=positive, default=1, help="suites of the site (1)")
        parser.add_argument("--keep", action="store_true", help="keep the database for the next run")
        parser.add_argument("--clients", type=positive, help="with race: so many at once, at the running service")
        parser.add_argument("--base-url", default=settings.PUBLIC_URL, help="with --clients: where the service is")

    def handle(self, *_: object, part: str, clients: int | None, base_url: str, **options: Any) -> None:  # noqa: ANN401
        """Measure and print."""
        if clients:
            self.race(base_url, clients)
            return
        logging.disable(logging.INFO)
        warnings.filterwarnings("ignore", message="No directory at")
        try:
            self.measure(list(bench.PARTS) if part == "all" else [part], **options)
        except NotAllowed as refused:
            raise CommandError(str(refused)) from refused
        finally:
            logging.disable(logging.NOTSET)

    def measure(
        self, parts: list[str], *, rounds: int, scale: float, lanes: int, suites: int, keep: bool, **_: object
    ) -> None:
        """Make the clinic and run each part in it."""
        self.stdout.write("Making a clinic …")
        with bench.clinic_of(scale, keep=keep, lanes=lanes, suites=suites) as claims:
            self.stdout.write(f"{claims} claims written.\n" if claims else "The clinic was kept from an earlier run.\n")
            for part in parts:
                self.show(*bench.run(part, rounds=rounds))

    def race(self, base_url: str, clients: int) -> None:
        """Let many post for one slot of the running service; a wrong count ends with code 1."""
        try:
            found = SlotRace(base_url, token(), clients).run()
        except NotThere as error:
            raise CommandError(f"Nobody answers at {base_url}: start the service with python3 manage.py up.") from error
        self.show("One slot", found)
        if any(result.met is False for result in found):
            raise CommandError("The race did not end as it must.")

    def show(self, title: str, results: list[Result]) -> None:
        """Print a table."""
        self.stdout.write(table(title, results))
