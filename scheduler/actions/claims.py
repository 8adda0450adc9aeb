"""Claims on time: what is claimed, made, taken over, put off, given back.

Nobody else writes claims, or `taken` of the sheets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from psycopg.errors import ExclusionViolation
from psycopg.types.range import TimestamptzRange

from core.database.round_trip import read_together
from core.database.transactions import unit
from scheduler.actions.sheets import ensure
from scheduler.audience import Audience
from scheduler.catalogue import Offer, catalogue
from scheduler.catalogue.block_cards import Occurrence
from scheduler.errors import ClaimLapsed, ClosedThen, NoSuitablePlace, SlotTaken
from scheduler.models import Claim
from scheduler.search import place_access
from scheduler.search.availability import Availability
from scheduler.search.block_room import Visited, has_room, how_many
from scheduler.search.claimed_plans import EarlierClaim, as_claimed
from scheduler.search.explanations import NotForThem, not_for_them, place_not_for_them, why_closed
from scheduler.search.frames import Frame
from scheduler.search.joint_choice import joint_choice
from scheduler.search.presence import Suite, away
from scheduler.search.queries import alternatives
from scheduler.search.resource_choice import Choice, WantedStart, choice
from scheduler.search.slot_ids import Slot, resolve
from scheduler.sheets import free_time
from scheduler.sheets.free_time import Stretch, WantedTime
from scheduler.ticks import TICK

CHOICES = 3
"""How often a place is chosen anew when somebody else was quicker."""

# Changed and counted in one round trip. No claim is ever deleted, nor is one added to an allocation later on.
RESET = """
WITH changed AS (
  UPDATE scheduler_claim SET expires_at = %(expires_at)s
  WHERE allocation = %(allocation)s AND retired_at IS NULL AND expires_at > %(at)s
  RETURNING id
)
SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM scheduler_claim WHERE allocation = %(allocation)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRequest:
    """A visit's start, to be claimed under `allocation` for an audience, for good or until `expires_at`.

    `replacing`: an allocation that gives its time back for this one. `as_before`: what had this start and gave it back:
    its lengths hold, not those of today's catalogue. `reviewed`: nobody looks at it first. `place`: the chosen (id).
    """

    slot: Slot
    allocation: UUID
    audience: Audience
    expires_at: datetime | None = None
    replacing: UUID | None = None
    as_before: EarlierClaim | None = None
    reviewed: bool = False
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What was claimed. `period` is the patient's time, UTC; `only_for`: to whom alone it is open, if not to all."""

    slot: Slot
    place_id: int | None
    period: tuple[datetime, datetime]
    only_for: str = ""


@dataclass(kw_only=True)
class _Visit:
    """A visit that is being claimed: who offers it, what is free for it, what was chosen."""

    request: ClaimRequest
    offer: Offer
    available: Availability
    choice: Choice | None = None

    @property
    def chosen(self) -> tuple[Stretch, ...]:
        return self.choice.stretches if self.choice else ()

    @property
    def wanted(self) -> WantedStart:
        start, place = self.request.slot.start, self.request.place
        return WantedStart(self.available, self.offer, start, although_closed=self.closed, place=place)

    @property
    def closed(self) -> bool:
        """Whether it stood there before, and has that time again if nobody else has, whatever is open now."""
        earlier = self.request.as_before
        return earlier is not None and earlier.although_closed

    @property
    def suite(self) -> Suite | None:
        return (self.choice.bay.site, self.choice.bay.suite) if self.choice and self.choice.bay else None


@unit
def claim(requests: Sequence[ClaimRequest], *, at: datetime) -> list[Claimed]:
    """Claim everything that visits need, all of them or none; one visit is the case of one. Return them in order.

    What they replace is given back by all before any is claimed, so that visits may change places.
    Raises UnknownSlot, or SlotTaken: `taken` names the ones that cannot be had, and up to three alternatives that its
    audience may book are for the first of them. It is ClosedThen where the site, or the therapy there, is closed, and
    NotOpenYet where that one is open to other audiences alone, BlockFull where all that is kept for them is booked,
    NoSuitablePlace where all that lacks is a place with what its person needs.
    """
    taken: list[_Visit] = []
    for _attempt in range(CHOICES):
        visits = _read(requests, at=at)
        taken = _choose(visits)
        if taken:
            break
        if _take(visits, at=at):
            return [_claimed(visit) for visit in visits]
    # Where three choices were lost to others it is not known whose visit stood in the way: all count as taken.
    raise _refusal(taken or visits, at=at)


