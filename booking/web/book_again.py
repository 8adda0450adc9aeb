"""A therapy that somebody had, and where its times are: what they book again without looking for it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from django.http import HttpRequest

from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.status import Status
from booking.web.labels import therapy_in_words
from booking.web.session_draft import SessionDraft, patient_of
from booking.web.suitability.suitability_draft import OnRecord
from booking.web.suitability.suitability_flow import UNCHANGED, BookingQuestions, WantedTherapy, onwards
from core.text.languages import date_in_words
from scheduler import public as scheduler
from scheduler.public import VisitType


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAgain:
    """A therapy that somebody had, and where its times are, with whom they know first.

    `same`: what it is called where they only have to say that what they answered still holds; `since`: since when.
    """

    name: str
    with_whom: str
    wanted: WantedTherapy
    same: str = ""
    since: str = ""

    @property
    def url(self) -> str:
        """Where its times are."""
        return self.wanted.url("times")

    @classmethod
    def of(cls, visit: Appointment, *, at: datetime) -> Self | None:
        """Return it where patients book it themselves; None where somebody has to be called, or found it unsuitable."""
        if visit.cancel_reason == CancelReason.DECLINED:
            return None
        card = next((one for one in scheduler.therapies(at=at) if one.key == visit.therapy.key), None)
        kind = _kind(card, visit) if card and card.self_bookable else None
        if card is None or kind is None:
            return None
        offered = scheduler.offered(card.key, kind)
        known = any(one.practitioner.public_id == visit.practitioner.public_id for one in offered)
        among = {"practitioner": str(visit.practitioner.public_id)} if known else {}
        if kind == VisitType.FOLLOWUP and visit.visit == VisitType.FIRST and visit.period.lower > at:
            # A follow-up comes after the first appointment, which is still to come.
            among["start"] = (visit.period.lower.astimezone(visit.site.tz).date() + timedelta(days=1)).isoformat()
        return cls(
            name=therapy_in_words(card.name, visit.technique),
            with_whom=visit.practitioner.name if known else "",
            wanted=WantedTherapy(therapy=card.key, visit=kind, technique=visit.technique, among=among),
        )

    def asked_of(self, request: HttpRequest, *, at: datetime) -> Self:
        """Return it with what is asked first of whoever sits here, where that is whether anything has changed."""
        asked = BookingQuestions.of(request, self.wanted, patient_of(request), at=at)
        since = asked.recorded_since
        if since is None or asked.next_step() != asked.step(UNCHANGED) or asked.asks_whose:
            return self
        return replace(self, same=self.url, since=date_in_words(since.astimezone(asked.sites[0].tz).date()))

    def answer(self, request: HttpRequest, *, same: bool, at: datetime) -> str:
        """Note whether what they answered still holds; return where they go on."""
        asked, draft = (
            BookingQuestions.of(request, self.wanted, patient_of(request), at=at),
            SessionDraft.of(request.session),
        )
        draft.suitability = replace(asked.draft, on_record=OnRecord.SAME if same else OnRecord.ANEW).sealed()
        draft.keep(request.session)
        now = BookingQuestions.of(request, self.wanted, patient_of(request), at=at)
        return now.next_step() or onwards(request, now)


def _kind(card: scheduler.TherapyCard, visit: Appointment) -> str | None:
    """Return as which visit of a course it is booked again; None where it is not offered like that any more."""
    # Whoever called a first appointment off was not treated yet.
    same = [VisitType(visit.visit)] if visit.status == Status.CANCELLED else []
    kinds = (*same, VisitType.FOLLOWUP, VisitType.FIRST)
    return next((kind.value for kind in kinds if card.length(kind, visit.technique) is not None), None)
