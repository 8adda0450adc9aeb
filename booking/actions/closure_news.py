"""What staff let the patients of closed visits be told, taken up by whoever tells."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from booking import closures
from booking.models import ClosureNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureNoticeFacts:
    """Staff let a patient be told of a closure: what is news, and the times that go with it."""

    id: int
    appointment_id: int
    version: int
    news: str
    facts: dict[str, object]


def unrelayed_closure_notices(*, limit: int, beside: Collection[int] = ()) -> list[ClosureNoticeFacts]:
    """Lock and return the oldest notices of closures that nobody is relaying, until the caller's transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = ClosureNotice.objects.filter(relayed_at=None).exclude(pk__in=beside).order_by("pk")
    ids = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    if not ids:
        return []
    found = ClosureNotice.objects.select_related("appointment__site", "appointment__therapy", "hold__site")
    return [
        ClosureNoticeFacts(
            id=row.pk,
            appointment_id=row.appointment_id,
            version=row.version,
            news=row.news,
            facts=closures.facts_of(row),
        )
        for row in found.filter(pk__in=ids).order_by("pk")
    ]


def mark_closure_notices_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that notices of closures have been taken up."""
    ClosureNotice.objects.filter(pk__in=ids).update(relayed_at=at)
