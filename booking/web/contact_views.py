"""How somebody is reached: they see and correct it behind a mail's link, once their birth date is typed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.actions import links
from booking.actions.patients import own_contacts, typed_addresses
from booking.models import Patient
from booking.models.patients import ContactSystem
from booking.patients import known_by_link
from booking.queries import mail_of
from booking.web import birth_date_proof
from booking.web.birth_date_proof import BirthDateProof
from booking.web.forms import ContactForm
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.text.phone_numbers import country_of, readable


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def contact(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the birth date; then show how the patient is reached, and let them correct it."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    typed = not known_by_link.went_to_its_patient(access.link)  # whoever has just booked, and mistyped it
    if not (typed and typed_addresses.may_correct(access.link, by=principal_of(request), at=at)):
        own_contacts.refuse_correction(access.link)
    if not birth_date_proof.is_remembered(request, access.link, at=at):
        return _birth_date(request, access, at=at)
    form = _typed_form(request, access, at=at) if typed else _form(request, access, at=at)
    if form.is_valid():
        return _saved(request, access, form.cleaned_data, at=at)
    wrong = problems(form) if form.is_bound else []
    context = {"form": described(form), "problems": wrong, "back": access.urls.see}
    return render(request, "booking/contact.html", context, status=422 if wrong else 200)


def _saved(request: HttpRequest, access: LinkAccess, said: dict[str, Any], *, at: datetime) -> HttpResponse:
    if "phone" in said:
        own_contacts.correct(access.link, email=said["email"], phone=said["phone"], at=at)
        visit = access.visit
    else:
        visit = typed_addresses.correct(access.link, said["email"], by=principal_of(request), at=at)
    # Another address has ended the link that was used, and nobody has shown yet that it is theirs.
    back = reverse("manage", args=[links.issue(visit, at=at)])
    return render(request, "booking/contact.html", {"reached": said, "back": back})


def _typed_form(request: HttpRequest, access: LinkAccess, *, at: datetime) -> ContactForm:
    """Return the form of the address alone, with nothing of what is on record in it."""
    today = at.astimezone(access.visit.site.tz).date()
    form = ContactForm(request.POST if "email" in request.POST else None, on=today)
    del form.fields["phone"]
    return form


def _birth_date(request: HttpRequest, access: LinkAccess, *, at: datetime) -> HttpResponse:
    proof = BirthDateProof.of(request, access, at=at)
    if proof.given:
        birth_date_proof.remember(request, access.link, at=at)
        return redirect("manage-contact", access.token)
    context = proof.context(at=at) | {"phone": access.visit.site.phone}
    return render(request, "booking/contact_birth_date.html", context, status=422 if proof.form.errors else 200)


def _form(request: HttpRequest, access: LinkAccess, *, at: datetime) -> ContactForm:
    site, patient = access.visit.site, access.visit.patient
    country, today = country_of(site.zone), at.astimezone(site.tz).date()
    sent = request.POST if "email" in request.POST else None
    return ContactForm(sent, on=today, country=country, address=mail_of(patient), phone=_phone_of(patient, country))


def _phone_of(patient: Patient, country: str | None) -> str:
    """Return the number that is called first, as people write it."""
    first = patient.contacts.filter(system=ContactSystem.PHONE).order_by("rank", "pk").first()
    return readable(first.value, country) if first else ""
