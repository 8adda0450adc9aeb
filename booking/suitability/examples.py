"""Examples of a rule set, given and then, as clinicians write them down, and those that it does not keep."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from booking.suitability.content import Disposition
from booking.suitability.facts import BloodCount, BookableTherapy, ClearedRule, SuitabilityFacts
from booking.suitability.judgement import NOT_ONLINE, Suitability, judge
from booking.suitability.rules import AGE, RuleSet, SuitabilityRule

ANY_THERAPY = "any"
ADULT = 40
TODAY = date(2026, 1, 1)
"""Examples have ages in days, no dates: which day is today does not matter."""

LARGEST = 10_000
AGE_OF_VALUE = "_age_days"
UNKNOWN_PLACE = "unknown"
LISTED = {
    "alternatives": "therapy or technique",
    "flags": "flag",
    "needs": "need",
    "rules": "rule",
    "day_questions": "question",
}
"""What an example may list, and what a name in each of these lists is the name of."""


class ExampleError(ValueError):
    """An example that says something nobody knows: what, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Somebody's facts, what they want, and what is expected: the disposition and, by name, what is listed."""

    number: int
    therapy: str
    technique: str
    facts: SuitabilityFacts
    disposition: str
    expected: Mapping[str, Any]


def disagreements(content: object, rules: RuleSet, catalogue: Sequence[BookableTherapy]) -> Iterator[str]:
    """Yield a sentence for each example of a file (a list of given and then) that the rules do not keep.

    One that cannot be read is a disagreement, too: nobody could say that it is kept.
    """
    if not isinstance(content, list) or not content:
        yield "The file holds no list of examples."
        return
    for number, written in enumerate(content, 1):
        try:
            example = read_example(number, written, rules, catalogue)
        except ExampleError as error:
            yield f"Example {number} cannot be read: {error}"
        else:
            yield from _disagreements_of(example, rules, catalogue)


def _disagreements_of(example: Example, rules: RuleSet, catalogue: Sequence[BookableTherapy]) -> Iterator[str]:
    for wanted in catalogue:
        every = example.therapy == ANY_THERAPY and wanted.active and wanted.key not in rules.content.exempt
        if not every and wanted.key != example.therapy:
            continue
        found = judge(rules, example.facts, wanted, technique=example.technique, catalogue=catalogue)
        at = f"Example {example.number}, {' '.join(filter(None, (wanted.key, example.technique)))}"
        if found.disposition != example.disposition:
            by = ", ".join(one.rule for one in found.fired) or "no rule"
            yield f"{at}: expected {example.disposition}, found {found.disposition} ({by})."
        yield from (f"{at}: {wrong}" for wrong in _not_listed(example.expected, found))


def _not_listed(expected: Mapping[str, Any], found: Suitability) -> Iterator[str]:
    listed = {
        "alternatives": {name for one in found.alternatives for name in (one.therapy, one.technique) if name},
        "flags": set(found.flags),
        "needs": set(found.needs),
        "rules": {one.rule for one in found.fired},
        "day_questions": set(found.day_questions),
    }
    for name, names in expected.items():
        kind = _listed_kind(name)
        wanted, there = set(names), listed[kind]
        if name == kind and wanted != there:
            yield f"expected {kind} {_shown(wanted)}, found {_shown(there)}."
        elif name.endswith("_include") and wanted - there:
            yield f"expected {kind} {_shown(wanted - there)} among {_shown(there)}."
        elif name.endswith("_exclude") and wanted & there:
            yield f"did not expect {kind} {_shown(wanted & there)}."


