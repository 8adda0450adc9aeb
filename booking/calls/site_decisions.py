"""What waits at a site beside calls: times without cover, leave, holidays, calendars that fail, records alike.

The page of what is to be done and the number beside its name read the same, so that they say the same.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from booking import queries
from booking.actions import closures, leave_requests
from booking.models import Appointment, CallReason, CallTask, LeaveRequest, Patient
from booking.models.appointments import UNPROVEN
from booking.patients import duplicates
from booking.status import OCCUPYING
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, acting, reaching
from scheduler import public as scheduler

HOLIDAYS_AHEAD = timedelta(days=60)
PEOPLE_AHEAD, MOST_PEOPLE = timedelta(days=14), 200
"""Who comes soon is compared with other records, and of these so many at most: the next ones first."""

Pair = tuple[Patient, Patient]


def may_here(by: Principal, action: Action, site: Site) -> bool:
    """Whether somebody may do something everywhere at a site."""
    return site.pk in by.sites(*reaching(action, Scope.SITE))


def named(site: Site, action: Action, by: Principal) -> QuerySet[Appointment]:
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


def called_without_cover(site: Site | Argument) -> QuerySet[CallTask, Any]:
    """Return the calls, made or not, about times without cover at a site."""
    return CallTask.objects.filter(reason=CallReason.WITHOUT_COVER, appointment__site=site)


def leave_to_decide(site: Site, *, by: Principal, at: datetime) -> Sequence[LeaveRequest]:
    """Return who asks for leave, and nobody has decided yet, to whoever decides."""
    return leave_requests.waiting(site, at=at) if may_here(by, Action.DECIDE_ABSENCE, site) else ()


def holidays_to_decide(site: Site, *, by: Principal, at: datetime) -> Sequence[tuple[str, date]]:
    """Return the public holidays ahead that nobody has decided about, to whoever closes the site."""
    if not may_here(by, Action.CLOSE, site):
        return ()
    today = at.astimezone(site.tz).date()
    return scheduler.suggested_holidays(site.pk, since=today, until=today + HOLIDAYS_AHEAD)


def failing_calendars(site: Site, *, by: Principal) -> Sequence[Any]:
    """Return the busy calendars of those who treat here that could not be read, to whoever keeps their calendars."""
    return scheduler.failing_calendars(site.pk) if may_here(by, Action.EDIT_CALENDAR, site) else ()


STAMP = """
SELECT (SELECT string_agg(patient_id::text, ' ') FROM (
          SELECT patient_id FROM booking_appointment
          WHERE site_id = %(site)s AND lower(period) > %(at)s AND lower(period) < %(until)s
            AND status = ANY(%(standing)s)
          ORDER BY lower(period), id LIMIT %(most)s) AS soon),
       (SELECT max(id) FROM booking_patient), (SELECT max(id) FROM booking_contactpoint),
       (SELECT max(id) FROM booking_recordchange), %(day)s::date
"""
MOST_KEPT = 64
_known: OrderedDict[tuple[object, ...], list[tuple[int, int]]] = OrderedDict()
"""Pairs (ids) by site, by whom, and by all that they follow from: which pairs there are costs far more to learn."""


def alike_soon(site: Site, *, by: Principal, at: datetime) -> list[Pair]:
    """Return who comes soon and may have a second record, with it, the next one first, to whoever corrects records."""
    corrects = acting(by, Action.CORRECT_PATIENT)
    if not corrects.roles:
        return []
    ids = _ids_of_pairs(site, corrects, at=at)
    rows = queries.patients(corrects).in_bulk({pk for two in ids for pk in two}) if ids else {}
    return [(rows[one], rows[other]) for one, other in ids if one in rows and other in rows]


def count_alike(site: Site, *, by: Principal, at: datetime) -> int:
    """Count those pairs."""
    corrects = acting(by, Action.CORRECT_PATIENT)
    return len(_ids_of_pairs(site, corrects, at=at)) if corrects.roles else 0


def _ids_of_pairs(site: Site, by: Principal, *, at: datetime) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"site": site.pk, "at": at, "until": at + PEOPLE_AHEAD, "day": at.date()}
        told |= {"standing": sorted(OCCUPYING), "most": MOST_PEOPLE}
        cursor.execute(STAMP, told)
        key = (site.pk, by.key, by.roles, cursor.fetchone())
    if key not in _known:
        _known[key] = [(one.pk, other.pk) for one, other in _pairs(site, by, at=at)]
        while len(_known) > MOST_KEPT:
            _known.popitem(last=False)
    return _known[key]


def _pairs(site: Site, by: Principal, *, at: datetime) -> list[Pair]:
    among = queries.patients(by)
    next_at = soon(site, among, at=at)
    people = sorted(among.filter(pk__in=next_at), key=lambda one: (next_at[one.pk], one.pk)) if next_at else []
    return duplicates.pairs_with(people, among=among) if people else []


def soon(site: Site, among: QuerySet[Patient], *, at: datetime) -> dict[int, datetime]:
    """Return who of these (ids) comes soon, and when first."""
    ahead = Appointment.objects.filter(site=site, status__in=sorted(OCCUPYING), patient__in=among.order_by())
    ahead = ahead.filter(period__startswith__gt=at, period__startswith__lt=at + PEOPLE_AHEAD)
    # By where they begin, as an index has them: the first few of a site are found without reading all of a fortnight.
    rows = ahead.order_by("period__startswith", "pk").values_list("patient_id", "period")[:MOST_PEOPLE]
    return dict(reversed([(patient, period.lower) for patient, period in rows]))


def count_decisions(site: Site, *, by: Principal, at: datetime) -> int:
    """Count holidays, calendars that fail, and records alike."""
    found = len(holidays_to_decide(site, by=by, at=at))
    return found + len(failing_calendars(site, by=by)) + count_alike(site, by=by, at=at)
