"""Requests that wait because of what somebody answered before booking: a clinician decides with one key."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.actions.approvals import REOPENED, may_reopen
from booking.actions.suitability import clearances
from booking.actions.suitability import suitability_reviews as actions
from booking.actions.suitability.suitability_decisions import MOVES, SuitabilityAct, is_done_already
from booking.actions.suitability.suitability_requests import (
    approved_requests,
    asked_requests,
    booked_visits,
    declined_requests,
    last_change,
    waiting_requests,
)
from booking.errors import MoveNotAllowed
from booking.models import Appointment, Change, LabKind
from booking.status import BOOKS, WAITING, Move, Status
from booking.suitability.errors import CallFirst, WaitsForAnswers
from booking.web.desk.reviews.call_first import call_first_in_words
from booking.web.desk.reviews.clearance_rows import clearance_rows
from booking.web.desk.reviews.suitability_rows import decided_rows, instead_in_words, questions_named, waiting_rows
from booking.web.desk.shell import Desk, desk_of, desk_page, sites_of, staff_page
from booking.web.labels import how_they_are_asked, how_they_hear, wrong_day
from core import clock
from core.accounts.names import name_of
from core.accounts.principals import principal_of
from core.database.transactions import one_reading
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action
from core.text.languages import when_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import date_typed

COUNTS, COUNT_OUT, CLEARANCE_OUT = "counts", "count-out", "clearance-out"
CLEAR_AFTERWARDS = gettext_lazy("To let it not be looked at again for now, take the approval back first.")
ACTS = frozenset({*SuitabilityAct, COUNTS, COUNT_OUT, CLEARANCE_OUT})


@desk_page(Action.READ_SCREENING_ANSWERS)
def reviews(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show who waits at a site because of what they answered, what is due first on top."""
    return _page(request, desk, at=at)


@one_reading
def _page(
    request: HttpRequest, desk: Desk, *, at: datetime, note: str = "", wrong: str = "", status: int = 200
) -> HttpResponse:
    """Show the page. `wrong`: the request (id) whose form was not taken: what was typed stays."""
    sites = frozenset({desk.site.pk})
    standing = waiting_rows(booked_visits(sites, at=at), at=at)
    context = {
        "desk": desk,
        "rows": waiting_rows(waiting_requests(sites, at=at), at=at),
        "asked": waiting_rows(asked_requests(sites, at=at), at=at),
        "urgent": [row for row in standing if row.call_first],
        "standing": [row for row in standing if not row.call_first],
        "declined": decided_rows(declined_requests(sites, at=at), Move.DECLINE),
        "approved": decided_rows(approved_requests(sites, at=at), *BOOKS),
        "cleared": clearance_rows(desk.site, at=at),
        "note": note,
        "done": _done(request, sites),
        "open": wrong or request.GET.get("open", ""),
        "wrong": wrong,
        "sent": request.POST if wrong else {},
    }
    return render(request, "booking/desk/suitability_reviews.html", context, status=status)


@require_POST
@staff_page(Action.REVIEW)
def decide(request: HttpRequest, appointment: UUID, act: str) -> HttpResponse:
    """Do what was pressed; where somebody was quicker, say who, on the page as it is then."""
    at, by = clock.now(), principal_of(request)
    sites = sites_of(by, Action.REVIEW)
    rows = Appointment.objects.filter(public_id=appointment, site__in=sites)
    visit = rows.select_related("patient", "site").first()
    if visit is None or act not in ACTS:
        raise Http404
    desk = desk_of(request, Action.REVIEW, at=at)
    try:
        if act == SuitabilityAct.ASK:
            _ask(visit, request.POST, by=by, at=at)
        else:
            _make(act, visit, request.POST, by=by, at=at)
    except Refusal as refusal:
        if not _pressed_twice(visit, act, request.POST, by=by, at=at):
            # Forms are opened again where something typed is wrong; of what is over only the note is left to read.
            wrong = str(visit.public_id) if isinstance(refusal, Invalid) else ""
            return _page(request, desk, at=at, note=_note(visit, act, refusal), wrong=wrong, status=refusal.status)
    key = str(visit.public_id)
    after = f"&done={key}" if act in MOVES else f"&open={key}#r-{key}" if act != SuitabilityAct.LOOKED_AT else ""
    return redirect(f"{reverse('desk-suitability-reviews')}{desk.where}{after}")


