"""How long the segments of one appointment may be: by the rule, values in, values out; and which of that is free."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from scheduler.audience import Audience
from scheduler.catalogue import Plan, catalogue
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.resource_choice import WantedStart, choice
from scheduler.search.slot_ids import Slot, resolve
from scheduler.slots import Segments, minutes_taken
from scheduler.ticks import TICK_MINUTES, ticks

__all__ = [
    "CONTACT",
    "HANDS",
    "LONGEST",
    "TICK_MINUTES",
    "BeyondLimitsError",
    "Segments",
    "changing_in",
    "contact",
    "fitting",
    "lasting",
    "least",
    "least_contact",
    "minutes_taken",
    "shortest",
    "usual",
    "with_lengths",
]

HANDS, NEARBY = "hands", "nearby"
CONTACT = frozenset({HANDS, NEARBY})
"""What is changed: while somebody is treated, or rests with somebody near. Getting dressed and turnover stay."""

LONGEST = 240
"""Minutes of one segment at most: more is a slip of whoever types."""


class BeyondLimitsError(ValueError):
    """A length that the rule forbids."""


def least(minutes: int, presence: str, *, percent: int) -> int:
    """Return the shortest that a segment of so many planned minutes may be, in whole minutes.

    Of hands so many percent. Rest gives way to one step, as long as enough is left of hands and rest together.
    """
    return min(minutes, TICK_MINUTES) if presence == NEARBY else max(-(-minutes * percent // 100), 1)


def contact(segments: Segments) -> int:
    """Return for how many minutes somebody is treated, or rests with somebody near."""
    return sum(minutes for _name, minutes, presence in segments if presence in CONTACT)


def least_contact(planned: Segments, *, percent: int) -> int:
    """Return how many minutes of hands and rest together are left at least: so many percent of what is planned."""
    return -(-contact(planned) * percent // 100)


def usual(therapy: str, visit: str, technique: str, *, at: datetime) -> Segments | None:
    """Return how a visit runs that starts then, segment by segment; None for what nobody gives now."""
    plan = catalogue().plan(therapy, visit, technique)
    return plan.at(at).segments if plan else None


def with_lengths(planned: Segments, lengths: Sequence[int], *, percent: int) -> Segments:
    """Return a plan with other lengths, one for each segment of hands or rest, in order. Raises BeyondLimitsError.

    No hands may be under so many percent of their planned length, and all of them together not either.
    """
    changing = changing_in(planned)
    if len(changing) != len(lengths):
        raise BeyondLimitsError
    given = dict(zip(changing, lengths, strict=True))
    lows = {n: least(*planned[n][1:], percent=percent) for n in changing}
    if any(not lows[n] <= length <= LONGEST for n, length in given.items()):
        raise BeyondLimitsError
    if sum(lengths) < least_contact(planned, percent=percent):
        raise BeyondLimitsError
    return tuple((name, given.get(n, length), who) for n, (name, length, who) in enumerate(planned))


def changing_in(planned: Segments) -> list[int]:
    """Return which segments can be of another length, by their position."""
    return [n for n, (_name, _minutes, presence) in enumerate(planned) if presence in CONTACT]


def lasting(planned: Segments, now: Segments, minutes: int, *, percent: int) -> Segments:
    """Return segments by which the patient is there for so many minutes, near to `now`. Raises BeyondLimitsError.

    Rest gives way before hands, the longest first, each as far as it may; what is longer goes to the first of them.
    Claims lie on five minutes: what is changed does, too.
    """
    missing, left_over = divmod(minutes - minutes_taken(now), TICK_MINUTES)
    found = list(now)
    in_order = sorted(changing_in(now), key=lambda n: (now[n][2] != NEARBY, -planned[n][1], n))
    for n in in_order:
        name, length, who = now[n]
        whole = ticks(length)
        low, high = ticks(least(*planned[n][1:], percent=percent)), LONGEST // TICK_MINUTES
        step = max(missing, low - whole) if missing < 0 else min(missing, high - whole)
        missing -= step
        found[n] = (name, (whole + step) * TICK_MINUTES if step else length, who)
    for n in in_order:
        # What does not fill its last five minutes has them all the same: they count before anything is too short.
        if contact(tuple(found)) < least_contact(planned, percent=percent):
            name, length, who = found[n]
            found[n] = (name, ticks(length) * TICK_MINUTES, who)
    if missing or left_over or contact(tuple(found)) < least_contact(planned, percent=percent):
        raise BeyondLimitsError
    return tuple(found)


def shortest(planned: Segments, *, percent: int) -> int:
    """Return for how many minutes a patient is there at least, once all of it is as short as it may be."""
    low = tuple(
        (name, least(length, who, percent=percent) if who in CONTACT else length, who) for name, length, who in planned
    )
    together = sum(ticks(low[n][1]) for n in changing_in(low))
    lacking = max(ticks(least_contact(planned, percent=percent)) - together, 0)
    return minutes_taken(low) + lacking * TICK_MINUTES


def fitting(
    slot: Slot, wanted: Sequence[Segments], *, at: datetime, audience: Audience, moving: UUID, place: int | None = None
) -> list[bool]:
    """Say of each way to run at a start whether all that it needs is free, in one reading. Raises UnknownSlot.

    `moving`: the allocation whose own claims do not count; `place`: the one (its id) that alone will do.
    """
    known = catalogue()
    offer, plan = resolve(slot.key, known)
    plans = [plan.lasting(one) for one in wanted]
    if not plans:
        return []
    longest = max(plans, key=lambda one: known.reach(one, offer.site))
    frame = Frame.around(slot.start, known.reach(longest, offer.site))
    read = Availability(known, longest, [offer], at, frame, (moving,), audience)
    read.load(frame.weeks)
    read.load_unmade()
    return [choice(WantedStart(_for(read, one), offer, slot.start, place=place)) is not None for one in plans]


def _for(read: Availability, plan: Plan) -> Availability:
    """Return what was read, for another plan: what follows from a plan is worked out anew."""
    other = replace(read, plan=plan, _rooms={}, _staffed={}, _bays={})
    other.narrowed = read.narrowed
    return other
