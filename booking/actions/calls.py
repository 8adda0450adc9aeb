"""Calls to make: raised once for each version of a visit, ended by staff, or when there is nothing to call about."""

from collections.abc import Collection
from datetime import datetime

from booking.models import Appointment, CallReason, CallTask
from core.database.transactions import unit
from core.principal import Principal

ENDED_BY_ITSELF = Principal.system("calls")


@unit
def raise_for(appointment_ids: Collection[int], reason: CallReason, *, at: datetime) -> int:
    """Let staff call the patients of these visits; return how many calls are new.

    A visit that has an open call for this reason gets no second one, nor does one whose call about the same version
    staff have made. A call that ended by itself may be raised again.
    """
    calls = CallTask.objects.filter(appointment__in=appointment_ids, reason=reason)
    asked = {
        (call.appointment_id, call.version) if call.done_at else (call.appointment_id, None)
        for call in calls
        if call.done_by != ENDED_BY_ITSELF.key
    }
    # The version as it is now: a call about an older one, made by then, said something else.
    visits = Appointment.objects.filter(pk__in=appointment_ids).order_by("pk").values_list("pk", "version")
    new = [
        CallTask(appointment_id=pk, version=version, reason=reason, raised_at=at)
        for pk, version in visits
        if not asked & {(pk, version), (pk, None)}
    ]
    # Two workers may see no call at once: the constraint lets one of them write it, and the other need not know.
    CallTask.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


@unit
def done(call_ids: Collection[int], *, by: Principal, at: datetime) -> int:
    """Note that calls have been made; return how many were still open. Whoever ended one first stays named."""
    return CallTask.objects.filter(pk__in=call_ids, done_at=None).update(done_at=at, done_by=by.key)


@unit
def end(appointment_ids: Collection[int], reason: CallReason, *, at: datetime) -> int:
    """End the open calls of these visits: there is nothing to call about any more; return how many there were."""
    open_ones = CallTask.objects.filter(appointment__in=appointment_ids, reason=reason, done_at=None)
    return open_ones.update(done_at=at, done_by=ENDED_BY_ITSELF.key)


@unit
def end_over(*, at: datetime) -> int:
    """End the open calls about visits that are over: nobody can be told in time any more; return how many."""
    open_ones = CallTask.objects.filter(appointment__period__endswith__lte=at, done_at=None)
    return open_ones.update(done_at=at, done_by=ENDED_BY_ITSELF.key)
