"""`manage.py load_catalogue`: therapies, their plans, and the policies that ship with the project."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from scheduler.actions import catalogue


class Command(BaseCommand):
    """A second run finds nothing to do."""

    help = "Load the therapies and policies that are not there yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whether everything is set back."""
        parser.add_argument("--overwrite", action="store_true", help="set therapies back to what the project ships")

    def handle(self, *_: object, overwrite: bool, **__: object) -> None:
        """Load, and say what is new."""
        new = catalogue.load(overwrite=overwrite)
        if new:
            self.stdout.write(f"Catalogue: {new} new.")
