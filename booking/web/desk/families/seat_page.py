"""One time that is kept for a family: for whom it is, and inviting somebody to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions.families import seat_names
from booking.families import codes
from booking.families.status import FamilyRelation
from booking.models import FamilyLink, Patient, Seat
from booking.models.families import FamilyLinkQuerySet
from booking.patients import patient_search
from booking.seats.seat_queries import seats_of_site
from booking.web.desk.families.family_rows import SeatRow, reservation_rows
from booking.web.desk.families.page import refusal_words
from booking.web.desk.shell import FAMILIES, Desk, desk_of, desk_page, staff_page
from booking.web.families.family_address import family_address
from booking.web.families.family_rows import StaffInvitationForm
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.refusals import Missing, Refusal
from core.rights import Action, acting, may_ever
from core.text.languages import date_in_words, near_day_in_words

MOST_FOUND = 20

LAST_SIGNS = 2
"""So many signs tell the codes of a family apart, and are no use to whoever reads them over a shoulder."""


@desk_page(Action.RESERVE_SEATS)
def seat(request: HttpRequest, desk: Desk, at: datetime, seat: UUID) -> HttpResponse:
    """Show for whom a time is, or whom of which family it can be for."""
    return _page(request, desk, _seat(request, desk, seat), at=at)


@require_POST
@staff_page(Action.RESERVE_SEATS)
def name(request: HttpRequest, seat: UUID) -> HttpResponse:
    """Say for whom of a family it is, or for nobody yet."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.RESERVE_SEATS, at=at)
    found, link = _seat(request, desk, seat), _link(request, desk)
    try:
        if link is None:
            seat_names.unname(found.public_id, by=by, at=at)
        else:
            seat_names.name(found.public_id, link, by=by, at=at)
    except Refusal as refusal:
        return _page(request, desk, found, at=at, note=refusal_words(refusal), status=refusal.status)
    messages.success(request, _("Noted for whom it is.") if link else _("It is for nobody yet."))
    return redirect(f"{reverse(FAMILIES)}{desk.where}#r-{found.reservation.public_id}")


@require_POST
@staff_page(Action.INVITE_FAMILY)
def invite(request: HttpRequest, seat: UUID, patient: UUID) -> HttpResponse:
    """Invite somebody of a patient's family to this time: the code is shown to be printed and read aloud."""
    at, by = clock.now(), principal_of(request)
    desk, form = desk_of(request, Action.RESERVE_SEATS, at=at), StaffInvitationForm(request.POST)
    found, whose = _seat(request, desk, seat), _patient(request, patient)
    if not form.is_valid():
        return _page(request, desk, found, form=form, whose=whose, at=at)
    try:
        seat_names.invite(found.public_id, whose, form.invitation(), site=desk.site, by=by, at=at)
    except Refusal as refusal:
        note, status = refusal_words(refusal), refusal.status
        return _page(request, desk, found, form=form, whose=whose, at=at, note=note, status=status)
    return redirect(f"{reverse('desk-seat', args=[found.public_id])}{desk.where}")


def _seat(request: HttpRequest, desk: Desk, public_id: UUID) -> Seat:
    seats = Seat.objects.visible_to(principal_of(request)).filter(reservation__site=desk.site, public_id=public_id)
    found = seats.select_related("reservation__site").first()
    if found is None:
        raise Http404
    return found


def _link(request: HttpRequest, desk: Desk) -> FamilyLink | None:
    """Return the link that was pressed; None where it is to be for nobody."""
    sent = request.POST.get("link", "")
    if not sent:
        return None
    try:
        found = _links(request, desk).filter(public_id=UUID(sent)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _links(request: HttpRequest, desk: Desk) -> FamilyLinkQuerySet:
    seen = FamilyLink.objects.visible_to(acting(principal_of(request), Action.SEE_FAMILY_LINK))
    return seen.filter(site=desk.site).select_related("patient", "relative", "site")


def _patient(request: HttpRequest, public_id: UUID) -> Patient:
    return queries.patient(public_id, by=acting(principal_of(request), Action.INVITE_FAMILY))


def _page(
    request: HttpRequest,
    desk: Desk,
    found: Seat,
    *,
    at: datetime,
    form: StaffInvitationForm | None = None,
    whose: Patient | None = None,
    status: int = 200,
    **shown: object,
) -> HttpResponse:
    whose, wrong = whose or _chosen(request), problems(form) if form is not None else []
    context = {
        "desk": desk,
        "row": _row(request, desk, found, at=at),
        "back": f"{reverse(FAMILIES)}{desk.where}#r-{found.reservation.public_id}",
        "form": described(form or StaffInvitationForm(None)) if whose else None,
        "problems": wrong,
        **_people_to_name(request, desk, whose, but=found.named_for_id, at=at),
        **shown,
    }
    return render(request, "booking/desk/seat.html", context, status=422 if wrong else status)


def _people_to_name(
    request: HttpRequest, desk: Desk, whose: Patient | None, *, but: int | None, at: datetime
) -> dict[str, Any]:
    """Return for whom it can be: of one family, or of all, and whose family was looked for."""
    links = _open_links(request, desk, whose, at=at)
    return {
        "whose": whose,
        "links": [(link, FamilyRelation(link.relation).label, _invited(link)) for link in links if link.pk != but],
        "find": request.GET.get("find", ""),
        "people": _people(request),
        "vouches": may_ever(principal_of(request), Action.VOUCH_FOR_FAMILY),
        "family_address": family_address(),
    }


def _invited(link: FamilyLink) -> str:
    """Return what tells an invitation that nobody has taken up from others of the same family."""
    if link.relative:
        return ""
    day = near_day_in_words(link.invited_at.astimezone(link.site.tz).date())
    code = codes.code_again(link.public_id, link.code_digest)
    words = _("invited on %(day)s, the code ends in %(signs)s") if code else _("invited on %(day)s")
    return words % {"day": day, "signs": code[-LAST_SIGNS:]}


def _row(request: HttpRequest, desk: Desk, found: Seat, *, at: datetime) -> SeatRow:
    by = principal_of(request)
    kept = seats_of_site(desk.site.pk, by=by, at=at, only=found.reservation)
    seats = [one for row in reservation_rows(kept, by=by, at=at) for one in row.seats]
    return next(one for one in seats if one.id == str(found.public_id))


def _open_links(request: HttpRequest, desk: Desk, whose: Patient | None, *, at: datetime) -> list[FamilyLink]:
    """Return whom it can be for: of one family, or of all that come here, whose link is open."""
    live = _links(request, desk).live(at=at).order_by("patient__folded_name", "pk")
    return list((live.filter(patient=whose) if whose else live)[:MOST_FOUND])


def _chosen(request: HttpRequest) -> Patient | None:
    try:
        return _patient(request, UUID(request.GET.get("patient", "")))
    except (ValueError, Missing):
        return None


def _people(request: HttpRequest) -> list[tuple[Patient, str]]:
    typed = request.GET.get("find", "").strip()
    if not typed:
        return []
    by = acting(principal_of(request), Action.INVITE_FAMILY)
    seen = queries.patients(acting(by, Action.SEARCH_PATIENTS))
    return [(one, date_in_words(one.birth_date)) for one in patient_search.search(seen, typed)[:MOST_FOUND]]
