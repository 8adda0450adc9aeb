"""What waits in booking for the relay to take it up and plan messages."""

from datetime import datetime
from enum import StrEnum

from booking.models import Change, ContactChange, Proof


class RelayQueue(StrEnum):
    """What can wait for the relay."""

    CHANGES = "changes"
    ADDRESSES = "addresses"
    CODES = "codes"
    REVIEWS = "reviews"
    CLOSURES = "closures"
    FAMILIES = "families"
    TOGETHER = "together"
    WAITING_LIST = "waiting list"
    PREFERENCES = "preferences"


QUEUES_WAITING = {
    RelayQueue.CHANGES: "SELECT FROM booking_change WHERE relayed_at IS NULL",
    RelayQueue.ADDRESSES: "SELECT FROM booking_contactchange WHERE relayed_at IS NULL",
    RelayQueue.CODES: "SELECT FROM booking_proof WHERE relayed_at IS NULL",
    RelayQueue.REVIEWS: "SELECT FROM booking_screeningresponse WHERE news_at IS NOT NULL",
    RelayQueue.CLOSURES: "SELECT FROM booking_closurenotice WHERE relayed_at IS NULL",
    RelayQueue.FAMILIES: "SELECT FROM booking_familylinkchange WHERE relayed_at IS NULL",
    RelayQueue.TOGETHER: "SELECT FROM booking_linkedquestion WHERE relayed_at IS NULL AND due_at <= %(at)s",
    RelayQueue.WAITING_LIST: "SELECT FROM booking_waitinglistchange WHERE relayed_at IS NULL",
    RelayQueue.PREFERENCES: "SELECT FROM booking_messagepreferences WHERE relayed_at IS NULL",
}
"""What each queue holds, in SQL. An index of its own finds it, however long the tables are."""


def oldest_unrelayed() -> dict[str, tuple[int, datetime] | None]:
    """Return number and time of the changes of visits, changes of addresses and codes that wait longest for a relay."""
    changes, addresses = (table.objects.filter(relayed_at=None).order_by("pk") for table in (Change, ContactChange))
    codes = Proof.objects.filter(relayed_at=None).order_by("issued_at")
    return {
        "changes": changes.values_list("pk", "at").first(),
        "addresses": addresses.values_list("pk", "at").first(),
        "codes": codes.values_list("pk", "issued_at").first(),
    }
