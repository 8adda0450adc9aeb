"""Times that are kept for a member of a family by name: shown where they come in, and taken with one press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from booking.actions import seats
from booking.models import FamilyLink, Seat
from booking.web.labels import therapy_in_words
from booking.web.responses import refusals_as_pages
from booking.web.session_draft import SessionDraft, patient_of
from core import clock
from core.accounts.principals import principal_of
from core.http.networks import network_of
from core.text.languages import localized, near_day_in_words, time_in_words
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTime:
    """A time that is kept for somebody: when, what, with whom, where, and until when it waits for them."""

    id: str
    when: str
    what: str
    with_whom: str
    where: str
    until: str


def times_for(link: FamilyLink, *, at: datetime) -> Sequence[NamedTime]:
    """Return what is kept for a relative and waits for them still, the soonest first; in two queries.

    Not what is not open any more, as where whoever treats is away since.
    """
    found = Seat.objects.waiting(at=at).filter(named_for=link)
    rows = list(found.select_related("reservation__site", "therapy", "practitioner").order_by("period"))
    gone = scheduler.uncovered_allocations([one.allocation for one in rows], at=at) if rows else ()
    return [_time(one) for one in rows if one.allocation not in gone]


def _time(seat: Seat) -> NamedTime:
    site = seat.reservation.site
    zone, start, until = site.tz, seat.period.lower, seat.reservation.name_by
    return NamedTime(
        id=str(seat.public_id),
        when=f"{near_day_in_words(start.astimezone(zone).date())}, {time_in_words(start, zone)}",
        what=therapy_in_words(seat.therapy.name, seat.technique),
        with_whom=seat.practitioner.name,
        where=localized(site.name),
        until=f"{near_day_in_words(until.astimezone(zone).date())}, {time_in_words(until, zone)}",
    )


@require_POST
@refusals_as_pages
def take(request: HttpRequest, seat: UUID) -> HttpResponse:
    """Hold a time that is kept for whoever presses, and lead them to what is asked before it is booked."""
    at, by = clock.now(), principal_of(request)
    address = network_of(request) if by.anonymous else ""
    held = seats.take(seat, by=by, at=at, patient=patient_of(request), address=address)
    SessionDraft.of(request.session).save_hold(held, request.session)
    return redirect("check")
