"""How much visitors who are not signed in book within an hour and a day: by contact, by session, by network."""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db.models import F

from booking.counted import Whose
from booking.errors import LimitReached, ManyFromNetwork, TooManyBookings
from booking.models import Appointment, Hold, UnusualBooking
from booking.models.holds import HoldState
from core.locking import wait_for
from core.policies import Allowance
from core.principal import Principal
from core.sealing import digest
from core.transactions import unit
from scheduler import public as scheduler

log = logging.getLogger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Counted:
    """When visits were booked that count together."""

    whose: Whose
    digest: str
    times: Iterable[datetime]
    allowed: Allowance


def may_book(hold: Hold, *, email: str, by: Principal, at: datetime) -> None:
    """Refuse a visitor's booking beyond what one session, network or contact books. Raises TooManyBookings.

    Locks what is counted by, so that bookings side by side wait for each other; the visitor is locked already.
    """
    policy = scheduler.booking_policy(hold.site_id, at=at)
    booked = Hold.objects.filter(state=HoldState.CONFIRMED, created_at__gt=at - DAY).order_by()
    mine = booked.filter(made_by=by.key).values_list("created_at", flat=True)
    _insist(Counted(Whose.SESSION, digest(by.key, purpose="limits"), mine, policy.visits_per_session), hold, at=at)
    if hold.address:
        wait_for(f"holds from {hold.address}")
        near = booked.filter(address=hold.address).values_list("created_at", flat=True)
        _insist(Counted(Whose.NETWORK, hold.address, near, policy.visits_per_network), hold, at=at)
    contact = wait_for_contact(email)
    with_it = Appointment.objects.filter(created_at__gt=at - DAY, patient__guest=True).order_by()
    theirs = with_it.filter(patient__contacts__value__iexact=email).values_list("created_at", flat=True)
    _insist(Counted(Whose.CONTACT, contact, theirs, policy.visits_per_contact), hold, at=at)


def wait_for_contact(email: str) -> str:
    """Wait for whoever books with the same address; return its keyed hash."""
    contact = digest(email.casefold(), purpose="limits")
    wait_for(f"bookings of contact {contact}")
    return contact


def _insist(counted: Counted, hold: Hold, *, at: datetime) -> None:
    times = sorted(counted.times, reverse=True)
    for most, window in ((counted.allowed.hour, HOUR), (counted.allowed.day, DAY)):
        recent = [time for time in times if time > at - window]
        if len(recent) >= most:
            raise TooManyBookings(
                whose=counted.whose,
                digest=counted.digest,
                site_id=hold.site_id,
                zone=hold.site.tz,
                again_at=recent[most - 1] + window,
                wait=_seconds(recent[most - 1] + window, at=at),
            )


def _seconds(until: datetime, *, at: datetime) -> int:
    return max(1, math.ceil((until - at).total_seconds()))


def may_hold(standing: Iterable[datetime], slot: scheduler.Slot, *, network: str, at: datetime) -> None:
    """Refuse one more open hold from a network. `standing`: when those that stand run out. Raises ManyFromNetwork."""
    ends, most = sorted(standing), scheduler.booking_policy(slot.site.id, at=at).open_holds_per_network
    if len(ends) >= most:
        raise ManyFromNetwork(digest=network, site_id=slot.site.id, wait=_seconds(ends[len(ends) - most], at=at))


def noted(act: Callable[P, R]) -> Callable[P, R]:
    """Tell staff when `act`, a whole unit, meets a limit: the refusal undoes all else that it wrote."""

    @wraps(act)
    def watched(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return act(*args, **kwargs)
        except LimitReached as refusal:
            at = kwargs["at"]
            assert isinstance(at, datetime)  # noqa: S101  (tells the type checker)
            note(refusal, at=at)
            raise

    return watched


@unit
def note(refusal: LimitReached, *, at: datetime) -> None:
    """Write down, once a day, that somebody met a limit, and count how often."""
    row, new = UnusualBooking.objects.get_or_create(
        site_id=refusal.site_id,
        whose=refusal.whose,
        digest=refusal.digest,
        on=at.astimezone(UTC).date(),
        defaults={"first_at": at, "last_at": at},
    )
    if new:
        log.warning("unusual booking: %s %s met a limit", refusal.whose, refusal.digest[:12])
    else:
        UnusualBooking.objects.filter(pk=row.pk).update(refused=F("refused") + 1, last_at=at)
