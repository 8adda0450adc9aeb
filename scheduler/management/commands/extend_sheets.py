"""`manage.py extend_sheets`: lay out the weeks ahead."""

from django.core.management.base import BaseCommand

from core import clock
from scheduler.actions import sheets


class Command(BaseCommand):
    """A second run finds nothing to do."""

    help = "Make the week sheets that are missing, as far ahead as staff may book and four weeks more."

    def handle(self, *_: object, **__: object) -> None:
        """Make them, and say how many are new."""
        new = sheets.extend(at=clock.now())
        if new:
            self.stdout.write(f"Week sheets: {new} new.")
