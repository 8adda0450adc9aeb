"""Behind a mail's link: somebody who has an appointment asks to be told when an earlier time opens."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from booking.access_needs import AskedFor
from booking.actions.waiting import list_entries
from booking.actions.waiting.list_entries import Preferences
from booking.models import Appointment
from booking.patients import known_by_link
from booking.queries import mail_of
from booking.status import Move
from booking.suitability.visits import place_needs_of_visit
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.labels import masked_email
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.times_query import TimesQuery
from booking.web.waiting.waiting_forms import WaitingForm
from booking.web.waiting.waiting_views import note_asked
from core import clock
from core.forms import described, problems
from core.text.languages import when_in_words


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def earlier(request: HttpRequest, token: str) -> HttpResponse:
    """Ask which earlier times suit them; their own stays theirs until they accept one."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    visit = access.visit
    if not access.may(Move.RESCHEDULE, at=at):
        return redirect(access.urls.see)
    here = [one for one in TimesQuery.for_moving(visit, at=at).offered() if one.site.id == visit.site_id]
    data, today = request.POST if request.method == "POST" else None, at.astimezone(visit.site.tz).date()
    form, help_to_come = WaitingForm(data, offered=here, on=today), AccessNeedsForm(data, initial={})
    if here and form.is_valid() and help_to_come.is_valid():
        return _joined(request, access, form, help_to_come.asked_for, at=at)
    context = {
        "form": described(form),
        "help": described(help_to_come),
        "known": True,
        "problems": [*problems(form), *problems(help_to_come)] if data is not None else [],
        "now": when_in_words(visit.period.lower, visit.site.tz),
        "back": access.urls.move,
        "here": access.urls.earlier,
    }
    return render(request, "booking/waiting/join.html", context, status=422 if data is not None else 200)


def _joined(
    request: HttpRequest, access: LinkAccess, form: WaitingForm, asked_for: AskedFor, *, at: datetime
) -> HttpResponse:
    visit, email = access.visit, mail_of(access.visit.patient)
    asked = _preferences(visit, form, needs=place_needs_of_visit(visit, at=at), asked_for=asked_for)
    # Whoever booked was shown the link, and may have typed an address of somebody else.
    proven = not email or known_by_link.went_to_its_patient(access.link)
    entry = list_entries.join(asked, visit.patient, instead_of=visit, proven=proven, by=access.principal, at=at)
    if proven:
        return redirect("waiting", list_entries.token_for(entry))
    note_asked(request, masked_email(email), at=at)
    return redirect("waiting-asked")


def _preferences(visit: Appointment, form: WaitingForm, *, needs: frozenset[str], asked_for: AskedFor) -> Preferences:
    said: dict[str, Any] = {"therapy": visit.therapy.key, "visit": visit.visit, "technique": visit.technique}
    return Preferences(**said, **form.preferred(), needs=tuple(sorted(needs)), asked_for=asked_for)
