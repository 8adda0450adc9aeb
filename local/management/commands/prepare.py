"""Everything between an empty database and a service that can start, in one process because each costs a second."""

import gc
import hashlib
import io
import logging
from argparse import ArgumentParser
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Run by the owner; a second run finds nothing to do and is quick."""

    help = "Migrate, give the service its rights, load the catalogue and the demo clinic, collect static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file that is to hold the demo sign-ins, and whether static files are elsewhere already."""
        parser.add_argument("--sign-ins", type=Path)
        parser.add_argument("--no-static", action="store_true", help="static files are collected already")

    def handle(self, *_: object, sign_ins: Path | None, no_static: bool, **__: object) -> None:
        """Do each step, naming it first."""
        logging.disable(logging.INFO)  # a line for each row that is loaded would hide the steps
        gc.freeze()
        gc.set_threshold(20_000, 20, 100)  # migrations make many objects that live on: looking for dead ones takes long
        self.step("Preparing the database …", "migrate", verbosity=0, interactive=False)
        self.step("", "grant_app_role")
        self.step("Loading the catalogue …", "load_catalogue")
        if settings.DEMO and not apps.get_model("core", "Site").objects.exists():
            self.step("Opening the demo clinic …", "load_demo")
        self.step("Laying out the weeks …", "extend_sheets")
        if not no_static:
            self.static_files()
        if settings.DEMO and sign_ins:
            told = io.StringIO()
            call_command("demo_sign_ins", stdout=told)
            write_private(sign_ins, told.getvalue())

    def step(self, title: str, command: str, **options: object) -> None:
        """Say what comes and do it."""
        if title:
            self.stdout.write(title)
            self.stdout.flush()
        call_command(command, stdout=self.stdout, **options)

    def static_files(self) -> None:
        """Collect static files where they have changed since they were last collected."""
        stamp, now = Path(settings.STATIC_ROOT) / ".collected", fingerprint()
        if not stamp.exists() or stamp.read_text() != now:
            self.step("Collecting static files …", "collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(now)


def fingerprint() -> str:
    """Return what changes when any static file changes: names, sizes and dates."""
    told = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            told.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    return told.hexdigest()


def write_private(path: Path, text: str) -> None:
    """Write a file that only this account reads."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
