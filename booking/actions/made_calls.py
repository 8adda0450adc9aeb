"""A call is made, or that is taken back: whoever is second is told, and nothing happens twice.

The caller must be allowed to see the call, and to call.
"""

from datetime import datetime, timedelta
from typing import TypeVar, cast

from django.utils.translation import gettext_lazy as _

from booking.actions import call_requests, calls
from booking.calls.calls_to_make import ENDED_BY_ITSELF, LOOKED_AT_AGAIN
from booking.models import CallRequest, CallTask
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Missing, Refusal

PRESSED_TWICE = timedelta(minutes=1)
"""Nobody lets it ring twice within such a while."""

TRIED = ("tries", "tried_at", "tried_by", "tried_before_at", "tried_before_by")
"""What a call says of those who were not reached."""

Call = TypeVar("Call", bound=CallTask | CallRequest)


class CallMade(Refusal):
    """Somebody else has called them already."""

    code = "call-made"
    title = _("Somebody has called them already.")


class CallChanged(Refusal):
    """There is more to say than when the call was looked at."""

    code = "call-changed"
    title = _("There is more to tell them by now. Please look at it, and call them again if you have called.")


class CallStays(Refusal):
    """A call is put back on the list on its day, while nobody is to call for the same again."""

    code = "call-stays-made"
    title = _("This can no longer be undone. They are on the list again if there is something to call about.")


def since(call: CallTask | CallRequest) -> datetime:
    """Return since when a call is to be made as it is now: there is more to say in one that is newer."""
    return call.raised_at if isinstance(call, CallTask) else call.due_at


@unit
def make(call: Call, *, seen: datetime, by: Principal, at: datetime) -> Call:
    """Note that somebody was called. `seen`: `since` of the call as it was looked at.

    Pressed twice by the same person it is the same as once. Raises Missing, CallMade, CallChanged.
    """
    row = _locked(call)
    if row.done_at is not None:
        if row.done_by != by.key:
            raise CallMade
        return row
    if since(row) != seen:
        raise CallChanged
    end = calls.done if isinstance(row, CallTask) else call_requests.done
    end([row.pk], by=by, at=at)
    return _locked(call)


@unit
def not_answered(call: Call, *, by: Principal, at: datetime) -> Call:
    """Note that nobody answered: the call stays to be made. Pressed twice by the same person it is the same as once.

    Raises Missing, CallMade.
    """
    row = _locked(call)
    if row.done_at is not None:
        raise CallMade
    if row.tried_by == by.key and row.tried_at and at - row.tried_at < PRESSED_TWICE:
        return row
    row.tried_before_at, row.tried_before_by = row.tried_at, row.tried_by
    row.tries, row.tried_at, row.tried_by = row.tries + 1, at, by.key
    row.save(update_fields=TRIED)
    return row


@unit
def answered_after_all(call: Call, *, seen: datetime, at: datetime) -> Call:
    """Take back that nobody answered, on its day. `seen`: when that was noted, as it was looked at.

    Raises Missing, CallMade, CallStays.
    """
    row = _locked(call)
    if row.done_at is not None:
        raise CallMade
    if row.tried_at != seen or not may_take_try_back(row, at=at):
        raise CallStays
    row.tries, row.tried_at, row.tried_by = row.tries - 1, row.tried_before_at, row.tried_before_by
    row.tried_before_at, row.tried_before_by = None, ""
    row.save(update_fields=TRIED)
    return row


def may_take_try_back(call: CallTask | CallRequest, *, at: datetime) -> bool:
    """Whether it can be taken back that nobody answered: on its day, and once, as what was before is known that far."""
    known = call.tries == 1 or call.tried_before_at is not None
    return known and call.tried_at is not None and _same_day(call, call.tried_at, at=at)


@unit
def take_back(call: Call, *, seen: datetime, at: datetime) -> Call:
    """Let a call that was made today be made still; `seen`: when it was made, as it was looked at.

    What is on the list again stays there. Raises Missing, CallStays.
    """
    row = _locked(call)
    if row.done_at is None:
        return row
    ended_by_itself = row.done_by == ENDED_BY_ITSELF.key
    if row.done_at != seen or ended_by_itself or not _is_today(row, at=at) or _is_asked_again(row):
        raise CallStays
    row.done_at, row.done_by = None, ""
    row.save(update_fields=["done_at", "done_by"])
    return row


def _locked(call: Call) -> Call:
    row = type(call)._default_manager.select_for_update(no_key=True).filter(pk=call.pk).first()
    # What a clinician looks at first is no call to make: it ends as they have, and comes again as something is new.
    if row is None or (isinstance(row, CallTask) and row.reason in LOOKED_AT_AGAIN):
        raise Missing
    return cast("Call", row)


def _is_today(call: CallTask | CallRequest, *, at: datetime) -> bool:
    return call.done_at is not None and _same_day(call, call.done_at, at=at)


def _same_day(call: CallTask | CallRequest, moment: datetime, *, at: datetime) -> bool:
    zone = (call.appointment.site if isinstance(call, CallTask) else call.site).tz
    return bool(moment.astimezone(zone).date() == at.astimezone(zone).date())


def _is_asked_again(call: CallTask | CallRequest) -> bool:
    """Whether there is an open call for the same since, of which there is one alone."""
    if isinstance(call, CallTask):
        return CallTask.objects.filter(appointment=call.appointment_id, reason=call.reason, done_at=None).exists()
    same = CallRequest.objects.filter(made_by=call.made_by, site=call.site_id, phone=call.phone, done_at=None)
    return same.exists()
