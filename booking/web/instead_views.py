"""What a clinician has chosen for somebody instead of what they asked for: told to whoever knows their birth date."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from booking.actions import links
from booking.queries import review_answer
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.suitability_flow import WantedTherapy
from booking.web.suitability_forms import BirthDateForm
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def instead(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to what can be booked instead. A link alone does not tell what a visit is for."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    chosen = review_answer(access.visit).instead
    if chosen is None:
        raise Http404
    on = at.astimezone(access.visit.site.tz).date()
    form = BirthDateForm(request.POST if request.method == "POST" else None, on=on)
    if form.is_valid():
        if links.knows_birth_date(access.link, form.cleaned_data["birth_date"]):
            therapy, technique = chosen
            wanted = WantedTherapy(therapy=therapy, visit=access.visit.visit, technique=technique)
            return redirect(wanted.url("booking-questions"))
        form.add_error("birth_date", _("That is not the birth date that we have. Please check it, or call us."))
    asks, wrong = links.asks_birth_date(access.link), problems(form) if form.is_bound else []
    context = {
        "form": described(form),
        "problems": wrong if asks else [],
        "asks": asks,
        "phone": access.visit.site.phone,
        "back": access.urls.see,
    }
    return render(request, "booking/instead.html", context, status=422 if wrong else 200)


def instead_url(access: LinkAccess) -> str:
    """Return where somebody finds what was chosen for them; empty where nothing was."""
    return reverse("manage-instead", args=[access.token]) if review_answer(access.visit).instead else ""
