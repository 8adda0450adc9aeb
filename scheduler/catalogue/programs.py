"""Programs as values, and which of them a site has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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


PROGRAMS = CompiledQuery(lambda: Program.objects.filter(active=True))
SITES = CompiledQuery(lambda: Program.sites.through.objects.values_list("program", "site"))
THERAPIES = CompiledQuery(lambda: Program.therapies.through.objects.values_list("program", "therapy__key"))
PRACTITIONERS = CompiledQuery(lambda: Program.practitioners.through.objects.values_list("program", "practitioner"))


def read_programs() -> tuple[ProgramCard, ...]:
    """Return the programs in use, by key."""
    rows = PROGRAMS.rows()
    if not rows:
        return ()
    sites, therapies, practitioners = (_by_program(one.tuples()) for one in (SITES, THERAPIES, PRACTITIONERS))
    return tuple(
        ProgramCard(
            key=row.key,
            name=row.name,
            sites=sites.get(row.pk),
            therapies=therapies.get(row.pk),
            practitioners=practitioners.get(row.pk),
            families=row.families,
            referral_required=row.referral_required,
        )
        for row in rows
    )


def _by_program(rows: Iterable[tuple[Any, ...]]) -> Mapping[int, frozenset[Any]]:
    found = defaultdict[int, set[Any]](set)
    for program, one in rows:
        found[program].add(one)
    return {program: frozenset(those) for program, those in found.items()}
