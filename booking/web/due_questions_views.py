"""The questions about the therapy behind a mail's link: asked before it is booked, or again before somebody comes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.actions import answers_by_link, suitability
from booking.models import Appointment
from booking.status import Status
from booking.suitability.answers_by_link import waits_for_answers
from booking.suitability.day_questions import needs_help_now
from booking.suitability.due_questions import DueQuestions, due_now
from booking.suitability.questions import in_words
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability_forms import WholeQuestionsForm
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def due_questions(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what is still to be asked: what waits for that goes on by it, anything else stays as it is."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    visit, due = access.visit, due_now(access.visit, at=at)
    if due is None:
        return redirect(access.urls.see)
    sent = request.POST if request.method == "POST" else None
    form = WholeQuestionsForm(sent, asked=tuple(one for one in due.asked if sent is None or one.key in _shown(request)))
    if sent is None or not form.is_valid():
        return _ask(request, access, due, form)
    if waits_for_answers(visit):
        answered = answers_by_link.answer(visit.public_id, form.answers_given(), by=access.principal, at=at)
        return _gone_on(request, access, answered, calls=needs_help_now(answered, due.rules, at=at))
    suitability.answer(visit.patient, form.answers_given(), site_id=visit.site_id, by=access.principal, at=at)
    return _thanks(request, access, calls=needs_help_now(visit, due.rules, at=at))


def _gone_on(request: HttpRequest, access: LinkAccess, answered: Appointment, *, calls: bool) -> HttpResponse:
    """Show how an appointment has gone on; whoever is to call reads the number at once."""
    if calls:
        return _thanks(request, access, calls=True, waits=True)
    if waits_for_answers(answered):
        return redirect("manage-questions", access.token)
    return redirect(f"{access.urls.see}?news=booked" if answered.status == Status.BOOKED else access.urls.see)


def _thanks(request: HttpRequest, access: LinkAccess, *, calls: bool, waits: bool = False) -> HttpResponse:
    context = {"calls": calls, "waits": waits, "phone": access.visit.site.phone, "back": access.urls.see}
    return render(request, "booking/questions_answered.html", context)


def _shown(request: HttpRequest) -> set[str]:
    return set(request.POST.getlist("asked"))


def _ask(request: HttpRequest, access: LinkAccess, due: DueQuestions, form: WholeQuestionsForm) -> HttpResponse:
    wrong, phone = problems(form) if form.is_bound else [], access.visit.site.phone
    context = {
        "form": described(form),
        "problems": wrong,
        "keys": form.asked,
        "action": reverse("manage-questions", args=[access.token]),
        "back": access.urls.see,
        "waits": waits_for_answers(access.visit),
        "phone": phone,
        "rules_at": access.visit.site_id,
        "help_phone": phone,
        "always": in_words(due.rules, due.rules.content.texts.always, {"phone": phone}),
    }
    return render(request, "booking/questions_due.html", context, status=422 if wrong else 200)
