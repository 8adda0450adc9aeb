"""An answer put right behind a mail's link: what somebody says has changed since, in one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.actions.suitability import page_answers
from booking.suitability.answers_by_link import is_request
from booking.suitability.due_questions import due_now, may_be_changed
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability.due_questions_views import found_for, questions_frame, thanks
from booking.web.suitability.suitability_forms import ChangedAnswersForm
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def change(request: HttpRequest, token: str) -> HttpResponse:
    """Take what has changed of what was answered, better or worse; what is left open stays as it was."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    before = may_be_changed(access.visit, due_now(access.visit, at=at), at=at)
    if before is None:
        return redirect(access.urls.see)
    form = ChangedAnswersForm(request.POST if request.method == "POST" else None, asked=before.asked)
    if form.is_valid():
        visit = page_answers.take(access.visit, form.answers_given(), corrects=True, by=access.principal, at=at)
        found = found_for(visit, before.rules, at=at)
        return thanks(request, access, found, more="", waits=is_request(visit), kept=False)
    wrong = problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong,
        "keys": form.asked,
        "action": reverse("manage-change-answers", args=[access.token]),
    }
    frame = questions_frame(access, before.rules, at=at)
    return render(request, "booking/questions_change.html", context | frame, status=422 if wrong else 200)
