"""Every command that is Django's own or an app's: handed over with the environment of the running services."""

import argparse
import os
import secrets
from collections.abc import Mapping, Sequence

from local.services import demo_flag
from local.services.data_folder import DataFolder, not_running

WITHOUT_SERVICES = {
    "check", "check_examples", "collectstatic", "compilemessages", "create_max_migration_files", "help", "life_cycle",
    "makemessages", "makemigrations", "problems", "spectacular", "suitability_table", "version", "--help", "-h",
    "--version",
}  # fmt: skip
AS_OWNER = {"bench", "migrate", "prepare", "grant_app_role", "sqlmigrate", "showmigrations", "flush"}
PLACEHOLDERS = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": secrets.token_urlsafe(48),  # none is needed to read the code
    "MERIDIAN_DEMO": "true",
}


def check(arguments: Sequence[str]) -> None:
    """Accept everything: Django reads the arguments itself."""


def main(arguments: Sequence[str]) -> int:
    """Hand `arguments` to Django; return its exit code. Every command takes --data: the folder of what runs."""
    folder, arguments = without_data(arguments)
    name = arguments[0] if arguments else "help"
    fill_environment(name, folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (the packages are there only now)

    execute_from_command_line(["manage.py", *arguments])
    return 0


def without_data(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the folder that --data names, if it does, and the other arguments."""
    parser = argparse.ArgumentParser(prog="manage.py", add_help=False, allow_abbrev=False)
    parser.add_argument("--data")
    found, others = parser.parse_known_args(arguments)
    return found.data, others


def fill_environment(name: str, folder: str | None = None) -> None:
    """Set what the environment leaves open to what runs; the values of a folder that is named go first."""
    data = DataFolder.chosen(folder)
    known = data.running()
    if known is None and (folder is not None or "DATABASE_URL" not in os.environ) and name not in WITHOUT_SERVICES:
        raise not_running(data)
    found = dict(known.environment) if known else {}
    values = {**os.environ, **found} if folder is not None else {**found, **os.environ}
    theirs = folder is None and "DATABASE_URL" in os.environ
    if name in AS_OWNER and "DATABASE_OWNER_URL" in values and not theirs:
        values["DATABASE_URL"] = values["DATABASE_OWNER_URL"]
    if name in WITHOUT_SERVICES:
        values = without_services(values)
    for gone in os.environ.keys() - values.keys():
        del os.environ[gone]
    os.environ.update(values)


def without_services(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command that only reads the code: what settings ask for, and not both of two things.

    Where nothing says whether this is the demo, what tells of a clinic is left out.
    """
    values = {**PLACEHOLDERS, **environment}
    while "MERIDIAN_DEMO" not in environment and (found := demo_flag.real_clinic_setting(values)):
        del values[found]
    return values
