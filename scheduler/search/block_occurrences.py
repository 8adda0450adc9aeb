"""What blocks keep at a site day by day: how far each occurrence is open, what is booked in it, what was decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.database.round_trip import read_together
from scheduler.audience import ReleaseStage
from scheduler.calendars.hours import Period, ticks_inside
from scheduler.calendars.open_hours import Calendar, OpenHours, open_hours
from scheduler.catalogue import SiteCard, catalogue
from scheduler.catalogue.block_cards import Occurrence
from scheduler.catalogue.block_rules import keepable_until
from scheduler.models import BlockDecision, FamilyBlock
from scheduler.models.blocks import DecisionKind
from scheduler.release import SINCE_EVER, next_stage, stage_at
from scheduler.search.block_room import Contact, in_contact
from scheduler.ticks import TICK, TICK_MINUTES, TICKS_A_WEEK, weeks_between


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCard:
    """What somebody decided about an occurrence; `made_by` is a principal's key. Undone, it counts for nothing."""

    id: UUID
    kind: str
    reason: str
    until: datetime | None
    made_by: str
    made_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOccurrence:
    """A block on one day, for staff. Times are UTC; `site.tz` is the clinic's clock.

    `stage`: how far it is open now, in the words of the data; empty before the first. `next_stage` begins at `opens_at`
    where one is to come. `minutes`: how long somebody works then, in a block's time; `booked_minutes`: for how long of
    them somebody is treated; `people`: how many are. `keepable_until`: as long as it can be kept back, if it can be.
    """

    block: UUID
    program: str
    program_name: Mapping[str, str]
    practitioner: UUID
    practitioner_name: str
    site: SiteCard
    start: datetime
    end: datetime
    kept_since: datetime
    stage: str
    since: datetime
    next_stage: str
    opens_at: datetime | None
    everyone_at: datetime
    released_by_hand: bool
    keepable_until: datetime | None
    minutes: int
    booked_minutes: int
    people: int
    allocations: tuple[UUID, ...]
    capacity: int | None
    capacity_unit: str
    reason: str
    owner_team: str
    decisions: tuple[DecisionCard, ...]

    @property
    def free_minutes(self) -> int:
        """How long nobody is treated in it."""
        return self.minutes - self.booked_minutes

    @property
    def decided(self) -> bool:
        """Whether somebody has decided about it since it opened to whom it is open, and that stands."""
        return any(one.made_at >= self.since and one.undone_at is None for one in self.decisions)


def block_occurrences(
    site: int, start: datetime, end: datetime, *, at: datetime, turning: timedelta | None = None
) -> list[BlockOccurrence]:
    """Return what blocks keep at a site (its id) in [start, end), by start: in as many questions for one as for many.

    Times in which the site is closed, or whoever treats is away all along, are left out. `turning`: only what opened
    to more, or opens to everyone, at most so long ago, or from now; where nothing does, nothing is asked.
    """
    known = catalogue()
    here = known.blocks.get(site)
    found = list(here.between(start, end)) if here and site in known.sites and start < end else []
    if turning is not None:
        found = [one for one in found if _turns(one, within=turning, at=at)]
    if not found:
        return []
    rows = FamilyBlock.objects.select_related("program", "practitioner").in_bulk({one.block.id for one in found})
    span = found[0].start, max(one.end for one in found)
    (contacts,) = read_together(in_contact(((one.block.practitioner, one.period) for one in found), at=at))
    decisions = _decisions(found)
    hours = open_hours(
        {Calendar(site=site, practitioner=one.block.practitioner) for one in found}, weeks_between(*span)
    )
    cards = [
        _card(
            one,
            rows[one.block.id],
            known.sites[site],
            minutes=_open_minutes(one, hours),
            contacts=contacts,
            decisions=decisions[one.block.id, one.start],
            at=at,
        )
        for one in found
        if one.block.id in rows
    ]
    return [card for card in cards if card.minutes]


def _turns(one: Occurrence, *, within: timedelta, at: datetime) -> bool:
    """Whether an occurrence is not everyone's yet, and is so soon, or has just been opened to more."""
    stage = stage_at(one.opens, at)
    if stage is ReleaseStage.EVERYONE:
        return False
    return one.opens[ReleaseStage.EVERYONE] - within <= at or (stage is not None and at - within < one.opens[stage])


def _card(
    one: Occurrence,
    row: FamilyBlock,
    site: SiteCard,
    *,
    minutes: int,
    contacts: Iterable[Contact],
    decisions: Sequence[DecisionCard],
    at: datetime,
) -> BlockOccurrence:
    stage, coming = stage_at(one.opens, at), next_stage(one.opens, at)
    mine = [c for c in contacts if c[0] == one.block.practitioner and c[2] < one.end and one.start < c[3]]
    began = row.created_at if stage is None or one.opens[stage] == SINCE_EVER else one.opens[stage]
    return BlockOccurrence(
        block=row.public_id,
        program=row.program.key,
        program_name=row.program.name,
        practitioner=row.practitioner.public_id,
        practitioner_name=str(row.practitioner),
        site=site,
        start=one.start,
        end=one.end,
        kept_since=row.created_at,
        stage="" if stage is None else stage.word,
        since=began,
        next_stage=coming[0].word if coming else "",
        opens_at=coming[1] if coming else None,
        everyone_at=one.opens[ReleaseStage.EVERYONE],
        released_by_hand=not one.token,
        keepable_until=keepable_until(one, keeps=_keeps(decisions), at=at),
        minutes=minutes,
        booked_minutes=min(minutes, booked_minutes([(c[2], c[3]) for c in mine], within=one.period)),
        people=len(mine),
        allocations=tuple(c[1] for c in mine if isinstance(c[1], UUID)),
        capacity=row.capacity,
        capacity_unit=row.capacity_unit,
        reason=row.reason,
        owner_team=row.owner_team,
        decisions=tuple(decisions),
    )


def _keeps(decisions: Iterable[DecisionCard]) -> int:
    return sum(one.kind == DecisionKind.KEEP and one.undone_at is None for one in decisions)


def booked_minutes(stretches: Iterable[Period], *, within: Period) -> int:
    """Return for how many minutes of a period at least one of the stretches lasts."""
    total, since = timedelta(), within[0]
    for start, end in sorted(stretches):
        first, last = max(start, since), min(end, within[1])
        if first < last:
            total, since = total + (last - first), last
    return total // timedelta(minutes=1)


def _open_minutes(one: Occurrence, hours: OpenHours) -> int:
    """Return for how many minutes of an occurrence its practitioner works: absences and closed days keep nothing."""
    calendar = Calendar(site=one.block.site, practitioner=one.block.practitioner)
    ticks = 0
    for week in weeks_between(one.start, one.end - TICK):
        bits = ticks_inside(one.period, origin=week, total=TICKS_A_WEEK)
        ticks += (hours.ticks(calendar, week).all & bits).bit_count()
    return ticks * TICK_MINUTES


def _decisions(found: Sequence[Occurrence]) -> Mapping[tuple[int, datetime], list[DecisionCard]]:
    decided: dict[tuple[int, datetime], list[DecisionCard]] = defaultdict(list)
    rows = BlockDecision.objects.filter(
        block__in={one.block.id for one in found}, starts_at__in={one.start for one in found}
    )
    for row in rows.order_by("made_at", "pk"):
        decided[row.block_id, row.starts_at].append(
            DecisionCard(
                id=row.public_id,
                kind=row.kind,
                reason=row.reason,
                until=row.until,
                made_by=row.made_by,
                made_at=row.made_at,
                undone_at=row.undone_at,
            )
        )
    return decided
