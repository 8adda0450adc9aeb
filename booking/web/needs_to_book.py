"""What somebody needs so that they can come, said as they book: one page beside the way, which nobody has to open."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from booking.access_needs import NOTHING_ASKED, AskedFor
from booking.models import Appointment, Patient
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.link_language import LANG, checked_line, note_for_times
from booking.web.responses import asked_or_sent, refusals_as_pages
from booking.web.session_draft import SessionDraft, patient_of
from booking.web.suitability.suitability_page import BeforeBooking
from booking.web.times_list import address
from booking.web.visit_card import CheckLine
from core.forms import described, problems
from scheduler.public import Offered

BETWEEN = "|"
JUST_ASKED = "just-asked"


@never_cache
@asked_or_sent
@refusals_as_pages
def needs(request: HttpRequest) -> HttpResponse:
    """Ask what is needed, note it for the booking, and lead back to where somebody came from."""
    patient, back = patient_of(request), _back(request)
    now = asked_here(request, patient).columns
    form = AccessNeedsForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        draft = SessionDraft.of(request.session)
        seen = [AskedFor.on_record(patient).mark] if patient else []
        draft.asked_for = BETWEEN.join([_whose(patient), form.asked_for.mark, *seen])
        draft.keep(request.session)
        return redirect(back)
    wrong = problems(form) if form.is_bound else []
    context = {"form": described(form), "problems": wrong, "back": back, "overtaken": "changed" in request.GET}
    return render(request, "booking/needs_to_book.html", context, status=422 if wrong else 200)


def asked_in_draft(request: HttpRequest, patient: Patient | None) -> AskedFor | None:
    """Return what was asked for here by whoever sits here now; None where they have said nothing of it."""
    whose, _between, sent = SessionDraft.of(request.session).asked_for.partition(BETWEEN)
    return read(sent)[0] if sent and whose == _whose(patient) else None


def asked_here(request: HttpRequest, patient: Patient | None) -> AskedFor:
    """Return what holds for a booking: what was asked for here, else what is on record of whoever is known."""
    here = asked_in_draft(request, patient)
    return here if here is not None else AskedFor.on_record(patient) if patient else NOTHING_ASKED


def read(sent: str) -> tuple[AskedFor, str | None]:
    """Return what a form sent, and the mark of what stood on record when it was said; None of whom nobody knows."""
    names, interpreter, *seen = [*sent.split(BETWEEN), ""] if BETWEEN not in sent else sent.split(BETWEEN)
    form = AccessNeedsForm({"needs": [one for one in names.split(",") if one], "interpreter": interpreter}, initial={})
    return form.asked_for if form.is_valid() else NOTHING_ASKED, BETWEEN.join(seen) if seen else None


def ask_anew(request: HttpRequest) -> HttpResponse:
    """Lead to what stands on record by now, since it changed meanwhile; what was asked for here is forgotten."""
    draft = SessionDraft.of(request.session)
    draft.asked_for = ""
    draft.keep(request.session)
    return redirect(link(to=reverse("check"), changed=True))


def with_needs(before: BeforeBooking, request: HttpRequest, patient: Patient | None) -> BeforeBooking:
    """Return what comes before a booking, with what the place must have for whoever asked for it.

    What is on record and was not said here is not named: somebody else may look over their shoulder.
    """
    asked = asked_here(request, patient)
    if not asked.features:
        return before
    said = asked_in_draft(request, patient) is not None
    words = asked.places if said else (_("what you need"),)
    return replace(
        before,
        needs=before.needs | asked.features,
        needed=tuple(dict.fromkeys([*before.needed, *words])),
        apart={site: replace(one, needs=one.needs | asked.features) for site, one in before.apart.items()},
    )


def checked(request: HttpRequest, patient: Patient | None, page: dict[str, Any]) -> dict[str, Any]:
    """Return what a page that is checked shows, with what was asked for: its line, and what its form sends along."""
    here = asked_in_draft(request, patient)
    line = CheckLine(name=_("Help to come"), value=_in_words(here, patient), change=link(to=reverse("check")))
    cost = page["facts"][-1]
    # Whoever is known has chosen their language, and is written to in it.
    reads = "" if patient else SessionDraft.of(request.session).language
    sent_along = SessionDraft.of(request.session).asked_for.partition(BETWEEN)[2] if here is not None else ""
    more = {"asked_for": sent_along, LANG: reads}
    sent = page["sent"] | {name: value for name, value in more.items() if value}
    return {"facts": [*page["facts"][:-1], *checked_line(reads), line, cost], "sent": sent}


def sent_with(request: HttpRequest) -> tuple[AskedFor | None, str | None]:
    """Return what the page said that is booked, and the mark of what stood there; None where nothing was said."""
    sent = request.POST.get("asked_for", "")
    return read(sent) if sent else (None, None)


def note_booked(request: HttpRequest, patient: Patient | None, visit: Appointment) -> None:
    """Note in this browser what was asked for with a booking, so that its page says it back, once."""
    here = asked_in_draft(request, patient)
    if here or (patient and AskedFor.on_record(patient)):
        request.session[JUST_ASKED] = [str(visit.public_id), _in_words(here, patient)]


def asked_just_now(request: HttpRequest, visit: Appointment) -> str:
    """Return what was asked for here as an appointment was booked, and forget it: others may sit here next."""
    whose, words = request.session.pop(JUST_ASKED, ["", ""])
    return str(words) if whose == str(visit.public_id) else ""


def _in_words(here: AskedFor | None, patient: Patient | None) -> str:
    if here is None and patient and AskedFor.on_record(patient):
        return _("As you told us before")
    return "; ".join(here.words) if here else _("Nothing asked for")


def link(*, to: str, changed: bool = False) -> str:
    """Return where it is asked, and from there back `to` a page. `changed`: it was on record meanwhile."""
    return address(reverse("booking-needs"), {"then": to} | ({"changed": "1"} if changed else {}))


def note(request: HttpRequest, patient: Patient | None, offered: Iterable[Offered] = ()) -> dict[str, Any]:
    """Return what a page says of it on the way: where it is asked, what was asked for here, and who speaks what."""
    here = asked_in_draft(request, patient)
    return note_for_times(request, offered) | {
        "needs_url": link(to=request.get_full_path()),
        "needs_words": "; ".join(here.words) if here else "",
    }


def _whose(patient: Patient | None) -> str:
    """Return for whom something is asked: a known person, or a visitor of whom nobody knows yet who they are."""
    return str(patient.public_id) if patient else "visitor"


def _back(request: HttpRequest) -> str:
    """Return the page of the booking from which somebody came; none of another address."""
    asked = request.GET.get("then", "")
    here = asked.startswith(reverse("therapy")) and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if here else reverse("therapy")
