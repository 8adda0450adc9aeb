"""What people wish of their messages, taken up by whoever sends them."""

from collections.abc import Collection
from datetime import datetime

from booking.models import MessageWishes


def unrelayed(*, limit: int, beside: Collection[int] = ()) -> dict[int, int]:
    """Lock and return whose wishes nobody is taking up (id of the wishes to patient), until the transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = MessageWishes.objects.filter(relayed_at=None).exclude(pk__in=beside).order_by("pk")
    return dict(rows.select_for_update(skip_locked=True).values_list("pk", "patient_id")[:limit])


def mark_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that wishes have been taken up."""
    MessageWishes.objects.filter(pk__in=ids).update(relayed_at=at)
