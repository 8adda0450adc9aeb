"""The health questions behind a mail's link: answer them, see what follows, give the time back."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from booking.actions.screening import screening, staying_home
from booking.models import Appointment
from booking.screening.notices import companions_at_most
from booking.screening.queries import ASKED, PATIENT, Screening, companions_allowed, is_a_child, screening_of
from booking.screening.state import ScreeningState
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.screening.screening_forms import ScreeningForm, SentScreening, sent_screening
from booking.web.screening.screening_page import questions_from, screening_page, screening_url
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def questions(request: HttpRequest, token: str) -> HttpResponse:
    """Ask how somebody is, or show what follows from what they answered."""
    at, who = clock.now(), _who(request)
    access = LinkAccess.of(token, at=at)
    if access.visit.status not in ASKED or _is_over(access.visit, at=at):  # its page says what there is to do
        return redirect(access.urls.see)
    found = screening_of(access.visit, at=at, companion=who)
    if request.method == "POST":
        return _answered(request, access, found, who=who)
    if found.newest is None and not access.status_display(at=at).expected:
        return redirect(access.urls.see)  # nobody is asked for a visit that cannot take place as it stands
    if who > (allowed := companions_allowed(access.visit)):
        return _too_many(request, access, allowed=allowed)
    answered = found.newest is not None and not request.GET.get("step")
    if found.state is ScreeningState.UNANSWERED or (found.newest is not None and not answered):
        return _ask(request, access, found, who=who)
    page = screening_page(access, found, who=who, at=at)
    context = {"page": page, "urls": access.urls, "phone": access.visit.site.phone}
    context["from"] = questions_from(access.visit, found) if found.state is ScreeningState.NOT_YET else ""
    return render(request, "booking/screening_result.html", context)


def _is_over(visit: Appointment, *, at: datetime) -> bool:
    zone = visit.site.tz
    return bool(visit.period.upper.astimezone(zone).date() < at.astimezone(zone).date())


def _too_many(request: HttpRequest, access: LinkAccess, *, allowed: int) -> HttpResponse:
    """Say that this one cannot come along, before anybody answers for nothing."""
    context = {"at_most": companions_at_most(allowed), "urls": access.urls, "phone": access.visit.site.phone}
    return render(request, "booking/screening_result.html", context)


def _who(request: HttpRequest) -> int:
    """Return who answers: 0 is the patient. An address that somebody changed by hand is the patient's."""
    typed = request.GET.get("who", "")
    return int(typed) if len(typed) == 1 and typed.isascii() and typed.isdigit() else PATIENT


def _ask(
    request: HttpRequest, access: LinkAccess, found: Screening, *, who: int, form: ScreeningForm | None = None
) -> HttpResponse:
    assert found.policy is not None  # noqa: S101  (tells the type checker: who is asked has a policy)
    form = form or ScreeningForm(None, policy=found.policy)
    wrong = problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong,
        "who": who,
        "seen": _seen(request, found),
        "child": not who and is_a_child(access.visit),
        "ticking": form.is_bound or request.GET.get("step") == "tick",
        "ticking_url": screening_url(access.token, who, "tick"),
        "action": screening_url(access.token, who),
        "urls": access.urls,
    }
    return render(request, "booking/screening.html", context, status=422 if wrong else 200)


def _answered(request: HttpRequest, access: LinkAccess, found: Screening, *, who: int) -> HttpResponse:
    """Take the answers; ask for days where somebody is or was ill."""
    if found.policy is None or found.state is ScreeningState.NOT_YET:
        return redirect(screening_url(access.token, who))
    at = clock.now()
    on = at.astimezone(access.visit.site.tz).date()
    sent = sent_screening(request.POST, policy=found.policy, on=on)
    if sent.days:
        return _ask_days(request, access, found, sent, who=who)
    if sent.answers is None:
        return _ask(request, access, found, who=who, form=sent.form)
    seen = request.POST.get("seen")
    screening.answer(access.visit.public_id, sent.answers, by=access.principal, at=at, companion=who, seen=seen)
    return redirect(screening_url(access.token, who))


def _seen(request: HttpRequest, found: Screening) -> str:
    """Return which answers were known when somebody began to answer."""
    return request.POST.get("seen", screening.id_of(found.newest))


def _ask_days(
    request: HttpRequest, access: LinkAccess, found: Screening, sent: SentScreening, *, who: int
) -> HttpResponse:
    days = sent.days
    assert days is not None  # noqa: S101  (tells the type checker: only then is this asked)
    wrong = problems(days) if days.is_bound else []
    context = {
        "form": described(days),
        "problems": wrong,
        "who": who,
        "seen": _seen(request, found),
        "action": screening_url(access.token, who),
        "back": screening_url(access.token, who, "tick"),
        "urls": access.urls,
    } | sent.carried(request.POST)
    return render(request, "booking/screening_days.html", context, status=422 if wrong else 200)


@csrf_exempt
@private_page
@require_POST
@refusals_as_pages
def call_me(_request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody who stays home be called, to find another time with them. Pressed twice, they are called once."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    staying_home.ask_for_call(access.visit, at=at)
    return redirect(screening_url(token))


@csrf_exempt
@private_page
@require_POST
@refusals_as_pages
def give_back(_request: HttpRequest, token: str) -> HttpResponse:
    """Give the time back, excused: it is free at once for somebody else. Pressed twice, it is given back once."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    staying_home.give_back(access.visit, by=access.principal, at=at)
    return redirect(access.urls.see)
