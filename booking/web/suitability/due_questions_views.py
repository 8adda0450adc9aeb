"""The questions about the therapy behind a mail's link: asked before it is booked, or again before somebody comes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from booking.actions.suitability import page_answers
from booking.models import Appointment
from booking.status import Status
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.answers_by_link import is_asked, is_request, waits_for_answers
from booking.suitability.day_questions import judged_now
from booking.suitability.due_questions import DueQuestions, due_now, left_of, may_be_changed, sent_questions
from booking.suitability.judgement import STOP, Suitability
from booking.suitability.questions import QuestionPage, grouped, in_words
from booking.suitability.rules import RuleSet
from booking.web.labels import has_phone
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability.suitability_forms import WholeQuestionsForm
from booking.web.times_list import address
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
    due = due_now(access.visit, at=at)
    before = may_be_changed(access.visit, due, at=at)
    sent = request.POST if request.method == "POST" else None
    left = left_of(due, before)
    if left is None or (due is None and sent is None):
        return _answered_before(request, access, before)
    pages = _pages(access.visit, left)
    number = _number(request, pages)
    shown = pages[number].questions if sent is None else sent_questions(sent.getlist("asked"), left, before)
    # What waits goes on by a press, also where nothing is left to ask: all of it was answered for something else.
    if not shown and (left.asked or not waits_for_answers(access.visit)):  # answered meanwhile, or not asked any more
        return redirect("manage-questions", access.token)
    form = WholeQuestionsForm(sent, asked=shown)
    if not form.is_valid():
        return _ask(request, access, left, form, number=number, at=at)
    return _answered(request, access, left, form.answers_given(), number=number, at=at)


def _answered_before(request: HttpRequest, access: LinkAccess, before: DueQuestions | None) -> HttpResponse:
    """Say that all is answered, and how an answer is changed; lead to the appointment where nothing was asked."""
    if before is None:
        return redirect(access.urls.see)
    phone = access.visit.site.phone
    context = {"back": access.urls.see, "phone": phone, "help_phone": phone, "token": access.token}
    return render(request, "booking/questions_before.html", context)


def _pages(visit: Appointment, due: DueQuestions) -> dict[str, QuestionPage]:
    """Return what is asked, page by page, by the number of each.

    What a clinician asks stands on one: it is looked at by all of the answers together. Where nothing is left to ask
    there is one, too.
    """
    if is_asked(visit) or not due.asked:
        return {"1": QuestionPage(title="", questions=due.asked)}
    return grouped(due.rules, due.asked)


def _number(request: HttpRequest, pages: Mapping[str, QuestionPage]) -> str:
    """Return which page is shown: the one that the address names, or the first."""
    named = request.GET.get("page", "")
    return named if named in pages else next(iter(pages))


def _answered(
    request: HttpRequest,
    access: LinkAccess,
    due: DueQuestions,
    given: SuitabilityAnswers,
    *,
    number: str,
    at: datetime,
) -> HttpResponse:
    """Write down what a page was answered with, and lead on: to the number to call at once, where it is needed."""
    waited, before = waits_for_answers(access.visit), found_for(access.visit, due.rules, at=at)
    visit = page_answers.take(access.visit, given, by=access.principal, at=at)
    found, kept = found_for(visit, due.rules, at=at), not given.answers.keys() <= {one.key for one in due.asked}
    more = _more(request, access, due, visit, given, number=number, kept=kept)
    stops = found.disposition is STOP
    newly = (found.shows_number and not before.shows_number) or (stops and before.disposition is not STOP)
    if newly or (stops and not more) or not (more or waited):
        return thanks(request, access, found, more=more, waits=waited or is_request(visit), kept=kept)
    if more:
        return redirect(more)
    return redirect(f"{access.urls.see}?news=booked" if visit.status == Status.BOOKED else access.urls.see)


def found_for(visit: Appointment, rules: RuleSet, *, at: datetime) -> Suitability:
    """Return what follows for an appointment by what is known now."""
    return judged_now(visit, rules, at=at).found


def _more(
    request: HttpRequest,
    access: LinkAccess,
    due: DueQuestions,
    visit: Appointment,
    given: SuitabilityAnswers,
    *,
    number: str,
    kept: bool,
) -> str:
    """Return where the next page is; empty where all is answered."""
    pages = _pages(access.visit, due)
    left = [one for one, page in pages.items() if not given.answers.keys() >= set(page.keys)]
    after = [one for one in left if int(one) > int(number)] or left
    if waits_for_answers(access.visit) and not waits_for_answers(visit):  # it has gone on by what is known
        return ""
    return _address(access, number=after[0], count=_count(request, pages), kept=kept) if after else ""


def _address(access: LinkAccess, *, number: str, count: int, kept: bool = False) -> str:
    """Return where a page is. `count`: of how many that are asked one after the other, answered ones too.

    `kept`: it says that some of what was sent had been answered before.
    """
    asked_for = {"page": number, "of": str(count)} | ({"kept": "1"} if kept else {})
    return address(reverse("manage-questions", args=[access.token]), asked_for)


def _count(request: HttpRequest, pages: Mapping[str, QuestionPage]) -> int:
    """Return how many pages are asked in all: those that are left, and as many as were answered before these."""
    named = request.GET.get("of", "")
    known = int(named) if re.fullmatch("[1-9]", named) else 0
    return max(known, len(pages))


def _progress(request: HttpRequest, pages: Mapping[str, QuestionPage], number: str) -> str:
    """Say how far somebody is; nothing where all stands on one page."""
    count, left = _count(request, pages), len([one for one in pages if int(one) >= int(number)])
    if count == 1:
        return ""
    return _("Questions, page %(number)s of %(count)d") % {"number": count - left + 1, "count": count}


def thanks(
    request: HttpRequest, access: LinkAccess, found: Suitability, *, more: str, waits: bool, kept: bool
) -> HttpResponse:
    """Say that it is noted; whoever is to call, or is not sure about what cannot wait, reads the number at once."""
    phone = access.visit.site.phone
    context = {
        "stops": found.disposition is STOP,
        "calls": found.shows_number and found.disposition is not STOP,
        "called": has_phone(access.visit.patient),
        "more": more,
        "waits": waits,
        "kept": kept,
        "token": access.token,
        "phone": phone,
        "help_phone": phone,
        "back": access.urls.see,
    }
    return render(request, "booking/questions_answered.html", context)


def _ask(
    request: HttpRequest,
    access: LinkAccess,
    due: DueQuestions,
    form: WholeQuestionsForm,
    *,
    number: str,
    at: datetime,
) -> HttpResponse:
    pages, wrong = _pages(access.visit, due), problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong,
        "keys": form.asked,
        "part": pages[number].title,
        "progress": _progress(request, pages, number),
        "action": _address(access, number=number, count=_count(request, pages)),
        "kept": "kept" in request.GET,
        "token": access.token,
    }
    frame = questions_frame(access, due.rules, at=at)
    return render(request, "booking/questions_due.html", context | frame, status=422 if wrong else 200)


def questions_frame(access: LinkAccess, rules: RuleSet, *, at: datetime) -> dict[str, Any]:
    """Return what stands around the questions: what they are for, and whom to call."""
    phone = access.visit.site.phone
    return {
        "calls": found_for(access.visit, rules, at=at).shows_number,
        "back": access.urls.see,
        "waits": is_request(access.visit),
        "phone": phone,
        "rules_at": access.visit.site_id,
        "help_phone": phone,
        "always": in_words(rules, rules.content.texts.always, {"phone": phone}),
    }
