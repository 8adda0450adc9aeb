"""Every command that is Django's own or an app's: handed over with the environment of the running services."""

import os
import secrets
from collections.abc import Sequence

from config.services.folder import DataFolder
from config.unready import Unready

WITHOUT_SERVICES = {
    "check", "collectstatic", "compilemessages", "create_max_migration_files", "help", "makemessages",
    "makemigrations", "spectacular", "version", "--help", "-h", "--version",
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
    """Hand `arguments` to Django; return its exit code."""
    name = arguments[0] if arguments else "help"
    fill_environment(name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (the packages are there only now)

    execute_from_command_line(["manage.py", *arguments])
    return 0


def fill_environment(name: str) -> None:
    """Set what the environment leaves open to the running services' values."""
    known = DataFolder.chosen().running()
    values = dict(known.environment) if known else {}
    if name in AS_OWNER and "DATABASE_OWNER_URL" in {**values, **os.environ}:
        values["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL", values.get("DATABASE_OWNER_URL", ""))
    if name in WITHOUT_SERVICES:
        values = {**PLACEHOLDERS, **values}
    if not values and "DATABASE_URL" not in os.environ:
        raise Unready("Meridian is not running here: start it with python3 manage.py up, or set DATABASE_URL.")
    for key, value in values.items():
        os.environ.setdefault(key, value)
