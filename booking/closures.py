"""What closes a site or a therapy there, the visits inside, and how each of them stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, QuerySet
from django.utils.translation import ngettext

from booking.cancel_reasons import BY_PATIENT, CancelReason
from booking.models import (
    Appointment,
    CallTask,
    Change,
    ClosureNews,
    ClosureNotice,
    ContactPoint,
    Hold,
    ProposalRequest,
)
from booking.models.appointments import UNPROVEN
from booking.models.holds import HoldState
from booking.models.patients import ContactSystem
from booking.queries import uncovered_ids, uncovered_visits
from booking.screening.rights import CALLS_THAT_TELL
from booking.status import OCCUPYING, Move, Status
from core.principal import Principal
from scheduler import public as scheduler

TIME_TO_CALL = timedelta(minutes=20)
"""Whoever has not answered is called, and that takes so long before the visit at least."""

WHILE_CALLED = timedelta(hours=1)
"""So long a time is kept at least for whoever is called at once."""


class ClosedState(StrEnum):
    """How a visit stands that a closure touches, or touched."""

    UNTOLD = "untold"
    TOLD = "told"
    PROPOSED = "proposed"
    UNANSWERED = "unanswered"
    ACCEPTED = "accepted"
    CHOSE = "chose"
    MOVED = "moved"
    GAVE_BACK = "gave-back"
    CANCELLED = "cancelled"


INSIDE = frozenset({ClosedState.UNTOLD, ClosedState.TOLD, ClosedState.PROPOSED, ClosedState.UNANSWERED})
"""Their appointments are inside still."""


IN_WORK = timedelta(minutes=15)
"""So long staff wait for a worker that looks for other times. Then they may tell and propose by themselves again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedVisit:
    """A visit that a closure touches, or touched. `proposal`: the newest; `call`: staff are to call its patient.

    `asked`: staff want another time to be proposed, and a worker looks for it (`IN_WORK`).
    """

    visit: Appointment
    state: ClosedState
    proposal: ClosureNotice | None = None
    told_at: datetime | None = None
    has_mail: bool = True
    call: bool = False
    asked: bool = False


def inside(
    closed: scheduler.ClosedTime, visits: QuerySet[Appointment], *, at: datetime, judged: bool = True
) -> QuerySet[Appointment]:
    """Keep those of the visits ahead that a closure touches, as the judge of cover sees it, but for unproven requests.

    `judged`: it is in force; without, what it would touch is told by the visits' times alone.
    """
    rows = visits.exclude(UNPROVEN).filter(
        site=closed.site, status__in=sorted(OCCUPYING), period__overlap=DateTimeTZRange(closed.starts, closed.ends)
    )
    if closed.therapy:
        rows = rows.filter(therapy__key=closed.therapy)
    return uncovered_visits(rows, at=at) if judged else rows.filter(period__endswith__gt=at)


def closed_visits(
    closed: Collection[scheduler.ClosedTime], visits: QuerySet[Appointment], *, at: datetime
) -> list[ClosedVisit]:
    """Return the visits that stretches of one closure touch, and those that it touched and that were told, by start.

    Needs what a list shows of visits.
    """
    touched = {visit.pk: visit for one in closed for visit in inside(one, visits, at=at)}
    notices = defaultdict[int, list[ClosureNotice]](list)
    keys = {one.key for one in closed}
    rows = ClosureNotice.objects.filter(closure__in=keys, appointment__in=visits.order_by()).exclude(
        news=ClosureNews.OPEN_AGAIN
    )
    for row in rows.filter(over=False).select_related("hold__practitioner", "hold__site").order_by("pk"):
        notices[row.appointment_id].append(row)
    others = {visit.pk: visit for visit in visits.filter(pk__in=set(notices) - set(touched))}
    last, calls, reached = _last_changes(others), _to_call(touched), _with_mail(touched.values())
    found = [
        _inside(visit, notices[pk], has_mail=visit.patient_id in reached, call=pk in calls, at=at)
        for pk, visit in touched.items()
    ]
    asked = _asked_for(touched, at=at)
    found = [replace(one, asked=one.visit.pk in asked) for one in _without_lost(found, at=at)]
    found += [
        ClosedVisit(visit=visit, state=_left(visit, notices[pk], last.get(pk)), proposal=_proposal(notices[pk]))
        for pk, visit in others.items()
    ]
    return sorted(found, key=lambda one: (one.state not in INSIDE, one.visit.period.lower, one.visit.pk))


def _without_lost(found: Collection[ClosedVisit], *, at: datetime) -> list[ClosedVisit]:
    """Return closed visits, those of them with no proposal whose proposed time is not open any more either."""
    open_ones = {one.visit.pk: one.proposal for one in found if one.state is ClosedState.PROPOSED}
    lost = uncovered_ids({pk: made.hold.allocation for pk, made in open_ones.items() if made and made.hold}, at=at)
    return [replace(one, state=ClosedState.TOLD, proposal=None) if one.visit.pk in lost else one for one in found]


