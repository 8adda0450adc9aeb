"""Messages that end, well or not: those that did not reach anybody are for staff to tell."""

from collections.abc import Collection
from datetime import datetime

from booking import public as booking
from booking.public import CallReason
from notifications.models import Message
from notifications.status import Delivery, Kind

FOR_PATIENTS = Message.objects.exclude(kind=Kind.CONTACT_CHANGED)
FOR_STAFF = frozenset({Delivery.FAILED, Delivery.UNKNOWN})


def end(ids: Collection[int], status: Delivery, *, reason: str = "", at: datetime) -> None:
    """Note how messages ended, and why; where that may have left somebody without word, staff are to call.

    An address that was replaced may well be gone: that it cannot be told is no reason for a call.
    """
    Message.objects.end(ids, status, reason=reason, at=at)
    if ids and status in FOR_STAFF:
        call(set(FOR_PATIENTS.filter(pk__in=ids).values_list("appointment_id", flat=True)), at=at)


def call(appointment_ids: Collection[int], *, at: datetime) -> None:
    """Let staff call the patients of these visits, whom a message did not reach, or may not have reached."""
    if appointment_ids:
        booking.raise_calls(appointment_ids, CallReason.NOT_REACHED, at=at)


def reached_after_all(appointment_id: int, *, at: datetime) -> None:
    """Spare staff the call about a visit whose lost message turned out to be sent, if nothing else failed."""
    if not FOR_PATIENTS.filter(appointment=appointment_id, status__in=FOR_STAFF).exists():
        booking.end_calls([appointment_id], CallReason.NOT_REACHED, at=at)
