"""Write down every kind of problem that the API answers with, as docs/problems.md keeps it."""

from django.core.management.base import BaseCommand

from core.api.problem_types import problem_context
from core.http.problems import every_kind

HEAD = """# Problems

Every answer of the API with a status from 400 on is a problem (RFC 9457, `application/problem+json`):
`type` can be opened and is stable, `title` is in the reader's language, `code` is the same in every language,
`errors` names what is wrong by JSON pointer (body), parameter (query) or header. Facts stand beside these members.
`429` and `503` carry `Retry-After`. This page is written by `python3 manage.py problems > docs/problems.md`.

| code | status | title | meaning |
|---|---|---|---|"""


class Command(BaseCommand):
    """Print the page; a test compares it with the one in the docs."""

    help = "Print docs/problems.md."

    def handle(self, *_: object, **__: object) -> None:
        """Print a row for each kind."""
        self.stdout.write(HEAD)
        for kind in map(problem_context, every_kind()):
            meaning = " ".join(str(kind["meaning"]).split())
            self.stdout.write(f"| `{kind['code']}` | {kind['status']} | {kind['title']} | {meaning} |")
