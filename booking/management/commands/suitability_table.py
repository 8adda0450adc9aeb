"""Draw the shipped suitability rules as a table of rules and therapies, as docs/suitability.md keeps it."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand

from booking.suitability.content import Disposition, by_rank
from booking.suitability.facts import BookableTherapy
from booking.suitability.findings import Effects
from booking.suitability.rules import RuleSet, SuitabilityRule
from booking.suitability.shipped import shipped_catalogue, shipped_rules

SIGNS = {
    Disposition.INFORM: "i",
    Disposition.CLINICIAN_REVIEW: "R",
    Disposition.BLOCK_SELF_BOOKING: "B",
    Disposition.STOP_AND_CALL: "**S**",
}

HEAD = """# The suitability rules that are shipped

A draft: a clinic's own clinicians change and sign it before anybody is judged by it. What a rule means for a therapy
that somebody wants: **S** they are shown the number to call, and nothing is booked; B this is not booked online, and
something else is offered; R a clinician looks first, while the time is kept; i it is booked, with a word for who
treats; nothing: the rule says nothing of this therapy. The worst of all rules that fire wins, for each therapy by
itself. How not being sure, old blood counts and clearances are judged: [decision 44](adr/0044-how-suitability-is-
judged.md). Where each rule comes from: [sources](suitability-sources.md). Written by
`python3 manage.py suitability_table > docs/suitability.md`.
"""


def page() -> Iterator[str]:
    """Yield the lines of `docs/suitability.md`."""
    rules, catalogue = (
        shipped_rules(),
        [one for one in shipped_catalogue() if one.key not in shipped_rules().content.exempt],
    )
    yield from HEAD.split("\n")
    yield f"| rule | fires for | {' | '.join(f'`{one.key}`' for one in catalogue)} |"
    yield "|---|---|" + "---|" * len(catalogue)
    for rule in rules.rules:
        effects = {**rule.otherwise, **rule.effects}
        yield f"| {rule.key} | {_fires_for(rules, rule)} | {' | '.join(_signs(rules, effects, catalogue))} |"
    for one in rules.restrictions:
        holds_for = (one.population or one.place).replace("_", " ")
        yield f"| {one.id} | {holds_for} | {' | '.join(_signs(rules, one.to, catalogue))} |"
    yield from ("", "## Techniques that are judged on their own", "", "| technique | goes by |", "|---|---|")
    for technique, groups in rules.content.technique_groups.items():
        yield f"| `{technique}` | {', '.join(groups)} |"


def _fires_for(rules: RuleSet, rule: SuitabilityRule) -> str:
    """Return what is asked, and for which answers the rule fires."""
    question = rules.questions[rule.ask]
    when = rule.written.when if isinstance(rule.written.when, str) else " or ".join(rule.written.when)
    also = f", and {rule.if_also.replace('_', ' ')} (else B)" if rule.if_also else ""
    params = rules.content.params
    words = question.words.get("en", rule.ask)
    for name in ("fever_f", "fever_c", "recent_surgery_days", "transplant_days"):
        words = words.replace(f"{{{name}}}", str(getattr(params, name)))
    # Known from a birth date, an age says for itself for whom it fires.
    only = f" (asked only of those under {question.age_below})" if question.age_below else ""
    return f"{words}{only}: {when.replace('_', ' ')}{also}"


def _signs(rules: RuleSet, effects: Effects, catalogue: list[BookableTherapy]) -> Iterator[str]:
    for one in catalogue:
        meant = [effects[name] for name in rules.names_of(one.key) & effects.keys()]
        yield SIGNS[max(meant, key=by_rank)] if meant else ""


class Command(BaseCommand):
    """Print the page; a test compares it with the one in the docs."""

    help = "Print docs/suitability.md."

    def handle(self, *_: object, **__: object) -> None:
        """Print the page."""
        for line in page():
            self.stdout.write(line)
