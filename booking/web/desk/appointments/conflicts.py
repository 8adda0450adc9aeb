"""Why an appointment cannot move to a time: who is there, when, and every reason; and what is free nearest."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking.actions.requested_slots import may_move_to
from booking.errors import MoveNotAllowed, SameTime
from booking.queries import was_reviewed
from booking.suitability.errors import AnswersNeeded, CallFirst, LookedAtFirst, NotBookableWithAnswers
from booking.web.desk.appointments.new_times import NewTimes
from booking.web.desk.arrivals.arrival_day import words_of_answers
from booking.web.desk.in_the_way import in_the_way
from booking.web.times_list import Button, nearest, slots_instead, without_therapy_ids
from core.refusals import Refusal
from core.text.languages import localized, when_in_words
from scheduler import public as scheduler

LINK, REVIEW = "link", "review"
IN_PLACE: dict[type[Refusal], str] = {AnswersNeeded: LINK, LookedAtFirst: REVIEW}
"""What is booked in place of the appointment, as one of its own: its patient is asked by link, or it is looked at."""

NOT_OF_THE_TIME = (AnswersNeeded, LookedAtFirst, NotBookableWithAnswers, CallFirst, SameTime, MoveNotAllowed)
"""What follows from answers, or lacks them, how it stands, or that it is there already: no time stands against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What is said where an appointment cannot move to a time. `slot`: the time, sealed, where a reason would do.

    `wanted`: the time in words; `reasons`: every one; `others`: what is free nearest; `instead`: how it can be booked
    in place of this one (`LINK`, `REVIEW`).
    """

    title: str
    wanted: str
    reasons: Sequence[str]
    others: Sequence[Button]
    slot: str = ""
    reason: str = ""
    instead: str = ""


def conflict_of(refusal: Refusal, slot: scheduler.Slot | None, times: NewTimes, *, sent: str, reason: str) -> Conflict:
    """Return what is said of a refusal; `sent`: the time as the page sent it."""
    # At a site of others, or in another's calendar, it would be refused.
    near = [one for one in slots_instead(refusal) if may_move_to(one, times.visit.patient, by=times.by)]
    instead = next((way for kind, way in IN_PLACE.items() if isinstance(refusal, kind)), "")
    return Conflict(
        title=_title(refusal),
        wanted=_in_words(slot) if slot else "",
        reasons=list(dict.fromkeys(_reasons(refusal, slot, times))),
        others=nearest(without_therapy_ids(near), home=times.visit.site.key, word=times.unsettled.word_for),
        slot=sent if refusal.facts.get("overridable") or instead else "",
        reason=reason,
        instead=instead,
    )


def _title(refusal: Refusal) -> str:
    """Return what stands against it in a few words; of answers, what to do at a desk."""
    if isinstance(refusal, AnswersNeeded):
        return _("They have not answered what is asked before this is booked.")
    return words_of_answers(refusal) or str(refusal.title)


def _in_words(slot: scheduler.Slot) -> str:
    facts = (when_in_words(slot.start, slot.site.tz), slot.practitioner.name, localized(slot.site.name))
    return ", ".join(facts)


def _reasons(refusal: Refusal, slot: scheduler.Slot | None, times: NewTimes) -> list[str]:
    if isinstance(refusal, NOT_OF_THE_TIME):
        return []
    said = [str(refusal.detail)] if refusal.detail and refusal.detail != refusal.title else []
    if slot is None:
        return said
    found = scheduler.explain(
        slot,
        at=times.at,
        audience=times.audience(slot.site.id),
        moving=times.visit.allocation,
        reviewed=was_reviewed(times.visit),
    )
    return [*said, *(one.detail for one in found.reasons), *in_the_way(times.visit, slot, by=times.by, at=times.at)]
