"""A lost link is sent again, to the address on file and to no other.

The page does the same for somebody known and somebody unknown: it writes one row and rings. A worker looks who it was.
"""

import math
from datetime import date, datetime, timedelta
from functools import partial

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from booking import public as booking
from booking.public import VisitFacts
from core.database.locking import wait_for
from core.database.transactions import unit
from core.doorbell import ring
from notifications.actions.faults import written_unless_faulty
from notifications.actions.link_mails import plan_links
from notifications.errors import TooManyLinkRequests
from notifications.models import LinkRequest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AN_HOUR, A_DAY = 3, 6
"""How many mails with links one person gets."""

AT_ONCE = 100
A_NETWORK_AN_HOUR = 30
"""How many requests are taken from one network: a ward's patients share one."""


@unit
def ask(*, email: str, birth_date: date, network: str, at: datetime) -> None:
    """Take a request down and ring. Raises TooManyLinkRequests for too many from one network, whoever they ask for."""
    if network:
        _insist_on_few(network, at=at)
    LinkRequest.objects.create(
        asker=_asker(email, birth_date), network=network, email=email, birth_date=birth_date, asked_at=at
    )
    ring("notifications.tasks.dispatch")


def _insist_on_few(network: str, *, at: datetime) -> None:
    """Refuse more requests than one network makes; those that come side by side wait for each other."""
    wait_for(f"link requests from {network}")
    asked = LinkRequest.objects.filter(network=network, asked_at__gt=at - HOUR).order_by("-asked_at")
    times = list(asked.values_list("asked_at", flat=True)[:A_NETWORK_AN_HOUR])
    if len(times) == A_NETWORK_AN_HOUR:
        raise TooManyLinkRequests(retry_after=max(1, math.ceil((times[-1] + HOUR - at).total_seconds())))


def _asker(email: str, birth_date: date) -> str:
    """Return the keyed hash by which requests of one person are counted, however they write their address."""
    # Both together: an address alone would let anybody who knows it use up its owner's mails for the day.
    whom = f"{email.casefold()} {birth_date.isoformat()}"
    return salted_hmac("notifications.link-request", whom, algorithm="sha256").hexdigest()


@unit
def answer(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan a mail for each open request of somebody with visits ahead; return how many requests were looked at.

    A hundred requests at once; all that is asked for is locked together, in the order in which everybody locks visits.
    One person gets three such mails an hour and six a day. Requests that got none do not count, so that nobody is kept
    waiting by their own impatience, and a wrong birth date counts for nobody. What cannot be answered is left for
    later, `beside` (ids) the others.
    """
    # Who it was is looked up unlocked: the visits are locked together afterwards, and read again.
    later = set() if beside is None else beside
    waiting = list(open_requests().exclude(pk__in=later)[:AT_ONCE])
    ahead = {request.pk: _ahead_of(request, at=at) for request in waiting}
    visits = booking.visits({visit_id for ids in ahead.values() for visit_id in ids}, lock=True)
    for request in waiting:
        theirs = [visits[pk] for pk in ahead[request.pk] if pk in visits and not visits[pk].awaits_code]
        failing = f"request for links {request.pk} cannot be answered"
        if not written_unless_faulty(partial(_answer, request, theirs, at=at), failing=failing):
            later.add(request.pk)
    LinkRequest.objects.filter(asked_at__lt=at - DAY, answered_at__isnull=False).delete()
    return len(waiting)


def _answer(request: LinkRequest, visits: list[VisitFacts], *, at: datetime) -> bool:
    """Plan the mail that a request asks for, if somebody is to get one, and forget who asked."""
    # Noted of somebody unknown as well, as False: the table does not tell who is known here.
    request.mailed = bool(visits) and _within_limits(request)
    if request.mailed:
        plan_links(visits, at=at)
    request.email, request.birth_date, request.answered_at = "", None, at
    request.save(update_fields=["mailed", "email", "birth_date", "answered_at"])
    return True


def open_requests() -> QuerySet[LinkRequest]:
    """Return the requests that nobody answers at this moment, locked.

    Two workers that answer one person wait for each other at their visits, and count what was mailed after that.
    """
    return LinkRequest.objects.filter(answered_at=None).select_for_update(skip_locked=True).order_by("pk")


def _within_limits(request: LinkRequest) -> bool:
    """Say whether one more mail to this person is not too many."""
    mailed = LinkRequest.objects.filter(asker=request.asker, mailed=True)
    times = mailed.filter(asked_at__gt=request.asked_at - DAY).values_list("asked_at", flat=True)
    return len(times) < A_DAY and sum(time > request.asked_at - HOUR for time in times) < AN_HOUR


def _ahead_of(request: LinkRequest, *, at: datetime) -> list[int]:
    """Return the ids of the visits ahead that a request asks for."""
    assert request.birth_date  # noqa: S101  (tells the type checker: it is there until the request is answered)
    return booking.visits_ahead(email=request.email, birth_date=request.birth_date, at=at)
