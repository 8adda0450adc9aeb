"""What is asked before somebody books, page by page: the birth date first, then only what can change the outcome."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from booking.actions import call_requests
from booking.models import CallRequest
from booking.suitability.answer_words import PLACES
from booking.suitability.answers import NO_ANSWERS
from booking.suitability.judgement import STOP
from booking.suitability.questions import AskedQuestion, QuestionPage
from booking.web.context import chosen_therapy
from booking.web.responses import asked_or_sent, refusals_as_pages
from booking.web.session_draft import SessionDraft, patient_of
from booking.web.suitability.suitability_draft import DraftAnswers, OnRecord
from booking.web.suitability.suitability_flow import (
    ANSWERED,
    BIRTH_DATE,
    UNCHANGED,
    BookingQuestions,
    WantedTherapy,
    onwards,
    outcome_of,
)
from booking.web.suitability.suitability_forms import AskedBackBirthDateForm, CallMeForm, PlacesForm, QuestionsForm
from booking.web.suitability.suitability_outcome import called_line, outcome_page
from booking.web.suitability.suitability_page import answered_pages, lines_of, questions_frame
from booking.web.times_query import TimesQuery
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.http.networks import network_of
from core.text.languages import date_in_words
from scheduler import public as scheduler


@never_cache
@asked_or_sent
@refusals_as_pages
def questions(request: HttpRequest, therapy: str) -> HttpResponse:
    """Ask what is still to be asked; lead on where nothing is."""
    wanted = WantedTherapy.of(request, therapy)
    if not wanted.visit:
        return redirect("therapy")
    try:
        query = TimesQuery(therapy=wanted.therapy, technique=wanted.technique, visit=wanted.visit)
        _card = chosen_therapy(query, at=clock.now()) if therapy else None
    except scheduler.TechniqueNeeded:
        return redirect(wanted.chosen_at)
    asked = BookingQuestions.of(request, wanted, patient_of(request), at=clock.now())
    step = request.GET.get("page", "")
    if beside := _beside_pages(request, asked, step):
        return beside
    page = asked.numbered(step)
    if page is None or (asked.birth_date is None and asked.asks) or asked.asks_whose:
        return redirect(asked.next_step() or onwards(request, asked))
    return _places(request, asked, page) if request.GET.get("where") else _page(request, asked, page)


def _beside_pages(request: HttpRequest, asked: BookingQuestions, step: str) -> HttpResponse | None:
    """Return the page of a step that has no number; None where it is a numbered one, or has nothing to show."""
    if asked.asks and step == BIRTH_DATE and asked.patient is None:
        return _birth_date(request, asked)
    if step == UNCHANGED and (asked.recorded or asked.asks_whose):
        return _theirs(request, asked) if asked.asks_whose else _unchanged(request, asked)
    if step == ANSWERED and asked.asks and not asked.next_step():
        return _answered_before(request, asked)
    return None


def _birth_date(request: HttpRequest, asked: BookingQuestions) -> HttpResponse:
    """Ask when they were born: the page that asks who comes has it from here."""
    draft, site, sent = SessionDraft.of(request.session), asked.sites[0], request.method == "POST"
    initial = {"birth_date": draft.birth_date, "birth_date_asked": draft.birth_date_asked}
    form = AskedBackBirthDateForm(
        request.POST if sent else None, on=asked.at.astimezone(site.tz).date(), initial=initial
    )
    page = _beside_birth_date(request, asked)
    first = QuestionsForm(request.POST if sent else None, page=page, given={}) if page else None
    if sent:
        good = form.is_valid()  # which notes what is asked back
        draft.birth_date, draft.birth_date_asked = (str(form[name].value() or "") for name in initial)
        draft.keep(request.session)
        if good and (first is None or first.is_valid()):
            now = BookingQuestions.of(request, asked.wanted, asked.patient, at=asked.at)
            return _answered(request, now, first.answers()) if first else _on(request, now)
    wrong = problems(form) + (problems(first) if first else []) if sent else []
    context = {"form": described(form), "problems": wrong, "back": asked.wanted.chosen_at}
    context |= {"first": described(first), "title": page.title, "keys": page.keys} if first and page else {}
    frame = questions_frame(asked, number="1" if page else "")
    return render(request, "booking/questions_birth_date.html", context | frame, status=422 if wrong else 200)


def _beside_birth_date(request: HttpRequest, asked: BookingQuestions) -> QuestionPage | None:
    """Return the first page of questions, where nothing is answered yet: it stands beside the birth date.

    What else is asked on it of somebody of that age comes after it.
    """
    if asked.draft.answers:
        return None
    if request.method == "POST":
        page = _as_sent(request, asked)
        return page if page.questions else None
    return next(iter(asked.pages), None)


def _unchanged(request: HttpRequest, asked: BookingQuestions) -> HttpResponse:
    """Let somebody whom we know say in one tap that nothing has changed, or answer anew."""
    if request.method == "POST":
        says = OnRecord.SAME if request.POST.get("says") == OnRecord.SAME else OnRecord.ANEW
        _keep(request, replace(asked.draft, on_record=says))
        return _on(request, asked)
    since = asked.recorded_since
    day = date_in_words(since.astimezone(asked.sites[0].tz).date()) if since else ""
    # A birth date is known to many who may see a guest's mail: what was answered is read by nobody but its patient.
    lines = [] if asked.hides_record else lines_of(asked, asked.recorded)
    context = {"since": day, "lines": lines, "hides": asked.hides_record, "back": asked.wanted.chosen_at}
    return render(request, "booking/questions_unchanged.html", context | questions_frame(asked))


def _answered_before(request: HttpRequest, asked: BookingQuestions) -> HttpResponse:
    """Show what was answered page by page, so that each answer can be put right and leads straight back."""
    context = {"facts": answered_pages(asked), "back": onwards(request, asked)}
    return render(request, "booking/questions_overview.html", context | questions_frame(asked))


def _theirs(request: HttpRequest, asked: BookingQuestions) -> HttpResponse:
    """Ask whether the answers are theirs, where another birth date was typed since they were given."""
    draft = asked.draft
    if request.method == "POST":
        born = asked.birth_date.isoformat() if asked.birth_date else ""
        theirs = request.POST.get("says") == OnRecord.SAME
        anew = DraftAnswers(whose=draft.whose, name=asked.name)
        _keep(request, replace(draft, born=born, name=asked.name, before=NO_ANSWERS) if theirs else anew)
        return _on(request, asked)
    # Nothing of what was answered: it may be somebody else who reads this.
    context = questions_frame(asked, answered=False) | {"back": asked.step(BIRTH_DATE)}
    return render(request, "booking/questions_theirs.html", context)


def _page(request: HttpRequest, asked: BookingQuestions, page: QuestionPage) -> HttpResponse:
    given = asked.answers_shown.answers
    if request.method != "POST":
        page = _new_alone(asked, page) if request.GET.get("new") else page
        return _show_page(request, asked, page, QuestionsForm(None, page=page, given=given))
    page = _as_sent(request, asked)
    form = QuestionsForm(request.POST, page=page, given=given)
    if not page.questions:  # other rules are in force since the page was shown
        return _on(request, asked)
    return _answered(request, asked, form.answers()) if form.is_valid() else _show_page(request, asked, page, form)


def _show_page(request: HttpRequest, asked: BookingQuestions, page: QuestionPage, form: QuestionsForm) -> HttpResponse:
    number = request.GET["page"]
    wrong = problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong,
        "title": page.title,
        "keys": page.keys,
        "action": asked.step(number),
        "back": _before(asked, number),
    }
    frame = questions_frame(asked, number=number)
    return render(request, "booking/questions.html", context | frame, status=422 if wrong else 200)


def _places(request: HttpRequest, asked: BookingQuestions, page: QuestionPage) -> HttpResponse:
    """Ask which arm, or which place, somebody means."""
    number = request.GET["page"]
    question = _asked_where(request, asked, page)
    if question is None:
        return _on(request, asked)
    sent = request.POST if request.method == "POST" else None
    form = PlacesForm(sent, question=question, given=asked.answers_shown.captures.get(question.key, ()))
    if form.is_valid():
        _keep(request, asked.draft.located(question.key, form.chosen()))
        return _on(request, asked)
    wrong = problems(form) if form.is_bound else []
    context = {
        "form": form,
        "problems": wrong,
        "question": question,
        "drawn": PLACES.keys() >= set(question.places),
        "action": asked.step(number, where="1"),
        "back": asked.step(number),
    }
    frame = questions_frame(asked, number=number)
    return render(request, "booking/questions_places.html", context | frame, status=422 if wrong else 200)


def _answered(request: HttpRequest, asked: BookingQuestions, answers: dict[str, str]) -> HttpResponse:
    """Keep what was answered. Whoever is to call learns so at once, and not after the other pages."""
    before = outcome_of(asked)
    _keep(request, asked.draft.answered(answers, born=asked.birth_date, at=asked.at).named(asked.name))
    now = BookingQuestions.of(request, asked.wanted, asked.patient, at=asked.at)
    if outcome_of(now).stops and not before.stops:
        return redirect(asked.wanted.url("booking-outcome"))
    return _on(request, now)


def _on(request: HttpRequest, asked: BookingQuestions) -> HttpResponse:
    """Lead to what is asked next, as it stands now."""
    now = BookingQuestions.of(request, asked.wanted, asked.patient, at=asked.at)
    return redirect(now.next_step() or onwards(request, now))


def _keep(request: HttpRequest, answers: DraftAnswers) -> None:
    draft = SessionDraft.of(request.session)
    draft.suitability = answers.sealed()
    draft.keep(request.session)


def _as_sent(request: HttpRequest, asked: BookingQuestions) -> QuestionPage:
    """Return the questions that stood on the page that was sent, as far as they are still asked."""
    shown = set(request.POST.getlist("asked"))
    found = [(page.title, one) for page in asked.pages for one in page.questions if one.key in shown]
    return QuestionPage(title=found[0][0] if found else "", questions=tuple(one for _title, one in found))


def _new_alone(asked: BookingQuestions, page: QuestionPage) -> QuestionPage:
    """Return a page with those questions alone that are not answered yet; the whole page where all are."""
    new = tuple(one for one in page.questions if one.key not in asked.answers.answers)
    return replace(page, questions=new) if new else page


def _asked_where(request: HttpRequest, asked: BookingQuestions, page: QuestionPage) -> AskedQuestion | None:
    """Return the question of which is asked where: the one that was sent, or the first of the page that is due."""
    given = asked.answers_shown.answers
    known = {one.key: one for one in page.questions if one.places and given.get(one.key) == "yes"}
    due = next(asked.places_due(page), "")
    return known.get(request.POST.get("question") or due or next(iter(known), ""))


def _before(asked: BookingQuestions, number: str) -> str:
    """Return where "Back" leads from a numbered page."""
    if int(number) > 1:
        return asked.step(str(int(number) - 1))
    if asked.patient is None:
        return asked.step(BIRTH_DATE)
    return asked.step(UNCHANGED) if asked.recorded else asked.wanted.chosen_at


@never_cache
@asked_or_sent
@refusals_as_pages
def outcome(request: HttpRequest, therapy: str) -> HttpResponse:
    """Say what else somebody can book who cannot book this, or whom to call; let them be called."""
    wanted = WantedTherapy.of(request, therapy)
    if not wanted.visit:
        return redirect("therapy")
    asked = BookingQuestions.of(request, wanted, patient_of(request), at=clock.now())
    found, left = outcome_of(asked), asked.next_step()
    if found.bookable or asked.asks_whose or (left and not found.stops):
        return redirect(left or onwards(request, asked))
    sites = {site.key: site for site in asked.sites}
    form = CallMeForm(request.POST if request.method == "POST" else None, sites=sites)
    if form.is_valid():
        _ask_for_call(request, asked, form, first=found.stops)
        return redirect(wanted.url("booking-outcome"))
    wrong = problems(form) if form.is_bound else []
    context = {"form": described(form), "problems": wrong, "back": _where_answered(asked)}
    context["called"] = called_line(_call_asked_for(request), stops=found.stops)
    page = outcome_page(asked, found)
    return render(request, "booking/outcome.html", context | page, status=422 if wrong else 200)


def _ask_for_call(request: HttpRequest, asked: BookingQuestions, form: CallMeForm, *, first: bool) -> None:
    """Let staff call, and note it for the page."""
    site, phone, by = form.chosen_site(), form.cleaned_data["phone"], principal_of(request)
    made = call_requests.ask(
        site=site.id,
        name=form.cleaned_data["name"],
        phone=phone,
        first=first,
        network=network_of(request) if by.anonymous else "",
        by=by,
        at=asked.at,
    )
    draft = SessionDraft.of(request.session)
    draft.call = str(made.pk)
    draft.keep(request.session)


def _call_asked_for(request: HttpRequest) -> CallRequest | None:
    """Find the call by the session; one that another visitor asked for is not found."""
    asked_for = CallRequest.objects.filter(made_by=principal_of(request).key).select_related("site")
    call = SessionDraft.of(request.session).call
    return asked_for.filter(pk=call).first() if call else None


def _where_answered(asked: BookingQuestions) -> str:
    """Return where "Back" leads: to what sends them to the phone, else to the last page that is answered."""
    stopped = {rule.ask for one in asked.judged().values() for rule in one.fired if rule.disposition is STOP}
    pages = list(enumerate(asked.pages, 1))
    stops = [number for number, page in pages if stopped.intersection(page.keys)]
    answered = [number for number, page in pages if all(key in asked.answers.answers for key in page.keys)]
    back = stops[:1] or answered[-1:]
    return asked.step(str(back[0])) if back else asked.wanted.chosen_at
