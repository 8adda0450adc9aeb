"""How much visitors who are not signed in book within an hour and a day: by contact, by session, by network."""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db.models import F

from booking import policies
from booking.errors import LimitReached, ManyFromNetwork, TooManyBookings
from booking.limit_kinds import LimitKind, VerificationReason
from booking.models import Appointment, ContactPoint, Hold, Proof, UnusualBooking
from booking.models.holds import HoldState
from booking.policies import Allowance, BookingPolicy
from booking.status import Status
from core.database.locking import wait_for
from core.database.transactions import unit
from core.principal import Principal
from core.sealing import digest

log = logging.getLogger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class CountedBookings:
    """When visits were booked that count together."""

    whose: LimitKind
    digest: str
    times: Iterable[datetime]
    allowed: Allowance


def may_book(hold: Hold, *, email: str, by: Principal, at: datetime) -> VerificationReason | None:
    """Refuse a visitor's booking beyond what one session or verified contact books. Raises TooManyBookings.

    Return why they must show first that the address is theirs: their network has booked its share, or the address has
    in visits that nobody stands behind. Nobody is refused for what others may have done. Locks what is counted by, so
    that bookings side by side wait for each other; the visitor is locked already.
    """
    policy = policies.booking_policy(hold.site_id, at=at)
    booked = Hold.objects.filter(state=HoldState.CONFIRMED, created_at__gt=at - DAY).order_by()
    # Refused, where a network is only slowed down: a session is one browser, a network may be a whole ward.
    mine = booked.filter(made_by=by.key).values_list("created_at", flat=True)
    _insist(
        CountedBookings(LimitKind.SESSION, digest(by.key, purpose="limits"), mine, policy.visits_per_session),
        hold,
        at=at,
    )
    # Network, then contact: the same order as where a time is held, and as where a cancel is taken back.
    if hold.address:
        wait_for(f"holds from {hold.address}")
    contact = wait_for_contact(email)
    # A stranger may type anybody's address: what they book with it counts apart, and never refuses its owner.
    theirs, unverified = _with(email, verified=True, at=at), _with(email, verified=False, at=at)
    _insist(CountedBookings(LimitKind.CONTACT, contact, theirs, policy.visits_per_contact), hold, at=at)
    near = booked.filter(address=hold.address).values_list("created_at", flat=True)
    if hold.address and _again_at(near, policy.visits_per_network, at=at):
        return VerificationReason.NETWORK
    return VerificationReason.CONTACT if _again_at(unverified, policy.visits_per_contact, at=at) else None


def _with(email: str, *, verified: bool, at: datetime) -> Iterable[datetime]:
    """Return when guests booked with an address that they had shown to be theirs, or had not, within a day."""
    unverified = ContactPoint.objects.mail(email).unverified()
    points = ContactPoint.objects.mail(email).exclude(pk__in=unverified) if verified else unverified
    booked = Appointment.objects.filter(
        created_at__gt=at - DAY, patient__guest=True, patient__in=points.values("patient")
    )
    return booked.order_by().values_list("created_at", flat=True)


def may_propose(hold: Hold, *, email: str, at: datetime) -> None:
    """Refuse one more visit that waits for a code, where its network or address has many. Raises TooManyBookings.

    Each sends a mail to an address that may be somebody else's. The caller has locked network and address.
    """
    policy = policies.booking_policy(hold.site_id, at=at)
    if again_at := code_again_at(email, policy, at=at):
        raise _too_many(LimitKind.CONTACT, digest_of(email), hold, again_at=again_at, at=at)
    waiting = Proof.objects.filter(address=hold.address, proven_at=None, appointment__status=Status.PROPOSED)
    kept = waiting.filter(appointment__kept_until__gt=at).values_list("appointment__kept_until", flat=True)
    # The one that frees a place is not the next to end where there are more than allowed: the policy may have changed.
    ends = sorted(end for end in kept if end) if hold.address else []
    most = policy.proposals_per_network
    if len(ends) >= most:
        raise _too_many(LimitKind.NETWORK, hold.address, hold, again_at=ends[len(ends) - most], at=at)


def code_again_at(email: str, policy: BookingPolicy, *, at: datetime) -> datetime | None:
    """Return when one more code may be mailed to an address that nobody has verified, None when it may be now.

    All codes count alike, for whichever visit and however often they were sent again. The caller has locked the
    address.
    """
    points = ContactPoint.objects.mail(email).unverified()
    mailed = Proof.objects.filter(issued_at__gt=at - DAY, appointment__patient__in=points.values("patient"))
    times = [time for codes in mailed.order_by().values_list("codes_at", flat=True) for time in codes]
    return _again_at(times, policy.proposals_per_contact, at=at)


