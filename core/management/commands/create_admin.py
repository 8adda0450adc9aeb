"""`manage.py create_admin`: the first administrator of a clinic, who then sets up everything in the browser."""

import getpass
import os
import sys
from argparse import ArgumentParser

from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.accounts.actions import people
from core.models import User
from core.refusals import Invalid

ASKED = {"username": "Username, to sign in with", "name": "First and last name", "email": "E-mail"}
PASSWORD = "MERIDIAN_ADMIN_PASSWORD"  # noqa: S105  # pragma: allowlist secret  (a setting)


class Command(BaseCommand):
    """Asks for what is not given; without a terminal it says what is missing."""

    help = f"Add an administrator of the whole installation. Without a terminal: the options, and {PASSWORD}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what would be asked; a password never stands in a command line, where others can read it."""
        for name, asked in ASKED.items():
            parser.add_argument(f"--{name}", help=asked)

    def handle(self, *_: object, username: str | None, name: str | None, email: str | None, **__: object) -> None:
        """Ask, add, and say where to go next."""
        told = {"username": username, "name": name, "email": email, "password": os.environ.get(PASSWORD)}
        missing = [field for field, value in told.items() if not value]
        if missing and not sys.stdin.isatty():
            options = [PASSWORD if field == "password" else f"--{field}" for field in missing]
            raise CommandError(f"There is no terminal to ask in: give {', '.join(options)}.", returncode=2)
        try:
            user = self.added({field: value or self.ask(field) for field, value in told.items()})
        except EOFError as ended:  # Ctrl-D in place of an answer
            raise CommandError("Nothing was added: the questions were not answered.", returncode=2) from ended
        self.stdout.write(f"{user.get_full_name()} can sign in at {settings.PUBLIC_URL}/desk/ as {user.username}.")
        self.stdout.write(
            "Next: the first page there lists what to set up, and begins with a site. Times are on sale at once:"
        )
        self.stdout.write("say on which public holidays you are closed (Holidays) before you tell anybody.")

    def added(self, known: dict[str, str]) -> User:
        """Add her; in a terminal what is wrong is asked for again, and what was right is kept."""
        while True:
            try:
                return people.add_administrator(**known, at=clock.now())
            except Invalid as refused:
                if not sys.stdin.isatty():
                    raise CommandError(self.in_words(refused), returncode=2) from refused
                self.stdout.write(self.in_words(refused))
                known |= {field: self.ask(field) for field in known if field in self.wrong(refused)}

    def ask(self, field: str) -> str:
        """Ask for one thing; a password twice, and unseen."""
        if field != "password":
            return input(f"{ASKED[field]}: ").strip()
        self.stdout.write("\n".join(password_validators_help_texts()))
        while True:
            first = getpass.getpass("Password: ")
            if first == getpass.getpass("Password again: "):
                return first
            self.stdout.write("These are two different passwords. Please type it again.")

    def wrong(self, refused: Invalid) -> set[str]:
        """Return which of what was given is wrong."""
        return {error["pointer"].strip("/") for error in refused.facts["errors"]}  # type: ignore[attr-defined]

    def in_words(self, refused: Invalid) -> str:
        """Return everything that is wrong, each with its field."""
        errors = refused.facts["errors"]
        told = [f"  {error['pointer'].strip('/')}: {error['detail']}" for error in errors]  # type: ignore[attr-defined]
        return "\n".join(["Nothing was added:", *told])
