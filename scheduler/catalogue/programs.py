"""Programs as values, and which of them a site has."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from core.database.compiled import CompiledQuery
from scheduler.models import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramCard:
    """A program as rules need it; `name` by language. None of `sites` (ids), `therapies` or `practitioners`: all."""

    key: str
    name: Mapping[str, str]
    sites: frozenset[int] | None
    therapies: frozenset[str] | None
    practitioners: frozenset[int] | None
    families: bool
    referral_required: bool

    def is_at(self, site: int) -> bool:
        """Whether a site (its id) has it."""
        return self.sites is None or site in self.sites

    def gives(self, therapy: str) -> bool:
        """Whether a therapy is one of its own."""
        return self.therapies is None or therapy in self.therapies

    def has(self, practitioner: int) -> bool:
        """Whether a practitioner (their id) is one of its own."""
        return self.practitioners is None or practitioner in self.practitioners


def _all_of(column: str) -> ArrayAgg:
    return ArrayAgg(column, distinct=True, filter=Q(**{f"{column}__isnull": False}))


PROGRAMS = CompiledQuery(
    lambda: (
        Program.objects.filter(active=True)
        .annotate(at=_all_of("sites"), gives=_all_of("therapies__key"), by=_all_of("practitioners"))
        .order_by("key")
        .values_list("key", "name", "families", "referral_required", "at", "gives", "by")
    )
)


def read_programs() -> tuple[ProgramCard, ...]:
    """Return the programs in use, by key."""
    return tuple(
        ProgramCard(
            key=key,
            name=name,
            sites=frozenset(at) if at else None,
            therapies=frozenset(gives) if gives else None,
            practitioners=frozenset(by) if by else None,
            families=families,
            referral_required=referral_required,
        )
        for key, name, families, referral_required, at, gives, by in PROGRAMS.tuples()
    )
