"""Times that are kept for a member of a family by name: shown where they come in, and taken with one press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions.families import seats
from booking.families.family_programs import may_be_for
from booking.families.meeting_times import usual_visit
from booking.models import Appointment, FamilyLink, Seat, SeatState
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
    """A time that is kept for somebody: when, what, with whom, where, and until when it waits for them.

    `others`: what else whoever treats them then offers, each as a form sends it and in words.
    """

    id: str
    when: str
    what: str
    with_whom: str
    where: str
    until: str
    others: Sequence[tuple[str, str]]


def times_for(link: FamilyLink, *, at: datetime) -> Sequence[NamedTime]:
    """Return what is kept for a relative and waits for them still, the soonest first; in a fixed number of queries.

    Not what is not open any more, as where whoever treats is away since.
    """
    found = Seat.objects.waiting(at=at).filter(named_for=link)
    rows = list(found.select_related("reservation__site", "therapy", "practitioner").order_by("period"))
    gone = scheduler.uncovered_allocations([one.allocation for one in rows], at=at) if rows else ()
    cards = scheduler.therapies(at=at) if rows else []
    done = {other.therapy for other in queries.others_of(link.relative, at=at)} if rows and link.relative else set()
    return [_time(one, _others(one, cards, done)) for one in rows if one.allocation not in gone]


def booked_by(link: FamilyLink, *, at: datetime) -> list[tuple[str, str]]:
    """Return when and where a relative comes, of what was kept for them by name.

    Nothing else of theirs: what they booked otherwise is shown where they show who they are.
    """
    named = Seat.objects.filter(named_for=link, state=SeatState.BOOKED)
    theirs = Appointment.objects.taking_time(at=at).filter(patient=link.relative_id)  # staff may have booked another
    ahead = theirs.filter(period__endswith__gt=at, pk__in=named.values("appointment"))
    rows = ahead.select_related("site").order_by("period")
    return [(_moment(one.period.lower, one.site.tz), localized(one.site.name)) for one in rows]


def _others(seat: Seat, cards: Sequence[scheduler.TherapyCard], done: set[str]) -> list[tuple[str, str]]:
    """Return what else can be had at the time of a seat. `done`: the therapies that they have had, or are to."""
    kept, found = seat.reservation, []
    site = kept.site.key
    theirs = (one for one in cards if one.self_bookable and may_be_for(kept.program, one.key, site=kept.site_id))
    for card in theirs:
        for technique in sorted({one for _visit, one in card.minutes}):
            visit = usual_visit(card, technique, again=card.key in done)
            given = {(one.practitioner.id, one.site.key) for one in scheduler.offered(card.key, visit)}
            kept_for = (card.key, technique) == (seat.therapy.key, seat.technique)
            if not kept_for and (seat.practitioner_id, site) in given:
                found.append((f"{card.key}|{visit}|{technique}", therapy_in_words(card.name, technique)))
    return found


def _time(seat: Seat, others: Sequence[tuple[str, str]]) -> NamedTime:
    site = seat.reservation.site
    zone, start, until = site.tz, seat.period.lower, seat.reservation.name_by
    return NamedTime(
        id=str(seat.public_id),
        when=_moment(start, zone),
        what=therapy_in_words(seat.therapy.name, seat.technique),
        with_whom=seat.practitioner.name,
        where=localized(site.name),
        others=others,
        until=_moment(until, zone),
    )


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{near_day_in_words(at.astimezone(zone).date())}, {time_in_words(at, zone)}"


@require_POST
@refusals_as_pages
def take(request: HttpRequest, seat: UUID) -> HttpResponse:
    """Hold a time that is kept for whoever presses, and lead them to what is asked before it is booked.

    They may have another therapy then.
    """
    at, by = clock.now(), principal_of(request)
    address = network_of(request) if by.anonymous else ""
    held = seats.take(seat, by=by, at=at, patient=patient_of(request), address=address, serving=_serving(request))
    SessionDraft.of(request.session).save_hold(held, request.session)
    return redirect("check")


def _serving(request: HttpRequest) -> tuple[str, str, str] | None:
    """Return which other therapy, visit and technique was pressed; None for what the time was kept for."""
    sent = request.POST.get("serving", "").split("|")
    return (sent[0], sent[1], sent[2]) if len(sent) == 3 else None  # noqa: PLR2004  (therapy, visit, technique)
