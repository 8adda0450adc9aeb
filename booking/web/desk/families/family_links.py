"""Family links at the desk: invite for a patient, vouch with a reason, take back, keep in grace once that was asked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions.families import family_links
from booking.families.queries import family_links as links_seen
from booking.models import FamilyLink, Patient
from booking.patients import patient_search
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.families.family_address import family_address
from booking.web.families.family_rows import FamilyLinkRow, StaffInvitationForm, family_rows
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action, acting, may_ever
from core.text.languages import date_in_words

ROWS = 50
"""So many links are shown at once, the newest first."""

WITH_REASON: dict[str, Callable[..., FamilyLink]] = {
    "vouch": family_links.vouch,
    "grace": family_links.keep_in_grace,
}
"""What staff do in the patient's place, and say why."""

PLAIN: dict[str, Callable[..., FamilyLink]] = {
    "revoke": family_links.revoke,
    "renew": family_links.renew,
    "undo-grace": family_links.undo_grace,
}
IN_THEIR_PLACE = {*WITH_REASON, "undo-grace"}

DONE = {
    "vouch": gettext_lazy("Noted: they can choose a time as soon as they have come."),
    "grace": gettext_lazy("Kept for a year. Nobody is written to. You can undo it today."),
    "undo-grace": gettext_lazy("Undone: the link is as it was before. Nobody is written to."),
    "revoke": gettext_lazy("Taken back. What they have booked stands."),
    "renew": gettext_lazy("Kept for another year."),
}


@desk_page(Action.SEE_FAMILY_LINK)
def links(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show the links at a site, or those of one patient, whom staff find first."""
    return _page(request, desk, at=at)


@require_POST
@staff_page(Action.INVITE_FAMILY)
def invite(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Invite a member of a patient's family: the code is shown to be printed and read aloud."""
    at = clock.now()
    desk, form = desk_of(request, Action.INVITE_FAMILY, at=at), StaffInvitationForm(request.POST)
    whose = queries.patient(patient, by=acting(principal_of(request), Action.INVITE_FAMILY))
    if not form.is_valid():
        return _page(request, desk, form=form, whose=whose, at=at)
    try:
        made = family_links.invite(whose, form.invitation(), site=desk.site, by=principal_of(request), at=at)
    except Refusal as refusal:
        return _page(request, desk, note=_words(refusal), form=form, whose=whose, at=at, status=refusal.status)
    return _led_back(desk, whose, new=made)


@require_POST
@staff_page(Action.INVITE_FAMILY)
def settle(request: HttpRequest, link: UUID, act: str) -> HttpResponse:
    """Do what was pressed with one link of the site."""
    at, by = clock.now(), principal_of(request)
    action = Action.VOUCH_FOR_FAMILY if act in IN_THEIR_PLACE else Action.INVITE_FAMILY
    desk = desk_of(request, action, at=at)
    found = _link(request, desk, link, action)
    if act not in WITH_REASON | PLAIN:
        raise Http404
    if act == "grace" and request.POST.get("sure") != "1":
        return _asked(request, desk, found)
    try:
        if act in WITH_REASON:
            WITH_REASON[act](found, reason=request.POST.get("reason", ""), by=by, at=at)
        else:
            PLAIN[act](found, by=by, at=at)
    except Refusal as refusal:
        if act == "grace" and isinstance(refusal, Invalid):
            return _asked(request, desk, found, note=_words(refusal))
        return _page(request, desk, note=_words(refusal), whose=found.patient, at=at, status=refusal.status)
    messages.success(request, DONE[act])
    return _led_back(desk, found.patient)


def _led_back(desk: Desk, whose: Patient, *, new: FamilyLink | None = None) -> HttpResponse:
    """Lead on to the links of a patient by an address, so that Back sends nothing again."""
    fresh = f"&new={new.public_id}" if new else ""
    return redirect(f"{reverse('desk-family-links')}{desk.where}&patient={whose.public_id}{fresh}")


def _link(request: HttpRequest, desk: Desk, link: UUID, action: Action) -> FamilyLink:
    """Return a link of the site that may be dealt with so."""
    found = links_seen(acting(principal_of(request), action)).filter(site=desk.site, public_id=link).first()
    if found is None:
        raise Http404
    return found


def _asked(request: HttpRequest, desk: Desk, link: FamilyLink, *, note: str = "") -> HttpResponse:
    """Ask whether the patient has died, before anything is done."""
    context = {"desk": desk, "link": link, "note": note, "reason": request.POST.get("reason", "")}
    return render(request, "booking/desk/family_grace.html", context, status=422 if note else 200)


def _words(refusal: Refusal) -> str:
    errors: Any = refusal.facts.get("errors")
    if errors:
        return " ".join(str(one["detail"]) for one in errors)
    return f"{refusal.title} {refusal.detail if refusal.detail != refusal.title else ''}".strip()


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    at: datetime,
    form: StaffInvitationForm | None = None,
    whose: Patient | None = None,
    status: int = 200,
    note: str = "",
) -> HttpResponse:
    whose = whose or _chosen(request)
    rows = _rows(request, desk, whose, at=at)
    wrong = problems(form) if form is not None else []
    context: dict[str, Any] = {
        "whose": whose,
        "rows": rows,
        "fresh": next((row for row in rows if row.code and row.id == request.GET.get("new")), None),
        "form": described(form or StaffInvitationForm(None)) if whose else None,
        "problems": wrong,
        "note": note,
    }
    context |= _frame(request, desk)
    return render(request, "booking/desk/family_links.html", context, status=422 if wrong else status)


def _rows(request: HttpRequest, desk: Desk, whose: Patient | None, *, at: datetime) -> list[FamilyLinkRow]:
    by = principal_of(request)
    shown = links_seen(acting(by, Action.SEE_FAMILY_LINK)).filter(site=desk.site)
    return family_rows((shown.filter(patient=whose) if whose else shown)[:ROWS], staff=True, at=at, by=by)


def _frame(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """Return what stands around the links: whom staff have looked for, and what they may do."""
    find = request.GET.get("find", "")
    return {
        "desk": desk,
        "find": find,
        "people": _people(request, find) if find else [],
        "family_address": family_address(),
        "vouches": may_ever(principal_of(request), Action.VOUCH_FOR_FAMILY),
    }


def _chosen(request: HttpRequest) -> Patient | None:
    """Return the patient whom an address names, if they may be seen."""
    try:
        named = UUID(request.GET.get("patient", ""))
        return queries.patient(named, by=acting(principal_of(request), Action.INVITE_FAMILY))
    except (ValueError, Missing):
        return None


def _people(request: HttpRequest, find: str) -> list[tuple[Patient, str]]:
    # Whose family they may open: not that of everybody whom they may find.
    by = acting(principal_of(request), Action.INVITE_FAMILY)
    seen = queries.patients(acting(by, Action.SEARCH_PATIENTS))
    return [(one, date_in_words(one.birth_date)) for one in patient_search.search(seen, find)[:20]]
