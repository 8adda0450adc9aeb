"""Health answers that clinicians look at: which of them are still to be decided about."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from booking.models import ScreeningResponse
from booking.screening.queries import ASKED
from booking.screening.questionnaire import Outcome
from core.database.compiled import Argument, CompiledQuery


def to_review(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningResponse]:
    """Return the answers about visits ahead at sites (ids; None: all) that somebody has to decide about.

    Whoever needs help comes first, then what is due first. Of each person the newest alone: what was answered anew is
    not looked at any more.
    """
    waiting = [row for row in newest_ahead(sites, at=at) if row.reviewed and not row.decision]
    return sorted(waiting, key=lambda row: (row.outcome != Outcome.SEEK_CARE, row.due_at or row.answered_at, row.pk))


def count_to_review(site: int, *, at: datetime) -> int:
    """Count those answers at one site, in one query."""
    return sum(reviewed and not decision for reviewed, decision in DECIDED.tuples(site=site, at=at))


def newest_ahead(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningResponse]:
    """Return the newest answers of each person who comes to a visit ahead, with what pages show of it; one query."""
    found = _newest(at) if sites is None else _newest(at).filter(appointment__site__in=sites)
    with_visit = ("appointment__site", "appointment__patient", "appointment__therapy", "appointment__practitioner")
    # Shown with each: how to reach them.
    return list(found.select_related(*with_visit).prefetch_related("appointment__patient__contacts"))


def _newest(at: datetime | Argument) -> QuerySet[ScreeningResponse, Any]:
    ahead = Q(appointment__status__in=sorted(ASKED), appointment__period__endswith__gt=at)
    rows = ScreeningResponse.objects.filter(ahead).distinct("appointment_id", "companion")
    return rows.order_by("appointment_id", "companion", "-answered_at", "-pk")


DECIDED = CompiledQuery(
    lambda: _newest(Argument("at")).filter(appointment__site=Argument("site")).values_list("reviewed", "decision")
)
