"""What somebody can book instead of what they asked for: told to whoever knows their birth date."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from booking.actions import links, suitability_reviews
from booking.models import Appointment
from booking.queries import review_answer
from booking.suitability.answers_by_link import is_to_be_talked_about
from booking.suitability.content import Disposition
from booking.suitability.visits import judge_visits
from booking.web.labels import therapy_in_words
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability_flow import WantedTherapy
from booking.web.suitability_forms import BirthDateForm
from core import clock
from core.forms import described, problems
from scheduler.public import therapies


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
    on = at.astimezone(access.visit.site.tz).date()
    form = BirthDateForm(request.POST if request.method == "POST" else None, on=on)
    if form.is_valid():
        if links.knows_birth_date(access.link, form.cleaned_data["birth_date"]):
            return redirect(_url(access.visit, *chosen)) if chosen else _listed(request, access, at=at)
        form.add_error("birth_date", _("That is not the birth date that we have. Please check it, or call us."))
    asks, wrong = links.asks_birth_date(access.link), problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong if asks else [],
        "asks": asks,
        "chosen": chosen,
        "phone": access.visit.site.phone,
        "back": access.urls.see,
    }
    return render(request, "booking/instead.html", context, status=422 if wrong else 200)


def _url(visit: Appointment, therapy: str, technique: str) -> str:
    return WantedTherapy(therapy=therapy, visit=visit.visit, technique=technique).url("booking-questions")


def _suits_better(visit: Appointment) -> bool:
    """Whether something else may be had by somebody who does not book this with what they answered by link."""
    return is_to_be_talked_about(visit) and visit.suitability == Disposition.BLOCK_SELF_BOOKING


def _listed(request: HttpRequest, access: LinkAccess, *, at: datetime) -> HttpResponse:
    """Show what they can book by themselves with what they answered."""
    visit = access.visit
    judged = judge_visits([visit], at=at).get(visit.pk)
    found = suitability_reviews.alternatives(visit, judged) if judged else ()
    names = {card.key: card.name for card in therapies()}
    others = [
        (therapy_in_words(names[one.therapy], one.technique), _url(visit, one.therapy, one.technique)) for one in found
    ]
    context = {"listed": True, "others": others, "phone": visit.site.phone, "back": access.urls.see}
    return render(request, "booking/instead.html", context)


def instead_url(access: LinkAccess) -> str:
    """Return where somebody finds what they can book instead; empty where there is nothing to find."""
    found = review_answer(access.visit).instead or _suits_better(access.visit)
    return reverse("manage-instead", args=[access.token]) if found else ""
