"""Times at which those of a patient's family may come as well, by the patient's own offer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from booking.audiences import as_patient
from booking.models import Appointment, FamilyLink, MeetingTime, Patient
from booking.suitability.visits import PlaceNeeds
from core.models import Site
from core.refusals import Missing
from scheduler import public as scheduler

BESIDE = timedelta(minutes=30)
"""So long before or after it somebody begins who comes at the same time. How long the patient is there is not told."""

EACH = 4


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is shared of an appointment: when it begins, and where."""

    id: UUID
    start: datetime
    site: Site


def is_offered(visit: Appointment) -> bool:
    """Whether a patient offers an appointment as a time to meet."""
    return MeetingTime.objects.filter(appointment=visit, withdrawn_at=None).exists()


def meetings_for(link: FamilyLink, *, at: datetime) -> list[Meeting]:
    """Return the times that are offered to somebody by a link that is in force, the soonest first; in one query."""
    if not link.is_in_force(at=at):
        return []
    ahead = Appointment.objects.taking_time(at=at).filter(patient=link.patient_id, period__startswith__gt=at)
    rows = MeetingTime.objects.filter(withdrawn_at=None, appointment__in=ahead.order_by().values("pk"))
    found = rows.select_related("appointment__site").order_by("appointment__period")
    return [Meeting(one.public_id, one.appointment.period.lower, one.appointment.site) for one in found]


def meeting_for(link: FamilyLink, public_id: UUID, *, at: datetime) -> Meeting:
    """Return one of these times. Raises Missing."""
    for one in meetings_for(link, at=at):
        if one.id == public_id:
            return one
    raise Missing


@dataclass(frozen=True, slots=True)
class TherapyBeside:
    """A therapy in one of its ways, with starts beside a meeting time, those nearest to it first."""

    card: scheduler.TherapyCard
    technique: str
    slots: Sequence[scheduler.Slot]


def beside(meeting: Meeting, relative: Patient, *, done: set[str], at: datetime) -> list[TherapyBeside]:
    """Return what a relative can have beside a meeting time. `done`: the therapies that they have had, or are to."""
    found, needs = [], PlaceNeeds.on_record(relative, meeting.site, at=at)
    for card in scheduler.therapies(at=at):
        if not card.self_bookable:
            continue
        for technique in sorted({one for _visit, one in card.minutes}):
            visit = _visit(card, technique, again=card.key in done)
            audience = replace(as_patient(relative, at=at), needs=needs.of(card.key, technique))
            query = scheduler.SearchQuery(
                therapy=card.key,
                visit=visit,
                technique=technique,
                starts_at=max(at, meeting.start - BESIDE),
                ends_at=meeting.start + BESIDE,
                sites=frozenset({meeting.site.pk}),
                audience=audience,
                also=meeting.start,
                each_start=1,
            )
            near = sorted(scheduler.search(query, at=at), key=lambda one: (abs(one.start - meeting.start), one.start))
            if near:
                found.append(TherapyBeside(card, technique, near[:EACH]))
    return found


def _visit(card: scheduler.TherapyCard, technique: str, *, again: bool) -> str:
    wanted = [scheduler.VisitType.FOLLOWUP, scheduler.VisitType.FIRST]
    ordered = wanted if again else wanted[::-1]
    return next(one.value for one in ordered if (one.value, technique) in card.minutes)
