"""Keeping time for families, or otherwise, as a page asks for it: by keys and ids, in wall time of the site."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.models import Site
from core.principal import Principal
from core.refusals import Missing
from scheduler.actions import family_blocks
from scheduler.calendars.block_checks import WantedBlock, block_rule
from scheduler.calendars.hours import DAY
from scheduler.catalogue.block_rules import usual_policy
from scheduler.models import FamilyBlock, Place, Practitioner, Program, Therapy
from scheduler.models.blocks import CapacityUnit
from scheduler.sheets.edit_impact import Impact

CHANGED = (
    "program", "weekday", "starts", "ends", "valid_from", "valid_to", "every_weeks", "therapies", "places", "reason",
    "capacity", "capacity_unit",
)  # fmt: skip
"""What is changed of a block."""


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
    places: tuple[UUID, ...] = ()
    capacity: int | None = None
    minutes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableBlock:
    """A block that there is, and what it keeps as somebody would ask for it."""

    row: FamilyBlock
    facts: BlockFacts


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
    return family_blocks.create(practitioner, _wanted(facts, program, site), by=by, at=at, dry_run=dry_run)


def change_time(
    block: EditableBlock,
    facts: BlockFacts,
    *,
    seen: int | None = None,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[FamilyBlock]:
    """Keep what a block keeps as these say from now on; whose time it is and where, and when it opens, stay.

    `seen`: as which version it was seen. Raises Missing, Invalid, CannotDecide, BlockChanged, BlockClash, BlockShare.
    """
    program = Program.objects.filter(key=facts.program, active=True).first()
    if program is None:
        raise Missing
    wanted = _wanted(facts, program, block.row.site)
    sent: Any = {name: getattr(wanted, name) for name in CHANGED}
    return family_blocks.change(block.row, by=by, at=at, dry_run=dry_run, seen=seen, **sent)


def end_time(
    block: EditableBlock, *, seen: int | None = None, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[FamilyBlock]:
    """Keep nothing that starts from now on. `seen`: as above. Raises Missing, CannotDecide, BlockChanged."""
    return family_blocks.end(block.row, by=by, at=at, dry_run=dry_run, seen=seen)


def keepable_places(site: Site) -> list[tuple[UUID, str]]:
    """Return the places of a site that can be kept beside somebody's time, with their names."""
    places = (
        Place.objects.filter(room__site=site, active=True).select_related("room").order_by("room__key", "key", "pk")
    )
    return [(place.public_id, _with_room(place)) for place in places]


def _with_room(place: Place) -> str:
    # Many are named after their room already.
    return str(place) if str(place).startswith(str(place.room)) else f"{place.room}, {place}"


def editable_block(public_id: UUID) -> EditableBlock:
    """Return a block by its id. Raises Missing."""
    row = family_blocks.family_block(public_id)
    return EditableBlock(row=row, facts=_facts_of(row))


def editable_blocks(site: Site, *, at: datetime) -> list[EditableBlock]:
    """Return the blocks of a site that keep something still, by whose time it is, weekday and time."""
    today = at.astimezone(site.tz).date()
    rows = FamilyBlock.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today), site=site, ended_at=None)
    rows = rows.select_related("program", "practitioner", "site").prefetch_related("therapies", "places")
    ordered = rows.order_by("practitioner__name", "weekday", "starts", "pk")
    return [EditableBlock(row=row, facts=_facts_of(row)) for row in ordered]


def _facts_of(block: FamilyBlock) -> BlockFacts:
    """Return what a block keeps, as somebody would ask for it: from its first day on which it takes place."""
    rule = block_rule(block)
    near = (block.valid_from + DAY * n for n in range(7 * block.every_weeks + 7))
    first_on = next((day for day in near if rule.holds_on(day)), block.valid_from)
    last_on = block.valid_to - DAY if block.valid_to else None
    return BlockFacts(
        program=block.program.key,
        practitioner=block.practitioner.public_id,
        first_on=first_on,
        last_on=last_on,
        starts=block.starts,
        ends=block.ends,
        reason=block.reason,
        every_weeks=0 if last_on == first_on else block.every_weeks,
        therapies=tuple(one.key for one in block.therapies.all()),
        places=tuple(one.public_id for one in block.places.all()),
        capacity=block.capacity,
        minutes=block.capacity_unit == CapacityUnit.MINUTES,
    )


def _wanted(facts: BlockFacts, program: Program, site: Site) -> WantedBlock:
    last_on = facts.last_on if facts.every_weeks else facts.first_on
    return WantedBlock(
        program=program,
        site=site,
        weekday=facts.first_on.isoweekday(),
        starts=facts.starts,
        ends=facts.ends,
        valid_from=facts.first_on,
        valid_to=date.fromordinal(last_on.toordinal() + 1) if last_on else None,
        every_weeks=facts.every_weeks or 1,
        therapies=tuple(Therapy.objects.filter(key__in=facts.therapies).order_by("pk")),
        places=tuple(Place.objects.select_related("room").filter(public_id__in=facts.places).order_by("pk")),
        reason=facts.reason,
        release_policy=usual_policy(),
        capacity=facts.capacity,
        capacity_unit=CapacityUnit.MINUTES if facts.minutes else CapacityUnit.PERSONS,
    )
