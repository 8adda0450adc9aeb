"""The families of therapies that people choose from first, as the fixtures describe them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from scheduler.catalogue.fixture_files import fixture
from scheduler.models.catalogue import OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyFamily:
    """A family of therapies; texts by language."""

    key: str
    name: Mapping[str, str]
    summary: Mapping[str, str]


@cache
def families() -> tuple[TherapyFamily, ...]:
    """Return the families in the order in which they are shown."""
    return tuple(TherapyFamily(**family) for family in fixture("families")["families"])


def known_family(key: str) -> str:
    """Return a family's key, or that of the others where no such family is described any more."""
    return key if any(family.key == key for family in families()) else OTHER
