"""Walk-ins: somebody stands at the desk without an appointment. Who they are, a time, the questions, and in."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking import queries
from booking.actions import walk_ins
from booking.actions.check_in_checks import is_today
from booking.actions.requested_slots import read_slot
from booking.errors import HoldUsed
from booking.models import Appointment, Hold, Patient
from booking.references import as_written
from booking.screening.notices import mask_notice, policy_notices
from booking.screening.outcomes import ScreeningResult
from booking.screening.queries import Screening, screening_of
from booking.screening.questionnaire import Outcome
from booking.screening.rights import as_seen
from booking.screening.state import ScreeningState
from booking.status import OCCUPYING, Status
from booking.suitability.answers_by_link import waits_for_answers
from booking.web.desk.arrivals.page import visit_for
from booking.web.desk.arrivals.walk_in_needs import asked_context, person_of
from booking.web.desk.arrivals.walk_in_questions import WalkInQuestions
from booking.web.desk.arrivals.walk_in_refusals import WayOn, needs_help, not_had
from booking.web.desk.arrivals.walk_in_safety import WalkInSafety
from booking.web.desk.arrivals.walk_in_times import walk_in_days
from booking.web.desk.desk_questions import AND_CHECK_IN
from booking.web.desk.find_or_enter import PersonSearch
from booking.web.desk.health_words import health_in_words
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import how_they_are_asked, minutes_in_words, therapy_in_words, visit_in_words
from booking.web.responses import asked_or_sent
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.rights import Action, acting
from core.text.languages import localized, near_day_in_words, time_in_words, when_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import iso_date
from scheduler import public as scheduler

BY_LINK = "by_link"
"""What is pressed where somebody answers the questions themselves, by link."""


@asked_or_sent
@staff_page(Action.ADMIT_WALK_IN)
def walk_in(request: HttpRequest) -> HttpResponse:
    """Find whoever stands at the desk, or enter somebody new."""
    at = clock.now()
    desk = desk_of(request, Action.ADMIT_WALK_IN, at=at)
    asked = PersonSearch.of(request, desk, lambda one: _times_url(one, desk), at=at)
    if asked.entered:
        return redirect(_times_url(asked.entered.public_id, desk))
    context = {"desk": desk, "action": f"{reverse('desk-walk-in')}?site={desk.site.key}", **asked.context()}
    return render(request, "booking/desk/walk_in.html", context, status=asked.status)


def _times_url(patient: object, desk: Desk) -> str:
    return reverse("desk-walk-in-times", args=[str(patient)]) + f"?site={desk.site.key}"


@require_safe
@staff_page(Action.ADMIT_WALK_IN)
def times(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Show what is free for somebody: today, or on the next days."""
    at = clock.now()
    desk, who = desk_of(request, Action.ADMIT_WALK_IN, at=at), person_of(request, patient)
    since = _since(request, desk)
    context = {
        "desk": desk,
        "person": who,
        "days": walk_in_days(who, desk.site, by=principal_of(request), at=at, since=since),
        "since": near_day_in_words(since.date()) if since else "",
        "has": _today_already(request, who, desk),
        **asked_context(who, by=principal_of(request)),
    }
    return render(request, "booking/desk/walk_in_times.html", context)


def _since(request: HttpRequest, desk: Desk) -> datetime | None:
    """Return from when on they may come, where answers said so; what somebody wrote by hand is not believed."""
    try:
        day = iso_date(request.GET.get("since", ""))
    except ValueError:
        return None
    return datetime.combine(day, time(), desk.site.tz)


def _today_already(request: HttpRequest, who: Patient, desk: Desk) -> list[str]:
    rows = queries.appointments(acting(principal_of(request), Action.MARK_ATTENDANCE))
    zone = desk.site.tz
    begins, ends = (datetime.combine(desk.today, moment, zone) for moment in (time(), time.max))
    ahead = rows.filter(
        patient=who,
        site=desk.site,
        status__in=sorted(OCCUPYING),
        period__startswith__gte=begins,
        period__startswith__lt=ends,
    )
    return [time_in_words(one.period.lower, zone) for one in ahead.order_by("period")]


