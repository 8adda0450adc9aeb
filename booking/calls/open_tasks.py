"""How much waits at a site for somebody, as the name of its page says, and what is read for that and for the page."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from booking.actions.suitability_requests import waiting_requests
from booking.calls.calls_to_make import AT_ONCE, LOOKED_AT_AGAIN, call_requests, calls_seen, may_need_help
from booking.calls.site_decisions import count_decisions, without_cover
from booking.models import Appointment, CallReason, ContactPoint
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
    """Count what somebody is to do at a site, as many as stand on its page.

    A call stands for each message that did not arrive; a time without cover stands once, called about or not.
    """
    calls, reads = calls_seen(by).filter(appointment__site=site, done_at=None), _reads_answers(site, by)
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
    found = first.union(*others, all=True).count() + reviews + len(opening_blocks(site, by=by, at=at))
    uncovered = without_cover(site, by=by, at=at)
    twice = calls_seen(by).filter(appointment__in=uncovered, reason=CallReason.WITHOUT_COVER, done_at=None)
    found += len(uncovered) - (twice.count() if uncovered else 0)
    found += 0 if reads else _urgent(site, by=by, at=at)
    return found + count_decisions(site, by=by, at=at)


def _urgent(site: Site, *, by: Principal, at: datetime) -> int:
    """Count those whom a clinician looks at who may need help: whoever calls lets a clinician know."""
    looked_at = calls_seen(by).filter(appointment__site=site, done_at=None, reason__in=LOOKED_AT_AGAIN)
    found = list(looked_at)
    if not found:
        return 0
    called = set(
        calls_seen(by).filter(appointment__site=site, done_at=None, reason__in=AT_ONCE).values_list("appointment")
    )
    urgent = may_need_help(found, at=at)
    return sum(one.appointment_id in urgent and (one.appointment_id,) not in called for one in found)


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
