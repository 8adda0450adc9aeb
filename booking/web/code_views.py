"""The page that asks for the mailed code, and the page behind the mail's button."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions import links
from booking.actions.patients import address_verification, typed_addresses
from booking.actions.patients.address_verification import CodeResult
from booking.errors import RequestLapsed
from booking.limit_kinds import VerificationReason
from booking.models import Appointment, Proof
from booking.patients import contacts
from booking.web import just_booked
from booking.web.forms import CodeForm, ContactForm
from booking.web.labels import masked_email
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.session_draft import SessionDraft, chosen_id
from booking.web.times_list import address
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.text.languages import near_day_in_words, time_in_words, zone_in_words

KEY = "proof"

SENT_AGAIN = "sent-again"


def ask(request: HttpRequest, visit: Appointment) -> HttpResponse:
    """Note for which visit a code is awaited, and lead to the page that asks for it."""
    request.session[KEY] = str(visit.public_id)
    return redirect("code")


@never_cache
@asked_or_sent
@refusals_as_pages
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was mailed; send it again; or give the time back because the address was wrong."""
    if KEY not in request.session:
        return redirect("therapy")
    by, named = principal_of(request), chosen_id(str(request.session[KEY]))
    proof, form = address_verification.awaited_proof(named, by=by), CodeForm()
    other = _other_address(request, proof)
    if request.method == "POST":
        answer, form = _sent(request, named, by, other)
        if answer:
            return answer
    elif proof.proven_at:
        return _shown(request, proof)
    if not address_verification.may_be_proven(proof.appointment, at=clock.now()):
        raise RequestLapsed
    context = _forms(form, other) | proof_text(proof)
    told = {
        "email": _as_typed(request, address_verification.mail_of(proof)),
        "sent": SENT_AGAIN in map(str, messages.get_messages(request)),
        "crowded": proof.why == VerificationReason.NETWORK,
    }
    return render(request, "booking/code.html", context | told, status=422 if context["problems"] else 200)


def _forms(form: CodeForm, other: ContactForm | None) -> dict[str, Any]:
    """Return the forms of the page, and what is wrong with what was sent."""
    sent = [one for one in (form, other) if one is not None and one.is_bound]
    return {
        "form": described(form),
        "other": described(other) if other else None,
        "problems": [found for one in sent for found in problems(one)],
    }


def _other_address(request: HttpRequest, proof: Proof) -> ContactForm | None:
    """Return the form of another address to which the code goes; None where whoever sits here may not correct it."""
    at, visit = clock.now(), proof.appointment
    if not typed_addresses.may_correct_awaited(proof, by=principal_of(request), at=at):
        return None
    sent = request.POST if request.POST.get("act") == "address" else None
    form = ContactForm(sent, on=at.astimezone(visit.site.tz).date())
    del form.fields["phone"]
    form.fields["email"].help_text = _("We send a new code there. The one before no longer works.")
    return form


def _readdressed(request: HttpRequest, named: UUID, by: Principal, email: str) -> HttpResponse:
    """Send the code to another address, which is shown in full where it was typed."""
    typed_addresses.correct_awaited(named, email, by=by, at=clock.now())
    draft = SessionDraft.of(request.session)
    draft.email = email
    draft.keep(request.session)
    messages.success(request, SENT_AGAIN)
    return redirect("code")


def _as_typed(request: HttpRequest, mail: str) -> str:
    """Return an address in full to whoever typed it here, to look it over; else so that its owner alone knows it again.

    Staff may have corrected it, or merged the record, since it was typed: the one they know is not this visitor's to
    read.
    """
    try:
        typed = contacts.email(SessionDraft.of(request.session).email)
    except contacts.Unusable:
        typed = ""
    return mail if typed.casefold() == mail.casefold() else masked_email(mail)


def _sent(
    request: HttpRequest, named: UUID, by: Principal, other: ContactForm | None
) -> tuple[HttpResponse | None, CodeForm]:
    """Do what was pressed; return where it leads, or the form with what is wrong."""
    if other and other.is_bound:
        good = other.is_valid()
        return _readdressed(request, named, by, other.cleaned_data["email"]) if good else None, CodeForm()
    at, form = clock.now(), CodeForm(request.POST)
    if request.POST.get("act") == "again":
        address_verification.send_again(named, by=by, at=at)
        messages.success(request, SENT_AGAIN)
        return redirect("code"), form
    if request.POST.get("act") == "wrong":
        gave_up = address_verification.give_up(named, by=by, at=at)
        return redirect("therapy" if gave_up else "code"), form
    if form.is_valid():
        typed = address_verification.type_code(named, form.cleaned_data["code"], by=by, at=at)
        if typed is CodeResult.RIGHT:
            return _shown(request, address_verification.awaited_proof(named, by=by)), form
        form.add_error("code", WRONG_CODE[typed])
    return None, form


def _shown(request: HttpRequest, proof: Proof) -> HttpResponse:
    """Lead to the visit that was booked meanwhile; later, or at another address, its link is in the mail alone."""
    if address_verification.is_news(proof, at=clock.now()):
        return _booked(request, proof)
    # Half an hour later somebody else may sit here: from now on the link is in the mail alone.
    del request.session[KEY]
    return redirect("lost-link")


def _booked(request: HttpRequest, proof: Proof) -> HttpResponse:
    just_booked.forget_draft(request.session, at=clock.now())
    token = links.issue(proof.appointment, at=clock.now())
    return redirect(address(reverse("manage", args=[token]), {"news": "booked"}))


WRONG_CODE = {
    CodeResult.WRONG: gettext_lazy("This is not the code that we sent last. Check the digits"),
    CodeResult.SPENT: gettext_lazy("This code no longer works. Press “Send a new code”"),
}


def proof_text(proof: Proof) -> dict[str, str]:
    """Say until when the time is kept, and what comes of it that the address is theirs."""
    visit = proof.appointment
    comes = "asked" if queries.in_review(visit) else "booked" if visit.kept_until is None else ""
    return {"held": held_until_text(proof), "comes": comes}


def held_until_text(proof: Proof) -> str:
    """Say until when the time is kept, or that it is theirs already."""
    visit = proof.appointment
    zone, start = visit.site.tz, visit.period.lower
    facts = {
        "day": near_day_in_words(start.astimezone(zone).date()),
        "time": time_in_words(start, zone),
        "zone": zone_in_words(zone),
    }
    if visit.kept_until is None:
        booked = _("You are booked: %(day)s, %(time)s, %(zone)s. The code tells us that we have your address right.")
        return booked % facts
    facts["until"] = time_in_words(visit.kept_until, zone)
    return _("We are keeping %(day)s, %(time)s for you until %(until)s, %(zone)s.") % facts


@csrf_exempt
@private_page
@require_POST
@refusals_as_pages
def confirm(_request: HttpRequest, token: str) -> HttpResponse:
    """Verify the address to which this link was mailed, and book the visit."""
    address_verification.prove_by_link(token, at=clock.now())
    return redirect(address(reverse("manage", args=[token]), {"news": "booked"}))
