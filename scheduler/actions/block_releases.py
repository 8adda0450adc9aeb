"""Noting which stages kept time has reached, and how full it was then. Nothing waits for it: it is to tell staff."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core.database.transactions import unit
from scheduler.audience import ReleaseStage
from scheduler.catalogue import catalogue
from scheduler.catalogue.block_cards import Occurrence
from scheduler.models import BlockRelease, FamilyBlock
from scheduler.release import SINCE_EVER
from scheduler.search.block_occurrences import BlockOccurrence, block_occurrences

LATE, EARLY = timedelta(days=14), timedelta(days=60)
"""What began so long ago is noted still, should nobody have come by; and stages begin so long before at the most."""


def note_reached(*, at: datetime) -> int:
    """Note for all sites which stages have begun by `at`; return how many are new. A second run finds none."""
    return sum(_note_site(site, at=at) for site in sorted(catalogue().blocks))


@unit
def _note_site(site: int, *, at: datetime) -> int:
    start, end = at - LATE, at + EARLY
    here = catalogue().blocks[site]
    ids = dict(FamilyBlock.objects.filter(site=site).values_list("pk", "public_id"))
    cards = {(one.block, one.start): one for one in block_occurrences(site, start, end, at=at)}
    rows = [
        row
        for one in here.between(start, end)
        if (card := cards.get((ids[one.block.id], one.start)))
        for row in _reached(one, card, at=at)
    ]
    known = set(
        BlockRelease.objects.filter(block__site=site, starts_at__gte=start).values_list("block", "starts_at", "stage")
    )
    new = [row for row in rows if (row.block_id, row.starts_at, row.stage) not in known]
    # Two who note at once note the same: the second has nothing to do.
    BlockRelease.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def booked_as_it_opened(found: Sequence[BlockOccurrence]) -> dict[tuple[UUID, datetime], int]:
    """Return how many minutes of occurrences (block, start) were booked when they were noted to be as open as now."""
    rows = BlockRelease.objects.filter(
        block__public_id__in={one.block for one in found}, starts_at__in={one.start for one in found}
    )
    noted = {row[:3]: row[3] for row in rows.values_list("block__public_id", "starts_at", "stage", "booked_minutes")}
    stages = {(one.block, one.start): one.stage for one in found}
    return {key: noted[*key, stage] for key, stage in stages.items() if (*key, stage) in noted}


def _reached(one: Occurrence, card: BlockOccurrence, *, at: datetime) -> list[BlockRelease]:
    return [
        BlockRelease(
            block_id=one.block.id,
            starts_at=one.start,
            stage=stage.word,
            reached_at=one.opens[stage],
            noted_at=at,
            minutes=card.minutes,
            booked_minutes=card.booked_minutes,
        )
        for stage in ReleaseStage
        if SINCE_EVER < one.opens[stage] <= at
    ]
