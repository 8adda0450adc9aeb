"""Leave that somebody who treats asks for: asked, taken back, declined. It is entered where absences are."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions import booking_checks
from booking.actions.calendar_feeds import NoCalendar
from booking.models import Appointment, LeaveRequest
from booking.status import OCCUPYING
from core.accounts.names import name_of
from core.database.transactions import unit
from core.models import Site, User
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.text.languages import when_in_words
from core.text.sentences import as_sentence
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
LONGEST = timedelta(days=366)


class LeaveAsked(Refusal):
    """Somebody has asked for leave on one of these days already."""

    code = "leave-asked"
    title = gettext_lazy("You have asked for leave on one of these days already. Take that back first.")


class LeaveDecided(Refusal):
    """A request for leave is decided about, or taken back."""

    code = "leave-decided"
    title = gettext_lazy("This is decided about, or taken back, by now.")


@unit
def ask(*, first_on: date, last_on: date, site: Site, by: Principal, at: datetime) -> LeaveRequest:
    """Ask for leave, as whoever keeps the calendar. Raises NoCalendar, Invalid, LeaveAsked."""
    who = scheduler.practitioner_of(by.user_id)
    if who is None or by.user_id is None:
        raise NoCalendar
    if last_on < first_on or last_on < at.astimezone(site.tz).date():
        raise Invalid(_("The last day is before the first one, or over."), pointer="/last_on")
    if last_on - first_on > LONGEST:
        raise Invalid(_("Ask for a year at most."), pointer="/last_on")
    User.objects.select_for_update(no_key=True).get(pk=by.user_id)
    asked = LeaveRequest.objects.filter(practitioner=who, ended_at=None, first_on__lte=last_on, last_on__gte=first_on)
    if any(not is_entered(one) for one in asked):
        raise LeaveAsked
    return LeaveRequest.objects.create(practitioner=who, site=site, first_on=first_on, last_on=last_on, asked_at=at)


@unit
def withdraw(request_id: UUID, *, by: Principal, at: datetime) -> None:
    """Take a request of one's own back. Raises Missing, LeaveDecided."""
    who = scheduler.practitioner_of(by.user_id)
    _end(request_id, by=by, at=at, of=LeaveRequest.objects.filter(practitioner=who.pk if who else None))


@unit
def decline(request_id: UUID, *, site: Site, because: str, by: Principal, at: datetime) -> None:
    """Decline a request that is decided at a site. Raises Missing, Invalid, LeaveDecided."""
    words = booking_checks.clean_line(because, pointer="/because")
    if not words:
        raise Invalid(_("Say why not: they read it."), pointer="/because")
    _end(request_id, by=by, at=at, of=LeaveRequest.objects.filter(site=site), because=words)


def declined_today(site: Site, *, at: datetime) -> list[LeaveRequest]:
    """Return what was declined at a site today, the last first: until tonight that is taken back."""
    midnight = datetime.combine(at.astimezone(site.tz).date(), time(), site.tz)
    rows = LeaveRequest.objects.filter(site=site, ended_at__gte=midnight, last_on__gte=midnight.date())
    return list(rows.exclude(declined_because="").select_related("practitioner", "site").order_by("-ended_at", "-pk"))


@unit
def take_decline_back(request_id: UUID, *, site: Site, at: datetime) -> LeaveRequest:
    """Let a request be decided anew that was declined today. Raises Missing, LeaveDecided."""
    row = LeaveRequest.objects.select_for_update(no_key=True).filter(site=site, public_id=request_id).first()
    if row is None:
        raise Missing
    if row not in declined_today(site, at=at) or _is_asked_again(row):
        raise LeaveDecided
    row.ended_at, row.ended_by, row.declined_because, row.read_at = None, "", "", None
    row.save(update_fields=["ended_at", "ended_by", "declined_because", "read_at"])
    return row


