"""Absences that the health answers of those who treat suggest: schedulers enter or decline them, and read no answer."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking.actions import leave_requests
from booking.actions.impact import settling, taking_back
from booking.actions.impact.absences import suggested_away
from booking.actions.screening import practitioner_screening as screenings
from booking.actions.screening import suggested_absences as absences
from booking.models import AbsenceDecision, Appointment, LeaveRequest, PractitionerScreening
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.settling_form import (
    edit_seen,
    impact_context,
    settled_in_words,
    taken_back_in_words,
    wanted_from,
    why_refused,
)
from booking.web.desk.my_day.leave_page import days_in_words, why_not
from booking.web.desk.reviews.practitioner_reviews import TAKE_BACK, to_talk_with
from booking.web.desk.shell import A_DAY, Desk, desk_of, desk_page, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import near_day_in_words, when_in_words

END = "end"
SHOWN = {
    "decline": absences.suggested_absences,
    END: absences.absences_to_end,
    TAKE_BACK: absences.decided_today,
}
"""What can be decided, and about which of a site's rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedAbsence:
    """Who suggests to be away until when, and what that touches."""

    id: str
    who: str
    until: str
    suggested: str
    visits: str
    in_review: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAbsence:
    """About whom was decided today, and what. `settle`: where what becomes of their appointments is chosen."""

    id: str
    who: str
    decision: str
    words: str
    settle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceToEnd:
    """Who may see patients again, and until when they are still away. `why_not`: why that is not ended here."""

    id: str
    who: str
    until: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLeave:
    """Who asks for leave on which days, and how much that touches. `settle`: where it is seen, and entered."""

    id: str
    who: str
    days: str
    visits: str
    settle: str