def _refusal(taken: Sequence[_Visit], *, at: datetime) -> SlotTaken:
    first, request = taken[0], taken[0].request
    first.available.read_hours_again()  # they may be for others since the catalogue was read
    near = alternatives(
        request.slot.key, audience=request.audience, at=at, moving=request.replacing, reviewed=request.reviewed
    )
    closed = "" if first.closed else why_closed(first.available, first.offer, request.slot.start)
    taken_slots = [one.request.slot for one in taken]
    if closed:
        return ClosedThen(closed, taken=taken_slots, alternatives=near)
    if theirs := not_for_them(first.available, first.offer, request.slot.start):
        return _not_open(theirs, taken_slots, near)
    if first.wanted.practitioner_is_free and (
        theirs := place_not_for_them(first.available, first.offer, request.slot.start)
    ):
        return _not_open(theirs, taken_slots, near)
    if _lacks_place(request, at=at):
        return NoSuitablePlace(taken=taken_slots, alternatives=near, staff=request.audience.is_staff)
    return SlotTaken(taken=taken_slots, alternatives=near)


def _not_open(theirs: NotForThem, taken: list[Slot], near: list[Slot]) -> SlotTaken:
    refusal = theirs.kind(theirs.detail, taken=taken, alternatives=near)
    refusal.facts |= {"opens_at": theirs.opens_at.isoformat()} if theirs.opens_at else {}
    return refusal


def _lacks_place(request: ClaimRequest, *, at: datetime) -> bool:
    """Whether whoever needs nothing of the place could have the time."""
    anywhere = replace(request, audience=replace(request.audience, needs=frozenset()))
    if not request.audience.needs:
        return False
    visit = _visit(anywhere, [anywhere], at=at)
    # Nobody may have laid out the weeks of places that were not asked for so far: they are as open as their calendars.
    visit.available.load_unmade()
    return choice(visit.wanted) is not None


def _claimed(visit: _Visit) -> Claimed:
    slot, bay = visit.request.slot, visit.choice.bay if visit.choice else None
    end = slot.start + visit.available.plan.tick_plan.patient * TICK
    only_for = place_access.only_for(visit.available, visit.offer, slot.start, bay=bay)
    return Claimed(slot=slot, place_id=bay.id if bay else None, period=(slot.start, end), only_for=only_for)


def _read(requests: Sequence[ClaimRequest], *, at: datetime) -> list[_Visit]:
    """Read what is free for each visit; make sheets that are missing, for all at once. Raises UnknownSlot."""
    visits = [_visit(request, requests, at=at) for request in requests]
    weeks = {week for visit in visits for week in visit.available.span.weeks}
    # Of two weeks one may be there.
    if any(len(v.available.span.weeks) > 1 or len(v.available.free) < len(v.available.resources) for v in visits):
        ensure({resource for visit in visits for resource in visit.available.resources}, sorted(weeks))
        visits = [_visit(request, requests, at=at) for request in requests]
    return visits


def _visit(request: ClaimRequest, requests: Sequence[ClaimRequest], *, at: datetime) -> _Visit:
    known, start = catalogue(), request.slot.start
    offer, plan = resolve(request.slot.key, known)
    # Today's plan says which resources suit; the lengths are those that its patient was told.
    if request.as_before is not None:
        plan = as_claimed(plan, request.as_before, start=start)
    # What any of them gives back counts as free to all: visits may change places with each other.
    moving = tuple(one.replacing for one in requests if one.replacing)
    frame = Frame.around(start, known.reach(plan, offer.site))
    available = Availability(known, plan, [offer], at, frame, moving, request.audience)
    available.load(available.span.weeks)
    return _Visit(request=request, offer=offer, available=available)


