"""What people who come together are shown instead of times that cannot be had."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import product
from uuid import UUID

from booking.actions.booking_checks import BookingCheck
from scheduler import public as scheduler

SHOWN, MANY = 3, 1000
NEAR = (timedelta(days=1), timedelta(days=14))
"""How far from the times that were wanted others are looked for: first nearby, then, where there are none, farther."""


def nearest_to(
    checks: Sequence[BookingCheck],
    *,
    relation: scheduler.Relation,
    within: timedelta,
    at: datetime,
    moving: Sequence[UUID] = (),
) -> list[scheduler.SlotSet]:
    """Return up to three sets nearest to one that cannot be had, at its site: with the same practitioners, or others.

    `moving`: the allocations of appointments that are to go there, in the order of the people.
    """
    wanted, found = min(check.slot.start for check in checks), list[scheduler.SlotSet]()
    for reach, same in product(NEAR, (True, False)):
        query = scheduler.SetQuery(
            people=tuple(_person(n, check, moving, same=same) for n, check in enumerate(checks)),
            relation=relation,
            starts_at=max(at, wanted - reach),
            ends_at=max(at, wanted) + reach,
            within=within,
            sites=frozenset({checks[0].slot.site.id}),
            limit=MANY,
        )
        known = {one.start for one in found}
        others = (one for one in scheduler.sets(query, at=at) if one.start not in known)
        found += nsmallest(SHOWN - len(found), others, key=lambda one: (abs(one.start - wanted), one.start))
        if len(found) == SHOWN:
            break
    return found


def _person(number: int, check: BookingCheck, moving: Sequence[UUID], *, same: bool) -> scheduler.PersonQuery:
    slot = check.slot
    return scheduler.PersonQuery(
        therapy=slot.therapy,
        visit=slot.visit,
        technique=slot.technique,
        practitioner=slot.practitioner.public_id if same else None,
        audience=check.audience,
        moving=moving[number] if moving else None,
        segments=slot.key.segments,
        reviewed=bool(moving),
    )
