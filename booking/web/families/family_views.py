"""Members of a patient's family: they type their code, say who they are, and book as anybody does.

Nothing here tells who the patient is. Opening a page changes nothing: only a posted form does.
"""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from booking.actions.families import family_codes, family_links
from booking.families.codes import LinkPurpose
from booking.families.errors import FamilyCodeUnknown, TooManyCodes
from booking.families.queries import opened_by_token
from booking.families.status import RENEWABLE, FamilyState
from booking.models import FamilyLink
from booking.patients.deaths import has_died
from booking.suitability.records import age_on
from booking.web import came_by_link
from booking.web.families import family_session
from booking.web.families.family_forms import FamilyCodeForm, RelativeForm
from booking.web.families.family_meetings import meeting_words
from booking.web.families.family_seats import booked_by, times_for
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.session_draft import forget_all
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.http.networks import network_of
from core.models import User
from core.text.languages import date_in_words
from core.text.phone_numbers import country_of

ADULT = 18
"""From this age on nobody needs a parent or guardian with them."""

OWN_ACTS = {"leave": family_links.leave, "renew": family_links.renew}
"""What a member of the family does with the link themselves."""


@never_cache
@asked_or_sent
@refusals_as_pages
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code. What does not work is said alike, whatever it is."""
    at = clock.now()
    if request.method != "POST":
        if family_session.opened_link(request, came=True, at=at):
            return redirect("family-home")
        return _ask_code(request, FamilyCodeForm())
    form = FamilyCodeForm(request.POST)
    if not form.is_valid():
        return _ask_code(request, form, status=422)
    try:
        by, network = principal_of(request), network_of(request)
        link = family_codes.open_invitation(form.cleaned_data["code"], by=by, network=network, at=at)
    except FamilyCodeUnknown:
        form.add_error("code", _("This code does not work. Check each sign, or call us: we help you."))
        return _ask_code(request, form, status=422)
    except TooManyCodes as refusal:
        form.add_error("code", _("Several codes did not work. Wait a minute and try again, or call us: we help you."))
        answer = _ask_code(request, form, status=refusal.status)
        answer.headers["Retry-After"] = str(refusal.facts["retry_after"])
        return answer
    family_session.remember(request, link, came=False, at=at)
    return redirect("family-details")


def _ask_code(request: HttpRequest, form: FamilyCodeForm, *, status: int = 200) -> HttpResponse:
    context = {"form": described(form), "problems": problems(form) if form.is_bound else []}
    return render(request, "booking/family/code.html", context, status=status)


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def mailed(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a mail's link leads; whoever presses its button goes on from there."""
    at = clock.now()
    if request.method != "POST":
        _link, purpose = opened_by_token(token, at=at)
        return render(request, "booking/family/mailed.html", {"invited": purpose is LinkPurpose.INVITATION})
    link = family_links.come_back(token, at=at)
    came = link.state != FamilyState.INVITED
    family_session.remember(request, link, came=came, at=at)
    return redirect("family-home" if came else "family-details")


@never_cache
@asked_or_sent
@refusals_as_pages
def details(request: HttpRequest) -> HttpResponse:
    """Ask who comes; who signs in has said so already."""
    at = clock.now()
    link = family_session.opened_link(request, came=False, at=at)
    if link is None:
        return redirect("family-code")
    own = request.user.patient if isinstance(request.user, User) and hasattr(request.user, "patient") else None
    today, country = at.astimezone(link.site.tz).date(), country_of(link.site.zone)
    form = RelativeForm(request.POST if request.method == "POST" else None, on=today, country=country)
    if request.method == "POST" and (own or form.is_valid()):
        given = None if own else form.details()
        link = family_links.claim(link, details=given, own=own, by=principal_of(request), at=at)
        family_session.remember(request, link, came=True, at=at)
        return redirect("family-home")
    wrong = problems(form) if form.is_bound else []
    context = {"form": described(form), "problems": wrong, "own": own}
    return render(request, "booking/family/details.html", context, status=422 if wrong else 200)


@never_cache
@require_safe
@refusals_as_pages
def home(request: HttpRequest) -> HttpResponse:
    """Say how it stands, and lead to the times."""
    at = clock.now()
    link = family_session.opened_link(request, came=True, at=at)
    if link is None:
        return redirect("family-code")
    return render(request, "booking/family/home.html", _shown(link, at=at))


def _shown(link: FamilyLink, *, at: datetime) -> dict[str, Any]:
    """Return what a relative reads of their link."""
    state = link.state_at(at)
    return {
        "waits": state is FamilyState.CLAIMED,
        "asked": state is FamilyState.CLAIMED and not has_died(link.patient),
        "open": state is FamilyState.ACTIVE,
        "times": times_for(link, at=at) if state is FamilyState.ACTIVE else (),
        "booked": booked_by(link, at=at) if state is FamilyState.ACTIVE else (),
        "meetings": meeting_words(link, at=at),
        "until": date_in_words(link.ends_on),
        "renewable": state is FamilyState.ACTIVE and link.grace_at is None and at >= link.ends_at - RENEWABLE,
        "phone": link.site.phone,
        "child": link.relative is not None
        and age_on(at.astimezone(link.site.tz).date(), link.relative.birth_date) < ADULT,
    }


@require_POST
@refusals_as_pages
def settle(request: HttpRequest, act: str) -> HttpResponse:
    """Give the link up, or let it last another year."""
    at, do = clock.now(), OWN_ACTS.get(act)
    if do is None:
        raise Http404
    link = family_session.opened_link(request, came=True, at=at)
    if link is not None:
        do(link, by=principal_of(request), at=at)
    return redirect("family-home")


@require_POST
@refusals_as_pages
def forget(request: HttpRequest) -> HttpResponse:
    """Forget who came by a link here: somebody else may sit here next."""
    came_by_link.forget(request)
    forget_all(request)
    return redirect("start")
