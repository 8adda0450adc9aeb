"""`manage.py env`: the settings of what runs here, for a shell: eval "$(python3 manage.py env)"."""

import argparse
import shlex
from collections.abc import Sequence

from local.services.data_folder import DataFolder, not_running

SHOWN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PUBLIC_URL")


def check(arguments: Sequence[str]) -> None:
    """Refuse when nothing runs here."""
    settings(arguments)


def main(arguments: Sequence[str]) -> int:
    """Print one export per setting."""
    for name, value in settings(arguments).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def settings(arguments: Sequence[str]) -> dict[str, str]:
    """Return the settings of the running services that other programs need."""
    parser = argparse.ArgumentParser(prog="manage.py env", description="Print the URLs of the running services.")
    parser.add_argument("--data", help="folder that keeps the data (var)")
    data = DataFolder.chosen(parser.parse_args(arguments).data)
    running = data.running()
    if running is None:
        raise not_running(data)
    return {name: running.environment[name] for name in SHOWN if name in running.environment}
