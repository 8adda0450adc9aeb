"""The mailed code as the second fact behind a link, for whoever has mistyped their birth date too often."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.actions import link_codes
from booking.actions.patients.address_verification import CodeResult
from booking.patients.known_by_link import refuse_what_is_not_shown
from booking.queries import mail_of
from booking.web import birth_date_proof, own_access
from booking.web.birth_date_proof import BirthDateProof
from booking.web.code_views import WRONG_CODE
from booking.web.forms import CodeForm
from booking.web.labels import masked_email
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def own_code(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a code, ask for it, and open what is the patient's own once it is typed."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    refuse_what_is_not_shown(access.link)
    mine = reverse("manage-own", args=[token])
    if birth_date_proof.is_remembered(request, access.link, at=at) or not link_codes.can_be_mailed(access.visit, at=at):
        return redirect(mine)
    if request.POST.get("act") == "send":
        link_codes.send(access.link, at=at)
        return redirect(request.path)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_right(form, access, at=at):
        own_access.open_for(request, BirthDateProof.by_code(access, at=at), at=at)
        return redirect(mine)
    context = _context(form, access, at=at) | {"back": access.urls.see}
    return render(request, "booking/own_code.html", context, status=422 if form.errors else 200)


def _is_right(form: CodeForm, access: LinkAccess, *, at: datetime) -> bool:
    typed = link_codes.type_code(access.link, form.cleaned_data["code"], at=at)
    if typed is not CodeResult.RIGHT:
        form.add_error("code", WRONG_CODE[typed])
    return typed is CodeResult.RIGHT


def _context(form: CodeForm, access: LinkAccess, *, at: datetime) -> dict[str, Any]:
    visit = access.visit
    return {
        "form": described(form),
        "problems": problems(form) if form.is_bound else [],
        "sent": bool(access.link.codes_at),
        "email": masked_email(mail_of(visit.patient)),
        "minutes": link_codes.code_minutes(visit, at=at),
        "phone": visit.site.phone,
    }
