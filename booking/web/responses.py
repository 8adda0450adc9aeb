"""How a page answers: refusals in plain words with one next step, and what mail links ask of headers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.errors import (
    BeyondHorizon,
    CallToBook,
    LimitReached,
    MoveNotAllowed,
    NoticeTooShort,
    TooManyHolds,
    TooManyThisWeek,
    TooManyVisits,
)
from booking.families.errors import AlreadyLinked, FamilyCodeUnknown, FamilyLinkEnded
from booking.suitability.errors import AnswersNeeded, CallFirst, NotBookableWithAnswers
from booking.waiting.errors import WaitingLinkClosed
from booking.web.help_phone import phone_of
from booking.web.session_draft import sent_hold
from booking.web.slot_ids import opened
from booking.web.times_list import nearest, slots_instead, times_like, without_therapy_ids
from core.http.post_redirect_get import answers_by_redirect
from core.refusals import Busy, Refusal
from scheduler.public import Slot, offered

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# Longer than the database waits for a lock: by then whoever was first is through.
SOON = 5
"""After how many seconds a busy service is asked again."""

SENT_ONLY = frozenset({"hold", "more-time", "done", "leave"})
KEPT_TO_ITSELF = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next."""

    url: str
    words: str


asked_or_sent = require_http_methods(["GET", "HEAD", "POST"])
"""Lets a page be opened, and its form be sent."""


def refusals_as_pages(view: View[P]) -> View[P]:
    """Answer an expected "no" with a page that says what to do next."""

    @answers_by_redirect
    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        # The life cycle refuses those who press twice, or after somebody else: they are shown how it stands, not
        # blamed.
        except MoveNotAllowed as refusal:
            return _as_it_stands(request) or refusal_page(request, refusal)
        except Refusal as refusal:
            return refusal_page(request, refusal)

    return answered


def private_page(view: View[P]) -> View[P]:
    """Keep an address that is a secret out of caches, indexes and the next site's logs."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        for name, value in KEPT_TO_ITSELF.items():
            response.headers[name] = value
        return response

    return answered


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page of a refusal. Where a time was taken, the nearest others can be chosen on it."""
    others = slots_instead(refusal)
    # Behind a link, what is offered instead must not tell what the visit is for.
    name, _kwargs = _match(request)
    context = {
        # A database that is busy is not asked once more.
        "help_phone": "" if isinstance(refusal, Busy) else phone_of(request),
        "heading": refusal.title,
        "detail": refusal.detail if refusal.detail != refusal.title else "",
        "others": nearest(
            without_therapy_ids(others) if name.startswith("manage") else others, named=_at_several_sites(others)
        ),
        "zone": others[0].site.tz.key if others else "",
        "action": _chooses(request),
        "step": _next(request, refusal),
    }
    response = render(request, "booking/refused.html", context, status=refusal.status)
    if wait := refusal.facts.get("retry_after", SOON if refusal.status == Busy.status else None):
        response.headers["Retry-After"] = str(wait)
    return response


def _as_it_stands(request: HttpRequest) -> HttpResponse | None:
    """Lead whoever acts by a link on a visit that is not as their page showed it to the visit as it is now.

    They pressed twice, or somebody else who has the link was quicker.
    """
    name, kwargs = _match(request)
    return redirect(reverse("manage", kwargs=kwargs)) if name.startswith("manage-") else None


def _at_several_sites(slots: list[Slot]) -> bool:
    """Whether what these are for is offered at several sites: then the nearest may be at another one than before."""
    return len({one.site.key for slot in slots for one in offered(slot.therapy, slot.visit)}) > 1


def _match(request: HttpRequest) -> tuple[str, dict[str, str]]:
    found = request.resolver_match
    return (found.url_name or "", {k: str(v) for k, v in found.kwargs.items()}) if found else ("", {})


def _chooses(request: HttpRequest) -> str:
    """Return where a button with another time sends it."""
    name, kwargs = _match(request)
    return reverse("manage-move", kwargs=kwargs) if name.startswith("manage") else reverse("hold")


def _next(request: HttpRequest, refusal: Refusal) -> NextStep:
    name, kwargs = _match(request)
    if refusal.code == Busy.code and not name.startswith("manage-"):
        return NextStep(reverse("check") if name in SENT_ONLY else request.path, _("Try again"))
    if step := _for_families(refusal, name):
        return step
    if name == "manage" or refusal.code in {"link-unknown", "link-moved", "link-expired", "newest-link-needed"}:
        return NextStep(reverse("lost-link"), _("Send me my link again"))
    if name.startswith("manage"):
        return NextStep(reverse("manage", kwargs=kwargs), _("Back to my appointment"))
    if name.startswith("waiting") and "token" in kwargs and refusal.code != WaitingLinkClosed.code:
        return NextStep(reverse("waiting", kwargs=kwargs), _("See my place on the list"))
    return _another_time(request, refusal) or _on_the_way(refusal, name)


def _another_time(request: HttpRequest, refusal: Refusal) -> NextStep | None:
    """Return the next step of whoever cannot have a time by a rule: another one for the same, or one to call off."""
    if isinstance(refusal, TooManyVisits):
        return NextStep(reverse("lost-link"), _("Send me the links to my appointments"))
    if isinstance(refusal, CallToBook):
        return NextStep(reverse("therapy"), _("Choose first or follow-up, and another time"))
    if not isinstance(refusal, NoticeTooShort | BeyondHorizon | TooManyThisWeek):
        return None
    held = sent_hold(request)
    pressed = held.slot if held else opened(request.POST.get("slot", ""))
    return NextStep(times_like(pressed), _("Choose another time")) if pressed else None


def _for_families(refusal: Refusal, name: str) -> NextStep | None:
    """Return the next step of a patient's family, and of a patient behind a mail about them."""
    if refusal.code in {FamilyCodeUnknown.code, AlreadyLinked.code}:
        return NextStep(reverse("family-code"), _("Type the code"))
    if name == "family-patient":
        return NextStep(reverse("start"), _("Go to our first page"))
    if refusal.code == FamilyLinkEnded.code or name.startswith("family-"):
        return NextStep(reverse("family-home"), _("See what I can do"))
    return None


def _on_the_way(refusal: Refusal, name: str) -> NextStep:
    """Return the next step of somebody who has not booked yet."""
    if isinstance(refusal, TooManyHolds):
        return NextStep(reverse("held-times"), _("See the times that we keep for you"))
    if isinstance(refusal, LimitReached):
        return NextStep(reverse("check"), _("Back to my booking"))
    if isinstance(refusal, AnswersNeeded | CallFirst | NotBookableWithAnswers):
        return NextStep(reverse("therapy"), _("Look at all therapies"))
    if refusal.code in {"hold-not-extendable", "hold-expired", "code-too-soon"}:
        return NextStep(reverse("code" if name == "code" else "check"), _("Go on with my booking"))
    return NextStep(reverse("therapy"), _("Choose another time"))
