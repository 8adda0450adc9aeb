"""Who waits for a time to open at a site: what suits them, what they were offered, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from booking import queries
from booking.actions.waiting import answering, list_entries
from booking.models import Patient, WaitingListEntry, WaitingListOffer
from booking.waiting.errors import AddressNeeded, OnTheListAlready
from booking.waiting.status import WAITS, EntryAct, EntryStatus, OfferStatus
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.desk.waiting_list_form import DeskWaitingForm
from booking.web.labels import therapy_in_words, visit_in_words
from booking.web.waiting.waiting_cards import preferences_in_words
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.models import Site
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.rights import Action, acting
from core.text.languages import when_in_words

PAGE = "desk-waiting-list"
MOST = 100
"""Cards on a page; whoever waits longest is on top."""

WHY_NOT: dict[str, Promise] = {
    OnTheListAlready.code: gettext_lazy("They are on the list for this already. To change it, take them off first."),
    AddressNeeded.code: gettext_lazy(
        "No e-mail address is on file. Add one on their page first: they are asked by it."
    ),
}
"""What is said to staff of somebody who cannot be put on the list; the refusal itself speaks to patients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPersonRow:
    """Somebody who waits. `asked`: the time that they are asked about now; `so_far`: what came of earlier ones."""

    id: UUID
    patient: UUID
    name: str
    reference: str
    what: str
    since: str
    preferences: str
    draft: bool
    soon: bool
    now: str
    asked: str
    so_far: str


@desk_page(Action.ADMIT_WALK_IN)
def waiting_list(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show who waits at a site, whoever has waited longest on top."""
    by = principal_of(request)
    seen = entries_seen(by, desk.site)
    hidden = _waiting_at(desk.site).count() - seen.count()
    rows = [_row(one, at=at) for one in seen[:MOST]]
    context = {"desk": desk, "rows": rows, "more": max(0, seen.count() - MOST), "elsewhere": hidden}
    return render(request, "booking/desk/waiting_list.html", context)


def _waiting_at(site: Site) -> QuerySet[WaitingListEntry]:
    return WaitingListEntry.objects.filter(site=site, status__in=sorted(WAITS), patient__merged_into=None)


def entries_seen(by: Principal, site: Site) -> QuerySet[WaitingListEntry]:
    """Return who waits at a site, of those whose records somebody sees, each with its offers."""
    people = Patient.objects.visible_to(acting(by, Action.SEE_PATIENT)).values("pk")
    rows = _waiting_at(site).filter(patient__in=people).select_related(*list_entries.READ)
    return rows.prefetch_related("offers").order_by("waiting_since", "pk")


def _row(entry: WaitingListEntry, *, at: datetime) -> WaitingPersonRow:
    made, zone = list(entry.offers.all()), entry.site.tz
    now = next((one for one in made if one.stands(at=at)), None)
    facts = {"when": "", "until": ""}
    if now:
        facts = {"when": when_in_words(now.starts_at, zone), "until": when_in_words(now.expires_at, zone)}
    return WaitingPersonRow(
        id=entry.public_id,
        patient=entry.patient.public_id,
        name=entry.patient.name,
        reference=entry.patient.reference,
        what=f"{therapy_in_words(entry.therapy.name, entry.technique)}, {visit_in_words(entry.visit)}",
        since=when_in_words(entry.waiting_since, zone),
        preferences="; ".join(f"{name}: {words}" for name, words in preferences_in_words(entry)),
        draft=entry.status == EntryStatus.DRAFT,
        soon=bool(entry.priority),
        now=when_in_words(entry.later.period.lower, zone) if entry.later else "",
        asked=_("Asked about %(when)s, until %(until)s") % facts if now else "",
        so_far=_so_far(made, at=at),
    )


def _so_far(made: Iterable[WaitingListOffer], *, at: datetime) -> str:
    """Say how often somebody was offered a time, and what came of the last one."""
    over = [one for one in made if not one.stands(at=at)]
    if not over:
        return ""
    times = ngettext("Offered %(count)d time so far", "Offered %(count)d times so far", len(over))
    last = OfferStatus(over[0].status if over[0].status != OfferStatus.NEEDS_ACTION else OfferStatus.EXPIRED).label
    return _("%(times)s; the last: %(last)s") % {"times": times % {"count": len(over)}, "last": last}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.ADMIT_WALK_IN)
def add(request: HttpRequest) -> HttpResponse:
    """Put somebody on the list who asks for it on the phone or at the desk."""
    at, by = clock.now(), principal_of(request)
    desk, patient = desk_of(request, Action.ADMIT_WALK_IN, at=at), _named(request, by)
    data = request.POST if request.method == "POST" else None
    form = DeskWaitingForm(data, site=desk.site, at=at)
    note = ""
    if form.is_valid():
        try:
            list_entries.join(form.asked(), patient, by=by, at=at)
        except Refusal as refusal:
            note = str(WHY_NOT.get(refusal.code, refusal.title))
        else:
            messages.success(request, _("%s is on the waiting list.") % patient.name)
            return redirect(reverse(PAGE) + desk.where)
    wrong = problems(form) if data is not None else []
    context = {"desk": desk, "patient": patient, "form": described(form), "problems": wrong, "note": note}
    return render(request, "booking/desk/waiting_list_new.html", context, status=422 if wrong or note else 200)


def _named(request: HttpRequest, by: Principal) -> Patient:
    """Return of whom the address is. Raises Missing."""
    try:
        named = UUID(request.GET.get("patient", ""))
    except ValueError as error:
        raise Missing from error
    return queries.patient(named, by=acting(by, Action.SEE_PATIENT))


@require_POST
@staff_page(Action.ADMIT_WALK_IN)
def end(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Take somebody off the list; they are told. What was kept for them is free."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.ADMIT_WALK_IN, at=at)
    found = entries_seen(by, desk.site).filter(public_id=entry).first()
    if found is None:
        raise Missing
    answering.leave(found, by=by, at=at, act=EntryAct.END)
    messages.success(request, _("%s is off the waiting list, and is told so.") % found.patient.name)
    return redirect(reverse(PAGE) + desk.where)
