"""Booking again from behind a mail's link: what is known of its patient is neither typed nor answered once more."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from booking.models import Appointment
from booking.queries import mail_of
from booking.status import Status
from booking.web import patient_session
from booking.web.birth_date_proof import BirthDateProof
from booking.web.book_again import BookAgain
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.session_draft import SessionDraft
from booking.web.suitability.suitability_draft import DraftAnswers
from core import clock


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def again(request: HttpRequest, token: str) -> HttpResponse:
    """Begin another booking for the same patient, once their birth date is typed: a link alone does not tell it.

    Where the link shows who they are they book on their own record; else as a guest who need not type all of it again.
    """
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    proof = BirthDateProof.of(request, access, at=at)
    if not proof.given:
        context = proof.context(at=at) | {"phone": access.visit.site.phone}
        return render(request, "booking/again.html", context, status=422 if proof.form.errors else 200)
    begin(request, proof, at=at)
    return redirect(_same_again(access.visit, at=at) or "therapy")


def _same_again(visit: Appointment, *, at: datetime) -> str:
    """Return where the same is booked anew that was cancelled or is over; empty where they choose what they book."""
    gone = visit.status == Status.CANCELLED or visit.period.upper <= at
    same = BookAgain.of(visit, at=at) if gone else None
    return same.url if same else ""


def begin(request: HttpRequest, proof: BirthDateProof, *, at: datetime) -> None:
    """Let whoever has shown a birth date behind a link book next as its patient, or as a guest who types no more."""
    if patient_session.remember(request, proof, at=at):
        SessionDraft().keep(request.session)  # what somebody typed here before is not theirs
        return
    draft, patient = SessionDraft.of(request.session), proof.access.visit.patient
    draft.name, draft.email, draft.birth_date = patient.name, mail_of(patient), proof.typed
    answered = DraftAnswers(born=proof.born.isoformat(), name=draft.name, email=draft.email)
    draft.suitability = replace(answered, before=proof.answers_on_record(at=at)).sealed()
    draft.keep(request.session)
