"""Help to choose: first the questions, then what somebody can book with what they answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from booking.web.choices import every_visit
from booking.web.responses import refusals_as_pages
from booking.web.session_draft import patient_of
from booking.web.suitability.suitability_flow import BookingQuestions, WantedTherapy
from booking.web.suitability.suitability_outcome import therapies_to_choose
from booking.web.suitability.suitability_page import before_times
from core import clock


@never_cache
@require_safe
@refusals_as_pages
def help_to_choose(request: HttpRequest) -> HttpResponse:
    """Ask which appointment it shall be, and say what comes then."""
    visits = every_visit(lambda visit: WantedTherapy(therapy="", visit=visit).url("booking-questions"))
    return render(request, "booking/help_to_choose.html", {"visits": visits})


@never_cache
@require_safe
@refusals_as_pages
def therapies(request: HttpRequest) -> HttpResponse:
    """Show what somebody can book, each with its next free time."""
    at, patient, wanted = clock.now(), patient_of(request), WantedTherapy.of(request, "")
    if not wanted.visit:
        return redirect("help-to-choose")
    before = before_times(request, wanted, patient, at=at)
    if before.detour:
        return redirect(before.detour)
    asked = BookingQuestions.of(request, wanted, patient, at=at)
    context = {"others": list(therapies_to_choose(asked)), "back": before.back, "asks": asked.asks}
    return render(request, "booking/help_therapies.html", context)