def wait_for_contact(email: str) -> str:
    """Wait for whoever books with the same address; return its keyed hash."""
    contact = digest_of(email)
    wait_for(f"bookings of contact {contact}")
    return contact


def digest_of(email: str) -> str:
    """Return the keyed hash by which an address is counted."""
    return digest(email.casefold(), purpose="limits")


def _insist(counted: CountedBookings, hold: Hold, *, at: datetime) -> None:
    again_at = _again_at(counted.times, counted.allowed, at=at)
    if again_at:
        raise _too_many(counted.whose, counted.digest, hold, again_at=again_at, at=at)


def _again_at(times: Iterable[datetime], allowed: Allowance, *, at: datetime) -> datetime | None:
    """Return when one more is allowed, None when it is now."""
    # Sliding, not by the clock's hours: at the full hour nobody may book twice as much.
    latest = sorted(times, reverse=True)
    for most, window in ((allowed.hour, HOUR), (allowed.day, DAY)):
        recent = [time for time in latest if time > at - window]
        if len(recent) >= most:
            return recent[most - 1] + window
    return None


def _too_many(whose: LimitKind, digest: str, hold: Hold, *, again_at: datetime, at: datetime) -> TooManyBookings:
    wait, zone = _seconds(again_at, at=at), hold.site.tz
    return TooManyBookings(whose=whose, digest=digest, site_id=hold.site_id, zone=zone, again_at=again_at, wait=wait)


def _seconds(until: datetime, *, at: datetime) -> int:
    return max(1, math.ceil((until - at).total_seconds()))


def time_to_hold(open_holds: Iterable[datetime], *, site_id: int, network: str, first: bool, at: datetime) -> timedelta:
    """Return for how long one more time is kept for a visitor of a network. Raises ManyFromNetwork.

    `open_holds`: when those run out that the network keeps. When it keeps many, whoever has none (`first`) keeps one
    for a shorter while.
    """
    ends, policy = sorted(open_holds), policies.booking_policy(site_id, at=at)
    usual, most = policy.open_holds_per_network, policy.open_holds_per_network
    if len(ends) < usual:
        return policy.hold
    if first:
        most += policy.short_holds_per_network
    if len(ends) >= most:
        raise ManyFromNetwork(digest=network, site_id=site_id, wait=_seconds(ends[len(ends) - most], at=at))
    note_slowed(LimitKind.NETWORK, network, site_id=site_id, at=at)
    return policy.short_hold


def time_to_extend(hold: Hold, *, at: datetime) -> timedelta:
    """Return for how much longer a time is kept: a shorter while when others of the network keep many."""
    policy = policies.booking_policy(hold.site_id, at=at)
    if not hold.address:
        return policy.hold
    others = Hold.objects.filter(state=HoldState.OPEN, expires_at__gt=at, address=hold.address).exclude(pk=hold.pk)
    many = others.count() >= policy.open_holds_per_network
    return policy.short_hold if many else policy.hold


def note_refusals(act: Callable[P, R]) -> Callable[P, R]:
    """Tell staff when `act`, a whole unit, meets a limit: the refusal undoes all else that it wrote."""

    @wraps(act)
    def watched(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return act(*args, **kwargs)
        except LimitReached as refusal:
            at = kwargs["at"]
            assert isinstance(at, datetime)  # noqa: S101  (tells the type checker)
            # Outside of the act's transaction, which the refusal has rolled back: the note must stay.
            note(refusal, at=at)
            raise

    return watched


@unit
def note(refusal: LimitReached, *, at: datetime) -> None:
    """Write down, once a day, that somebody met a limit, and count how often they were refused."""
    _note(refusal.whose, refusal.digest, site_id=refusal.site_id, at=at, refused=1)


@unit
def note_slowed(whose: LimitKind, digest: str, *, site_id: int, at: datetime) -> None:
    """Write down that a limit was met by somebody who was let go on, more slowly."""
    _note(whose, digest, site_id=site_id, at=at, slowed=1)


def _note(whose: LimitKind, digest: str, *, site_id: int, at: datetime, refused: int = 0, slowed: int = 0) -> None:
    met: dict[str, Any] = {"refused": refused, "slowed": slowed, "last_at": at}
    # One row a day: whoever hoards must not be able to fill this table, or the log, either.
    row, new = UnusualBooking.objects.get_or_create(
        site_id=site_id, whose=whose, digest=digest, on=at.astimezone(UTC).date(), defaults=met | {"first_at": at}
    )
    if new:
        log.warning("unusual booking: %s %s met a limit", whose, digest[:12])
    else:
        more = met | {"refused": F("refused") + refused, "slowed": F("slowed") + slowed}
        UnusualBooking.objects.filter(pk=row.pk).update(**more)
