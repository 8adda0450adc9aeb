"""May I have it? Claims are made, taken over, put off, given back: the only writer of claims and of `taken`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from psycopg.errors import ExclusionViolation
from psycopg.types.range import TimestamptzRange

from core.database.transactions import unit
from scheduler.actions.sheets import ensure
from scheduler.audience import Audience
from scheduler.catalogue import Catalogue, Offer, Plan, catalogue
from scheduler.errors import ClaimLapsed, SlotTaken
from scheduler.models import Claim
from scheduler.search.allocation import Choice, choose
from scheduler.search.availability import Availability, Frame
from scheduler.search.claimed_plans import EarlierClaim, as_claimed
from scheduler.search.queries import alternatives, resolve, slot_of
from scheduler.search.search_query import Slot
from scheduler.search.slot_ids import SlotKey
from scheduler.sheets import free_time
from scheduler.sheets.free_time import Stretch

CHOICES = 3
"""How often a place is chosen anew when somebody else was quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What was claimed. `period` is the patient's time, UTC."""

    slot: Slot
    place_id: int | None
    period: tuple[datetime, datetime]


class _TakenMeanwhile(Exception):  # noqa: N818  (a signal inside this file, not an error)
    """Somebody was quicker."""


@unit
def claim(
    slot_id: str,
    *,
    allocation: UUID,
    audience: Audience,
    expires_at: datetime | None,
    at: datetime,
    replacing: UUID | None = None,
    as_before: EarlierClaim | None = None,
) -> Claimed:
    """Claim everything a visit needs, or nothing. `replacing`: an allocation that gives its time back for this one.

    `as_before`: what had this start and gave it back: its lengths hold, not those of today's catalogue.

    Raises UnknownSlot, or SlotTaken with up to three alternatives that the audience may book.
    """
    key, known = SlotKey.decode(slot_id), catalogue()
    offer, plan = resolve(key, known)
    if as_before is not None:
        plan = as_claimed(plan, as_before, start=key.start)
    wanted = slot_of(offer, plan, key.start, known, technique=key.technique)
    for _attempt in range(CHOICES):
        available = _available(known, offer, plan, key.start, at=at, moving=replacing)
        choice = choose(available, offer, key.start)
        if choice is None:
            break
        if _take(choice, available, offer, allocation=allocation, expires_at=expires_at):
            place = choice.bay.id if choice.bay else None
            return Claimed(slot=wanted, place_id=place, period=(wanted.start, wanted.end))
    raise SlotTaken(alternatives=alternatives(wanted, audience=audience, at=at, moving=replacing))


def _available(
    known: Catalogue, offer: Offer, plan: Plan, start: datetime, *, at: datetime, moving: UUID | None
) -> Availability:
    frame = Frame.around(start, known.reach(plan, offer.site))
    available = Availability(known, plan, [offer], at, frame, moving)
    available.load(frame.weeks)
    if len(frame.weeks) > 1 or len(available.free) < len(available.resources):  # of two weeks one may be there
        ensure(available.resources, frame.weeks)
        available = Availability(known, plan, [offer], at, frame, moving)
        available.load(frame.weeks)
    return available


def _take(
    choice: Choice, available: Availability, offer: Offer, *, allocation: UUID, expires_at: datetime | None
) -> bool:
    """Take what was chosen in a savepoint; False, with nothing changed, when somebody was quicker."""
    try:
        with transaction.atomic():
            _mark(choice, available, offer)
            Claim.objects.bulk_create(
                Claim(
                    allocation=allocation,
                    plan_id=available.plan.id,
                    resource_id=s.resource,
                    period=_range(s),
                    expires_at=expires_at,
                )
                for s in choice.stretches
            )
    except _TakenMeanwhile:
        return False
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            return False
        raise
    return True


