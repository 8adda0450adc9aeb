"""Places that have what somebody needs: their time is claimed there, or, by staff with a reason, elsewhere."""

from dataclasses import replace

from django.db import transaction

from booking.actions.booking_checks import BookingCheck
from booking.roles import may_override
from booking.rules import Broken
from scheduler import public as scheduler


def claim_for(
    wanted: scheduler.ClaimRequest, check: BookingCheck, *, moves: bool = False
) -> tuple[scheduler.Claimed, list[Broken]]:
    """Claim a time at a place that has what its person needs; return what is set aside where staff give a reason.

    They have any place then where none of those is free: the list at the door shows the need. `moves`: for a visit that
    stands, of whose patient nobody is told that they need anything but staff; so it is where the record may be of
    somebody else than whoever books (`hides_needs`). Raises SlotTaken, of which NoSuitablePlace is one: `overridable`
    says that a reason would do.
    """
    staff = check.audience.is_staff
    may = bool(check.needs) and may_override(check.by, site_id=check.slot.site.id, own_record=check.own_record)
    if may and check.override_reason:
        return claim_preferring(wanted, check)
    try:
        return scheduler.claim([wanted], at=check.at)[0], []
    except scheduler.NoSuitablePlace as refused:
        if (moves or check.hides_needs) and not staff:
            near = refused.facts["alternatives"]
            raise scheduler.SlotTaken(taken=refused.taken, alternatives=near) from refused
        if may:
            refused.facts["overridable"] = True
        raise


def claim_preferring(wanted: scheduler.ClaimRequest, check: BookingCheck) -> tuple[scheduler.Claimed, list[Broken]]:
    """Claim a time at a place that has what its person needs, or at any where none of those is free."""
    try:
        with transaction.atomic():  # a savepoint: what is refused leaves the rest of this unit as it is
            return scheduler.claim([wanted], at=check.at)[0], []
    except scheduler.NoSuitablePlace:
        anywhere = replace(wanted, audience=replace(wanted.audience, needs=frozenset()))
        return scheduler.claim([anywhere], at=check.at)[0], [Broken.NO_PLACE]
