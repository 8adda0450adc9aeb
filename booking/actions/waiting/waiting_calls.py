"""Calls to those who wait and whom no mail tells: raised once, ended by staff, or when there is nothing to say."""

from datetime import datetime

from booking.calls.calls_to_make import ENDED_BY_ITSELF
from booking.models import WaitingListCall, WaitingListEntry, WaitingListOffer
from booking.waiting.status import WAITS, WaitingCallReason
from core.database.transactions import unit
from core.principal import Principal


@unit
def call_about(
    entry: WaitingListEntry, reason: WaitingCallReason, *, offer: WaitingListOffer | None = None, at: datetime
) -> None:
    """Let staff call somebody who waits. About a time they call as long as it is kept; twice at once is once."""
    if entry.status not in WAITS or (offer is not None and not offer.stands(at=at)):
        return
    made = WaitingListCall(entry=entry, offer=offer, reason=reason, raised_at=at)
    WaitingListCall.objects.bulk_create([made], ignore_conflicts=True)


def end_calls(
    entry: WaitingListEntry, *reasons: WaitingCallReason, by: Principal = ENDED_BY_ITSELF, at: datetime
) -> int:
    """End the open calls to somebody for these reasons, or for all where none is named; return how many there were."""
    rows = WaitingListCall.objects.filter(entry=entry, done_at=None)
    if reasons:
        rows = rows.filter(reason__in=reasons)
    return rows.update(done_at=at, done_by=by.key)
