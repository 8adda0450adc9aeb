"""`manage.py load_demo`: the demo clinic, in a database that has no site yet."""

import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from demo import load


class Command(BaseCommand):
    """A second run finds the clinic open and does nothing."""

    help = "Open the demo clinic: two sites, eight practitioners, three weeks about 60 % full, and accounts to sign in."

    def handle(self, *_: object, **__: object) -> None:
        """Load, and say what there is now."""
        if not settings.DEMO:
            raise CommandError("This is not a demo: its accounts, whose password everybody knows, are not loaded here.")
        logging.disable(logging.INFO)  # each edit of a calendar is logged: here they are the clinic's first
        try:
            loaded = load.load(at=clock.now())
        finally:
            logging.disable(logging.NOTSET)
        if loaded is None:
            self.stdout.write("There is a clinic already: nothing was loaded.")
            return
        made = f"{loaded.visits} appointments of {loaded.patients} patients"
        self.stdout.write(f"Demo clinic: {made} in the next three weeks.")
