"""`manage.py policies`: list them, write one out as YAML, read a draft in, publish it after a look at what changes."""

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.management.command_lines import command_line
from core.models import EVERY_AUDIENCE, Policy, PolicyState, Site
from core.policies.actions import policies as actions
from core.policies.actions.policies import Publication
from core.policies.keys import policy_key, yaml_of
from core.policies.yaml_text import read_yaml
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.text.typed_dates import iso_date

OPERATOR = Principal.system("command-line")


class Command(BaseCommand):
    """One act a call; what is refused is said in a sentence and changes nothing."""

    help = "List policies, export one as YAML, import a draft, publish it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the act with what it needs."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="all policies, with their state and range")
        export = acts.add_parser("export", help="print a policy's content as YAML: the one in force, or a version")
        _scope(export)
        export.add_argument("--version-number", type=int, metavar="N", help="this version, whatever its state")
        read = acts.add_parser("import", help="make a draft of a YAML file, or of what is shipped to draft from")
        _scope(read)
        read.add_argument("file", nargs="?", default="", help="- for standard input; none: what is shipped")
        publish = acts.add_parser("publish", help="put a draft in force; without --yes, only say what would change")
        publish.add_argument("key")
        publish.add_argument("version_number", type=int)
        publish.add_argument("--from", dest="starts_at", help="when it begins, with its zone: 2026-12-01T00:00-06:00")
        publish.add_argument("--yes", action="store_true", help="publish")

    def handle(self, *_: object, act: str, **options: Any) -> None:  # noqa: ANN401  (as argparse reads them)
        """Do the act. Raises CommandError with what a refusal says, a file's faults among it."""
        acts = {
            "list": self.list_all,
            "export": self.export,
            "import": self.import_draft,
            "publish": self.publish,
        }
        try:
            acts[act](options, at=clock.now())
        except Refusal as refusal:
            raise CommandError(_in_words(refusal)) from refusal

    def list_all(self, _options: dict[str, Any], *, at: datetime) -> None:
        """Print a line for each row."""
        del at
        for row in Policy.objects.select_related("site"):
            where = row.site.key if row.site else "all sites"
            times = "" if row.state in actions.OPEN else f", {_times(row)}"
            self.stdout.write(f"{row} ({where}, {row.audience}): {row.state}{times}")

    def export(self, options: dict[str, Any], *, at: datetime) -> None:
        """Print a content, so that importing it again makes the same draft."""
        rows = Policy.objects.filter(key=options["key"], site=_site(options["site"]), audience=options["audience"])
        if options["version_number"]:
            rows = rows.filter(version=options["version_number"])
        else:
            rows = rows.filter(state=PolicyState.PUBLISHED, effective__contains=at)
        row = rows.first()
        if row is None:
            raise _no_such_policy()
        self.stdout.write(f"# {row}, {row.state}, sha256 {row.content_hash}")
        self.stdout.write(yaml_of(row), ending="")

    def import_draft(self, options: dict[str, Any], *, at: datetime) -> None:
        """Make a draft, and say what publishing it would change."""
        content, site = _content(options["file"], options["key"]), _site(options["site"])
        made = actions.draft(options["key"], content, by=OPERATOR, at=at, site=site, audience=options["audience"])
        put = command_line("policies", "publish", made.key, str(made.version), "--yes")
        self.stdout.write(f"Draft {made} is made. `{put}` puts it in force.")
        self.say(made, actions.publication(made, at=at), at=at)

    def publish(self, options: dict[str, Any], *, at: datetime) -> None:
        """Say what changes; with --yes, let it."""
        row = Policy.objects.filter(key=options["key"], version=options["version_number"]).first()
        if row is None:
            raise _no_such_policy()
        starts_at = _moment(options["starts_at"])
        self.say(row, actions.publication(row, at=at, starts_at=starts_at), at=at)
        if not options["yes"]:
            self.stdout.write("Nothing is changed yet. With --yes it is published.")
            return
        done = actions.publish(row.pk, by=OPERATOR, at=at, starts_at=starts_at, seen=row.content_hash)
        self.stdout.write(f"{done} is published, {_times(done)}.")

    def say(self, row: Policy, publication: Publication, *, at: datetime) -> None:
        """Print what publishing does."""
        for line in publication.changes or ("No value changes.",):
            self.stdout.write(f"  {line}")
        if publication.instead_of:
            self.stdout.write(f"  {publication.instead_of} holds until then.")
        if publication.own_rows:
            self.stdout.write(f"  Not at {', '.join(publication.own_rows)}: they have their own.")
        for line in actions.impact(row, publication, at=at):
            self.stdout.write(f"  {line}")
        if publication.needed:
            self.stdout.write(f"  {publication.approved} of {publication.needed} approvals are there.")


def _no_such_policy() -> CommandError:
    return CommandError(f"There is no such policy. `{command_line('policies', 'list')}` names those there are.")


def _scope(parser: ArgumentParser) -> None:
    parser.add_argument("key")
    parser.add_argument("--site", default="", help="a site's own, by its key; else the one for all sites")
    parser.add_argument("--audience", default=EVERY_AUDIENCE)


def _site(key: str) -> Site | None:
    if not key:
        return None
    found = Site.objects.filter(key=key).first()
    if found is None:
        known = ", ".join(Site.objects.values_list("key", flat=True))
        raise CommandError(f"There is no site {key}; there are: {known}.")
    return found


def _content(file: str, key: str) -> object:
    if not file:
        return _shipped(key)
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    return read_yaml(text)


def _shipped(key: str) -> object:
    draft_from = policy_key(key).draft_from
    if draft_from is None:
        raise CommandError(f"Nothing is shipped to draft {key} from: name a file.")
    return draft_from()


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        iso_date(text[: len("2026-12-01")])
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text} is no date with a time, such as 2026-12-01T00:00-06:00.", pointer="/from") from error
    if moment.tzinfo is None:
        raise Invalid(f"{text} does not say its zone, such as 2026-12-01T00:00-06:00.", pointer="/from")
    return moment


def _times(row: Policy) -> str:
    lower, upper = row.effective.lower, row.effective.upper
    begins = f"from {lower.isoformat(timespec='minutes')}" if lower else "from the start"
    return f"{begins} until {upper.isoformat(timespec='minutes')}" if upper else begins


def _in_words(refusal: Refusal) -> str:
    """Return a refusal as lines: each place of the file with what is wrong there."""
    found = refusal.facts.get("errors")
    errors = found if isinstance(found, list) else []
    return "\n".join([str(refusal), *(f"{one['pointer']}: {one['detail']}" for one in errors)])
