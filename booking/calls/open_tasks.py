"""How much waits at a site for somebody, as the name of its page says, and what is read for that and for the page."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Value

from booking.actions.suitability.suitability_requests import count_waiting
from booking.calls.calls_to_make import (
    AT_ONCE,
    LOOKED_AT_AGAIN,
    call_requests,
    call_tasks,
    may_need_help,
    seen_tasks,
)
from booking.calls.site_decisions import (
    absences_to_decide,
    called_without_cover,
    count_decisions,
    leave_to_decide,
    may_suggest_to_be_away,
    without_cover,
)
from booking.calls.stay_away import may_stay_away, staying_away
from booking.calls.waiting_calls import waiting_calls
from booking.models import Appointment, CallReason, CallTask, ContactPoint, LeaveRequest
from booking.models.appointments import UNPROVEN
from booking.screening.reviews import count_to_review
from booking.seats.seat_queries import due_of_kind, due_seats_now
from booking.status import OCCUPYING
from core.database.compiled import Argument, for_each_kind
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, Subject, acting, may, may_ever, reaching
from scheduler import public as scheduler

A_DAY, AHEAD = timedelta(days=1), timedelta(days=14)


def count_open(site: Site, *, by: Principal, at: datetime) -> int:
    """Count what somebody is to do at a site, as many as stand on its page.

    A call stands for each message that did not arrive; a time without cover stands once, called about or not. What is
    counted by more than its rows is looked for only where the one query finds that there may be some.
    """
    reads, today = _reads_answers(site, by), at.astimezone(site.tz).date()
    told = due_seats_now(site, by=by, at=at) | {
        "user_id": by.user_id,
        "acts_at": by.at,
        "today": today,
    }
    waits = Counter(what for what, _pk in _waiting(by.kind, reads).tuples(**told))
    found = waits[COUNTED] + len(turning_blocks(site, by=by, at=at))
    found += _uncovered(site, by=by, at=at) if waits[COVER] else 0
    if reads:
        found += count_waiting(site.pk, at=at) + count_to_review(site.pk, at=at)
    elif waits[LOOKED_AT]:
        found += _urgent(site, by=by, at=at)
    found += len(staying_away(site, by=by, at=at)) if waits[AWAY] else 0
    found += len(leave_to_decide(site, by=by, at=at)) if waits[LEAVE] else 0
    found += len(absences_to_decide(site, by=by, at=at)) if waits[ABSENCE] else 0
    return found + count_decisions(site, by=by, at=at)


COUNTED, COVER, LOOKED_AT, LEAVE, AWAY, ABSENCE = "counted", "cover", "looked at", "leave", "away", "absence"
"""What a row of `_waiting` stands for: itself, or that more is to be asked about something."""


@for_each_kind
def _waiting(kind: Principal, reads: bool) -> QuerySet[CallTask, Any]:  # noqa: FBT001  (told apart by place)
    site, at = Argument("site"), Argument("at")
    calls = seen_tasks(kind).filter(appointment__site=site, done_at=None)
    looked_at = calls.filter(reason__in=LOOKED_AT_AGAIN)
    if not reads:
        calls = calls.exclude(reason__in=LOOKED_AT_AGAIN)  # those are a clinician's
    else:
        at_once = calls.filter(reason__in=AT_ONCE).order_by().values("appointment")
        calls = calls.exclude(reason__in=LOOKED_AT_AGAIN, appointment__in=at_once)
    counted: list[QuerySet[Any, Any]] = [call_requests(kind).select_related(None).filter(site=site, done_at=None)]
    counted.append(unverified_firsts(site, by=kind, at=at))
    counted.append(waiting_calls(site, by=kind, at=at))
    if may_ever(kind, Action.RESERVE_SEATS):
        counted.append(due_of_kind(kind))
    asked = [
        (COVER, called_without_cover(site).filter(appointment__period__endswith__gt=at)),
        (LOOKED_AT, looked_at),
        (AWAY, may_stay_away(site, by=kind, at=at)),
        (LEAVE, LeaveRequest.objects.filter(site=site, ended_at=None, last_on__gte=Argument("today"))),
    ]
    asked.append((ABSENCE, may_suggest_to_be_away(site, today=Argument("today"))))
    rows = _rows(COUNTED, calls)
    found: QuerySet[CallTask, Any] = rows.union(
        *(_rows(COUNTED, one) for one in counted), *(_rows(*one) for one in asked), all=True
    )
    return found


def _rows(what: str, rows: QuerySet[Any, Any]) -> Any:  # noqa: ANN401  (rows of any model)
    return rows.order_by().annotate(what=Value(what)).values_list("what", "pk")


def _uncovered(site: Site, *, by: Principal, at: datetime) -> int:
    """Count the times without cover, but those that are counted as calls."""
    uncovered = without_cover(site, by=by, at=at)
    twice = call_tasks(by).filter(appointment__in=uncovered, reason=CallReason.WITHOUT_COVER, done_at=None)
    return len(uncovered) - (twice.count() if uncovered else 0)


def _urgent(site: Site, *, by: Principal, at: datetime) -> int:
    """Count those whom a clinician looks at who may need help: whoever calls lets a clinician know."""
    looked_at = call_tasks(by).filter(appointment__site=site, done_at=None, reason__in=LOOKED_AT_AGAIN)
    found = list(looked_at)
    if not found:
        return 0
    called = set(
        call_tasks(by).filter(appointment__site=site, done_at=None, reason__in=AT_ONCE).values_list("appointment")
    )
    urgent = may_need_help(found, at=at)
    return sum(one.appointment_id in urgent and (one.appointment_id,) not in called for one in found)


def _reads_answers(site: Site, by: Principal) -> bool:
    return site.pk in by.sites(*reaching(Action.READ_SCREENING_ANSWERS, Scope.SITE))


def unverified_firsts(site: Site | Argument, *, by: Principal, at: datetime | Argument) -> QuerySet[Appointment]:
    """Return first appointments of guests whose e-mail address nobody has shown to be theirs."""
    who = acting(acting(acting(by, Action.SEE_NAMES), Action.SEE_PATIENT), Action.CORRECT_PATIENT)
    mails = ContactPoint.objects.unverified().values("patient")
    rows = Appointment.objects.visible_to(who).filter(site=site, visit=scheduler.VisitType.FIRST, patient__guest=True)
    rows = rows.filter(status__in=sorted(OCCUPYING), period__startswith__gt=at, patient__in=mails)
    return rows.exclude(UNPROVEN)


def turning_blocks(site: Site, *, by: Principal, at: datetime) -> list[scheduler.BlockOccurrence]:
    """Return the days of blocks with time left that others have begun to book within a day, or everybody soon may.

    To whoever can keep them, and opens the page on which that is done; once somebody has decided about what has begun,
    it is done.
    """
    here = Subject(sites=frozenset({site.pk}), programs=frozenset({site.pk}))
    if not all(may(by, action, here) for action in (Action.KEEP_FAMILY_TIME, Action.RESERVE_SEATS)):
        return []
    found = scheduler.block_occurrences(site.pk, at, at + AHEAD, at=at, turning=A_DAY)
    return [one for one in found if one.free_minutes and (one.everyone_at <= at + A_DAY or not one.decided)]
