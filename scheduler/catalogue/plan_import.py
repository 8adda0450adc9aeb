"""How therapies are described in the fixtures, made into plans: which rooms, which devices, which segments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
"""A therapy as the fixture has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSegment:
    """A segment: its name, true minutes, and what it asks of the practitioner."""

    name: str
    minutes: int
    presence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPlan:
    """The plan of one kind of visit. No features: the visit needs no place."""

    visit: str
    technique: str = ""
    features: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    fills_room: bool = False
    steps: tuple[ImportedSegment, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities:
    """What rooms and pools there can be: rooms.yaml and places.yaml together."""

    rooms: Row
    places: Row

    def features(self, room: str) -> tuple[str, ...]:
        """Return the features of which a place must have one. Raises KeyError for a room that nobody described."""
        aliases = self.rooms["room_aliases"]
        return tuple(aliases[room] if room in aliases else self.places["features"][room])

    def known_features(self) -> frozenset[str]:
        """Return every feature that the fixtures name."""
        described = [*self.places["features"].values(), *self.rooms["room_aliases"].values(), self.places["also"]]
        return frozenset(name for names in described for name in names)

    def smoky(self, room: str) -> bool:
        """Whether what is done in such a room fills it with smoke."""
        return room in self.places["smoke"]

    def pools(self, equipment: Sequence[str], technique: str) -> tuple[str, ...]:
        """Return what is claimed as a unit. Of alternatives only the one named like the technique is."""
        counted = {pool["key"] for pool in self.rooms["equipment_pools"]}
        either = {name: names for name, names in self.rooms["room_aliases"].items() if name in equipment}
        # What a plan names as "one of these" is claimed only if the technique is one of them: else nobody knows which.
        wanted = {name for name in equipment if name not in either}
        wanted |= {technique for names in either.values() if technique in names}
        return tuple(sorted(wanted & counted))

    def reprocess_minutes(self, pool: str) -> int:
        """Return how long a unit of `pool` is away after its use."""
        found = (p.get("reprocess_min", 0) for p in self.rooms["equipment_pools"] if p["key"] == pool)
        return int(next(found, 0))


def imported_plans(therapy: Row, facilities: Facilities) -> Iterator[ImportedPlan]:
    """Yield the plans of a therapy: one per kind of visit, and per technique where techniques differ."""
    for visit in ("first", "followup"):
        for technique, changes in therapy.get("variant", {"": {}}).items():
            if visit in therapy:
                yield _imported_plan(therapy, facilities, visit=visit, technique=technique, changes=changes)


def _imported_plan(therapy: Row, facilities: Facilities, *, visit: str, technique: str, changes: Row) -> ImportedPlan:
    needs = therapy["needs"]
    room = changes.get("room", needs["room"])
    return ImportedPlan(
        visit=visit,
        technique=technique,
        features=facilities.features(room),
        pools=facilities.pools(needs["equipment"], technique),
        fills_room=facilities.smoky(room),
        steps=tuple(
            ImportedSegment(name=name, minutes=minutes, presence=changes.get(name, presence))
            for name, minutes, presence in therapy[visit]["segments"]
        ),
    )


def pierces_skin(therapy: Row) -> bool:
    """Whether needles or lancets are used: as the fixture says, else whether a sharps container is needed."""
    return bool(therapy.get("skin_penetrating", "sharps_container" in therapy["needs"]["equipment"]))


def codes(therapy: Row) -> dict[str, Any]:
    """Return the bare codes by system."""
    return {system: therapy[system] for system in ("snomed", "fhir", "cpt") if therapy.get(system)}
