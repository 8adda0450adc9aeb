"""Health answers that clinicians look at: which of them are still to be decided about."""

from collections.abc import Collection
from datetime import datetime

from booking.models import ScreeningResponse
from booking.screening.queries import ASKED
from booking.screening.questionnaire import Outcome


def to_review(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningResponse]:
    """Return the answers about visits ahead at sites (ids; None: all) that somebody has to decide about.

    Whoever needs help comes first, then what is due first. Of each person the newest alone: what was answered anew is
    not looked at any more.
    """
    waiting = [row for row in newest_ahead(sites, at=at) if row.reviewed and not row.decision]
    return sorted(waiting, key=lambda row: (row.outcome != Outcome.SEEK_CARE, row.due_at or row.answered_at, row.pk))


def newest_ahead(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningResponse]:
    """Return the newest answers of each person who comes to a visit ahead, with what pages show of it; one query."""
    rows = ScreeningResponse.objects.filter(appointment__status__in=sorted(ASKED))
    if sites is not None:
        rows = rows.filter(appointment__site__in=sites)
    newest = rows.filter(appointment__period__endswith__gt=at).distinct("appointment_id", "companion")
    found = newest.order_by("appointment_id", "companion", "-answered_at", "-pk")
    with_visit = ("appointment__site", "appointment__patient", "appointment__therapy", "appointment__practitioner")
    # Shown with each: how to reach them.
    return list(found.select_related(*with_visit).prefetch_related("appointment__patient__contacts"))
