"""`manage.py demo_token <name>`: an API token of a demo account, and nothing else, for scripts."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from core.accounts import tokens
from demo import people


class Command(BaseCommand):
    """Each call makes a new token; the old ones stay good until they end."""

    help = "Print an API token of a demo account: patient, scheduler, client … (see demo_sign_ins)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account's name."""
        parser.add_argument("name")

    def handle(self, *_: object, name: str, **__: object) -> None:
        """Print the token; an unknown name ends with code 2."""
        try:
            user = people.account(name)
        except people.NoDemo as refused:
            raise CommandError(str(refused), returncode=2) from refused
        self.stdout.write(tokens.make(user, name="demo")[0])