def _choose(visits: Sequence[_Visit]) -> list[_Visit]:
    """Choose for each visit so that all have what they need; return those for which something is not free."""
    together = joint_choice([visit.wanted for visit in visits]) if len(visits) > 1 else None
    if together is not None:
        for visit, chosen in zip(visits, together, strict=True):
            visit.choice = chosen
        return []
    # Whose start it is that is not free is told one after the other, each by what the ones before leave.
    for n, visit in enumerate(visits):
        visit.choice = choice(visit.wanted)
        if visit.choice is None and visit.closed:
            # Its sheets may be shut: what it can have is what nobody else has.
            visit.available.count_as_open()
            for before in visits[:n]:
                visit.available.take(before.chosen, before.offer, suite=before.suite)
            visit.choice = choice(visit.wanted)
        for later in visits[n + 1 :]:
            later.available.take(visit.chosen, visit.offer, suite=visit.suite)
    return [visit for visit in visits if visit.choice is None]


def _take(visits: Sequence[_Visit], *, at: datetime) -> bool:
    """Take what was chosen in a savepoint; False, with nothing changed, when somebody was quicker."""
    try:
        # A savepoint: somebody may be quicker after half of the sheets are marked, and then another place is chosen.
        # What is locked inside is let go by the way back, so that the next choice may lock in order again.
        with transaction.atomic():
            _clear_the_way(visits, at=at)
            wanted = [WantedTime(v.offer.site, v.chosen, v.available.usable_at(v.offer.site), v.closed) for v in visits]
            # All sheets are locked in one order, whosever they are.
            if not free_time.take(wanted) or not all(_still_near(v) and _still_in_time(v) for v in visits):
                transaction.set_rollback(True)
                return False
            Claim.objects.bulk_create(
                Claim(
                    allocation=visit.request.allocation,
                    plan_id=visit.available.plan.id,
                    resource_id=s.resource,
                    period=TimestamptzRange(s.start, s.end, "[)"),
                    expires_at=visit.request.expires_at,
                )
                for visit in visits
                for s in visit.chosen
            )
            # With these claims in it, and with its sheets locked: whoever comes beside it counts them too.
            if not all(_has_room(visit, at=at) for visit in visits):
                transaction.set_rollback(True)
                return False
    except IntegrityError as error:
        # The constraint has the last word: a sheet that lies lets nobody in.
        if isinstance(error.__cause__, ExclusionViolation):
            return False
        raise
    return True


def _clear_the_way(visits: Sequence[_Visit], *, at: datetime) -> None:
    """Retire what is marked and does not count: expired claims, and those of the visits that move."""
    chosen = [one for visit in visits for one in visit.chosen]
    resources = {one.resource for one in chosen}
    expired = any(one.resource in resources for visit in visits for one in visit.available.uncounted or ())
    moving = [visit.request.replacing for visit in visits if visit.request.replacing]
    locked = [*chosen, *(one for visit in visits for one in _around(visit))]
    # Most bookings clear nothing: the sheets are then locked by the statement that marks them, which saves a round
    # trip; only where somebody may travel are more of them locked than are marked.
    if not moving and not expired:
        if len(free_time.bits_by_sheet(locked)) > len(free_time.bits_by_sheet(chosen)):
            free_time.lock(free_time.bits_by_sheet(locked))
        return
    live = Claim.objects.filter(retired_at=None)
    going = live.filter(resource__in=resources, expires_at__lte=at)
    if moving:
        going |= live.filter(allocation__in=moving)
    _retire(going, at=at, with_lock_on=locked)


def _around(visit: _Visit) -> list[Stretch]:
    """Return the ways there and back: whoever books the practitioner at another site waits, in whichever week.

    So does whoever books in the same occurrence of a block that has a limit.
    """
    available, offer = visit.available, visit.offer
    shared = [Stretch(offer.hands, one.start, one.end) for one in _limited(visit)]
    if not available.travels(offer.site):
        return shared
    longest = max(available.catalogue.travel[offer.site].values()) * TICK
    start, end = _contact(visit)
    return [*shared, Stretch(offer.hands, start - longest, end + longest)]


def _limited(visit: _Visit) -> list[Occurrence]:
    """Return the occurrences of blocks that a visit is in which have room for so many and no more."""
    return (
        visit.available.narrowed.access.limited_in(*_contact(visit), visit.offer) if _with_practitioner(visit) else []
    )


