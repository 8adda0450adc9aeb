"""What somebody can book instead of what they asked for: told to whoever knows their birth date."""

from dataclasses import replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.actions.suitability import suitability_reviews
from booking.models import Appointment
from booking.queries import mail_of, review_answer
from booking.suitability.answers_by_link import is_to_be_talked_about
from booking.suitability.content import Disposition
from booking.suitability.visits import judge_visits
from booking.web import patient_session
from booking.web.birth_date_proof import BirthDateProof
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.session_draft import SessionDraft, patient_of
from booking.web.suitability.suitability_draft import DraftAnswers, OnRecord
from booking.web.suitability.suitability_flow import BookingQuestions, WantedTherapy
from booking.web.suitability.suitability_outcome import therapy_buttons
from core import clock
from scheduler.public import offered


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def instead(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to what can be booked instead. A link alone does not tell what a visit is for."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    chosen, others = review_answer(access.visit).instead, _suits_better(access.visit)
    if chosen is None and not others:
        raise Http404
    proof = BirthDateProof.of(request, access, at=at)
    if proof.given:
        _remember(request, proof, at=at)
        return _shown(request, access, at=at)
    context = proof.context(at=at) | {"chosen": chosen, "phone": access.visit.site.phone}
    return render(request, "booking/instead.html", context, status=422 if proof.form.errors else 200)


def _suits_better(visit: Appointment) -> bool:
    """Whether something else may be had by somebody who does not book this with what they answered by link."""
    return is_to_be_talked_about(visit) and visit.suitability == Disposition.BLOCK_SELF_BOOKING


def _remember(request: HttpRequest, proof: BirthDateProof, *, at: datetime) -> None:
    """Take over what is known of whoever has just shown who they are: neither is asked again when they book."""
    before, known = proof.answers_on_record(at=at), patient_session.remember(request, proof, at=at)
    if known:  # what is on record of them is found there
        answered = DraftAnswers.opened("", whose=str(known.pk))
        places_asked = frozenset(before.answers)
        answered = replace(answered, on_record=OnRecord.SAME, born=proof.born.isoformat(), places_asked=places_asked)
        draft = SessionDraft(suitability=answered.sealed())
    else:
        draft = SessionDraft.of(request.session)
        draft.birth_date = proof.typed
        here, patient = DraftAnswers.opened(draft.suitability, whose=""), proof.access.visit.patient
        draft.suitability = here.known(before, born=proof.born, name=patient.name, email=mail_of(patient)).sealed()
    draft.keep(request.session)


def _shown(request: HttpRequest, access: LinkAccess, *, at: datetime) -> HttpResponse:
    """Show what a clinician has chosen, or what they can book with what they answered, with its next free time."""
    visit, chosen = access.visit, review_answer(access.visit).instead
    wanted = [
        WantedTherapy(therapy=therapy, visit=visit.visit, technique=technique)
        for therapy, technique in ([chosen] if chosen else _suiting(visit, at=at))
        if offered(therapy, visit.visit)
    ]
    asked = [BookingQuestions.of(request, one, patient_of(request), at=at) for one in wanted]
    context = {
        "listed": True,
        "chosen": chosen,
        "others": [button for one in asked for button in therapy_buttons(one)],
        "asks_more": any(one.next_step() for one in asked),
        "phone": visit.site.phone,
        "back": access.urls.see,
    }
    return render(request, "booking/instead.html", context)


def _suiting(visit: Appointment, *, at: datetime) -> list[tuple[str, str]]:
    """Return the therapies, each with its technique, that somebody can book by what they answered."""
    judged = judge_visits([visit], at=at).get(visit.pk)
    found = suitability_reviews.alternatives(visit, judged) if judged else ()
    return [(one.therapy, one.technique) for one in found]


def instead_url(access: LinkAccess) -> str:
    """Return where somebody finds what they can book instead; empty where there is nothing to find."""
    found = review_answer(access.visit).instead or _suits_better(access.visit)
    return reverse("manage-instead", args=[access.token]) if found else ""
