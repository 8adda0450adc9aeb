"""Behind a mail's link: the health questions that somebody answers again who waits for a time."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.actions.waiting import list_entries
from booking.models import WaitingListEntry
from booking.suitability.content import Disposition
from booking.suitability.due_questions import DueQuestions
from booking.suitability.judgement import STOP
from booking.suitability.questions import in_words
from booking.suitability.waiting_questions import judged, left_to_answer
from booking.waiting.status import EntryStatus
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability.suitability_forms import WholeQuestionsForm
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def questions(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what is to be answered before they can be offered a time; nothing is shown of what they answered before."""
    at = clock.now()
    entry = list_entries.opened_by(token, at=at)
    due = left_to_answer(entry, at=at) if entry.status == EntryStatus.ACTIVE else None
    if due is None:
        return _outcome(request, entry, token, at=at)
    sent = request.POST if request.method == "POST" else None
    named = set(sent.getlist("asked")) if sent is not None else set()
    # What stood on the page that was sent, as far as it is still asked: the rest comes on the next one.
    shown = tuple(one for one in due.asked if one.key in named) if named else due.asked
    form = WholeQuestionsForm(sent, asked=shown)
    if not shown or not form.is_valid():
        return _ask(request, entry, token, due, form)
    by = list_entries.principal_of(entry)
    list_entries.answer(entry, form.answers_given(), by=by, at=at)
    return redirect("waiting-questions", token)


def _ask(
    request: HttpRequest, entry: WaitingListEntry, token: str, due: DueQuestions, form: WholeQuestionsForm
) -> HttpResponse:
    wrong = problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong,
        "keys": form.asked,
        "here": reverse("waiting-questions", args=[token]),
        "rules_at": entry.site_id,
        "always": in_words(due.rules, due.rules.content.texts.always, {"phone": entry.site.phone}),
    }
    shown = context | _frame(entry, token)
    return render(request, "booking/waiting/questions.html", shown, status=422 if wrong else 200)


def _frame(entry: WaitingListEntry, token: str) -> dict[str, Any]:
    phone = entry.site.phone
    return {"phone": phone, "help_phone": phone, "back": reverse("waiting", args=[token])}


def _outcome(request: HttpRequest, entry: WaitingListEntry, token: str, *, at: datetime) -> HttpResponse:
    """Lead back to the entry where all is answered; whoever is to call first, or cannot book it online, reads that."""
    found = judged(entry, at=at) if entry.status == EntryStatus.ACTIVE else None
    stops = found is not None and found.disposition is STOP
    closed = found is not None and found.disposition.rank >= Disposition.BLOCK_SELF_BOOKING.rank
    if found is None or not (stops or closed or found.shows_number):
        return redirect("waiting", token)
    context = {"stops": stops, "closed": closed, "calls": found.shows_number and not stops} | _frame(entry, token)
    return render(request, "booking/waiting/answered.html", context)