def count_elsewhere(closure: str, *, site: int) -> int:
    """Count those who were told of a closure of a site and have their appointment at another one by now.

    They stand in no list of this site: others keep it.
    """
    rows = ClosureNotice.objects.filter(closure=closure, over=False, appointment__status__in=sorted(OCCUPYING))
    return rows.exclude(appointment__site=site).order_by().values("appointment").distinct().count()


def last_requested(closure: str, visits: QuerySet[Appointment], *, since: datetime) -> list[ProposalRequest]:
    """Return for whom of a site's visits other times were asked for by the last press there, if that was since.

    By the closure's key and the visits: a policy closes many sites under one key.
    """
    rows = ProposalRequest.objects.filter(closure=closure, appointment__in=visits.order_by(), at__gte=since)
    rows = rows.order_by("-at", "pk")
    last = rows.first()
    return list(rows.filter(at=last.at)) if last else []


def is_late(request: ProposalRequest, *, at: datetime) -> bool:
    """Whether no worker came to an end in the time that staff wait for one."""
    return request.done_at is None and request.at <= at - IN_WORK


def _inside(
    visit: Appointment, notices: Iterable[ClosureNotice], *, has_mail: bool, call: bool, at: datetime
) -> ClosedVisit:
    now = [one for one in notices if one.version == visit.version]
    proposal = _proposal(now)
    state = ClosedState.TOLD if now else ClosedState.UNTOLD
    if proposal is not None:
        state = ClosedState.PROPOSED if is_open(proposal, at=at) else ClosedState.UNANSWERED
    told_at = now[-1].at if now else None
    return ClosedVisit(
        visit=visit, state=state, proposal=proposal, told_at=told_at, has_mail=has_mail, call=call or not has_mail
    )


def _proposal(notices: Iterable[ClosureNotice]) -> ClosureNotice | None:
    return next((one for one in reversed(list(notices)) if one.news == ClosureNews.OTHER_TIME), None)


def is_open(proposal: ClosureNotice, *, at: datetime) -> bool:
    """Whether the time of a proposal is still kept. Needs its hold."""
    hold = proposal.hold
    return hold is not None and hold.state == HoldState.OPEN and hold.expires_at > at


def proposal_end(start: datetime, starts_instead: datetime, *, longest: timedelta, at: datetime) -> datetime:
    """Return until when a time that is proposed instead of a visit's start is kept.

    As `longest` says, yet half of what is left until the visit at most: whoever does not answer can still be called.
    Where that would leave less than `TIME_TO_CALL` for it, or the visit has begun, they are called at once, and it is
    kept until the visit, yet for `WHILE_CALLED` at least.
    """
    half = at + (start - at) / 2
    ends = half if start - half >= TIME_TO_CALL else max(start, at + WHILE_CALLED)
    return min(at + longest, starts_instead, ends)


def is_awaited(notice: ClosureNotice, *, at: datetime) -> bool:
    """Whether an answer to a proposal is waited for: its time is kept, and leaves time to call. Needs its hold."""
    held, start = notice.hold, notice.appointment.period.lower
    return held is not None and is_open(notice, at=at) and start - held.expires_at >= TIME_TO_CALL


def offered_instead(visit: Appointment, *, at: datetime) -> Hold | None:
    """Return what is kept for a visit's patient because a closure proposes it, if anything still is; with its site."""
    rows = visit.closure_notices.filter(hold__state=HoldState.OPEN, hold__expires_at__gt=at)
    found = rows.select_related("hold__site").last()
    return found.hold if found else None


def _left(visit: Appointment, notices: Iterable[ClosureNotice], last: Change | None) -> ClosedState:
    """Return how a visit left a closure."""
    by_themselves = last is not None and (last.by.startswith("link:") or last.by == _own(visit))
    if visit.status not in OCCUPYING:
        return ClosedState.GAVE_BACK if by_themselves else ClosedState.CANCELLED
    holds = [one.hold for one in notices if one.hold is not None]
    if any(hold.state == HoldState.CONFIRMED and hold.allocation == visit.allocation for hold in holds):
        return ClosedState.ACCEPTED
    return ClosedState.CHOSE if by_themselves else ClosedState.MOVED


def _own(visit: Appointment) -> str:
    return f"user:{visit.patient.user_id}" if visit.patient.user_id else ""


def _last_changes(visits: Collection[int]) -> dict[int, Change]:
    """Return the last move or cancel of visits by id."""
    rows = Change.objects.filter(appointment__in=visits, move__in=[Move.RESCHEDULE, Move.CANCEL, Move.EXPIRE])
    return {row.appointment_id: row for row in rows.order_by("pk")}


def _with_mail(visits: Iterable[Appointment]) -> set[int]:
    """Return those patients (ids) of visits who have an e-mail address."""
    rows = ContactPoint.objects.filter(patient__in={visit.patient_id for visit in visits}, system=ContactSystem.EMAIL)
    return set(rows.order_by().values_list("patient_id", flat=True))


def _to_call(visits: Collection[int]) -> set[int]:
    """Return those closed visits (ids) whose patients are to be called, but for what follows from their answers.

    Not everybody who reads of a closure may know that.
    """
    calls = CallTask.objects.filter(appointment__in=visits, done_at=None).exclude(reason__in=CALLS_THAT_TELL)
    return set(calls.values_list("appointment_id", flat=True))


