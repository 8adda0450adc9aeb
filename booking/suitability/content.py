"""A suitability rule set as it is written down (FHIR PlanDefinition and Questionnaire in one): rules and questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.policies.meaning import Meaning, UnfitValueError

Words = Mapping[str, str]
"""One text by language."""


ASKED_BEFORE = timedelta(days=4)
"""So long before a visit what is `asked: before` begins to be asked: with the message three days before, no sooner."""


class Disposition(StrEnum):
    """What follows for one therapy, from the best to the worst."""

    PASS = "pass"  # noqa: S105  (no password)
    INFORM = "inform"
    CLINICIAN_REVIEW = "clinician_review"
    BLOCK_SELF_BOOKING = "block_self_booking"
    STOP_AND_CALL = "stop_and_call"

    @property
    def rank(self) -> int:
        """How bad it is: the worst of several wins."""
        return RANKS[self]


RANKS = {one: rank for rank, one in enumerate(Disposition)}


def by_rank(disposition: Disposition) -> int:
    """Return how bad a disposition is, for `max` and `min`."""
    return RANKS[disposition]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersContent:
    """The numbers that rules name. Counts in 10⁹/L, temperatures in degrees, the rest in days."""

    plt_block: Annotated[Decimal, Meaning(_("platelets (10⁹/L) below which nothing with needles is booked online"))]
    plt_review: Annotated[Decimal, Meaning(_("platelets (10⁹/L) below which a clinician looks first"))]
    plt_wet_block: Annotated[Decimal, Meaning(_("platelets (10⁹/L) below which there is no wet cupping"))]
    anc_block: Annotated[Decimal, Meaning(_("neutrophils (10⁹/L) below which nothing with needles is booked online"))]
    anc_review: Annotated[Decimal, Meaning(_("neutrophils (10⁹/L) below which a clinician looks first"))]
    lab_max_age_days: Annotated[int, Meaning(_("days for which a blood count says something"), most=366)]
    fever_c: Annotated[Decimal, Meaning(_("degrees Celsius from which on it is a fever"), least=35, most=42)]
    fever_f: Annotated[Decimal, Meaning(_("degrees Fahrenheit from which on it is a fever"), least=95, most=108)]
    clearance_days: Annotated[int, Meaning(_("days for which a clinician's clearance holds"), least=1, most=366)]
    recent_surgery_days: Annotated[int, Meaning(_("days for which surgery is recent"), most=366)]
    transplant_days: Annotated[int, Meaning(_("days for which a transplant is recent"), most=1000)]

    def __post_init__(self) -> None:
        """Refuse limits that leave no room between them."""
        pairs = (("plt_block", "plt_review"), ("plt_review", "plt_wet_block"), ("anc_block", "anc_review"))
        for lower, upper in pairs:
            if getattr(self, lower) > getattr(self, upper):
                raise UnfitValueError(
                    lower, gettext("A limit below which nothing is booked lies below the one for a review.")
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContent:
    """One rule. `to` and `otherwise` name groups, therapies and techniques; `if_also` a predicate.

    `when`: the answers for which it fires, or a range of a number: "< plt_block", "a..b" from a to less than b.
    """

    id: str
    ask: str
    when: str | tuple[str, ...]
    to: Mapping[str, Disposition]
    if_also: str = ""
    otherwise: Mapping[str, Disposition] = field(default_factory=dict, metadata={"written_as": "else"})
    capture: str = ""
    flag: str = ""
    needs: str = ""
    offer: tuple[str, ...] = ()
    day_of: bool = False
    clearance: bool = False
    also: str = ""
    src: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionContent:
    """What a site keeps from a population (the question by which it is known), or from a kind of place."""

    id: str
    to: Mapping[str, Disposition]
    population: str = ""
    place: str = ""
    src: str = ""

    def __post_init__(self) -> None:
        """Refuse one that would hold for everybody, or for nobody."""
        if bool(self.population) is bool(self.place):
            raise UnfitValueError("population", gettext("Say for which population this holds, or in which place."))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionContent:
    """What is asked, or where it is known from. `keep`: how long an answer counts, one of the kinds of `keep_days`."""

    page: str = ""
    keep: str = ""
    asked: tuple[str, ...] = ()
    choices: tuple[str, ...] = ("yes", "no", "not_sure", "prefer_not_to_say")
    only_for: tuple[str, ...] = ()
    age_below: Annotated[int, Meaning(_("years of age below which this is asked"), most=120)] = 0
    capture: str = ""
    source: str = field(default="", metadata={"written_as": "from"})
    at: str = ""
    unit: str = ""
    words: Words = field(default_factory=dict, metadata={"languages": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureContent:
    """How an answer counts of somebody who does not know, or does not want to say."""

    default: Disposition
    never_worse_than_yes: bool
    stop_rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PredicateContent:
    """What holds if any of these does: a question with the answers that count, or a count with its range."""

    any: tuple[Mapping[str, str | tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceContent:
    """Until when a clinician's clearance holds, in words."""

    valid_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedContent:
    """What somebody needs on the day: a feature of the place, a note for those who prepare, something to wait for."""

    place: str = ""
    note: bool = False
    awaits: str = field(default="", metadata={"written_as": "await"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsContent:
    """What people read: by disposition, and beside each page of questions. `flags`: for who treats, by rule."""

    dispositions: Mapping[Disposition, Words]
    always: Words
    flags: Mapping[str, Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintContent:
    """Words that never stand in results, messages, subjects, addresses of pages or labels of the desk, by language.

    A list of each is written as `forbidden_en`, `forbidden_es`, and so on.
    """

    forbidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict, metadata={"languages": "forbidden_"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityContent:
    """A whole rule set: rules, the questions that they ask, and the words around both.

    `examples`: given and then, as booking/suitability/examples.py reads them; what does not keep them is not published.
    """

    params: ParametersContent
    groups: Mapping[str, str | tuple[str, ...]]
    rules: tuple[RuleContent, ...]
    pages: Mapping[str, str | Words]
    keep_days: Mapping[str, int]
    captures: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, QuestionContent]
    unsure: UnsureContent
    texts: TextsContent
    lint: LintContent
    site_restrictions: tuple[RestrictionContent, ...] = ()
    to_keys: tuple[str, ...] = ("group", "therapy", "technique")
    technique_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exempt: tuple[str, ...] = ()
    predicates: Mapping[str, PredicateContent] = field(default_factory=dict)
    clearance: ClearanceContent = ClearanceContent(valid_until="granted + clearance_days, end exclusive")
    needs: Mapping[str, NeedContent] = field(default_factory=dict)
    examples: tuple[Any, ...] = ()
