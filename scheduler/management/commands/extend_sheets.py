"""`manage.py extend_sheets`: lay out the weeks ahead, and suggest the holidays of the year ahead."""

from django.core.management.base import BaseCommand

from core import clock
from scheduler.actions import holidays, sheets


class Command(BaseCommand):
    """A second run finds nothing to do."""

    help = (
        "Make the week sheets that are missing, as far ahead as staff may book and four weeks more; suggest holidays."
    )

    def handle(self, *_: object, **__: object) -> None:
        """Make them, and say how many are new."""
        at = clock.now()
        if new := sheets.extend(at=at):
            self.stdout.write(f"Week sheets: {new} new.")
        if suggested := holidays.suggest_everywhere(at=at):
            self.stdout.write(f"Public holidays: {suggested} suggested as closures, to be confirmed by the clinic.")
