"""Calls that people ask for before they have an appointment: asked for on a page, made by staff, then forgotten."""

import math
from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from booking.calls.calls_to_make import BUSINESS_DAYS
from booking.models import CallRequest
from core.database import deletion
from core.database.transactions import unit
from core.principal import Principal
from core.rates import Rate
from core.refusals import Refusal
from scheduler import public as scheduler

KEPT = timedelta(days=30)
"""How long a call is remembered that was made: names and numbers are kept for as long as somebody may ask about it."""

OF_A_VISITOR = Rate("call-requests of a visitor", burst=3, pause=timedelta(minutes=20))
OF_A_NETWORK = Rate("call-requests of a network", burst=20, pause=timedelta(minutes=3))
"""A ward's patients share a network."""


class TooManyCallRequests(Refusal):
    """More calls are asked for than one person needs. `Retry-After` says how many seconds to wait."""

    code = "too-many-call-requests"
    status = 429
    title = _("Several calls were asked for from here already. Please call us.")


@unit
def ask(
    *, site: int, name: str, phone: str, first: bool = False, network: str = "", by: Principal, at: datetime
) -> CallRequest:
    """Let staff of a site (its id) call somebody; asked twice for one number, they call once.

    `first`: before others; `network`: the keyed hash of the visitor's network. Raises TooManyCallRequests.
    """
    found = CallRequest.objects.filter(made_by=by.key, site=site, phone=phone, done_at=None).first()
    if found is not None and (found.first or not first):
        return found
    _insist_on_few(by, network, at=at)
    due_at = at if first else due(site, at=at)
    made, _created = CallRequest.objects.update_or_create(
        made_by=by.key,
        site_id=site,
        phone=phone,
        done_at=None,
        defaults={"name": name, "first": first, "due_at": due_at},
        create_defaults={"name": name, "first": first, "due_at": due_at, "asked_at": at},
    )
    return made


def due(site: int, *, at: datetime) -> datetime:
    """Return by when somebody is called who asks now, at a site (its id)."""
    return scheduler.business_days(site).end_after(BUSINESS_DAYS, at=at)


def _insist_on_few(by: Principal, network: str, *, at: datetime) -> None:
    again = [OF_A_VISITOR.take(by.key, at=at), OF_A_NETWORK.take(network, at=at) if network else None]
    if waits := [one for one in again if one is not None]:
        raise TooManyCallRequests(retry_after=max(1, math.ceil((max(waits) - at).total_seconds())))


@unit
def done(requests: Collection[int], *, by: Principal, at: datetime) -> int:
    """Note that people (ids of their requests) were called; return how many were still waiting."""
    return CallRequest.objects.filter(pk__in=requests, done_at=None).update(done_at=at, done_by=by.key)


def forget(*, at: datetime) -> int:
    """Delete requests some time after the call; return how many."""
    return deletion.delete(CallRequest.objects.filter(done_at__lte=at - KEPT))
