"""Who waits for a time in the world of the walks: Alice and Rosa at Lakeside, Mallory at Riverside, Nora elsewhere."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from booking.actions.waiting import list_entries
from core.rights import Subject
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT


def waiting_things(world: Any, thing: Any) -> dict[str, list[Any]]:
    """Let them wait; return each entry as the walks know a thing."""
    return {"waiting_list": [thing(*one) for one in _waiting(world)]}


def _waiting(world: Any) -> Iterator[tuple[UUID, Subject]]:
    """Yield the id of each entry with what rights ask about it. Nora's program is at the other site."""
    for patient, site in (
        (world.alice, world.lakeside),
        (world.rosa, world.lakeside),
        (world.mallory, world.riverside),
        (world.nora, world.lakeside),
    ):
        asked = list_entries.Preferences(therapy="acu_manual", visit="first", site=site)
        made = list_entries.join(asked, patient, by=SYSTEM, at=AT)
        here = frozenset({site.pk})
        programs = frozenset(row.site_id for row in world.enrolments if row.patient == patient)
        families = here if patient == world.rosa else frozenset()
        yield made.public_id, Subject(sites=here, owner=patient.user_id, programs=programs, families=families)