def _shown(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def read_example(number: int, written: object, rules: RuleSet, catalogue: Sequence[BookableTherapy]) -> Example:
    """Return one example, read. What is not listed is answered no; an age that is not listed is an adult's.

    Raises ExampleError.
    """
    if not isinstance(written, Mapping) or not isinstance(written.get("given"), Mapping) or "then" not in written:
        raise ExampleError("it has to say `given` and `then`.")
    given, expected = (
        dict(written["given"]),
        {name: one for name, one in written.items() if name not in ("given", "then")},
    )
    _check_expected(str(written["then"]), expected, rules, catalogue)
    therapy, technique = str(given.pop("therapy", "")), str(given.pop("technique", ""))
    wanted = next((one for one in catalogue if one.key == therapy), None)
    if wanted is None and therapy != ANY_THERAPY:
        raise ExampleError(f"there is no therapy {therapy!r}.")
    if technique and (wanted is None or technique not in wanted.techniques):
        raise ExampleError(f"{therapy} has no technique {technique!r}.")
    return Example(
        number=number,
        therapy=therapy,
        technique=technique,
        facts=_facts(given, rules),
        disposition=str(written["then"]),
        expected=expected,
    )


def _listed_kind(name: str) -> str:
    return name.removesuffix("_include").removesuffix("_exclude")


def _check_expected(
    then: str, expected: Mapping[str, Any], rules: RuleSet, catalogue: Sequence[BookableTherapy]
) -> None:
    """Refuse what no rule set could keep: names of nothing. Raises ExampleError."""
    if then not in list(Disposition):
        raise ExampleError(f"there is no outcome {then!r}; there are: {', '.join(Disposition)}.")
    if unknown := [name for name in expected if _listed_kind(name) not in LISTED]:
        raise ExampleError(f"nothing is known of {_shown(unknown)}.")
    if wrong := [name for name, names in expected.items() if not isinstance(names, list)]:
        raise ExampleError(f"{_shown(wrong)} has to be a list.")
    known = _known_names(rules, catalogue)
    for name, names in expected.items():
        kind = _listed_kind(name)
        for one in names:
            if str(one) not in known[kind]:
                raise ExampleError(f"there is no {LISTED[kind]} {str(one)!r}.")


def _known_names(rules: RuleSet, catalogue: Sequence[BookableTherapy]) -> dict[str, set[str]]:
    """Return the names that there are for each list of an example."""
    content = rules.content
    keys = {rule.key for rule in rules.rules}
    grouped = {one for members in content.groups.values() if not isinstance(members, str) for one in members}
    return {
        "alternatives": {name for one in catalogue for name in (one.key, *one.techniques)}
        | grouped
        | content.technique_groups.keys(),
        "flags": keys | {flag for rule in rules.rules if rule.written.flag for flag in _flags_of(rule, rules)},
        "needs": {*content.needs, *(rule.written.needs for rule in rules.rules if rule.written.needs)},
        "rules": {*keys, *(one.id for one in rules.restrictions), NOT_ONLINE},
        "day_questions": set(rules.questions),
    }


def _flags_of(rule: SuitabilityRule, rules: RuleSet) -> Iterator[str]:
    """Yield what who treats may be told by a rule: with each place that somebody could name."""
    for place in (*rules.content.captures.get(rule.written.capture, ()), UNKNOWN_PLACE):
        yield rule.written.flag.replace(f"{{{rule.written.capture}}}", place)


def _facts(given: dict[str, Any], rules: RuleSet) -> SuitabilityFacts:
    answers = {key: "no" for key, question in rules.questions.items() if not question.source}
    labs, captured = {}, {}
    clearances = tuple(_clearances(given.pop("clearance", ()), rules))
    place, age = str(given.pop("place", "")), _whole(AGE, given.pop(AGE, ADULT))
    days = {name: given.pop(name) for name in list(given) if name.endswith(AGE_OF_VALUE)}
    for name, value in given.items():
        if name in answers:
            answers[name] = _answer(name, value, rules)
        elif name in rules.content.captures:
            captured[name] = tuple(value) if isinstance(value, list) else (str(value),)
        elif name in rules.questions:
            age_days = _whole(f"{name}{AGE_OF_VALUE}", days.pop(f"{name}{AGE_OF_VALUE}", 0))
            labs[name] = BloodCount(_number(name, value), TODAY - timedelta(days=age_days))
        else:
            raise ExampleError(f"nobody asks {name}.")
    if days:
        raise ExampleError(f"there is no value for {_shown(days)}.")
    by_question = {
        key: captured[question.capture] for key, question in rules.questions.items() if question.capture in captured
    }
    return SuitabilityFacts(
        on=TODAY,
        age=age,
        answers=answers,
        captures=by_question,
        labs=labs,
        clearances=clearances,
        place=place,
    )


def _answer(name: str, value: object, rules: RuleSet) -> str:
    # YAML takes yes and no without quotes for true and false.
    answer = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    if answer not in rules.questions[name].choices:
        raise ExampleError(f"{name} is not answered by {answer!r}.")
    return str(answer)


def _number(name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  (no number)
        raise ExampleError(f"{name} is no number: {value!r}.")
    if value < 0:
        raise ExampleError(f"{name} is less than 0: {value!r}.")
    if value > LARGEST:
        raise ExampleError(f"{name} is more than {LARGEST}: {value!r}.")
    return Decimal(str(value))


def _whole(name: str, value: object) -> int:
    number = _number(name, value)
    if number != int(number):
        raise ExampleError(f"{name} is no whole number: {value!r}.")
    return int(number)


def _clearances(written: object, rules: RuleSet) -> Iterator[ClearedRule]:
    for one in written if isinstance(written, list) else [written] if written else []:
        if not isinstance(one, Mapping) or one.get("rule") not in {rule.key for rule in rules.rules}:
            raise ExampleError("a clearance names a rule, and how many days ago it was given.")
        granted_on = TODAY - timedelta(days=_whole("age_days", one.get("age_days", 0)))
        yield ClearedRule(
            rule=one["rule"],
            ends_on=granted_on + timedelta(days=rules.content.params.clearance_days),
            therapies=frozenset(one.get("therapies", ())),
        )
