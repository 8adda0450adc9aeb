"""How much waits at a site for somebody, as the name of its page says, and what is read for that and for the page."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from booking.actions.suitability_requests import waiting_requests
from booking.calls.calls_to_make import AT_ONCE, LOOKED_AT_AGAIN, call_requests, call_tasks
from booking.models import Appointment, ContactPoint
from booking.models.appointments import UNPROVEN
from booking.screening.reviews import to_review
from booking.seats.seat_queries import due_seats
from booking.status import OCCUPYING
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, Subject, acting, may, may_ever, reaching
from scheduler import public as scheduler

A_DAY, AHEAD = timedelta(days=1), timedelta(days=14)
EVERYBODY = "everyone"
"""How far a block is open that keeps nothing any more."""


def count_open(site: Site, *, by: Principal, at: datetime) -> int:
    """Count what somebody is to do at a site: in one query, but for answers to read and weeks that are kept.

    A call stands for each time without cover, and for each message that did not arrive. Not counted: holidays, and
    records that may be one person's.
    """
    calls, reads = call_tasks(by).filter(appointment__site=site, done_at=None), _reads_answers(site, by)
    if not reads:
        calls = calls.exclude(reason__in=LOOKED_AT_AGAIN)  # those are a clinician's
    else:
        at_once = calls.filter(reason__in=AT_ONCE).order_by().values("appointment")
        calls = calls.exclude(reason__in=LOOKED_AT_AGAIN, appointment__in=at_once)
    rows = [calls, call_requests(by).filter(site=site, done_at=None), unverified_firsts(site, by=by, at=at)]
    if may_ever(by, Action.RESERVE_SEATS):
        rows.append(due_seats(site, by=by, at=at))
    first, *others = (one.order_by().values_list("pk") for one in rows)
    reviews = len(waiting_requests({site.pk}, at=at)) + len(to_review({site.pk}, at=at)) if reads else 0
    return first.union(*others, all=True).count() + reviews + len(opening_blocks(site, by=by, at=at))


def _reads_answers(site: Site, by: Principal) -> bool:
    return site.pk in by.sites(*reaching(Action.READ_SCREENING_ANSWERS, Scope.SITE))


def unverified_firsts(site: Site, *, by: Principal, at: datetime) -> QuerySet[Appointment]:
    """Return first appointments of guests whose e-mail address nobody has shown to be theirs."""
    who = acting(acting(acting(by, Action.SEE_NAMES), Action.SEE_PATIENT), Action.CORRECT_PATIENT)
    mails = ContactPoint.objects.unverified().values("patient")
    rows = Appointment.objects.visible_to(who).filter(site=site, visit=scheduler.VisitType.FIRST, patient__guest=True)
    rows = rows.filter(status__in=sorted(OCCUPYING), period__startswith__gt=at, patient__in=mails)
    return rows.exclude(UNPROVEN)


def opening_blocks(site: Site, *, by: Principal, at: datetime) -> list[scheduler.BlockOccurrence]:
    """Return the days of blocks that open to everybody within a day and have time left, to whoever can keep them."""
    here = frozenset({site.pk})
    if not may(by, Action.KEEP_FAMILY_TIME, Subject(sites=here, programs=here)):
        return []
    found = scheduler.block_occurrences(site.pk, at, at + AHEAD, at=at)
    return [one for one in found if one.stage != EVERYBODY and at < one.everyone_at <= at + A_DAY and one.free_minutes]