def to_be_called(written_to: Collection[Appointment], others: Collection[Appointment] = ()) -> set[int]:
    """Return those visits (ids) whose patients staff are to call: they have a call, or no mail reaches them.

    `others`: those whose patients nothing is written to.
    """
    reached = _with_mail(written_to)
    called = _to_call([one.pk for one in (*written_to, *others)])
    return called | {one.pk for one in written_to if one.patient_id not in reached}


def _asked_for(visits: Collection[int], *, at: datetime) -> set[int]:
    """Return those closed visits (ids) for which a worker looks for another time."""
    rows = ProposalRequest.objects.filter(appointment__in=visits, done_at=None, at__gt=at - IN_WORK)
    return set(rows.values_list("appointment_id", flat=True))


def live_notices(visits: Collection[int] | None = None) -> QuerySet[ClosureNotice]:
    """Return the notices that hold about visits as they are now, oldest first, with their visits and holds."""
    rows = ClosureNotice.objects.filter(over=False, version=F("appointment__version"))
    rows = rows.filter(appointment__status__in=sorted(OCCUPYING)).exclude(news=ClosureNews.OPEN_AGAIN)
    rows = rows if visits is None else rows.filter(appointment__in=visits)
    return rows.select_related("appointment", "hold").order_by("pk")


def facts_of(notice: ClosureNotice) -> dict[str, object]:
    """Return what goes with a notice: from which day on it is open again, and the time that is proposed."""
    visit, hold = notice.appointment, notice.hold
    reopens = scheduler.reopens_at(key_of(visit)) if notice.news != ClosureNews.OPEN_AGAIN else None
    facts: dict[str, object] = {"reopens_on": reopens.astimezone(visit.site.tz).date().isoformat()} if reopens else {}
    if hold is None:
        return facts
    return facts | {
        "start": hold.period.lower.astimezone(UTC).isoformat(),
        "zone": hold.site.zone,
        "until": hold.expires_at.astimezone(UTC).isoformat(),
        "same_practitioner": hold.practitioner_id == visit.practitioner_id,
        "site": None if hold.site_id == visit.site_id else {"name": hold.site.name, "address": hold.site.address},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureCount:
    """How many visits lie ahead where something closes, how many of them inside, and how many of these have no mail."""

    ahead: int
    inside: int
    without_mail: int


def count(
    closed: Iterable[scheduler.ClosedTime], visits: QuerySet[Appointment], *, at: datetime, judged: bool = True
) -> ClosureCount:
    """Count the visits ahead at the sites of closed times, and those inside; under a rehearsal, before it is saved.

    `judged`: as `inside` takes it.
    """
    stretches = list(closed)
    sites = {one.site for one in stretches}
    ahead = visits.filter(site__in=sites, status__in=sorted(OCCUPYING), period__startswith__gt=at)
    touched = {visit.pk: visit for one in stretches for visit in inside(one, visits, at=at, judged=judged)}
    reached = _with_mail(touched.values())
    without = sum(visit.patient_id not in reached for visit in touched.values())
    return ClosureCount(ahead=ahead.count(), inside=len(touched), without_mail=without)


def count_in_words(counted: ClosureCount) -> str:
    """Say how many appointments a closure touches, before anything is closed."""
    ahead = ngettext("Of %(count)d coming appointment", "Of %(count)d coming appointments", counted.ahead)
    inside = ngettext("%(count)d is inside", "%(count)d are inside", counted.inside)
    without = ngettext("%(count)d of them has no e-mail", "%(count)d of them have no e-mail", counted.without_mail)
    said = f"{ahead % {'count': counted.ahead}} {inside % {'count': counted.inside}}"
    return f"{said}; {without % {'count': counted.without_mail}}." if counted.inside else f"{said}."


def visible(by: Principal, site: int) -> QuerySet[Appointment]:
    """Return the visits at a site that somebody may see, with what a list shows of them."""
    rows = Appointment.objects.visible_to(by).filter(site=site)
    return rows.select_related("patient", "practitioner", "site", "therapy")


def undo_until(visit: Appointment, *, staff: bool = False) -> datetime | None:
    """Return until when a cancel can be taken back, by its patient or `staff`; None where it cannot.

    Back to a time that is closed nobody comes: that press would be refused.
    """
    off = visit.status == Status.CANCELLED and (staff or visit.cancel_reason in BY_PATIENT)
    if not off or visit.undo_until is None or scheduler.closed_at(key_of(visit)) is not None:
        return None
    return visit.undo_until


def undo_times(visit: Appointment) -> dict[str, Any]:
    """Return until when its patient can take a cancel back, and until when nobody hears of one that follows another."""
    follows = visit.cancel_reason == CancelReason.TOGETHER
    return {"undo_until": undo_until(visit), "untold_until": visit.undo_until if follows else None}


def key_of(visit: Appointment) -> scheduler.SlotKey:
    """Return the start that a visit has."""
    return scheduler.SlotKey.decode(visit.slot)
