"""What a judgement of suitability is made from: what is known of a person, and of the therapies there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BloodCount:
    """A count (10⁹/L) from the clinic's own records."""

    value: Decimal
    taken_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedRule:
    """A clinician's word that a rule need not be looked at again until `ends_on`, on which day it has ended.

    `therapies`: those it was given for; none named: all.
    """

    rule: str
    ends_on: date
    therapies: frozenset[str] = frozenset()

    def covers(self, rule: str, therapy: str, *, on: date) -> bool:
        """Whether it holds for a rule and a therapy on a day."""
        return self.rule == rule and on < self.ends_on and (not self.therapies or therapy in self.therapies)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityFacts:
    """What is known of somebody. `on`: the day on which it is judged; `age`: in years on the day of the visit.

    `answers` by question; `captures`: which limb or place, by question; `labs` by question; `place`: the kind of place
    where the visit is, if it matters.
    """

    on: date
    age: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    captures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labs: Mapping[str, BloodCount] = field(default_factory=dict)
    clearances: Collection[ClearedRule] = ()
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookableTherapy:
    """A therapy as far as a judgement cares. One that is not active is offered to nobody."""

    key: str
    techniques: tuple[str, ...] = ()
    self_bookable: bool = True
    active: bool = True
