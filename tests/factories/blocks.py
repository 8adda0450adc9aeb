"""Time that a program keeps for families, in a few words."""

from datetime import date, datetime, time
from typing import Any

from core.models import Site
from core.principal import Principal
from scheduler.actions import family_blocks
from scheduler.audience import CANCER_PROGRAM
from scheduler.calendars.block_checks import WantedBlock
from scheduler.catalogue.block_rules import usual_policy
from scheduler.models import FamilyBlock, Practitioner, Program
from tests.factories.scheduler import AT

FRANK = Principal.system("frank of the program")


def wanted(site: Site, weekday: int, starts: str, ends: str, **more: Any) -> WantedBlock:
    """Return a block as somebody wants it, of the cancer program, every week from the autumn of 2026 on."""
    fields = {
        "program": Program.objects.get(key=CANCER_PROGRAM),
        "valid_from": date(2026, 9, 1),
        "reason": "Beside infusion",
        "release_policy": usual_policy(),
    }
    return WantedBlock(
        site=site,
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        **{**fields, **more},
    )


def make_block(
    practitioner: Practitioner, weekday: int, starts: str, ends: str, *, at: datetime = AT, **more: Any
) -> FamilyBlock:
    """Keep time of a practitioner, at the first site of theirs."""
    site = practitioner.resources.first().sites.order_by("pk")[0]
    return family_blocks.create(practitioner, wanted(site, weekday, starts, ends, **more), by=FRANK, at=at).row
