"""Who waits for a time to open at a site: shown, put on the list, and what is noted of what they say on the phone."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from booking import queries
from booking.actions.waiting import answering, list_entries, waiting_calls
from booking.models import Patient, WaitingListEntry, WaitingListOffer
from booking.suitability.judgement import STOP
from booking.suitability.questions import in_words
from booking.suitability.waiting_questions import judged, left_to_answer
from booking.waiting.errors import AddressNeeded, JustTaken, OfferOver, OnTheListAlready
from booking.waiting.status import EntryAct
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.desk.waiting_list_form import DeskWaitingForm
from booking.web.desk.waiting_list_rows import entries_seen, waiting_rows
from booking.web.responses import asked_or_sent
from booking.web.suitability.suitability_forms import DayQuestionsForm
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.rights import Action, acting, may_ever

PAGE = "desk-waiting-list"
MOST = 100
"""Cards on a page; whoever is to be called, then whoever waits longest, is on top."""

WHY_NOT: dict[str, Promise] = {
    OnTheListAlready.code: gettext_lazy("They are on the list for this already. To change it, take them off first."),
    AddressNeeded.code: gettext_lazy(
        "No e-mail address or phone number is on file. Add one on their page first: they are asked by it."
    ),
}
"""What is said to staff of somebody who cannot be put on the list; the refusal itself speaks to patients."""


@desk_page(Action.SEE_WAITING_LIST)
def waiting_list(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show who waits at a site, whoever has waited longest on top."""
    by = principal_of(request)
    seen = entries_seen(by, desk.site)
    context = {
        "desk": desk,
        "rows": waiting_rows(seen, desk.site, most=MOST, by=by, at=at),
        "more": max(0, seen.count() - MOST),
        "reads_aloud": may_ever(by, Action.ANSWER_SCREENING),
    }
    return render(request, "booking/desk/waiting_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.KEEP_WAITING_LIST)
def add(request: HttpRequest) -> HttpResponse:
    """Put somebody on the list who asks for it on the phone or at the desk."""
    at, by = clock.now(), principal_of(request)
    desk, patient = desk_of(request, Action.KEEP_WAITING_LIST, at=at), _named(request, by)
    data = request.POST if request.method == "POST" else None
    form = DeskWaitingForm(data, site=desk.site, at=at)
    needs, note = AccessNeedsForm(data, initial={}), ""
    if form.is_valid() and needs.is_valid():
        try:
            list_entries.join(form.asked(needs.asked_for), patient, by=by, at=at)
        except Refusal as refusal:
            note = str(WHY_NOT.get(refusal.code, refusal.title))
        else:
            messages.success(request, _("%s is on the waiting list.") % patient.name)
            return redirect(reverse(PAGE) + desk.where)
    wrong = [*problems(form), *problems(needs)] if data is not None else []
    context = {"desk": desk, "patient": patient, "form": described(form), "problems": wrong, "note": note}
    context |= {"help": described(needs)}
    return render(request, "booking/desk/waiting_list_new.html", context, status=422 if wrong or note else 200)


def _named(request: HttpRequest, by: Principal) -> Patient:
    """Return of whom the address is. Raises Missing."""
    try:
        named = UUID(request.GET.get("patient", ""))
    except ValueError as error:
        raise Missing from error
    return queries.patient(named, by=acting(acting(by, Action.SEE_PATIENT), Action.KEEP_WAITING_LIST))


@require_POST
@staff_page(Action.KEEP_WAITING_LIST)
def act(request: HttpRequest, entry: UUID, act: str) -> HttpResponse:
    """Note what somebody says on the phone, or take them off the list."""
    at, by = clock.now(), principal_of(request)
    desk, note = desk_of(request, Action.KEEP_WAITING_LIST, at=at), ACTS.get(act)
    found = _entry(by, desk, entry)
    if note is None:
        raise Missing
    try:
        done = note(request, found, by, at)
    except (JustTaken, OfferOver):
        gone = _("This time is not kept for %s any more. They stay on the list: tell them so.")
        messages.warning(request, gone % found.patient.name)
    else:
        messages.success(request, done % found.patient.name)
    return redirect(reverse(PAGE) + desk.where)


def _entry(by: Principal, desk: Desk, named: UUID) -> WaitingListEntry:
    found = entries_seen(acting(by, Action.KEEP_WAITING_LIST), desk.site).filter(public_id=named).first()
    if found is None:
        raise Missing
    return found


def _offer(request: HttpRequest, entry: WaitingListEntry) -> WaitingListOffer:
    """Return the offer that a button names. Raises OfferOver."""
    named = request.POST.get("offer", "")
    found = next((one for one in entry.offers.all() if str(one.public_id) == named), None)
    if found is None:
        raise OfferOver
    return found


def _accept(request: HttpRequest, entry: WaitingListEntry, by: Principal, at: datetime) -> str:
    answering.accept(_offer(request, entry).pk, by=by, at=at)
    return _("%s has the time. Tell them so.")


def _decline(request: HttpRequest, entry: WaitingListEntry, by: Principal, at: datetime) -> str:
    answering.decline(_offer(request, entry).pk, by=by, at=at)
    return _("It is noted. %s stays on the list.")


def _not_reached(request: HttpRequest, entry: WaitingListEntry, by: Principal, at: datetime) -> str:
    answering.not_reached(_offer(request, entry).pk, by=by, at=at)
    return _("It is noted. Somebody else is asked, and %s stays on the list.")


def _confirm(_request: HttpRequest, entry: WaitingListEntry, by: Principal, at: datetime) -> str:
    list_entries.confirm(entry, by=by, at=at)
    return _("%s is on the waiting list.")


def _called(_request: HttpRequest, entry: WaitingListEntry, by: Principal, at: datetime) -> str:
    waiting_calls.end_calls(entry, by=by, at=at)
    return _("It is noted that %s was called.")


def _end(_request: HttpRequest, entry: WaitingListEntry, by: Principal, at: datetime) -> str:
    answering.leave(entry, by=by, at=at, act=EntryAct.END)
    return _("%s is off the waiting list. They are mailed so, if their address is on file.")


ACTS: dict[str, Callable[[HttpRequest, WaitingListEntry, Principal, datetime], str]] = {
    "accept": _accept,
    "decline": _decline,
    "not-reached": _not_reached,
    "confirm": _confirm,
    "called": _called,
    "end": _end,
}


@asked_or_sent
@staff_page(Action.KEEP_WAITING_LIST)
def questions(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Read aloud what somebody is to answer before they can be offered a time."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.KEEP_WAITING_LIST, at=at)
    found = _entry(acting(by, Action.ANSWER_SCREENING), desk, entry)
    back, due = reverse(PAGE) + desk.where, left_to_answer(found, at=at)
    if due is None:
        return redirect(back)
    form = DayQuestionsForm(request.POST if request.method == "POST" else None, asked=due.asked)
    if form.is_valid():
        list_entries.answer(found, form.answers_given(), by=by, at=at)
        messages.success(request, _what_to_tell(found, at=at))
        return redirect(request.get_full_path())
    context = {
        "desk": desk,
        "person": found.patient.name,
        "form": described(form),
        "problems": problems(form) if form.is_bound else [],
        "back": back,
        "action": request.get_full_path(),
        "by_phone": True,
        "always": in_words(due.rules, due.rules.content.texts.always, {"phone": found.site.phone}),
    }
    return render(request, "booking/desk/day_questions.html", context, status=422 if form.errors else 200)


def _what_to_tell(entry: WaitingListEntry, *, at: datetime) -> str:
    """Say what to tell whoever has answered; of what they answered, nothing."""
    follows, name = judged(entry, at=at), entry.patient.name
    if follows is not None and follows.disposition is STOP:
        return _("%s needs help now: tell them to call at once, and 911 if it is urgent.") % name
    return _("The answers of %s are noted. They are asked when a time opens that suits them.") % name
