"""Health answers that a clinician looks at: what was answered, and one key to decide."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions.screening import screening_reviews
from booking.actions.suitability.suitability_requests import is_overdue, looked_at_again, waiting_requests
from booking.models import CallReason, ScreeningDecision, ScreeningResponse
from booking.screening.decided import decided_today
from booking.screening.review_times import CallWindow
from booking.screening.reviews import to_review
from booking.web.desk.reviews.practitioner_reviews import talked_with_today, to_talk_with
from booking.web.desk.reviews.review_rows import WITH_TIMES, decided_rows, review_row, window_words
from booking.web.desk.shell import Desk, desk_of, desk_page, sites_of, staff_page
from booking.web.labels import has_phone, how_they_hear, wrong_day
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action
from core.text.languages import near_day_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import date_typed

APPROVED, MASKED, ASKED, DECLINED, TAKE_BACK = "approved", "masked", "asked", "declined", "take-back"
WRONG = {"/talked": "untalked", "/earliest_day": "undated"}
"""What the page calls a field that something is wrong with."""

ACTS = frozenset({APPROVED, MASKED, ASKED, DECLINED, TAKE_BACK})


@desk_page(Action.READ_SCREENING_ANSWERS)
def reviews(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show what is to be decided at a site: whoever needs help first, then what is due first."""
    return _page(request, desk, at=at)


def _page(
    request: HttpRequest, desk: Desk, *, at: datetime, note: str = "", status: int = 200, **wrong: str
) -> HttpResponse:
    """Show the page. `wrong`: answers (ids) where a talk was not ticked (`untalked`), or no day typed (`undated`)."""
    sites = frozenset({desk.site.pk})
    asked_for, day = request.GET.get("times", ""), date_typed(request.GET.get("from", ""))
    context = {
        **_beside(desk.site, at=at),
        "desk": desk,
        "rows": [
            review_row(
                response,
                from_day=_after_today(day, desk) if str(response.public_id) == asked_for else None,
                times=number < WITH_TIMES or str(response.public_id) == asked_for,
                at=at,
            )
            for number, response in enumerate(to_review(sites, at=at))
        ],
        "decided": decided_rows(decided_today(sites, at=at), at=at),
        "note": note,
        "typed": request.POST.get("from", ""),
        "done": _done(request, sites),
    } | wrong
    return render(request, "booking/desk/screening_reviews.html", context, status=status)


def _beside(site: Site, *, at: datetime) -> dict[str, Any]:
    """Return what else is looked at: colleagues, and how many wait because of answers before booking, or too long.

    `again`: how many are booked and looked at again, since rules or answers have changed; `here`: how many of them are
    at the door, and need help.
    """
    waiting, again = waiting_requests({site.pk}, at=at), looked_at_again({site.pk}, at=at)
    return {
        "staff": to_talk_with(site, at=at),
        "staff_decided": talked_with_today(site, at=at),
        "before_booking": {
            "count": len(waiting),
            "overdue": sum(is_overdue(one, at=at) for one in waiting),
            "here": again.filter(calls__reason=CallReason.HELP_HERE, calls__done_at=None).count(),
            "again": again.count(),
        },
    }


def _after_today(day: date | None, desk: Desk) -> date | None:
    return day if day is not None and day > desk.today else None


def _done(request: HttpRequest, sites: frozenset[int]) -> str:
    """Say what was decided just now, as it stands: the address is typed by anybody."""
    key = request.GET.get("done", "")
    try:
        rows = ScreeningResponse.objects.filter(public_id=UUID(key), appointment__site__in=sites)
    except ValueError:
        return ""
    row = rows.select_related("appointment__patient", "appointment__site").first()
    return _done_words(row) if row else ""


