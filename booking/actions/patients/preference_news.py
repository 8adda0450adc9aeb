"""What people wish of their messages, taken up by whoever sends them."""

from collections.abc import Collection
from datetime import datetime

from booking.models import MessagePreferences


def unrelayed(*, limit: int, beside: Collection[int] = ()) -> dict[int, int]:
    """Lock and return what nobody is taking up, by its id whose it is, until the transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = MessagePreferences.objects.filter(relayed_at=None).exclude(pk__in=beside).order_by("pk")
    return dict(rows.select_for_update(skip_locked=True).values_list("pk", "patient_id")[:limit])


def mark_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that they have been taken up."""
    MessagePreferences.objects.filter(pk__in=ids).update(relayed_at=at)