def _ask(visit: Appointment, sent: QueryDict, *, by: Principal, at: datetime) -> None:
    seen, stood = _version(sent), sent.get("stood")
    questions = questions_named(visit, sent.getlist("questions"), at=at)
    actions.ask(visit.public_id, questions, seen=seen, stood=stood, by=by, at=at)


def _make(act: str, visit: Appointment, sent: Mapping[str, str], *, by: Principal, at: datetime) -> None:
    key = visit.public_id
    if act == COUNTS:
        actions.enter_counts(key, _counts(sent), taken_on=_day(sent, "taken_on"), by=by, at=at)
        return
    if act == SuitabilityAct.LOOKED_AT:
        actions.looked_at(key, mark=sent.get("mark"), set_aside=sent.get("set_aside", ""), by=by, at=at)
        return
    if act == CLEARANCE_OUT:
        clearances.withdraw(key, _uuid(sent.get("clearance", "")), by=by, at=at)
        return
    if act == COUNT_OUT:
        actions.withdraw_count(key, _uuid(sent.get("count", "")), by=by, at=at)
        return
    if act == SuitabilityAct.TAKE_BACK:
        actions.take_back(key, seen=_version(sent), by=by, at=at)
        return
    _answer(act, key, sent, by=by, at=at)


def _answer(act: str, key: UUID, sent: Mapping[str, str], *, by: Principal, at: datetime) -> None:
    answered: dict[str, Any] = {"seen": _version(sent), "stood": sent.get("stood"), "by": by, "at": at}
    if act == SuitabilityAct.CLEAR:
        ends_on = _day(sent, "ends_on") if sent.get("ends_on", "").strip() else None
        everywhere = sent.get("scope") == "all"
        actions.approve_and_clear(key, mark=sent.get("mark"), ends_on=ends_on, all_therapies=everywhere, **answered)
    elif act == SuitabilityAct.DECLINE:
        actions.decline(key, instead=sent.get("instead", ""), **answered)
    else:
        actions.approve(key, mark=sent.get("mark"), set_aside=sent.get("set_aside", ""), **answered)


