"""Times at which those of a patient's family may come as well, by the patient's own offer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from booking.audiences import as_patient, audience_of_visit
from booking.models import Appointment, CancelPolicy, FamilyLink, MeetingTime, Patient
from booking.queries import was_reviewed
from booking.suitability.visits import PlaceNeeds
from core.models import Site
from core.principal import Principal
from core.refusals import Missing
from scheduler import public as scheduler

BESIDE = timedelta(minutes=30)
"""So long before or after it somebody begins who comes at the same time. How long the patient is there is not told."""

EACH = 4


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is shared of an appointment: when it begins, where, and what becomes of who comes beside it.

    `cancel_policy`: when it is called off.
    """

    id: UUID
    start: datetime
    site: Site
    cancel_policy: CancelPolicy


LISTED = 10


def offered(visit: Appointment) -> MeetingTime | None:
    """Return the offer of an appointment as a time to meet, if it is offered."""
    return MeetingTime.objects.filter(appointment=visit, withdrawn_at=None).first()


def offers_of(patient: Patient) -> list[MeetingTime]:
    """Return what a patient has offered, and when they took it back, the newest first."""
    rows = MeetingTime.objects.filter(appointment__patient=patient).select_related("appointment__site")
    return list(rows.order_by("-pk")[:LISTED])


def own_meeting_times(by: Principal) -> QuerySet[MeetingTime]:
    """Return what somebody offers of their own appointments, and has offered; the newest first."""
    return _shown().filter(_is_own(by))


def meeting_times_seen(by: Principal) -> QuerySet[MeetingTime]:
    """Return these, and what is offered to them by those of their family whose link is in force."""
    if by.at is None:
        return own_meeting_times(by)
    links = FamilyLink.objects.in_force(at=by.at).filter(relative__user=by.user_id, relative__user__isnull=False)
    offered = Q(pk__in=_open(at=by.at).values("pk"), appointment__patient__in=links.values("patient"))
    return _shown().filter(_is_own(by) | offered)


def _is_own(by: Principal) -> Q:
    return Q(appointment__patient__user=by.user_id, appointment__patient__user__isnull=False)


def _shown() -> QuerySet[MeetingTime]:
    return MeetingTime.objects.select_related("appointment__site", "appointment__patient").order_by("-pk")


def _open(*, at: datetime) -> QuerySet[MeetingTime]:
    """Return the offers that stand, of appointments that are still to come."""
    ahead = Appointment.objects.taking_time(at=at).filter(period__startswith__gt=at)
    return MeetingTime.objects.filter(withdrawn_at=None, appointment__in=ahead.order_by().values("pk"))


def meetings_for(link: FamilyLink, *, at: datetime) -> list[Meeting]:
    """Return the times that are offered to somebody by a link that is in force, the soonest first; in one query."""
    if not link.is_in_force(at=at):
        return []
    rows = _open(at=at).filter(appointment__patient=link.patient_id)
    found = rows.select_related("appointment__site").order_by("appointment__period")
    return [_meeting(one) for one in found]


def _meeting(one: MeetingTime) -> Meeting:
    return Meeting(one.public_id, one.appointment.period.lower, one.appointment.site, CancelPolicy(one.cancel_policy))


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


def beside(
    meeting: Meeting, relative: Patient, *, done: set[str], held: UUID | None = None, at: datetime
) -> list[TherapyBeside]:
    """Return what a relative can have beside a meeting time.

    `done`: the therapies that they have had, or are to; `held`: the allocation of the time that they hold: it is theirs
    to choose again.
    """
    found, needs = [], PlaceNeeds.on_record(relative, meeting.site, at=at)
    for card in scheduler.therapies(at=at):
        if not card.self_bookable:
            continue
        for technique in sorted({one for _visit, one in card.minutes}):
            visit = usual_visit(card, technique, again=card.key in done)
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
                moving=held,
            )
            near = sorted(scheduler.search(query, at=at), key=lambda one: (abs(one.start - meeting.start), one.start))
            if near:
                found.append(TherapyBeside(card, technique, near[:EACH]))
    return found


@dataclass(frozen=True, slots=True)
class TimesBeside:
    """What is free for an appointment that is to move beside a meeting time, the nearest first."""

    meeting: Meeting
    slots: Sequence[scheduler.Slot]


def times_beside(visit: Appointment, *, at: datetime) -> list[TimesBeside]:
    """Return where an appointment can move beside what is offered to its patient by now, the soonest meeting first."""
    links = FamilyLink.objects.in_force(at=at).filter(relative=visit.patient)
    meetings = [meeting for link in links for meeting in meetings_for(link, at=at)]
    audience = audience_of_visit(visit, at=at) if meetings else None
    found = [TimesBeside(one, _near(visit, one, audience, at=at)) for one in meetings if audience]
    return [one for one in sorted(found, key=lambda one: one.meeting.start) if one.slots]


def _near(visit: Appointment, meeting: Meeting, audience: scheduler.Audience, *, at: datetime) -> list[scheduler.Slot]:
    query = scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        starts_at=max(at, meeting.start - BESIDE),
        ends_at=meeting.start + BESIDE,
        sites=frozenset({meeting.site.pk}),
        audience=audience,
        also=meeting.start,
        each_start=1,
        moving=visit.allocation,
        segments=visit.lengths,
        reviewed=was_reviewed(visit),
    )
    free = [one for one in scheduler.search(query, at=at) if one.start != visit.period.lower]
    return sorted(free, key=lambda one: (abs(one.start - meeting.start), one.start))[:EACH]


def usual_visit(card: scheduler.TherapyCard, technique: str, *, again: bool) -> str:
    """Return which visit of a course somebody would have: a follow-up where they had the therapy before."""
    wanted = [scheduler.VisitType.FOLLOWUP, scheduler.VisitType.FIRST]
    ordered = wanted if again else wanted[::-1]
    return next(one.value for one in ordered if (one.value, technique) in card.minutes)
