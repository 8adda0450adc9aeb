"""Ill today: who cannot come, from when until when, what becomes of each appointment, and who is told what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions import leave_requests
from booking.actions.impact import absences, settling
from booking.actions.impact.absences import AwayPeriod, LeaveAway
from booking.actions.leave_requests import LeaveDecided
from booking.models import CalendarEdit, EditKind, PractitionerScreening
from booking.web.desk.impact.colleagues import WHO, colleague, colleagues
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.rows import end_in_words
from booking.web.desk.impact.settling_form import (
    edit_seen,
    edited_rows,
    goes_on_at,
    impact_context,
    settled_in_words,
    take_back,
    wanted_from,
    why_refused,
)
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import wrong_day
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.forms import TYPE_A_TIME
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import when_in_words
from core.text.typed_dates import date_typed, iso_date
from core.text.typed_times import time_typed
from scheduler import public as scheduler

FIRST, FROM, LAST, LEAVE = "first", "from", "last", "leave"
A_DAY, LONGEST_AHEAD = timedelta(days=1), timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who treats here. `away`: until when they are away now; `back`: the absence that can be ended here."""

    id: UUID
    name: str
    url: str
    away: str = ""
    back: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedStretch:
    """From when until when, as an address says it. `wrong`: what is not right, in words, by its field."""

    first: str
    since: str
    last: str | None
    starts_at: datetime
    ends_at: datetime
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def open_end(self) -> bool:
        """Whether nobody knows yet when they are back."""
        return self.ends_at == scheduler.UNTIL_FURTHER_NOTICE


