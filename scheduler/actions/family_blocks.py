"""Time that programs keep for families: making, changing and ending blocks, and deciding about one occurrence.

Appointments stay as they are: each edit says which of them lie in time that is for fewer people from now on. With
`dry_run` everything is done, told, and undone. Locked are the practitioner, the block, the site, then the sheets in
their order, so that whoever is about to claim waits, and is judged by what was decided.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.database.round_trip import read_together
from core.database.transactions import rehearsal, unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Missing, refuse_invalid
from core.text.languages import when_in_words
from core.updates import lock_row, write
from scheduler.actions import sheets
from scheduler.actions.calendar_edits import impact_of_lost_time, lock
from scheduler.actions.setup_ledger import added, noted
from scheduler.audience import ReleaseStage
from scheduler.calendars.block_checks import (
    LONGEST_REASON,
    WantedBlock,
    check_block,
    wanted_of,
)
from scheduler.calendars.hours import DAY, monday
from scheduler.catalogue.block_cards import Occurrence
from scheduler.catalogue.block_rules import block_limits
from scheduler.catalogue.blocks import occurrence_now
from scheduler.errors import BlockChanged, CannotDecide
from scheduler.models import BlockDecision, BlockRelease, FamilyBlock, Place, Practitioner, Program, Resource, Therapy
from scheduler.models.blocks import DecisionKind
from scheduler.release import next_stage
from scheduler.search.block_room import in_contact
from scheduler.sheets.edit_impact import EditWarning, Impact
from scheduler.sheets.sheet_rows import LostTicks
from scheduler.ticks import week_of

TOO_LONG = gettext_lazy("Please use at most 200 letters.")


class BlockFields(TypedDict, total=False):
    """What can be changed of a block."""

    program: Program
    weekday: int
    starts: time
    ends: time
    every_weeks: int
    valid_from: date
    valid_to: date | None
    therapies: tuple[Therapy, ...]
    places: tuple[Place, ...]
    capacity: int | None
    capacity_unit: str
    reason: str
    release_policy: list[dict[str, str]]
    owner_team: str


def family_block(public_id: UUID) -> FamilyBlock:
    """Return a block by its id. Raises Missing."""
    found = FamilyBlock.objects.select_related("practitioner", "site", "program").filter(public_id=public_id).first()
    if found is None:
        raise Missing
    return found


def block_decision(public_id: UUID) -> BlockDecision:
    """Return a decision by its id. Raises Missing."""
    rows = BlockDecision.objects.select_related("block__practitioner", "block__site", "block__program")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Missing
    return found


def _lock(block: FamilyBlock, *, seen: int | None = None) -> None:
    """Lock the practitioner, whose calendar it narrows, then the block. Raises Missing, BlockChanged."""
    lock(block.practitioner)
    lock_row(block)
    if seen is not None and block.version != seen and block.ended_at is None:  # that it has ended is told as such
        raise BlockChanged


@added
def create(
    practitioner: Practitioner, wanted: WantedBlock, *, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[FamilyBlock]:
    """Keep time of a practitioner for families of a program. Raises Invalid, BlockClash, BlockShare."""
    with rehearsal(only=dry_run):
        lock(practitioner)
        lock(wanted.site)  # nobody else keeps a place of it meanwhile, or makes its sheets
        outside = check_block(wanted, block_limits(), practitioner=practitioner, at=at)
        block = FamilyBlock.objects.create(
            practitioner=practitioner, created_by=by.key, created_at=at, **wanted.columns
        )
        block.therapies.set(wanted.therapies)
        block.places.set(wanted.places)
        lost = _reopen(block, wanted, since=at)
        return impact_of_lost_time(block, lost, by=by, at=at, warnings=_warnings(outside))


@noted(locking=_lock)
def change(
    block: FamilyBlock,
    *,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
    seen: int | None = None,
    **sent: Unpack[BlockFields],
) -> Impact[FamilyBlock]:
    """Change these fields of a block and leave the rest. Raises Missing, Invalid, CannotDecide, BlockClash, BlockShare.

    Whatever was decided about an occurrence holds on where the occurrence is still there. `seen`: as which version
    whoever acts saw it; where it is another by now they are told so. Raises BlockChanged.
    """
    with rehearsal(only=dry_run):
        _lock(block, seen=seen)
        lock(block.site)
        _refuse_ended(block)
        before = wanted_of(block)
        wanted = replace(before, **sent)
        outside = check_block(wanted, block_limits(), practitioner=block.practitioner, at=at, instead_of=block)
        columns: dict[str, Any] = {name: value for name, value in sent.items() if name not in {"therapies", "places"}}
        write(block, **columns, version=block.version + 1)
        if "therapies" in sent:
            block.therapies.set(wanted.therapies)
        if "places" in sent:
            block.places.set(wanted.places)
        lost = _reopen(block, before, wanted, since=at)
        return impact_of_lost_time(block, lost, by=by, at=at, warnings=_warnings(outside))


def _warnings(outside: Iterable[str]) -> tuple[EditWarning, ...]:
    return tuple(EditWarning(code="outside-hours", detail=one) for one in outside)


@noted(locking=_lock)
def end(
    block: FamilyBlock, *, by: Principal, at: datetime, dry_run: bool = False, seen: int | None = None
) -> Impact[FamilyBlock]:
    """Keep nothing that starts from now on. `seen`: as above. Raises Missing, CannotDecide, BlockChanged."""
    with rehearsal(only=dry_run):
        _lock(block, seen=seen)
        lock(block.site)
        _refuse_ended(block)
        write(block, ended_at=at, ended_by=by.key, version=block.version + 1)
        return impact_of_lost_time(block, _reopen(block, wanted_of(block), since=at), by=by, at=at)


@unit
def keep_occurrence(
    block: FamilyBlock,
    starts_at: datetime,
    *,
    reason: str,
    by: Principal,
    at: datetime,
    until: datetime | None = None,
    dry_run: bool = False,
) -> BlockDecision:
    """Let nobody else book in an occurrence before `until` (None: as late as may be) than those who may by now.

    Raises Missing, Invalid, and CannotDecide where it is open to everybody, or was kept back as often as it may be.
    """
    with rehearsal(only=dry_run):
        _lock(block)
        one = _occurrence(block, starts_at)
        _refuse_open(one, at)
        until = until or one.start - block_limits().keep_until
        _check_keeping(block, one, reason=reason, until=until, at=at)
        found = BlockDecision.objects.create(
            block=block,
            starts_at=one.start,
            kind=DecisionKind.KEEP,
            reason=reason,
            until=until,
            made_by=by.key,
            made_at=at,
        )
        _rewrite(one)
        return found


@unit
def release_occurrence(
    block: FamilyBlock, starts_at: datetime, *, by: Principal, at: datetime, reason: str = "", dry_run: bool = False
) -> BlockDecision:
    """Open an occurrence to everybody now. Raises Missing, Invalid, CannotDecide where it is open already."""
    with rehearsal(only=dry_run):
        _lock(block)
        one = _occurrence(block, starts_at)
        _refuse_open(one, at)
        refuse_invalid([("reason", str(TOO_LONG), len(reason) > LONGEST_REASON)])
        found = BlockDecision.objects.create(
            block=block,
            starts_at=one.start,
            kind=DecisionKind.RELEASE,
            reason=reason,
            made_by=by.key,
            made_at=at,
        )
        _rewrite(one)
        # With its sheets locked: nobody comes in between.
        write(found, booked_before=sorted(str(allocation) for allocation in _booked(one, at=at)))
        return found


@unit
def undo_decision(decision: BlockDecision, *, by: Principal, at: datetime, dry_run: bool = False) -> BlockDecision:
    """Take a decision back, as if it had not been made; raises CannotDecide once somebody has booked by it.

    Raises Missing.
    """
    with rehearsal(only=dry_run):
        block = decision.block
        _lock(block)
        lock_row(decision)
        if decision.undone_at is not None:
            raise CannotDecide(_("This was taken back already."))
        one = _occurrence(block, decision.starts_at)
        _refuse_begun(one, at)
        write(decision, undone_at=at, undone_by=by.key)
        _rewrite(one)
        if decision.kind == DecisionKind.RELEASE:
            since = {str(allocation) for allocation in _booked(one, at=at)} - set(decision.booked_before)
            if since:
                raise CannotDecide(
                    _("Somebody has booked in this time, or is about to, since it was opened. It stays open.")
                )
            # What was noted as reached by hand was not reached after all.
            BlockRelease.objects.filter(
                block=block, starts_at=one.start, reached_at__gte=decision.made_at, reached_at__lte=at
            ).delete()
        return decision


def _check_keeping(block: FamilyBlock, one: Occurrence, *, reason: str, until: datetime, at: datetime) -> None:
    """Refuse to keep an occurrence longer without a reason, too long, for nothing, or too often."""
    latest, coming = one.start - block_limits().keep_until, next_stage(one.opens, at)
    too_late = _("It can be kept until %(when)s at the latest, so that others can still come.")
    refuse_invalid(
        [
            ("reason", _("Please say why it is kept longer."), not reason.strip()),
            ("reason", str(TOO_LONG), len(reason) > LONGEST_REASON),
            ("until", too_late % {"when": when_in_words(latest, block.site.tz)}, until > latest),
            ("until", _("It opens to others later than this anyway."), coming is not None and until <= coming[1]),
        ]
    )
    keeps = BlockDecision.objects.filter(block=block, starts_at=one.start, kind=DecisionKind.KEEP, undone_at=None)
    if keeps.count() >= block_limits().keeps:
        raise CannotDecide(
            _("It was kept longer as often as it can be. It opens by itself; book what is wanted before that.")
        )


def _refuse_ended(block: FamilyBlock) -> None:
    if block.ended_at is not None:
        raise CannotDecide(_("This block has ended. Make a new one."))


def _occurrence(block: FamilyBlock, starts_at: datetime) -> Occurrence:
    """Return the occurrence that begins then, as it stands. Raises Invalid."""
    found = occurrence_now(block, starts_at)
    if found is None:
        raise Invalid(_("This block has no time that begins then."), pointer="/starts_at")
    return found


def _refuse_begun(one: Occurrence, at: datetime) -> None:
    if one.start <= at:
        raise CannotDecide(_("It has begun, or is over."))


def _refuse_open(one: Occurrence, at: datetime) -> None:
    _refuse_begun(one, at)
    if not one.token:
        raise CannotDecide(_("Somebody has opened it to everybody. Take that back first."))
    if one.opens[ReleaseStage.EVERYONE] <= at:
        raise CannotDecide(_("It is open to everybody already."))


def _booked(one: Occurrence, *, at: datetime) -> list[UUID]:
    """Return whom the practitioner treats in an occurrence, as allocations."""
    (contacts,) = read_together(in_contact([(one.block.practitioner, one.period)], at=at))
    return [allocation for _who, allocation, since, until in contacts if since < one.end and one.start < until]


def _reopen(block: FamilyBlock, *states: WantedBlock, since: datetime) -> list[LostTicks]:
    """Open anew what a block, as it was and as it is, touches from now on; return what is open to fewer."""
    ends = [one.valid_to for one in states]
    known = [day for day in ends if day is not None]
    first = max(since.date(), min(one.valid_from for one in states))
    return sheets.reopen(
        practitioners=[block.practitioner_id],
        sites={one.site.pk for one in states},
        # A day more on each side: a day of the site's begins and ends in other weeks of UTC.
        first=monday(first - DAY),
        last=monday(max(known) + DAY) if len(known) == len(ends) else None,
        places=_resources({place for one in states for place in one.places}),
    )


def _resources(places: Collection[Place]) -> list[int]:
    return list(Resource.objects.filter(place__in=places).values_list("pk", flat=True)) if places else []


def _rewrite(one: Occurrence) -> list[LostTicks]:
    """Open anew the weeks of one occurrence."""
    if one.block.places:
        lock(Site(pk=one.block.site))  # nobody makes sheets of them meanwhile
    return sheets.reopen(
        practitioners=[one.block.practitioner],
        sites=[one.block.site],
        first=week_of(one.start),
        last=week_of(one.end),
        places=one.block.places,
    )