def _done_words(row: ScreeningResponse) -> str:
    visit = row.appointment
    who = _("The companion of %s") % visit.patient.name if row.companion else visit.patient.name
    day = near_day_in_words(row.earliest_day) if row.earliest_day else ""
    said = ""
    if row.decision == ScreeningDecision.APPROVED:
        said = _("%(who)s may come, with a mask.") if row.masked else _("%(who)s may come.")
    elif row.decision == ScreeningDecision.DECLINED:
        said = _("%(who)s stays away for now, and may come from %(day)s on.")
    if not said and row.call_starts_at and row.call_ends_at:
        window = window_words(row.call_starts_at, row.call_ends_at, row)
        told = _("%(who)s is told that we call on %(window)s.")
        if not has_phone(visit.patient):
            told = _("%(who)s is told to call us on %(window)s: no phone number is on file.")
        said = told % {"who": who, "window": window}
    if not said:
        return _("The answers of %s are to be decided about once more.") % visit.patient.name
    hears = how_they_hear(visit.patient, country_of(visit.site.zone))
    return f"{said % {'who': who, 'day': day}} {hears}"


@require_POST
@staff_page(Action.REVIEW)
def decide(request: HttpRequest, response: UUID, decision: str) -> HttpResponse:
    """Note a decision; where somebody was quicker, say who, on the page as it is then."""
    at = clock.now()
    sites = sites_of(principal_of(request), Action.REVIEW)
    row = ScreeningResponse.objects.filter(public_id=response, appointment__site__in=sites).first()
    if row is None or decision not in ACTS:
        raise Http404
    desk = desk_of(request, Action.REVIEW, at=at)
    try:
        _make(decision, row, request, by=principal_of(request), at=at)
    except Refusal as refusal:
        # What is missing says so by itself; of everything else the title says what is the matter.
        said = (refusal.detail or refusal.title,) if isinstance(refusal, Invalid) else (refusal.title, refusal.detail)
        note = " ".join(dict.fromkeys(str(words) for words in said if words))
        wrong = {WRONG[name]: str(row.public_id) for name in _wrong_fields(refusal) if name in WRONG}
        return _page(request, desk, at=at, note=note, status=refusal.status, **wrong)
    return redirect(f"{reverse('desk-screening-reviews')}{desk.where}&done={row.public_id}")


def _wrong_fields(refusal: Refusal) -> list[str]:
    errors = refusal.facts.get("errors")
    return [each.get("pointer", "") for each in errors] if isinstance(errors, list) else []


def _make(decision: str, row: ScreeningResponse, request: HttpRequest, *, by: Principal, at: datetime) -> None:
    """Do what was pressed. Raises what deciding refuses."""
    key, sent = row.public_id, request.POST
    who: dict[str, Any] = {"by": by, "at": at}
    if decision == ASKED:
        screening_reviews.ask(key, _window(sent.get("call", ""), row, at=at), **who)
    elif decision == DECLINED:
        day, slot = _first_day(sent.get("from", "")), opened(sent.get("slot", ""))
        screening_reviews.decline(key, earliest_day=day, slot_id=slot, **who)
    elif decision == TAKE_BACK:
        screening_reviews.take_back(key, review=_review(sent.get("review", "")), **who)
    else:
        screening_reviews.approve(key, masked=decision == MASKED, talked="talked" in sent, **who)


def _first_day(typed: str) -> date | None:
    """Return the day that was typed, None where none was. Raises Invalid for what is no day."""
    day = date_typed(typed)
    if typed.strip() and day is None:
        raise Invalid(wrong_day(typed), pointer="/earliest_day")
    return day


def _review(sent: str) -> UUID | None:
    """Return which decision is to be taken back, None for the newest. Raises Missing."""
    try:
        return UUID(sent) if sent else None
    except ValueError as error:
        raise Missing from error


def _window(sent: str, row: ScreeningResponse, *, at: datetime) -> CallWindow:
    """Return the hour that was chosen for a call, the next one where none was. Raises Invalid."""
    if not sent:
        return screening_reviews.windows(row.appointment, at=at)[0]
    starts, _slash, ends = sent.partition("/")
    try:
        window = CallWindow(starts_at=datetime.fromisoformat(starts), ends_at=datetime.fromisoformat(ends))
    except ValueError as error:
        raise Invalid(_("Choose one of the times."), pointer="/call") from error
    if window.starts_at.tzinfo is None or window.ends_at.tzinfo is None:
        raise Invalid(_("Choose one of the times."), pointer="/call")
    return window
