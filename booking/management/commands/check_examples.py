"""Run examples of the suitability rules, and print each that the shipped rules do not keep."""

import sys
from argparse import ArgumentParser
from pathlib import Path

import yaml
from django.core.management.base import BaseCommand, CommandError

from booking.suitability.examples import disagreements
from booking.suitability.shipped import EXAMPLES, shipped_catalogue, shipped_rules
from core.policies.yaml_text import read_yaml
from core.refusals import Invalid
from core.staff_pages.edits import in_words


class Command(BaseCommand):
    """Compare examples, given and then, with what the rules say."""

    help = "Check examples of the suitability rules (YAML); exits 1 if the rules do not keep one of them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files; none: the shipped examples."""
        parser.add_argument("files", nargs="*", type=Path, default=[EXAMPLES], metavar="FILE.yaml")

    def handle(self, *_: object, files: list[Path], **__: object) -> None:
        """Print each disagreement, with its file where there are several."""
        failed = False
        for file in files:
            found = list(disagreements(_read(file), shipped_rules(), shipped_catalogue()))
            failed = failed or bool(found)
            for one in found:
                self.stdout.write(f"{file.name}: {one}" if len(files) > 1 else one)
            if not found:
                self.stdout.write(f"{file.name}: every example agrees.")
        if failed:
            sys.exit(1)


def _read(file: Path) -> object:
    """Return what a file says. Raises CommandError for one that is not there, or is no YAML."""
    try:
        return read_yaml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    except Invalid as error:
        raise CommandError(f"{file} cannot be read: {in_words(error)}") from error