def _is_asked_again(row: LeaveRequest) -> bool:
    days = {"first_on__lte": row.last_on, "last_on__gte": row.first_on}
    return LeaveRequest.objects.filter(practitioner=row.practitioner_id, ended_at=None, **days).exists()


def _end(request_id: UUID, *, by: Principal, at: datetime, of: QuerySet[LeaveRequest], because: str = "") -> None:
    row = of.select_for_update(no_key=True).filter(public_id=request_id).first()
    if row is None:
        raise Missing
    refuse_ended(row)
    row.ended_at, row.ended_by, row.declined_because = at, by.key, because
    row.save(update_fields=["ended_at", "ended_by", "declined_because"])


def refuse_decided(request_id: UUID) -> None:
    """Lock a request that is about to be entered, and refuse where it is decided, or stands in the calendar already.

    Raises Missing, LeaveDecided.
    """
    row = LeaveRequest.objects.select_for_update(no_key=True).filter(public_id=request_id).first()
    if row is None:
        raise Missing
    refuse_ended(row)


def refuse_ended(row: LeaveRequest) -> None:
    """Refuse what is decided by now, and say how and by whom. Raises LeaveDecided."""
    if row.ended_at is not None:
        facts = {"who": name_of(row.ended_by), "when": when_in_words(row.ended_at, row.site.tz)}
        if row.declined_because:
            why = {"why": as_sentence(row.declined_because)}
            raise LeaveDecided(_("%(who)s declined this leave, %(when)s: %(why)s") % (facts | why))
        raise LeaveDecided(_("%(who)s took this request for leave back, %(when)s.") % facts)
    if is_entered(row):
        raise LeaveDecided(_("Somebody entered this leave meanwhile: it stands in the calendar."))


def decided(practitioner: Any, *, at: datetime) -> list[LeaveRequest]:  # noqa: ANN401  (a row of the scheduler's)
    """Return the requests of somebody that were decided about, and of which they have not said that they know."""
    rows = LeaveRequest.objects.filter(practitioner=practitioner, read_at=None, last_on__gte=at.date() - A_DAY)
    found = rows.exclude(Q(declined_because="") & Q(ended_at__isnull=False)).select_related("practitioner", "site")
    return [one for one in found if one.declined_because or is_entered(one)]


@unit
def read(request_id: UUID, *, by: Principal, at: datetime) -> None:
    """Note that whoever asked knows what was decided. Raises Missing."""
    who = scheduler.practitioner_of(by.user_id)
    own = LeaveRequest.objects.filter(practitioner=who.pk if who else None, public_id=request_id)
    if not own.filter(read_at=None).update(read_at=at) and not own.exists():
        raise Missing


def waiting(site: Site, *, at: datetime) -> list[LeaveRequest]:
    """Return what is to be decided at a site, what begins soonest first."""
    today = at.astimezone(site.tz).date()
    rows = LeaveRequest.objects.filter(site=site, ended_at=None, last_on__gte=today).select_related(
        "practitioner", "site"
    )
    return [one for one in rows if not is_entered(one)]


def is_entered(one: LeaveRequest) -> bool:
    """Whether all of it stands in the calendar. Needs its practitioner and site."""
    return not scheduler.not_yet_away(one.practitioner, *stretch(one.first_on, one.last_on, site=one.site))


def stretch(first_on: date, last_on: date, *, site: Site) -> tuple[datetime, datetime]:
    """Return from when until when days last by the clock of a site."""
    begins, ends = (datetime.combine(day, time(), site.tz) for day in (first_on, last_on + A_DAY))
    return begins, ends


def touched(one: LeaveRequest, rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Keep the appointments that a request touches, the soonest first."""
    begins, ends = stretch(one.first_on, one.last_on, site=one.site)
    theirs = rows.filter(practitioner=one.practitioner_id, status__in=sorted(OCCUPYING))
    return theirs.filter(period__startswith__gte=begins, period__startswith__lt=ends).order_by("period", "pk")