@require_POST
@staff_page(Action.ADMIT_WALK_IN)
def choose(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Keep a time for them while the questions are asked."""
    at, by = clock.now(), principal_of(request)
    desk, who = desk_of(request, Action.ADMIT_WALK_IN, at=at), person_of(request, patient)
    try:
        slot = read_slot(
            opened(request.POST.get("slot", "")), by=by, at=at, patient=who, override_reason=walk_ins.REASON
        )
        if slot.site.id != desk.site.pk:
            raise Http404
        held = walk_ins.hold_for(who, slot, by=by, at=at, alone=True)
    except Refusal as refusal:
        return _not_had(request, desk, who, refusal)
    return redirect(reverse("desk-walk-in-admit", args=[held.public_id]) + f"?site={desk.site.key}")


def _not_had(request: HttpRequest, desk: Desk, who: Patient, refusal: Refusal) -> HttpResponse:
    chooses = reverse("desk-walk-in-choose", args=[who.public_id]) + f"?site={desk.site.key}"
    on = WayOn(back=_times_url(who.public_id, desk), chooses=chooses)
    return not_had(request, desk, who, refusal, on=on, at=clock.now())


@asked_or_sent
@staff_page(Action.ADMIT_WALK_IN)
def admit(request: HttpRequest, hold: UUID) -> HttpResponse:
    """Read the questions aloud, book, and check in; a second press shows what the first one did."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.ADMIT_WALK_IN, at=at)
    held = held_by(hold, by)
    booked = Appointment.objects.filter(allocation=held.allocation).first()
    if booked is not None:
        return redirect(_done_url(booked, desk))
    here = walk_ins.is_on_the_spot(held, at=at)
    safety = WalkInSafety.of(held, patient_of(held), request.POST, here=here, at=at)
    if BY_LINK in request.POST and not here:
        return _book_by_link(request, desk, held, at=at)
    if safety.just_sent:
        try:
            walk_ins.check_answers(held, safety.answers, whole=safety.ready, by=by, at=at)
        except Refusal as refusal:
            return _not_had(request, desk, patient_of(held), refusal)
    if not safety.ready:
        return _safety_questions(request, desk, held, safety)
    sent = request.POST if request.method == "POST" and not safety.just_sent else None
    asked = WalkInQuestions.of(held, sent, at=at)
    if not asked.ready:
        return _questions(request, desk, held, asked, given=safety.sealed())
    return _book(request, desk, held, asked, safety, at=at)


def _book(
    request: HttpRequest, desk: Desk, held: Hold, asked: WalkInQuestions, safety: WalkInSafety, *, at: datetime
) -> HttpResponse:
    then_check_in = request.POST.get("none") == AND_CHECK_IN
    try:
        done = walk_ins.admit(
            held.public_id,
            asked.answers,
            by=principal_of(request),
            at=at,
            then_check_in=then_check_in,
            suitability=safety.answers,
        )
    except HoldUsed:  # pressed twice at once: the first press booked it
        return redirect(request.get_full_path())
    except Refusal as refusal:
        return _not_had(request, desk, patient_of(held), refusal)
    if done.visit is None and done.screening is not None:
        return _sent_home(request, desk, patient_of(held), done.screening, at=at)
    return redirect(_done_url(done.visit, desk)) if done.visit else redirect("desk-walk-in")


def _book_by_link(request: HttpRequest, desk: Desk, held: Hold, *, at: datetime) -> HttpResponse:
    """Keep a later day's time for somebody who answers by link."""
    try:
        visit = walk_ins.ask_by_link(held.public_id, by=principal_of(request), at=at)
    except HoldUsed:  # pressed twice at once
        return redirect(request.get_full_path())
    except Refusal as refusal:
        return _not_had(request, desk, patient_of(held), refusal)
    return redirect(_done_url(visit, desk))


def held_by(hold: UUID, by: Principal) -> Hold:
    """Return what somebody keeps for a person, not to move what they have. Raises Http404."""
    try:
        held = queries.hold(hold, by=by)
    except Missing as missing:
        raise Http404 from missing
    if held.patient is None or held.moving_id is not None:
        raise Http404
    return held


def patient_of(held: Hold) -> Patient:
    """Return for whom a time is kept."""
    assert held.patient is not None  # noqa: S101  (tells the type checker: only such holds are opened here)
    return held.patient


def hold_in_words(held: Hold) -> str:
    """Say what a time is kept for, how long it is and where, to be read back before it is booked."""
    key = scheduler.SlotKey.decode(held.slot)
    therapy = therapy_in_words(scheduler.therapy_names().get(key.therapy, {}), key.technique)
    minutes = (held.period.upper - held.period.lower) // timedelta(minutes=1)
    where = [localized(held.place.name)] if held.place else []
    words = [therapy, visit_in_words(key.visit), minutes_in_words(minutes), *where, localized(held.site.name)]
    return " · ".join(words)


def _safety_questions(request: HttpRequest, desk: Desk, held: Hold, safety: WalkInSafety) -> HttpResponse:
    by_link = "" if safety.here else how_they_are_asked(patient_of(held), country_of(held.site.zone))
    asked = {"by_link": by_link, "written_to": bool(queries.mail_of(patient_of(held)))}
    context = _of_hold(request, desk, held) | safety.context() | asked
    return render(request, "booking/desk/walk_in_safety.html", context, status=safety.status)


def _questions(request: HttpRequest, desk: Desk, held: Hold, asked: WalkInQuestions, *, given: str) -> HttpResponse:
    context = _of_hold(request, desk, held) | asked.context(request.POST) | {"given": given}
    return render(request, "booking/desk/walk_in_questions.html", context, status=asked.status)


def _of_hold(request: HttpRequest, desk: Desk, held: Hold) -> dict[str, Any]:
    """Return what a page says of a time that is kept, and of whom it is for."""
    patient, zone = patient_of(held), held.site.tz
    unsettled = UnsettledColleagues(by=principal_of(request), at=clock.now(), here=desk.site)
    return {
        "desk": desk,
        "person": patient.name,
        "when": when_in_words(held.period.lower, zone),
        "with_whom": held.practitioner.name,
        "kept_for": hold_in_words(held),
        "word": unsettled.word(held.practitioner_id, held.period.lower.astimezone(zone).date(), site=held.site_id),
        "until": time_in_words(held.expires_at, zone),
        "back": _times_url(patient.public_id, desk),
        "action": reverse("desk-walk-in-admit", args=[held.public_id]) + f"?site={desk.site.key}",
    }


def _sent_home(
    request: HttpRequest, desk: Desk, who: Patient, result: ScreeningResult, *, at: datetime
) -> HttpResponse:
    """Say kindly that they must not come in today, and what they can have once they may."""
    if result.outcome is Outcome.SEEK_CARE:
        return needs_help(request, desk, who)
    since = result.earliest_day
    midnight = datetime.combine(since, time(), desk.site.tz) if since else None
    context = {
        "desk": desk,
        "person": who,
        "since": near_day_in_words(since) if since else "",
        "days": walk_in_days(who, desk.site, by=principal_of(request), at=at, since=midnight) if midnight else (),
    }
    return render(request, "booking/desk/walk_in_not_today.html", context)


def _done_url(visit: Appointment, desk: Desk) -> str:
    return reverse("desk-walk-in-done", args=[visit.public_id]) + f"?site={desk.site.key}"


@require_safe
@staff_page(Action.ADMIT_WALK_IN)
def done(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Show what to tell them, to be printed: nobody writes to whoever stands at the desk."""
    at = clock.now()
    desk = desk_of(request, Action.ADMIT_WALK_IN, at=at)
    visit = visit_for(request, appointment, Action.SEE_APPOINTMENT)
    found, zone = as_seen(screening_of(visit, at=at), visit, by=principal_of(request)), visit.site.tz
    context = {
        "desk": desk,
        "visit": visit,
        "when": when_in_words(visit.period.lower, zone),
        "site": localized(visit.site.name),
        "reference": as_written(visit.reference),
        "health": health_in_words(found, zone),
        "calm": found.state.lets_in,
        "waits": visit.status == Status.PROPOSED,
        "look_now": _looked_at_now(visit, at=at),
        "by_link": how_they_are_asked(visit.patient, country_of(visit.site.zone)) if waits_for_answers(visit) else "",
        "notices": _to_tell(found),
        "arrivals": f"{reverse('desk-arrivals')}{desk.where}#v-{visit.public_id}",
    }
    return render(request, "booking/desk/walk_in_done.html", context)


def _looked_at_now(visit: Appointment, *, at: datetime) -> str:
    """Say that a clinician is to look at a time of today before it begins; empty where nobody has to."""
    if visit.status != Status.PROPOSED or waits_for_answers(visit) or not is_today(visit, at=at):
        return ""
    who = {"name": visit.patient.name, "until": time_in_words(visit.kept_until or visit.period.lower, visit.site.tz)}
    return (
        _(
            "%(name)s is not checked in yet: a clinician of this site looks at it first. Please let one know now that"
            " they are here. Their time is kept until %(until)s. Once it is approved, check them in at the door."
        )
        % who
    )


def _to_tell(found: Screening) -> list[str]:
    """Return what whoever stands at the desk is told: first that a clinician looks at it, where one does."""
    masked = found.newest is not None and found.newest.masked
    mask, notices = [mask_notice()] if masked else [], policy_notices(found.policy, masked=masked)
    if found.state is ScreeningState.IN_REVIEW:
        return [_("One of our clinicians looks at your answers first. Please wait here until then."), *mask]
    return [*mask, *notices] if found.state.lets_in else []
