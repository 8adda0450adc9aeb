"""What a page of times says to whoever needs something of the place: that it is thought of, or whom to call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.web.suitability.suitability_page import BeforeBooking
from booking.web.times_query import TimesQuery
from core.text.languages import localized
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNote:
    """`shown`: above the times; `none_free`: where none are left; `nowhere`: where there is no such place at all.

    All are empty for whoever needs nothing.
    """

    shown: str = ""
    none_free: str = ""
    nowhere: str = ""


def notes_for_times(before: BeforeBooking, times_query: TimesQuery, *, at: datetime) -> dict[str, Any]:
    """Return what a page says above its times of what follows from what was answered."""
    return {"follows": before.follows, "phone": before.phone, "place": place_note(before, times_query, at=at)}


def place_note(before: BeforeBooking, times_query: TimesQuery, *, at: datetime) -> PlaceNote:
    """Return what is said of the place that somebody needs, of those where what they want is offered."""
    here = list({offer.site.id: offer.site for offer in times_query.offered()}.values()) if before.needed else []
    if not here:
        return PlaceNote()
    facts = {"needed": ", ".join(before.needed), "phone": here[0].phone}
    wanted = (times_query.therapy, times_query.visit, times_query.technique)
    if not any(scheduler.has_place(*wanted, site.id, before.needs, at=at) for site in here):
        return PlaceNote(nowhere=_without_place(facts))
    shown = _("All of these times are at a place with %(needed)s.") % facts
    busy = _("No place with %(needed)s is free in the next weeks. Please call us: we find a way with you.") % facts
    return PlaceNote(shown=shown, none_free=busy)


def place_changes(visit: Appointment, slot: scheduler.Slot) -> str:
    """Say that an appointment would be at another place than now; nothing where it stays where it is."""
    if slot.site.key == visit.site.key:
        return ""
    places = {"new": localized(slot.site.name), "old": localized(visit.site.name)}
    return _("The place changes too: come to %(new)s, not to %(old)s.") % places


def _without_place(facts: dict[str, str]) -> str:
    if not facts["phone"]:
        return _("For this we have no place with %(needed)s yet. Please call us: we find a way with you.") % facts
    return (
        _("For this we have no place with %(needed)s yet. Please call us at %(phone)s: we find a way with you.") % facts
    )
