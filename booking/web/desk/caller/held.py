"""A time that is kept for a caller: the questions read aloud or sent by link, booked, and what goes out to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.access_needs import NOT_ASKED, AskedAsBooked
from booking.actions import access_needs, caller_bookings, walk_ins
from booking.errors import HoldUsed
from booking.models import Appointment, Hold, Patient
from booking.patients.record_errors import NeedsChanged
from booking.queries import mail_of
from booking.references import as_written
from booking.status import Status
from booking.suitability.answers_by_link import waits_for_answers
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.desk.arrivals.page import visit_for
from booking.web.desk.arrivals.walk_in_refusals import WayOn, not_had
from booking.web.desk.arrivals.walk_in_safety import GIVEN, WalkInSafety
from booking.web.desk.arrivals.walk_ins import BY_LINK, held_by, hold_in_words, patient_of
from booking.web.desk.caller.asked_time import PARTED
from booking.web.desk.caller.page import BECAUSE, page_url
from booking.web.desk.phones import numbers_of
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import how_they_are_asked, therapy_in_words
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.forms import described
from core.http import posted_pages
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import localized, time_in_words, when_in_words
from core.text.phone_numbers import country_of
from scheduler import public as scheduler

BOOK = "book"
NEEDS_SEEN = "needs_seen"


@asked_or_sent
@staff_page(Action.ADMIT_WALK_IN)
def held(request: HttpRequest, hold: UUID) -> HttpResponse:
    """Read the questions aloud, and book; a second press shows what the first one did."""
    at, by = clock.now(), principal_of(request)
    desk, kept = desk_of(request, Action.ADMIT_WALK_IN, at=at), held_by(hold, by)
    booked = Appointment.objects.filter(allocation=kept.allocation).first()
    if booked is not None:
        return redirect(_done_url(booked, desk))
    if request.method != "POST":
        try:
            caller_bookings.check_hold(kept.public_id, by=by, at=at)
        except (
            Refusal
        ) as refusal:  # another time was kept since, or it ran out: not said as late as after the questions
            return _not_had(request, desk, kept, refusal, at=at, given=None)
    if BY_LINK in request.POST:
        return _book(request, desk, kept, None, at=at)
    safety = WalkInSafety.of(kept, patient_of(kept), request.POST, here=False, at=at)
    if safety.just_sent:
        try:
            walk_ins.check_answers(kept, safety.answers, whole=safety.ready, by=by, at=at)
        except Refusal as refusal:
            return _not_had(request, desk, kept, refusal, at=at, given=safety.sealed())
    if safety.ready and BOOK in request.POST:
        return _book(request, desk, kept, safety, at=at)
    return _asked(request, desk, kept, safety)


def _book(request: HttpRequest, desk: Desk, kept: Hold, safety: WalkInSafety | None, *, at: datetime) -> HttpResponse:
    reason = request.POST.get("override_reason") or request.GET.get(BECAUSE, "")
    answers = safety.answers if safety else None
    asked = _asked_for(request, patient_of(kept)) if safety else NOT_ASKED
    try:
        visit = caller_bookings.book(
            kept.public_id, answers, by=principal_of(request), at=at, reason=reason, by_link=safety is None, asked=asked
        )
    except HoldUsed:  # pressed twice at once: the first press booked it
        return redirect(request.get_full_path())
    except NeedsChanged as refusal:
        return _asked(request, desk, kept, safety, overtaken=refusal) if safety else redirect(request.get_full_path())
    except Refusal as refusal:
        return _not_had(request, desk, kept, refusal, at=at, given=safety.sealed() if safety else None)
    return redirect(_done_url(visit, desk))


def _asked_for(request: HttpRequest, who: Patient) -> AskedAsBooked:
    """Return what they need so that they can come, as it was chosen over what was shown. Raises Http404.

    Whoever may not read what stands on record writes nothing over it: what they choose is for this appointment alone.
    """
    sent = request.POST  # at a rule that is set aside they come along in one line
    needs = [one for line in sent.getlist("needs") for one in line.split(",") if one]
    form = AccessNeedsForm({"needs": needs, "interpreter": sent.get("interpreter", "")}, initial={})
    if not form.is_valid():
        raise Http404
    said, seen = form.asked_for, sent.get(NEEDS_SEEN, "")
    if not access_needs.may_see(who, by=principal_of(request)):
        return AskedAsBooked(said=said, proven=False) if said else NOT_ASKED
    return NOT_ASKED if said.mark == seen else AskedAsBooked(said=said, seen=seen)  # nothing was chosen otherwise


def _not_had(
    request: HttpRequest, desk: Desk, kept: Hold, refusal: Refusal, *, given: str | None, at: datetime
) -> HttpResponse:
    """Say why it is not booked. `given`: what they have answered, sealed; None where they are asked by link."""
    who, key = patient_of(kept), scheduler.SlotKey.decode(kept.slot)
    start = {"at": key.start.astimezone(kept.site.tz).isoformat(), "practitioner": str(key.practitioner)}
    asked = {"way": PARTED.join((key.therapy, key.visit, key.technique)), **start}
    again = reverse("desk-book-choose", args=[who.public_id], query={"site": desk.site.key})
    back = page_url(desk, who.public_id, asked)
    needs = {"needs": ",".join(request.POST.getlist("needs")), "interpreter": request.POST.get("interpreter", "")}
    needs[NEEDS_SEEN] = request.POST.get(NEEDS_SEEN, "")
    sent = {BY_LINK: "1"} if given is None else {BOOK: "1", GIVEN: given, **needs}
    on = WayOn(back=back, chooses=again, calls=True, set_aside=(request.get_full_path(), sent))
    return not_had(request, desk, who, refusal, on=on, at=at)


def _about(request: HttpRequest, desk: Desk, kept: Hold, safety: WalkInSafety) -> dict[str, Any]:
    """Return what the pages say of the time that is kept, and of whom it is for."""
    who, zone = patient_of(kept), kept.site.tz
    unsettled = UnsettledColleagues(by=principal_of(request), at=safety.at, here=desk.site)
    return {
        "desk": desk,
        "person": who.name,
        "when": when_in_words(kept.period.lower, zone),
        "with_whom": kept.practitioner.name,
        "kept_for": hold_in_words(kept),
        "word": unsettled.word(kept.practitioner_id, kept.period.lower.astimezone(zone).date(), site=kept.site_id),
        "until": time_in_words(kept.expires_at, zone),
        "gives_back": reverse("desk-book-give-back", args=[kept.public_id], query={"site": desk.site.key}),
        "action": request.get_full_path(),
        "by_link": how_they_are_asked(who, country_of(kept.site.zone)),
        "written_to": bool(mail_of(who)),
    }


def _asked(
    request: HttpRequest, desk: Desk, kept: Hold, safety: WalkInSafety, *, overtaken: Refusal | None = None
) -> HttpResponse:
    """Show the next page of questions, or, where all are answered, what is booked with the next press.

    `overtaken`: what they need was changed meanwhile.
    """
    who, context = patient_of(kept), _about(request, desk, kept, safety)
    if not safety.ready:
        page = "booking/desk/walk_in_safety.html"
        return render(request, page, context | safety.context(), status=safety.status)
    before = access_needs.asked_before(who, by=principal_of(request))
    more = {"given": safety.sealed(), "news": _news(who), "asked_before": before, "overtaken": overtaken}
    more |= {"form": described(AccessNeedsForm(None, initial=before.columns))}
    more |= {"needs_alone": not access_needs.may_see(who, by=principal_of(request))}
    status = overtaken.status if overtaken else 200
    return render(request, "booking/desk/book_check.html", context | more, status=status)


def _news(who: Patient) -> str:
    """Say what goes out once it is booked, before it is."""
    if mail := mail_of(who):
        return _("A confirmation goes to %(mail)s, with a link by which they move or cancel it.") % {"mail": mail}
    phones = numbers_of(who, country_of(who.site.zone))
    if phones:
        told = _("No message goes out: we have no way to reach them but this phone, %(phone)s. Read it aloud.")
        return told % {"phone": phones[0].words}
    return _("No message goes out: no e-mail and no phone number is on file. Read it aloud, and ask for a number.")


@require_POST
@staff_page(Action.ADMIT_WALK_IN)
def give_back(request: HttpRequest, hold: UUID) -> HttpResponse:
    """Give back what is kept for a caller, and show other times."""
    at, by = clock.now(), principal_of(request)
    desk, kept = desk_of(request, Action.ADMIT_WALK_IN, at=at), held_by(hold, by)
    caller_bookings.give_back(kept.public_id, by=by, at=at)
    posted_pages.supersede(request, reverse("desk-book-held", args=[kept.public_id]))  # what they have answered
    return redirect(_back_to_times(desk, kept))


def _back_to_times(desk: Desk, kept: Hold) -> str:
    key = scheduler.SlotKey.decode(kept.slot)
    return page_url(desk, patient_of(kept).public_id, {"way": PARTED.join((key.therapy, key.visit, key.technique))})


def _done_url(visit: Appointment, desk: Desk) -> str:
    return reverse("desk-book-done", args=[visit.public_id], query={"site": desk.site.key})


@require_safe
@staff_page(Action.ADMIT_WALK_IN)
def done(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Show what to read aloud to the caller, and what goes out to them."""
    visit = visit_for(request, appointment, Action.SEE_APPOINTMENT)
    desk = desk_of(request, Action.ADMIT_WALK_IN, at=clock.now())
    context = {
        "desk": desk,
        "visit": visit,
        "when": when_in_words(visit.period.lower, visit.site.tz),
        "therapy": therapy_in_words(visit.therapy.name, visit.technique),
        "site": localized(visit.site.name),
        "reference": as_written(visit.reference),
        "news": _what_goes_out(visit),
        "waits": visit.status != Status.BOOKED,
    }
    return render(request, "booking/desk/book_done.html", context)


def _what_goes_out(visit: Appointment) -> list[str]:
    """Say how it goes on, and what the caller hears of it but by this phone."""
    if waits_for_answers(visit):
        asked = how_they_are_asked(visit.patient, country_of(visit.site.zone))
        return [asked, _("It is booked once they have answered, or a clinician looks first.")]
    waits = [_("Somebody looks at this request before it is booked. Tell them that they hear from us.")]
    if visit.status == Status.PENDING:
        waits = [_("It waits for their referral. Ask them to have it sent to us.")]
    return ([] if visit.status == Status.BOOKED else waits) + [_news(visit.patient)]