def _mark(choice: Choice, available: Availability, offer: Offer) -> None:
    """Set the bits of what was chosen under the sheets' locks. Raises _Lost."""
    _clear_the_way(choice, available)
    if not free_time.take(choice.stretches, site=offer.site) or not _still_near(choice, available, offer):
        raise _TakenMeanwhile


def _range(stretch: Stretch) -> TimestamptzRange:
    return TimestamptzRange(stretch.start, stretch.end, "[)")


def _clear_the_way(choice: Choice, available: Availability) -> None:
    """Retire what is marked and does not count: expired claims, and those of the visit that moves."""
    resources = {one.resource for one in choice.stretches}
    expired = any(one.resource in resources for one in available.uncounted)
    if available.moving is None and not expired:
        return
    live = Claim.objects.filter(retired_at=None)
    going = live.filter(resource__in=resources, expires_at__lte=available.at)
    if available.moving:
        going |= live.filter(allocation=available.moving)
    _retire(going, at=available.at, with_lock_on=choice.stretches)


def _retire(going: QuerySet[Claim], *, at: datetime, with_lock_on: Iterable[Stretch] = ()) -> int:
    """Lock all sheets concerned in order, then retire the claims and clear their bits; return how many there were."""
    free_time.lock([*free_time.bits_by_sheet(_stretches(going)), *free_time.bits_by_sheet(with_lock_on)])
    rows = list(going.select_for_update().order_by("pk"))
    Claim.objects.filter(pk__in=[c.pk for c in rows]).update(retired_at=at)
    free_time.give_back(_stretches(rows))
    return len(rows)


def _stretches(claims: Iterable[Claim]) -> list[Stretch]:
    return [Stretch(c.resource_id, c.period.lower, c.period.upper) for c in claims]


def _still_near(choice: Choice, available: Availability, offer: Offer) -> bool:
    """Look again, now that the practitioner's sheet is locked, whether all their patients are in one suite."""
    if choice.bay is None or not available.catalogue.spread(offer.site):
        return True
    mine = [s for s in choice.stretches if s.resource == offer.hands or s.resource in offer.lanes]
    contact = available.frame.between(min(s.start for s in mine), max(s.end for s in mine))
    present = available.engaged([offer.practitioner.id]).get(offer.practitioner.id, {})
    return not any(suite != choice.bay.suite and bits & contact for suite, bits in present.items())


@unit
def take_over(allocation: UUID, *, at: datetime) -> None:
    """Keep for good what was kept for a while. Raises ClaimLapsed when that while is over."""
    _reset(allocation, expires_at=None, at=at)


@unit
def postpone(allocation: UUID, *, until: datetime, at: datetime) -> None:
    """Keep for longer what is kept for a while. Raises ClaimLapsed when that while is over."""
    _reset(allocation, expires_at=until, at=at)


def _reset(allocation: UUID, *, expires_at: datetime | None, at: datetime) -> None:
    claims = Claim.objects.filter(allocation=allocation)
    changed = claims.filter(retired_at=None, expires_at__gt=at).update(expires_at=expires_at)
    if changed == 0 or changed != claims.count():
        raise ClaimLapsed


@unit
def lapse(allocation: UUID, *, until: datetime) -> None:
    """Let claims that stand for good expire at `until`: the time stays kept for as long as an undo is possible."""
    Claim.objects.filter(allocation=allocation, retired_at=None, expires_at=None).update(expires_at=until)


@unit
def release(allocation: UUID, *, at: datetime) -> None:
    """Give everything back. Releasing twice is harmless."""
    _retire(Claim.objects.filter(allocation=allocation, retired_at=None), at=at)


@unit
def retire_expired(*, at: datetime, most: int) -> int:
    """Retire claims that were kept for a while that is over, the oldest first; return how many. It is only cleaning."""
    expired = Claim.objects.filter(retired_at=None, expires_at__lte=at)
    oldest = list(expired.order_by("expires_at", "pk").values_list("pk", flat=True)[:most])
    return _retire(expired.filter(pk__in=oldest), at=at) if oldest else 0
