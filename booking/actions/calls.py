"""Calls to make: raised once for each version of a visit, ended by staff, or when there is nothing to call about."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from booking.calls.call_news import spoken_of
from booking.calls.calls_to_make import ENDED_BY_ITSELF, LOOKED_AT_AGAIN
from booking.models import Appointment, CallReason, CallTask, Change, ClosureNews, ClosureNotice, ContactPoint
from booking.models.appointments import UNPROVEN
from booking.models.patients import ContactSystem
from booking.status import NEWS
from core.database.transactions import unit
from core.principal import Principal

STAYS_AT_THE_DOOR = timedelta(hours=12)
"""For how long somebody who needs help at the door is here at most: then they went home, or to a hospital."""

AFTER_IT = (CallReason.HELP_HERE, CallReason.MISSED_IN_A_ROW)
"""What is still to be talked about once the appointment is over."""


@unit
def raise_for(appointment_ids: Collection[int], reason: CallReason, *, at: datetime, again: bool = False) -> int:
    """Let staff call the patients of these visits; return how many calls are new.

    A visit that has an open call for this reason gets no second one, nor does one whose call about the same version
    staff have made. A call that ended by itself may be raised again. Where a message did not reach somebody, an open
    call is about the newest news from then on, and one that was made about older news comes again; so does one about a
    time that was open again since. `again`: so does any that was made, because they have asked for it once more.
    About a code that did not arrive staff call as long as a time is kept for it, and where a number is on file.
    """
    newest = {}
    if reason == CallReason.CODE:
        appointment_ids = _waits_for_a_code(appointment_ids, at=at)
    if reason == CallReason.WITHOUT_COVER:
        newest = _reopened(appointment_ids)
    elif reason == CallReason.NOT_REACHED and (newest := _newest_news(appointment_ids)):
        _renew(appointment_ids, reason, at=at, anyway=again)
    calls = CallTask.objects.filter(appointment__in=appointment_ids, reason=reason)
    asked = {
        (call.appointment_id, call.version) if call.done_at else (call.appointment_id, None)
        for call in calls
        if call.done_by != ENDED_BY_ITSELF.key
        and not (call.done_at and again)
        and not (call.done_at and newest.get(call.appointment_id, call.raised_at) > call.raised_at)
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


def _waits_for_a_code(appointment_ids: Collection[int], *, at: datetime) -> list[int]:
    """Return those visits that are booked once a code is typed, and whose patients can be called."""
    rows = Appointment.objects.filter(UNPROVEN, pk__in=appointment_ids, kept_until__gt=at)
    phones = ContactPoint.objects.filter(patient=OuterRef("patient"), system=ContactSystem.PHONE)
    return list(rows.filter(Exists(phones)).values_list("pk", flat=True))


def heard_in_person(appointment_ids: Collection[int]) -> set[int]:
    """Return those visits whose newest news their patients told staff, or heard from them: nobody calls about it."""
    news = Change.objects.filter(appointment__in=appointment_ids, move__in=sorted(NEWS))
    newest = news.order_by("appointment", "-pk").distinct("appointment").values_list("appointment", "facts")
    return {visit for visit, facts in newest if spoken_of(facts)}


def _newest_news(appointment_ids: Collection[int]) -> dict[int, datetime]:
    """Return when each visit last changed in a way of which its patient is told."""
    # An approval leaves the version as it was, since calendars show the same: the version alone would not tell.
    changes = Change.objects.filter(appointment__in=appointment_ids, move__in=sorted(NEWS))
    return dict(
        changes.order_by().values("appointment").annotate(newest=Max("at")).values_list("appointment", "newest")
    )


def _reopened(appointment_ids: Collection[int]) -> dict[int, datetime]:
    """Return when the patient of each visit was told last that its time is open again."""
    told = ClosureNotice.objects.filter(appointment__in=appointment_ids, news=ClosureNews.OPEN_AGAIN).order_by()
    return dict(told.values("appointment").annotate(last=Max("at")).values_list("appointment", "last"))


def made_without_cover() -> QuerySet[CallTask]:
    """Return the calls in which staff told of visits, as they are now, that their time is not open."""
    made = CallTask.objects.filter(reason=CallReason.WITHOUT_COVER, version=F("appointment__version"))
    return made.exclude(done_at=None).exclude(done_by=ENDED_BY_ITSELF.key)


def latest_without_cover() -> QuerySet[CallTask]:
    """Return those of these calls after which nobody was told that the time is open again."""
    since = ClosureNotice.objects.filter(news=ClosureNews.OPEN_AGAIN, appointment=OuterRef("appointment"))
    return made_without_cover().filter(follow_up=True).exclude(Exists(since.filter(at__gte=OuterRef("done_at"))))


def _renew(appointment_ids: Collection[int], reason: CallReason, *, at: datetime, anyway: bool) -> None:
    """Let open calls be about the visits as they are now, where there is news since they were raised, or `anyway`."""
    # One statement, of those that are open as it runs: whoever ends a call meanwhile keeps what they have ended.
    since = Change.objects.filter(appointment=OuterRef("appointment"), move__in=sorted(NEWS))
    open_ones = CallTask.objects.filter(appointment__in=appointment_ids, reason=reason, done_at=None)
    version = Appointment.objects.filter(pk=OuterRef("appointment")).values("version")[:1]
    rows = open_ones if anyway else open_ones.filter(Exists(since.filter(at__gt=OuterRef("raised_at"))))
    rows.update(version=Subquery(version), raised_at=at)


def is_open(visit: Appointment, reason: CallReason) -> bool:
    """Whether staff are still to call a visit's patient for this reason."""
    return CallTask.objects.filter(appointment=visit, reason=reason, done_at=None).exists()


