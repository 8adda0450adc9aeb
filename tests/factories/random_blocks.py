"""Time kept for families, drawn at random."""

import random
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from scheduler.audience import CANCER_PROGRAM
from scheduler.catalogue.block_rules import usual_policy
from scheduler.models import BlockDecision, FamilyBlock, Place, Program, Therapy, WorkingHours
from scheduler.public import Audience, SlotKey, SlotTaken
from tests.factories.scheduler import claim

EARLY = date(2026, 1, 5)
SHORT = [{"at": "created", "to": "linked_families"}, {"at": "-5h", "to": "everyone"}]
STEPS = [
    {"at": "-3d", "to": "linked_families"},
    {"at": "-2d", "to": "all_eligible_patients"},
    {"at": "-24h", "to": "everyone"},
]


def keep_some(hours: WorkingHours, chance: random.Random, *, therapy: str, at: datetime) -> FamilyBlock:
    """Keep an hour or two within some working hours; now and then with room for few, or decided about by hand."""
    starts = hours.starts.hour + chance.choice((0, 1))
    block = FamilyBlock.objects.create(
        program=Program.objects.get(key=CANCER_PROGRAM),
        practitioner=hours.practitioner,
        site=hours.site,
        weekday=hours.weekday,
        starts=time(starts, chance.choice((0, 20))),
        ends=time(starts + chance.choice((1, 2)), 30),
        every_weeks=chance.choice((1, 1, 2)),
        valid_from=EARLY + timedelta(weeks=chance.choice((0, 1))),
        capacity=chance.choice((None, 1, 1, 60)),
        reason="drawn",
        release_policy=chance.choice((usual_policy(), SHORT, STEPS)),
        created_by="system:tests",
        created_at=at,
    )
    if block.capacity == 60:
        FamilyBlock.objects.filter(pk=block.pk).update(capacity_unit="minutes")
    if chance.random() < 1 / 4:
        block.therapies.set(Therapy.objects.filter(key__in=(chance.choice((therapy, "acupressure")),)))
    _keep_a_place(block)
    if chance.random() < 1 / 2:
        _decide(block, chance, at=at)
    return block


def _keep_a_place(block: FamilyBlock) -> None:
    """Keep a place with some of the blocks: one that no other person's block keeps."""
    draw = random.Random(f"place {block.practitioner.name} {block.weekday} {block.starts}")
    free = Place.objects.filter(room__site=block.site).exclude(blocks__in=_of_others(block)).order_by("pk")
    if draw.random() < 1 / 2 and free:
        block.places.set([draw.choice(list(free))])


def _of_others(block: FamilyBlock) -> QuerySet[FamilyBlock]:
    return FamilyBlock.objects.exclude(practitioner=block.practitioner)


def _decide(block: FamilyBlock, chance: random.Random, *, at: datetime) -> None:
    """Decide about the occurrence of this week or the next."""
    day = at.date() + timedelta(days=(block.weekday - at.isoweekday()) % 7)
    start = datetime.combine(day, block.starts, ZoneInfo(block.site.zone)).astimezone(UTC)
    made_at = at - timedelta(hours=chance.choice((1, 30)))
    longer = chance.random() < 2 / 3
    BlockDecision.objects.create(
        block=block,
        starts_at=start,
        kind="keep" if longer else "release",
        reason="drawn",
        until=start - timedelta(hours=chance.choice((3, 12))) if longer else None,
        made_by="system:tests",
        made_at=made_at,
    )


def take_in_blocks(free: list[SlotKey], chance: random.Random, *, at: datetime) -> None:
    """Let some of what is kept be taken, in most of the clinics that keep something."""
    blocks = list(FamilyBlock.objects.select_related("site", "practitioner"))
    inside = [key for key in free if any(_is_in(key, block) for block in blocks)]
    for key in chance.sample(inside, min(len(inside), chance.choice((0, 2, 6)))):
        with suppress(SlotTaken):
            claim(key.encode(), allocation=uuid4(), audience=Audience.STAFF_WITH_REASON, at=at)


def _is_in(key: SlotKey, block: FamilyBlock) -> bool:
    there = key.start.astimezone(ZoneInfo(block.site.zone))
    mine = key.site == block.site.key and key.practitioner == block.practitioner.public_id
    return mine and there.isoweekday() == block.weekday and block.starts <= there.time() < block.ends
