"""Kept time found the slow way: block by block, day by day, from rows alone. It shares no line with what it checks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.models import Claim, FamilyBlock, Practitioner

STAGES = ("linked_families", "cancer_program_patients_and_families", "all_eligible_patients", "everyone")
EVER = datetime.min.replace(tzinfo=UTC)
DAY = timedelta(days=1)


def closed_to(
    practitioner: Practitioner,
    site: int,
    *,
    therapy: str,
    contact: timedelta,
    at: datetime,
    since: datetime,
    until: datetime,
    reach: int,
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what blocks keep of a practitioner's time from somebody who is let in from the stage `reach` on."""
    for block in FamilyBlock.objects.filter(practitioner=practitioner, site=site):
        for start, end in _occurrences(block, since, until):
            opens = _opens(block, start)
            if opens["everyone"] <= at:
                continue
            if not _may(block, opens, therapy, reach, at) or _full(block, start, end, contact, at=at):
                yield start, end


def places_closed_to(
    site: int, *, therapy: str, at: datetime, since: datetime, until: datetime, reach: int
) -> Iterator[tuple[int, datetime, datetime]]:
    """Yield what blocks keep of places (their ids) from somebody who is let in from the stage `reach` on."""
    for block in FamilyBlock.objects.filter(site=site).exclude(places=None).distinct():
        for start, end in _occurrences(block, since, until):
            opens = _opens(block, start)
            if opens["everyone"] > at and not _may(block, opens, therapy, reach, at):
                yield from ((place, start, end) for place in block.places.values_list("pk", flat=True))


def _may(block: FamilyBlock, opens: dict[str, datetime], therapy: str, reach: int, at: datetime) -> bool:
    given = set(block.therapies.values_list("key", flat=True)) or {therapy}
    return min(opens[word] for word in STAGES[reach:]) <= at and therapy in given


def _occurrences(block: FamilyBlock, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    zone, day = ZoneInfo(block.site.zone), (since - 2 * DAY).date()
    while day <= (until + DAY).date():
        if day.isoweekday() == block.weekday and block.valid_from <= day and _due(block, day):
            yield tuple(datetime.combine(day, wall, zone).astimezone(UTC) for wall in (block.starts, block.ends))
        day += DAY


def _due(block: FamilyBlock, day: date) -> bool:
    first = block.valid_from - block.valid_from.weekday() * DAY
    return (day - first).days // 7 % block.every_weeks == 0


def _opens(block: FamilyBlock, start: datetime) -> dict[str, datetime]:
    opens = dict.fromkeys(STAGES, datetime.max.replace(tzinfo=UTC))
    for stage in block.release_policy:
        opens[stage["to"]] = _before(start, stage["at"], ZoneInfo(block.site.zone))
    # Who comes in a narrower stage comes in all wider ones too.
    for n in range(len(STAGES) - 2, -1, -1):
        opens[STAGES[n]] = min(opens[STAGES[n]], opens[STAGES[n + 1]])
    for decision in block.decisions.filter(starts_at=start, undone_at=None).order_by("made_at"):
        for word, moment in opens.items():
            if decision.kind == "release":
                opens[word] = EVER
            elif moment > decision.made_at:
                opens[word] = max(moment, decision.until)
    return opens


def _before(start: datetime, text: str, zone: ZoneInfo) -> datetime:
    if text == "created":
        return EVER
    number = int(text[1:-1])
    if text.endswith("h"):
        return start - timedelta(hours=number)
    there = start.astimezone(zone).replace(tzinfo=None)
    return (there - number * DAY).replace(tzinfo=zone).astimezone(UTC)


def _full(block: FamilyBlock, start: datetime, end: datetime, contact: timedelta, *, at: datetime) -> bool:
    if block.capacity is None:
        return False
    people, inside = set(), timedelta()
    for claim in Claim.objects.filter(retired_at=None, resource__practitioner=block.practitioner_id):
        met = start < claim.period.upper and claim.period.lower < end
        if met and (claim.expires_at is None or claim.expires_at > at):
            people.add(claim.allocation)
            inside += min(claim.period.upper, end) - max(claim.period.lower, start)
    if block.capacity_unit == "persons":
        return len(people) + 1 > block.capacity
    return (inside + contact) / timedelta(minutes=1) > block.capacity
