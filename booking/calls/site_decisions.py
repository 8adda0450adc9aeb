"""What waits at a site beside calls: times without cover, leave, holidays, calendars that fail, records alike.

The page of what is to be done and the number beside its name read the same, so that they say the same.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from booking import queries
from booking.actions import closures, leave_requests
from booking.actions.screening.suggested_absences import suggested_absences
from booking.models import (
    AbsenceDecision,
    Appointment,
    CallReason,
    CallTask,
    FitnessDecision,
    Hold,
    LeaveRequest,
    PossibleDuplicate,
    PractitionerScreening,
)
from booking.models.appointments import UNPROVEN
from booking.models.holds import HoldState
from booking.status import OCCUPYING
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, acting, reaching
from scheduler import public as scheduler

HOLIDAYS_AHEAD = timedelta(days=60)


def may_here(by: Principal, action: Action, site: Site) -> bool:
    """Whether somebody may do something everywhere at a site."""
    return site.pk in by.sites(*reaching(action, Scope.SITE))


def named(site: Site | Argument, action: Action, by: Principal) -> QuerySet[Appointment]:
    """Return the appointments of a site with which somebody may do something, and of which they see names."""
    who = acting(acting(acting(by, Action.SEE_NAMES), Action.SEE_PATIENT), action)
    return Appointment.objects.visible_to(who).filter(site=site)


def without_cover(site: Site, *, by: Principal, at: datetime) -> list[int]:
    """Return the appointments (ids) of which another time is to be found, be it that somebody has called already.

    Whoever was told by mail and chooses another is waited for. An edit raises a call about each as it is saved: of
    those alone it is asked whether they stand on open time by now.
    """
    rows = named(site, Action.MOVE, by).exclude(UNPROVEN).filter(status__in=sorted(OCCUPYING), period__endswith__gt=at)
    rows = rows.filter(pk__in=called_without_cover(site).order_by().values("appointment"))
    asked = dict(rows.order_by().values_list("pk", "allocation"))
    found = sorted(queries.uncovered_ids(asked, at=at))
    waits = closures.waiting(found, at=at) if found else set()
    return [one for one in found if one not in waits]


def with_a_proposal(site: Site, *, by: Principal, at: datetime) -> QuerySet[Appointment]:
    """Return the appointments to whose patients another time is proposed, and kept until they answer.

    Whom no message reached is called, and not waited for.
    """
    kept = Hold.objects.filter(proposed=True, state=HoldState.OPEN, expires_at__gt=at).exclude(moving=None)
    rows = named(site, Action.MOVE, by).filter(status__in=sorted(OCCUPYING), period__startswith__gt=at)
    unreached = CallTask.objects.filter(reason=CallReason.NOT_REACHED, done_at=None).order_by()
    return rows.filter(pk__in=kept.order_by().values("moving")).exclude(pk__in=unreached.values("appointment"))


def called_without_cover(site: Site | Argument) -> QuerySet[CallTask, Any]:
    """Return the calls, made or not, about times without cover at a site."""
    return CallTask.objects.filter(reason=CallReason.WITHOUT_COVER, appointment__site=site)


def leave_to_decide(site: Site, *, by: Principal, at: datetime) -> Sequence[LeaveRequest]:
    """Return who asks for leave, and nobody has decided yet, to whoever decides."""
    return leave_requests.waiting(site, at=at) if may_here(by, Action.DECIDE_ABSENCE, site) else ()


def absences_to_decide(site: Site, *, by: Principal, at: datetime) -> Sequence[PractitionerScreening]:
    """Return whose health answers suggest to be away, and nobody has decided yet, to whoever decides."""
    return suggested_absences(site, at=at) if may_here(by, Action.DECIDE_ABSENCE, site) else ()


def may_suggest_to_be_away(site: Argument, *, today: Argument) -> QuerySet[PractitionerScreening, Any]:
    """Return the answers that may do so: of those alone it is asked whether they do."""
    here = Q(site=site) | Q(practitioner__offerings__site=site)
    away = Q(away_until__gt=today) | Q(fitness=FitnessDecision.STAYS_AWAY, on__gte=today)
    return PractitionerScreening.objects.filter(here, away).exclude(decision=AbsenceDecision.ENTERED)


def holidays_to_decide(site: Site, *, by: Principal, at: datetime) -> Sequence[tuple[str, date]]:
    """Return the public holidays ahead that nobody has decided about, to whoever closes the site."""
    if not may_here(by, Action.CLOSE, site):
        return ()
    today = at.astimezone(site.tz).date()
    return scheduler.suggested_holidays(site.pk, since=today, until=today + HOLIDAYS_AHEAD)


def failing_calendars(site: Site, *, by: Principal) -> Sequence[Any]:
    """Return the busy calendars of those who treat here that could not be read, to whoever keeps their calendars."""
    return scheduler.failing_calendars(site.pk) if may_here(by, Action.EDIT_CALENDAR, site) else ()


def alike_soon(site: Site, *, by: Principal) -> list[PossibleDuplicate]:
    """Return who comes soon and may have a second record, with it, to whoever corrects records; with their contacts."""
    both = [f"{side}__contacts" for side in ("one", "other")]
    return list(_alike(site, by).select_related("one", "other").prefetch_related(*both).order_by("pk"))


def _alike(site: Site, by: Principal) -> QuerySet[PossibleDuplicate]:
    # What a worker has found, some minutes ago at most: to look for it costs far more than a page may.
    seen = queries.patients(acting(by, Action.CORRECT_PATIENT)).order_by().values("pk")
    return PossibleDuplicate.objects.filter(site=site, one__in=seen, other__in=seen)


def count_decisions(site: Site, *, by: Principal, at: datetime) -> int:
    """Count holidays, calendars that fail, and records alike."""
    found = len(holidays_to_decide(site, by=by, at=at))
    return found + len(failing_calendars(site, by=by)) + _alike(site, by).count()