@asked_or_sent
@staff_page(Action.EDIT_CALENDAR)
@says_what_it_looks_for
def away(request: HttpRequest) -> HttpResponse:
    """Ask who cannot come; show what becomes of their appointments; do all of it with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if WHO not in request.GET:
        return _choose(request, desk, by=by, at=at)
    try:
        return _shown_or_entered(request, desk, by=by, at=at)
    except LeaveDecided as decided:
        messages.warning(request, f"{_('Nothing was entered.')} {decided.detail or decided.title}")
        return redirect(f"{reverse('desk-suggested-absences')}{desk.where}")


def _shown_or_entered(request: HttpRequest, desk: Desk, *, by: Principal, at: datetime) -> HttpResponse:
    """Show what an absence does, or enter it where that was pressed. Raises LeaveDecided."""
    who = colleague(desk, request.GET[WHO], by=by)
    asked = asked_stretch(request, desk, at=at)
    stretch = _planned(request, who, asked)
    if request.method != "POST" or asked.wrong:
        return _page(request, desk, asked, stretch, at=at)
    try:
        entered = settling.save(
            stretch, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request)
        )
    except LeaveDecided:
        raise
    except Refusal as refusal:
        return _page(request, desk, asked, stretch, at=at, note=why_refused(refusal), status=refusal.status)
    messages.success(
        request, f"{_('%(who)s is away.') % {'who': who.name}} {settled_in_words(entered, stretch, by=by, at=at)}"
    )
    return redirect(_goes_on_at(request, desk, entered, stretch, by=by, at=at))


def _goes_on_at(
    request: HttpRequest, desk: Desk, entered: CalendarEdit, stretch: AwayPeriod, *, by: Principal, at: datetime
) -> str:
    """Return where the next appointments are settled; of leave, which is decided by now, where other requests wait."""
    done = f"{reverse('desk-away')}{desk.where}"
    if LEAVE in request.GET:
        others = leave_requests.waiting(desk.site, at=at)
        return f"{reverse('desk-suggested-absences')}{desk.where}" if others else done
    return goes_on_at(request, entered, stretch, done, by=by, at=at)


def _planned(request: HttpRequest, who: Any, asked: AskedStretch) -> AwayPeriod:  # noqa: ANN401  (a row of the scheduler's)
    """Return the absence as it is planned; where leave is asked for, as that. Raises Http404."""
    facts = {"practitioner": who, "starts_at": asked.starts_at, "ends_at": asked.ends_at}
    if LEAVE not in request.GET:
        return AwayPeriod(**facts)
    try:
        return LeaveAway(**facts, leave=UUID(request.GET[LEAVE]))
    except ValueError as error:
        raise Http404 from error


def asked_stretch(request: HttpRequest, desk: Desk, *, at: datetime) -> AskedStretch:
    """Return from when until when an address says: from now until tonight, where it says nothing.

    A last day that is empty is none: they are away until further notice.
    """
    zone, sent = desk.site.tz, request.GET
    first, since, last = sent.get(FIRST, "").strip(), sent.get(FROM, "").strip(), sent.get(LAST)
    first_on = _day(first) if first else desk.today
    last_on = _day(last.strip()) if last and last.strip() else None
    wrong = {FIRST: wrong_day(first)} if first_on is None else {}
    if last and last.strip() and last_on is None:
        wrong[LAST] = wrong_day(last)
    first_on = first_on or desk.today
    clock_time = time_typed(since) if since else None
    if since and clock_time is None:
        wrong[FROM] = str(TYPE_A_TIME)
    begins = datetime.combine(first_on, clock_time or time(), zone)
    starts_at = begins if clock_time or first_on != desk.today else at
    if last is None:
        last_on = max(first_on, desk.today)
    ends_at = datetime.combine(last_on + A_DAY, time(), zone) if last_on else scheduler.UNTIL_FURTHER_NOTICE
    wrong = wrong or _wrong_end(starts_at, ends_at, at=at)
    return AskedStretch(first=first, since=since, last=last, starts_at=starts_at, ends_at=ends_at, wrong=wrong)


def _wrong_end(starts_at: datetime, ends_at: datetime, *, at: datetime) -> dict[str, str]:
    if ends_at <= starts_at:
        return {LAST: _("The last day is before the first one. Correct one of the two.")}
    if scheduler.UNTIL_FURTHER_NOTICE > ends_at > at + LONGEST_AHEAD:
        return {
            LAST: _("This day is too far ahead. Is the year right? With nothing typed, it is until further notice.")
        }
    over = _("This day is over. Type today or a later day, or nothing: until further notice.")
    return {LAST: over} if ends_at <= at else {}


def _day(text: str) -> date | None:
    try:
        return iso_date(text)
    except ValueError:
        return date_typed(text)


def _choose(request: HttpRequest, desk: Desk, *, by: Principal, at: datetime) -> HttpResponse:
    """Show who can be away, who is, and what was entered today."""
    people = colleagues(desk, by=by)
    away_now = {
        one.practitioner_id: one for one in scheduler.absences_during([p.pk for p in people], at, at + A_DAY)
        if one.period.lower <= at
    }  # fmt: skip
    # What health answers suggested is ended where they are looked at.
    rows = PractitionerScreening.objects.filter(absence__in=[one.pk for one in away_now.values()])
    suggested = set(rows.values_list("absence", flat=True))
    context = {
        "desk": desk,
        "colleagues": [_listed(one, away_now.get(one.pk), suggested, desk) for one in people],
        "entered": edited_rows(desk, EditKind.ABSENCE, by=by, at=at),
    }
    return render(request, "booking/desk/away.html", context)


def _listed(who: Any, absence: Any, suggested: set[int], desk: Desk) -> Colleague:  # noqa: ANN401  (rows of the scheduler's)
    ends = absence and end_in_words(absence.period.upper, desk.site.tz)
    return Colleague(
        id=who.public_id,
        name=who.name,
        url=f"{reverse('desk-away')}{desk.where}&{WHO}={who.public_id}",
        away=_("Away %(until)s") % {"until": ends} if absence else "",
        back=absence.public_id if absence and absence.pk not in suggested else None,
    )


def _page(
    request: HttpRequest,
    desk: Desk,
    asked: AskedStretch,
    stretch: AwayPeriod,
    *,
    at: datetime,
    status: int = 200,
    note: str = "",
) -> HttpResponse:
    """Show what would become of each appointment, as it fits now."""
    by, who = principal_of(request), stretch.practitioner
    context: dict[str, Any] = {"desk": desk, "who": who, "asked": asked, "note": note}
    if not asked.wrong:
        context |= {"when": _when(asked, desk), **impact_context(stretch, request, desk, by=by, at=at)}
    here = f"{reverse('desk-away')}{desk.where}&{WHO}={who.public_id}"
    context |= {"here": here, "action": request.get_full_path(), "back": f"{reverse('desk-away')}{desk.where}"}
    wrong = asked.wrong and status == 200  # noqa: PLR2004  (a page that is asked for with what cannot be)
    return render(request, "booking/desk/away.html", context, status=422 if wrong else status)


def _when(asked: AskedStretch, desk: Desk) -> str:
    zone = desk.site.tz
    times = {"start": when_in_words(asked.starts_at, zone), "end": end_in_words(asked.ends_at, zone)}
    return _("From %(start)s %(end)s") % times


@require_POST
@staff_page(Action.EDIT_CALENDAR)
def act(request: HttpRequest, entered: UUID, act: str) -> HttpResponse:
    """Take back what was entered today, or end an absence: they are back."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if act == "back":
        absences.end(entered, by=by, at=at)
        messages.success(request, _("The absence is over. Whoever heard otherwise is told that it takes place."))
    elif act == "undo":
        take_back(request, entered, at=at)
    else:
        raise Http404
    return redirect(f"{reverse('desk-away')}{desk.where}")
