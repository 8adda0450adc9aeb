"""The pages of what is a patient's own: each opens behind a link and its patient's birth date, and asks for it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from booking.actions.patients import address_verification
from booking.patients.known_by_link import refuse_what_is_not_shown
from booking.web import again_views, birth_date_proof
from booking.web.birth_date_proof import BirthDateProof
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from core import clock

OwnPage = Callable[[HttpRequest, LinkAccess, datetime], HttpResponse]


def own_page(view: OwnPage) -> Callable[[HttpRequest, str], HttpResponse]:
    """Let a page be opened by whoever may see what is its patient's own; ask for the birth date where it lacks."""

    @csrf_exempt
    @private_page
    @asked_or_sent
    @refusals_as_pages
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        at = clock.now()
        access = LinkAccess.of(token, at=at)
        refuse_what_is_not_shown(access.link)
        if birth_date_proof.is_remembered(request, access.link, at=at):
            return view(request, access, at)
        if request.method == "POST" and "birth_date" not in request.POST:
            return redirect(request.path)  # they are asked anew after some minutes: phones are shared
        return _birth_date(request, access, at=at)

    return opened


def _birth_date(request: HttpRequest, access: LinkAccess, *, at: datetime) -> HttpResponse:
    proof = BirthDateProof.of(request, access, at=at)
    if proof.given:
        if access.link.mailed:
            address_verification.read_in_mail(access.link, at=at)
        open_for(request, proof, at=at)
        return redirect(request.path)
    context = proof.context(at=at) | {"phone": access.visit.site.phone}
    status = 422 if proof.form.errors else 200
    return render(request, "booking/own_birth_date.html", context, status=status)


def open_for(request: HttpRequest, proof: BirthDateProof, *, at: datetime) -> None:
    """Note in this browser that whoever sits here has shown who they are; they also book next as that patient."""
    again_views.begin(request, proof, at=at)
    birth_date_proof.remember(request, proof.access.link, at=at)