def _version(sent: Mapping[str, str]) -> int:
    """Return as which a request was seen; what nobody can have seen is never as it is."""
    seen = sent.get("version", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else -1  # noqa: PLR2004  (an int)


def _counts(sent: Mapping[str, str]) -> dict[LabKind, Decimal]:
    """Return the counts that were typed. Raises Invalid for what is no number."""
    return {kind: _number(sent[kind], kind) for kind in LabKind if sent.get(kind, "").strip()}


def _number(typed: str, kind: LabKind) -> Decimal:
    try:
        value = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation as error:
        raise Invalid(_("Type the count as a number, such as 48 or 0.9."), pointer=f"/{kind.value}") from error
    if not value.is_finite():
        raise Invalid(_("Type the count as a number, such as 48 or 0.9."), pointer=f"/{kind.value}")
    return round(value, 3)


def _day(sent: Mapping[str, str], name: str) -> date:
    day = date_typed(sent.get(name, ""))
    if day is None:
        raise Invalid(wrong_day(sent.get(name, "")), pointer=f"/{name}")
    return day


def _uuid(sent: str) -> UUID:
    try:
        return UUID(sent)
    except ValueError as error:
        raise Http404 from error


def _pressed_twice(visit: Appointment, act: str, sent: QueryDict, *, by: Principal, at: datetime) -> bool:
    questions = questions_named(visit, sent.getlist("questions"), at=at)
    return is_done_already(visit, act, by=by, instead=sent.get("instead", ""), questions=questions)


def _note(visit: Appointment, act: str, refusal: Refusal) -> str:
    """Say why nothing was done; of what somebody else has done, who and when."""
    if isinstance(refusal, Invalid):
        said = [str(one["detail"]) for one in refusal.facts["errors"]]  # type: ignore[attr-defined]  # a list of dicts
        return f"{visit.patient.name}: {' '.join(dict.fromkeys(said))}"
    if isinstance(refusal, CallFirst):
        return call_first_in_words(visit)
    last = last_change(visit)
    if last is None or not isinstance(refusal, (MoveNotAllowed, WaitsForAnswers)):
        return f"{visit.patient.name}: {refusal.title}"
    afterwards = act == SuitabilityAct.CLEAR and last.move in BOOKS
    return f"{_done_since(visit, last)} {CLEAR_AFTERWARDS}" if afterwards else _done_since(visit, last)


def _done_since(visit: Appointment, last: Change) -> str:
    """Say what was done with a request meanwhile, by whom and when."""
    approved = _("%(name)s has approved the request of %(person)s already, %(when)s. Nothing was changed.")
    sentences = {
        **dict.fromkeys(BOOKS, approved),
        Move.AWAIT: _("%(name)s has asked %(person)s already, %(when)s. Nothing was changed."),
        Move.DECLINE: _("%(name)s has declined the request of %(person)s already, %(when)s. Nothing was changed."),
        Move.CANCEL: _("The request of %(person)s was cancelled meanwhile, %(when)s. Nothing was changed."),
        Move.EXPIRE: _("The request of %(person)s ran out, %(when)s. Nothing was changed."),
    }
    changed = _("The request of %(person)s was changed meanwhile, %(when)s. Please look at it again.")
    facts = {
        "name": name_of(last.by) or _("Somebody"),
        "person": visit.patient.name,
        "when": when_in_words(last.at, visit.site.tz),
    }
    return sentences.get(Move(last.move), changed) % facts


def _done(request: HttpRequest, sites: frozenset[int]) -> str:
    """Say what was decided just now, as it stands: the address is typed by anybody."""
    try:
        rows = Appointment.objects.filter(public_id=UUID(request.GET.get("done", "")), site__in=sites)
    except ValueError:
        return ""
    visit = rows.exclude(suitability="").select_related("patient", "site").first()
    return _done_words(visit) if visit else ""


def _done_words(visit: Appointment) -> str:
    who = {"name": visit.patient.name}
    hears = how_they_hear(visit.patient, country_of(visit.site.zone))
    if visit.status == Status.PENDING and not _is_reopened(visit):
        how = how_they_are_asked(visit.patient, country_of(visit.site.zone))
        return (
            f"{_('We ask %(name)s once more.') % who} {how} {_('Until they have answered you can take it back here.')}"
        )
    if visit.status in WAITING and _is_reopened(visit):
        said = _("The request of %(name)s is to be looked at again. If they heard that it is booked, we write to them.")
        return said % who
    if visit.status == Status.PROPOSED:
        return _("The request of %(name)s stands again.") % who
    if visit.status == Status.CANCELLED:
        last = last_change(visit)
        instead = instead_in_words(last) if last else ""
        said = _("The request of %(name)s is declined, with %(instead)s instead.") if instead else ""
        said = said or _("The request of %(name)s is declined.")
        return f"{said % {**who, 'instead': instead}} {hears} {_('Until tonight you can take it back here.')}"
    last = last_change(visit)
    undone = _("Until tonight you can take it back here.") if last and may_reopen(last) else ""
    return f"{_('%(name)s is booked.') % who} {hears} {undone}".rstrip()


def _is_reopened(visit: Appointment) -> bool:
    last = last_change(visit)
    return last is not None and REOPENED in last.facts
