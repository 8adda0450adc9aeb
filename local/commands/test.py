"""`manage.py test`: the whole suite by pytest, on a PostgreSQL and a Valkey made for it and thrown away."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from local.child import stop_with_parent
from local.services import machine, postgres
from local.services.data_folder import PASSABLE, ROOT, DataFolder
from local.services.unprivileged_account import unprivileged
from local.supervisor import Stopped, Supervisor


def check(arguments: Sequence[str]) -> None:
    """Accept everything: pytest reads the arguments itself."""


def main(arguments: Sequence[str]) -> int:
    """Run pytest with `arguments`; return its exit code. Its closing line is the last one printed."""
    try:
        with folder() as data, Supervisor(DataFolder(data)) as supervisor:
            urls = machine.start_servers(supervisor, lasting=False)
            if "DATABASE_OWNER_URL" in urls:
                urls["DATABASE_URL"] = urls["DATABASE_OWNER_URL"]  # tests make databases of their own
                urls["DATABASE_SOCKET"] = postgres.socket_folder(supervisor.data)
            return pytest(arguments, surroundings() | urls)
    except Stopped:
        return 130


def surroundings() -> dict[str, str]:
    """Return the environment of the tests: what is compiled is kept, for the many processes and the next run."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def pytest(arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Run pytest in this terminal; it hears Ctrl-C itself."""
    command = [sys.executable, "-m", "pytest", *arguments]
    ends_with_us = stop_with_parent(signal.SIGTERM)  # one thread, and it only calls prctl
    with subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=ends_with_us) as run:  # noqa: PLW1509
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: run.terminate())
        return run.wait()


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder that the servers' account can reach, and remove it afterwards."""
    who = unprivileged(owner_of=Path("/nonexistent"))
    places = [Path(place) for place in (tempfile.gettempdir(), "/var/tmp", "/tmp")]  # noqa: S108  (mkdtemp keeps it ours)
    reachable = [place for place in places if who is None or who.can(partial(os.access, place, os.X_OK))]
    with tempfile.TemporaryDirectory(prefix="meridian-test-", dir=(reachable or places)[0]) as made:
        Path(made).chmod(PASSABLE)
        yield Path(made)
