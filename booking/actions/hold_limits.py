"""How many times somebody keeps at once: counted under the locks that the next one waits for."""

from datetime import datetime, timedelta
from functools import cache

from django.db.models import Q, QuerySet

from booking.actions import limits
from booking.actions.booking_checks import BookingCheck
from booking.actions.patients import person_locks
from booking.errors import TooManyHolds
from booking.models import Hold
from booking.models.holds import HoldState
from booking.policies import booking_policy
from core.database.compiled import Argument, CompiledQuery
from core.database.locking import wait_for

NO_HOLD = 0


def chosen(*, at: datetime | Argument, but: int | Argument) -> QuerySet[Hold]:
    """Return the open holds without those that the clinic proposes: these keep nobody from looking at other times."""
    return Hold.objects.filter(state=HoldState.OPEN, expires_at__gt=at, proposed=False).exclude(pk=but)


@cache
def _counted(*, of_patient: bool, of_maker: bool) -> CompiledQuery[Hold]:
    """Return the open holds that count for a patient, or for nobody named yet, and all of whoever makes them."""
    mine = Q(patient=Argument("patient")) if of_patient else Q(made_by=Argument("key"), patient=None)
    mine |= Q(made_by=Argument("key")) if of_maker else Q()
    return CompiledQuery(lambda: chosen(at=Argument("at"), but=Argument("but")).filter(mine).values_list("pk"))


def count(check: BookingCheck, *, address: str, but: Hold | None) -> timedelta:
    """Refuse more open holds than a person, or a network, may keep; `but` is about to go. Return for how long.

    Locks what is counted by, so that parallel takes wait for each other.
    """
    lock_quota(check, address=address)
    patient, but_id = check.patient, but.pk if but else NO_HOLD
    mine = _counted(of_patient=patient is not None, of_maker=not check.audience.is_staff)
    keeps = len(mine.tuples(patient=patient and patient.pk, key=check.by.key, at=check.at, but=but_id))
    policy = booking_policy(check.slot.site.id, at=check.at)
    if keeps >= policy.open_holds:
        raise TooManyHolds(limit=policy.open_holds)
    if not address:
        return policy.hold
    near = chosen(at=check.at, but=but_id).filter(address=address).values_list("expires_at", flat=True)
    site_id = check.slot.site.id
    return limits.time_to_hold(near, site_id=site_id, network=address, first=keeps == 0, at=check.at)


def lock_quota(check: BookingCheck, *, address: str = "") -> None:
    """Wait for other takes of the same person, then from the same network, then for acts on the same record."""
    if check.patient is None or not check.audience.is_staff:
        person_locks.wait_for_others_of(check.by)
    if address:
        wait_for(f"holds from {address}")
    if check.patient is not None:
        person_locks.lock_patient(check.patient)
