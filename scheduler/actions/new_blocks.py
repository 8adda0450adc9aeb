"""Keeping time for families as a page or a program asks for it: by keys and ids, in wall time of the site."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from core.models import Site
from core.principal import Principal
from core.refusals import Missing
from scheduler.actions import family_blocks
from scheduler.calendars.block_checks import WantedBlock
from scheduler.catalogue.block_rules import usual_policy
from scheduler.models import FamilyBlock, Practitioner, Program, Therapy
from scheduler.models.blocks import CapacityUnit
from scheduler.sheets.edit_impact import Impact


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFacts:
    """A block by keys and ids: once (`every_weeks` 0), or every n-th week from its first day until the last, if any.

    No therapies: all of the program. `minutes`: the capacity counts these, else people.
    """

    program: str
    practitioner: UUID
    first_on: date
    starts: time
    ends: time
    reason: str
    every_weeks: int = 0
    last_on: date | None = None
    therapies: tuple[str, ...] = ()
    capacity: int | None = None
    minutes: bool = False


def keep_time(
    facts: BlockFacts, *, site: Site, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[FamilyBlock]:
    """Keep time for families, opened stage by stage as usual; say which appointments lie in it, and leave them.

    Raises Missing, Invalid, BlockClash, BlockShare.
    """
    program = Program.objects.filter(key=facts.program, active=True).first()
    practitioner = Practitioner.objects.filter(public_id=facts.practitioner).first()
    if program is None or practitioner is None:
        raise Missing
    last_on = facts.last_on if facts.every_weeks else facts.first_on
    wanted = WantedBlock(
        program=program,
        site=site,
        weekday=facts.first_on.isoweekday(),
        starts=facts.starts,
        ends=facts.ends,
        valid_from=facts.first_on,
        valid_to=date.fromordinal(last_on.toordinal() + 1) if last_on else None,
        every_weeks=facts.every_weeks or 1,
        therapies=tuple(Therapy.objects.filter(key__in=facts.therapies).order_by("pk")),
        reason=facts.reason,
        release_policy=usual_policy(),
        capacity=facts.capacity,
        capacity_unit=CapacityUnit.MINUTES if facts.minutes else CapacityUnit.PERSONS,
    )
    return family_blocks.create(practitioner, wanted, by=by, at=at, dry_run=dry_run)