def here_and_in_need(appointment_ids: Collection[int], *, at: datetime) -> set[int]:
    """Return those visits (ids) whose patients are at the door, and said that they may need help, seen to or not."""
    said = CallTask.objects.filter(
        appointment__in=appointment_ids, reason=CallReason.HELP_HERE, raised_at__gt=at - STAYS_AT_THE_DOOR
    )
    return set(said.values_list("appointment_id", flat=True))


def made_since(appointment_id: int, moment: datetime) -> bool:
    """Whether staff have called about a visit since then, whatever for."""
    made = CallTask.objects.filter(appointment=appointment_id, done_at__gte=moment)
    return made.exclude(done_by=ENDED_BY_ITSELF.key).exists()


def was_made(visit: Appointment, reason: CallReason, *, since: datetime, until: datetime) -> bool:
    """Whether staff have called a visit's patient for this reason between two moments."""
    made = CallTask.objects.filter(appointment=visit, reason=reason, done_at__gte=since, done_at__lte=until)
    return made.exclude(done_by=ENDED_BY_ITSELF.key).exists()


@unit
def done(call_ids: Collection[int], *, by: Principal, at: datetime) -> int:
    """Note that calls have been made; return how many were still open. Whoever ended one first stays named.

    What a clinician looks at first stays open: no call ends that, but they do (`looked_at`).
    """
    rows = CallTask.objects.filter(pk__in=call_ids, done_at=None).exclude(reason__in=LOOKED_AT_AGAIN)
    return rows.update(done_at=at, done_by=by.key, follow_up=True)


def end_raised_at(visit: Appointment, reason: CallReason, moment: datetime, *, at: datetime) -> None:
    """End the open call that was raised by what is taken back now."""
    raised = CallTask.objects.filter(appointment=visit, reason=reason, raised_at=moment, done_at=None)
    raised.update(done_at=at, done_by=ENDED_BY_ITSELF.key)


def reopen_ended_at(visit: Appointment, reason: CallReason, moment: datetime) -> None:
    """Let the call be made still that was ended by what is taken back now, unless one was raised since."""
    if not is_open(visit, reason):
        ended = CallTask.objects.filter(appointment=visit, reason=reason, done_at=moment)
        ended.exclude(done_by=ENDED_BY_ITSELF.key).update(done_at=None, done_by="")


@unit
def looked_at(visit: Appointment, *, by: Principal, at: datetime) -> int:
    """Note that a clinician has looked at a visit again; return how many tasks that ends."""
    seen_to = {*LOOKED_AT_AGAIN, CallReason.HELP_HERE}
    rows = CallTask.objects.filter(appointment=visit, reason__in=seen_to, done_at=None)
    return rows.update(done_at=at, done_by=by.key)


@unit
def end(appointment_ids: Collection[int], reason: CallReason, *, at: datetime) -> int:
    """End the open calls of these visits: there is nothing to call about any more; return how many there were."""
    open_ones = CallTask.objects.filter(appointment__in=appointment_ids, reason=reason, done_at=None)
    return open_ones.update(done_at=at, done_by=ENDED_BY_ITSELF.key)


@unit
def end_over(*, at: datetime) -> int:
    """End the open calls about visits that are over: nobody can be told in time any more; return how many.

    Who missed it is asked why afterwards. Who needs help at the door does so whenever the visit was to end, and
    wherever it was moved: until they have gone.
    """
    gone = Q(reason=CallReason.HELP_HERE, raised_at__lte=at - STAYS_AT_THE_DOOR)
    over = ~Q(reason__in=AFTER_IT) & Q(appointment__period__endswith__lte=at)
    open_ones = CallTask.objects.filter(gone | over, done_at=None)
    return open_ones.update(done_at=at, done_by=ENDED_BY_ITSELF.key)
