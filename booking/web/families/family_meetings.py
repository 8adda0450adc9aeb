"""Coming at the same time as somebody of one's family: what is free beside the time that they offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from booking import queries
from booking.actions.families.meeting_links import nearest_offer
from booking.families.meeting_times import Meeting, TherapyBeside, beside, meeting_for, meetings_for
from booking.models import CancelPolicy, FamilyLink, Patient
from booking.web import chosen_time
from booking.web.families import family_session
from booking.web.labels import therapy_in_words
from booking.web.responses import asked_or_sent, refusals_as_pages
from booking.web.session_draft import SessionDraft, hold_of
from booking.web.slot_ids import sealed
from booking.web.suitability.suitability_page import before_booking
from core import clock
from core.text.languages import localized, near_day_in_words, time_in_words
from scheduler.public import Slot

THEN = {
    CancelPolicy.ASK: gettext_lazy(
        "If that time is called off or moved, we ask you by mail what you would like to do."
    ),
    CancelPolicy.KEEP: gettext_lazy("Your appointment stays as it is, also if that time is called off."),
    CancelPolicy.CANCEL: gettext_lazy("If that time is called off, your appointment is cancelled, too."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingWords:
    """A meeting time in words. `then`: what becomes of who comes beside it when it is called off."""

    id: str
    when: str
    where: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyTimes:
    """A therapy with the times that can be chosen: (sealed id, time, with whom)."""

    name: str
    times: Sequence[tuple[str, str, str]]


def meeting_words(link: FamilyLink, *, at: datetime) -> list[MeetingWords]:
    """Return the times that are offered to whoever came by a link."""
    return [meeting_in_words(one) for one in meetings_for(link, at=at)]


def meeting_in_words(one: Meeting) -> MeetingWords:
    """Return a meeting time as it is shown: when and where."""
    zone = one.site.tz
    when = f"{near_day_in_words(one.start.astimezone(zone).date())}, {time_in_words(one.start, zone)}"
    return MeetingWords(id=str(one.id), when=when, where=localized(one.site.name), then=str(THEN[one.cancel_policy]))


def meeting_note(patient: Patient | None, slot: Slot, *, at: datetime) -> str:
    """Say what becomes of who books so near to a time that is offered to them, however they have found it."""
    found = nearest_offer(patient, slot, at=at) if patient else None
    if found is None or found.cancel_policy == CancelPolicy.KEEP:
        return ""
    words = _("This is close to %(when)s, when you can come together with whoever invited you.")
    when = time_in_words(found.appointment.period.lower, slot.site.tz)
    return f"{words % {'when': when}} {THEN[CancelPolicy(found.cancel_policy)]}"


@never_cache
@asked_or_sent
@refusals_as_pages
def meet(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Show what can be had beside a time that is offered; keep what is pressed, and lead to what is asked first."""
    at = clock.now()
    link, relative = family_session.opened_link(request, came=True, at=at), family_session.relative_of(request)
    if link is None or relative is None:
        return redirect("family-home" if link else "family-code")
    found = meeting_for(link, meeting, at=at)
    if request.method == "POST":
        # Kept before anything is asked, unlike a time of the list: who has answered would find the list, and not this.
        slot = chosen_time.pressed(request, relative, at=at)
        chosen_time.keep(request, slot, relative, before_booking(request, slot, relative, at=at), at=at)
        return redirect("check")
    done = {other.therapy for other in queries.others_of(relative, at=at)}
    held = hold_of(request, SessionDraft.of(request.session))
    own = held.allocation if held else None
    free = [_times(one) for one in beside(found, relative, done=done, held=own, at=at)]
    context = {"meeting": meeting_in_words(found), "therapies": free, "phone": found.site.phone}
    return render(request, "booking/family/meeting.html", context)


def _times(one: TherapyBeside) -> TherapyTimes:
    in_order = sorted(one.slots, key=lambda slot: slot.start)
    return TherapyTimes(
        name=therapy_in_words(one.card.name, one.technique),
        times=[(sealed(s.id), time_in_words(s.start, s.site.tz), s.practitioner.name) for s in in_order],
    )