@desk_page(Action.DECIDE_ABSENCE)
def suggested_absences(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show what is to be decided at a site."""
    return _page(request, desk, at=at)


def _page(
    request: HttpRequest, desk: Desk, *, at: datetime, note: str = "", done: str = "", status: int = 200
) -> HttpResponse:
    rows = [_row(one, at=at) for one in absences.suggested_absences(desk.site, at=at)]
    suggested = {row.id for row in rows}
    others = [row for row in to_talk_with(desk.site, at=at) if row.id not in suggested]
    context = {"desk": desk, "rows": rows, "others": others, "note": note, "done": done}
    context["leave"] = [_leave(one, at=at) for one in leave_requests.waiting(desk.site, at=at)]
    decided = [_decided(one) for one in absences.decided_today(desk.site, at=at)]
    context["declined"] = [_leave(one, at=at) for one in leave_requests.declined_today(desk.site, at=at)]
    context["to_end"] = [_to_end(one, at=at) for one in absences.absences_to_end(desk.site, at=at)]
    context |= {"typed": request.POST.get("because", ""), "decided": decided}
    return render(request, "booking/desk/suggested_absences.html", context, status=status)


def _row(one: PractitionerScreening, *, at: datetime) -> SuggestedAbsence:
    visits, until = absences.touched_visits(one, at=at), screenings.away_until(one)
    words = ngettext("%(count)d appointment", "%(count)d appointments", visits) % {"count": visits}
    return SuggestedAbsence(
        id=str(one.public_id),
        who=one.practitioner.name,
        until=near_day_in_words(until) if until else "",
        suggested=when_in_words(one.answered_at, one.site.tz),
        visits=words,
        in_review=screenings.waits_for_clinician(one),
    )


def _leave(one: LeaveRequest, *, at: datetime) -> AskedLeave:
    visits = leave_requests.touched(one, Appointment.objects.all()).count()
    named = {"site": one.site.key, "who": str(one.practitioner.public_id), "first": str(one.first_on)}
    return AskedLeave(
        id=str(one.public_id),
        who=one.practitioner.name,
        days=days_in_words(one.first_on, one.last_on, at.astimezone(one.site.tz).date()),
        visits=ngettext("%(count)d appointment", "%(count)d appointments", visits) % {"count": visits},
        settle=reverse("desk-away", query=named | {"last": str(one.last_on), "leave": str(one.public_id)}),
    )


@require_POST
@staff_page(Action.DECIDE_ABSENCE)
def decline_leave(request: HttpRequest, leave: UUID) -> HttpResponse:
    """Decline leave that was asked for, in words that whoever asked reads."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.DECIDE_ABSENCE, at=at)
    because = request.POST.get("because", "")
    try:
        leave_requests.decline(leave, site=desk.site, because=because, by=by, at=at)
    except Refusal as refusal:
        said, status = why_not(refusal)
        return _page(request, desk, at=at, note=said, status=status)
    return _page(request, desk, at=at, done=_("It is declined. They read why on their page."))


@require_POST
@staff_page(Action.DECIDE_ABSENCE)
def take_leave_back(request: HttpRequest, leave: UUID) -> HttpResponse:
    """Let leave be decided anew that was declined today."""
    at = clock.now()
    desk = desk_of(request, Action.DECIDE_ABSENCE, at=at)
    try:
        again = leave_requests.take_decline_back(leave, site=desk.site, at=at)
    except Refusal as refusal:
        said, status = why_not(refusal)
        return _page(request, desk, at=at, note=said, status=status)
    said = _("Taken back: it is to be decided again. Tell %s, who may have read it.")
    return _page(request, desk, at=at, done=said % again.practitioner.name)


def _to_end(one: PractitionerScreening, *, at: datetime) -> AbsenceToEnd:
    entered = absences.entered_for(one.practitioner_id, at=at)
    until = when_in_words(entered.absence.period.upper, entered.site.tz) if entered and entered.absence else ""
    why_not = "" if entered is None or absences.is_as_entered(entered) else str(absences.CHANGED_SINCE)
    return AbsenceToEnd(id=str(one.public_id), who=one.practitioner.name, until=until, why_not=why_not)


def _decided(one: PractitionerScreening) -> DecidedAbsence:
    words = AbsenceDecision(one.decision).label
    named = f"site={one.site.key}&who={one.practitioner.public_id}"
    last = screenings.away_until(one)
    entered = one.decision == AbsenceDecision.ENTERED and last is not None
    return DecidedAbsence(
        id=str(one.public_id),
        who=one.practitioner.name,
        decision=one.decision,
        words=str(words),
        settle=f"{reverse('desk-away')}?{named}&last={last - A_DAY}" if entered and last else "",
    )


@require_POST
@staff_page(Action.DECIDE_ABSENCE)
def decide(request: HttpRequest, suggestion: UUID, decision: str) -> HttpResponse:
    """Enter a suggested absence, or decline it with a reason; take that back on the same day."""
    at = clock.now()
    desk = desk_of(request, Action.DECIDE_ABSENCE, at=at)
    if decision not in SHOWN:
        raise Http404
    shown = SHOWN[decision](desk.site, at=at)
    known = next((one for one in shown if one.public_id == suggestion), None)
    if known is None:
        refusal = absences.AbsenceStands if decision == TAKE_BACK else absences.AbsenceDecided
        return _page(request, desk, at=at, note=str(refusal.title), status=refusal.status)
    try:
        done = _done(request, known, decision, at=at)
    except Refusal as refusal:
        return _page(request, desk, at=at, note=f"{known.practitioner.name}: {refusal.detail}", status=refusal.status)
    return _page(request, desk, at=at, done=done)


def _decided_meanwhile(request: HttpRequest, desk: Desk, suggestion: UUID, *, at: datetime) -> HttpResponse:
    """Say that somebody was first: to whoever presses as a refusal, to whoever follows an old link on the list."""
    refusal = absences.AbsenceDecided
    if not PractitionerScreening.objects.filter(public_id=suggestion).exists():
        raise Http404
    if request.method == "POST":
        return _page(request, desk, at=at, note=str(refusal.title), status=refusal.status)
    messages.warning(request, str(refusal.title))
    return redirect(f"{reverse('desk-suggested-absences')}{desk.where}")


@asked_or_sent
@staff_page(Action.DECIDE_ABSENCE)
@says_what_it_looks_for
def enter(request: HttpRequest, suggestion: UUID) -> HttpResponse:
    """Show what a suggested absence does to appointments; enter it and settle them with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.DECIDE_ABSENCE, at=at)
    known = next((one for one in absences.suggested_absences(desk.site, at=at) if one.public_id == suggestion), None)
    if known is None:
        return _decided_meanwhile(request, desk, suggestion, at=at)
    edit, note, status = suggested_away(known, at=at), "", HTTPStatus.OK
    if request.method == "POST":
        try:
            wanted = wanted_from(request, desk)
            entered = settling.save(edit, wanted, site=desk.site, by=by, at=at, seen=edit_seen(request))
        except Refusal as refusal:
            note, status = why_refused(refusal), HTTPStatus(refusal.status)
        else:
            left = settled_in_words(entered, edit, by=by, at=at)
            messages.success(request, f"{_('%(who)s is away.') % {'who': known.practitioner.name}} {left}")
            return redirect(f"{reverse('desk-suggested-absences')}{desk.where}")
    context = {"desk": desk, "row": _row(known, at=at), "note": note}
    try:
        context |= impact_context(edit, request, desk, by=by, at=at)
    except Refusal as refusal:  # such as one who is away already
        return _page(request, desk, at=at, note=f"{known.practitioner.name}: {refusal.detail}", status=refusal.status)
    return render(request, "booking/desk/absence_entry.html", context, status=status)


def _done(request: HttpRequest, known: PractitionerScreening, decision: str, *, at: datetime) -> str:
    """Do what was pressed, and return what is said of it."""
    by, who = principal_of(request), known.practitioner.name
    if decision == "decline":
        absences.decline_absence(known.public_id, request.POST.get("because", ""), by=by, at=at)
        return _("Declined. %s hears it from you.") % who
    if decision == END:
        absences.end_absence(known.public_id, by=by, at=at)
        return _("%s is not away any more. Whoever was called about it hears that it takes place.") % who
    edit = taking_back.edit_of_suggestion(known.public_id) if known.decision == AbsenceDecision.ENTERED else None
    if edit is not None:
        left = taking_back.take_back(edit.public_id, by=by, at=at)
        return f"{_('%s is not away by it any more.') % who} {taken_back_in_words(left)}"
    absences.take_back(known.public_id, AbsenceDecision(known.decision), by=by, at=at)
    if known.decision == AbsenceDecision.ENTERED:
        return (
            _("Taken back: %s is not away by it any more. Whoever was called about it hears that it takes place.") % who
        )
    return _("Taken back: it is to be decided again. Tell %s, who may have read it.") % who
