"""The suitability rules of a clinic: a policy of their own key, signed by two clinicians; which one is in force."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.suitability.content import SuitabilityContent
from booking.suitability.content_checks import wrong_with
from booking.suitability.content_words import lines_of_content
from booking.suitability.examples import disagreements
from booking.suitability.facts import BookableTherapy
from booking.suitability.places import restricted_kinds
from booking.suitability.rules import RuleSet, rule_set
from booking.suitability.shipped import shipped_content
from core.models import Policy
from core.policies.actions.policies import approvers
from core.policies.content import read_content
from core.policies.keys import PolicyKey
from scheduler import public as scheduler

KEY = "suitability"


def known_catalogue() -> tuple[BookableTherapy, ...]:
    """Return the therapies of this clinic, those out of use as well, as far as a judgement cares."""
    return tuple(
        BookableTherapy(
            key=key, techniques=tuple(sorted(one.techniques)), self_bookable=one.self_bookable, active=one.active
        )
        for key, one in sorted(scheduler.all_booking_terms().items())
    )


def failed_examples(content: SuitabilityContent) -> Iterator[str]:
    """Yield a sentence for each of a content's examples that it does not keep, for the therapies that there are."""
    if content.examples:
        yield from disagreements(list(content.examples), rule_set(content), known_catalogue())


SUITABILITY = PolicyKey(
    key=KEY,
    content=SuitabilityContent,
    draft_from=shipped_content,
    without=_("Until then patients book no therapy that goes through the skin, or warms it, by themselves: staff do."),
    approvals=2,
    wrong=wrong_with,
    title=_("Questions before booking"),
    trial=failed_examples,
    lines=lines_of_content,
    ordered=("pages", "questions"),
)
"""What may be booked with what somebody answers, two people approve who did not write it. A clinic begins without."""


@dataclass(frozen=True, slots=True)
class _SignedContent:
    """A content that is told apart by its hash."""

    content_hash: str
    content: Any = field(compare=False)


def rules_in_force(site: int, *, at: datetime) -> tuple[RuleSet, int] | None:
    """Return the rules by which bookings at a site (its id) are judged, with their version; None: there are none."""
    policy = scheduler.policy_if_any(KEY, site, at=at)
    if policy is None:
        return None
    return _rules(policy), policy.version


def restricted_places(policy: Policy, therapy: str, technique: str) -> tuple[str, ...]:
    """Return the kinds of places that a published rule set keeps from a therapy, the gravest first."""
    return restricted_kinds(_rules(policy), therapy, technique)


def _rules(policy: Policy) -> RuleSet:
    return _compiled(_SignedContent(policy.content_hash, policy.content))


def unsigned(sites: Iterable[int], *, at: datetime) -> bool:
    """Whether the rules in force at one of some sites (ids) lack signatures: a made-up clinic took them as they are."""
    found = (scheduler.policy_if_any(KEY, site, at=at) for site in sites)
    return any(one is not None and len(approvers(one)) < SUITABILITY.approvals for one in found)


# A rule set is told apart by identity, and keeps what follows from it alone: the same content is made ready once.
@lru_cache(maxsize=16)
def _compiled(signed: _SignedContent) -> RuleSet:
    return rules_of(signed.content)


def rules_of(content: Any) -> RuleSet:  # noqa: ANN401  (as YAML has it, or a row)
    """Return a content ready to judge by. Raises Invalid for what cannot be read."""
    return rule_set(read_content(SuitabilityContent, SUITABILITY.completed(content)))