def _with_practitioner(visit: _Visit) -> list[Stretch]:
    return [s for s in visit.chosen if s.resource == visit.offer.hands or s.resource in visit.offer.lanes]


def _contact(visit: _Visit) -> tuple[datetime, datetime]:
    """Return from when until when the practitioner is with the patient, or nearby."""
    mine = _with_practitioner(visit)
    return min(s.start for s in mine), max(s.end for s in mine)


def _retire(going: QuerySet[Claim], *, at: datetime, with_lock_on: Iterable[Stretch] = ()) -> int:
    """Lock all sheets concerned in order, then retire the claims and clear their bits; return how many there were."""
    # Sheets first, in order, then the claims on them, by id: every writer does, so that no two wait for each other.
    free_time.lock([*free_time.bits_by_sheet(_stretches(going)), *free_time.bits_by_sheet(with_lock_on)])
    rows = list(going.select_for_update().order_by("pk"))
    Claim.objects.filter(pk__in=[c.pk for c in rows]).update(retired_at=at)
    free_time.give_back(_stretches(rows))
    return len(rows)


def _stretches(claims: Iterable[Claim]) -> list[Stretch]:
    return [Stretch(c.resource_id, c.period.lower, c.period.upper) for c in claims]


def _still_near(visit: _Visit) -> bool:
    """Look again, now that the practitioner's sheet is locked, whether all their patients are in one suite."""
    available, offer = visit.available, visit.offer
    if visit.suite is None or not available.catalogue.spread(offer.site):
        return True
    contact = available.frame.between(*_contact(visit))
    (present,) = read_together(available.engaged([offer.practitioner.id]))
    elsewhere = (there for suite, there in present.items() if suite != visit.suite)
    return not any(there.get(offer.practitioner.id, 0) & contact for there in elsewhere)


def _still_in_time(visit: _Visit) -> bool:
    """Look again, now that the practitioner's sheets are locked, whether they come in time from other sites."""
    available, offer = visit.available, visit.offer
    if not available.travels(offer.site):
        return True
    (known,) = read_together(available.stays_of([offer.practitioner.id]))
    start, end = _contact(visit)
    periods = away(known.get(offer.practitioner.id, ()), site=offer.site, travel=available.catalogue.travel[offer.site])
    return not any(since < end and start < until for since, until in periods)


def _has_room(visit: _Visit, *, at: datetime) -> bool:
    """Look again, now that the practitioner's sheets are locked, whether a block has room for all who are in it."""
    limited = _limited(visit)
    if not limited:
        return True
    mine = [visit.offer.hands, *visit.offer.lanes]
    (there,) = read_together(how_many([Visited(one, mine, mine) for one in limited], at=at, without=()))
    return all(has_room(one, those) for one, those in zip(limited, there, strict=True))


@unit
def take_over(allocation: UUID, *, at: datetime) -> None:
    """Keep for good what was kept for a while. Raises ClaimLapsed when that while is over."""
    _reset(allocation, expires_at=None, at=at)


@unit
def postpone(allocation: UUID, *, until: datetime, at: datetime) -> None:
    """Keep for longer what is kept for a while. Raises ClaimLapsed when that while is over."""
    _reset(allocation, expires_at=until, at=at)


def _reset(allocation: UUID, *, expires_at: datetime | None, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RESET, {"allocation": allocation, "expires_at": expires_at, "at": at})
        changed, all_there_are = cursor.fetchone()
    # The count must be whole: a claim that another writer has retired meanwhile is somebody else's time by now.
    if changed == 0 or changed != all_there_are:
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
def lock_sheets(allocations: Sequence[UUID]) -> None:
    """Lock all sheets of what several allocations claim, in the one order: they are then given back one by one."""
    live = Claim.objects.filter(allocation__in=allocations, retired_at=None)
    free_time.lock(free_time.bits_by_sheet(_stretches(live)))


@unit
def retire_expired(*, at: datetime, most: int) -> int:
    """Retire claims that were kept for a while that is over, the oldest first; return how many. It is only cleaning."""
    expired = Claim.objects.filter(retired_at=None, expires_at__lte=at)
    oldest = list(expired.order_by("expires_at", "pk").values_list("pk", flat=True)[:most])
    return _retire(expired.filter(pk__in=oldest), at=at) if oldest else 0
