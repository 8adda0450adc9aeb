"""Whoever books beside a time that was offered to their family is linked with it, without a word to either side."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from booking.actions.families.link_ledger import note
from booking.families.meeting_times import BESIDE
from booking.models import Appointment, FamilyLink, LinkAct, LinkedVisits, MeetingTime, Patient
from core.database.compiled import Argument, CompiledQuery
from core.principal import Principal
from scheduler import public as scheduler


def _offers(**relative: Any) -> QuerySet[MeetingTime, Any]:  # noqa: ANN401  (an id, or a query of one)
    links = FamilyLink.objects.in_force(at=Argument("at")).filter(**relative)
    rows = MeetingTime.objects.filter(
        withdrawn_at=None,
        appointment__site=Argument("site"),
        appointment__period__startswith__gte=Argument("since"),
        appointment__period__startswith__lte=Argument("until"),
        appointment__patient__in=links.values("patient"),
        appointment__in=Appointment.objects.taking_time(at=Argument("at")).order_by().values("pk"),
    )
    return rows.select_related("appointment__linked").order_by("pk")


OFFERED = CompiledQuery(lambda: _offers(relative=Argument("patient")))
OFFERED_TO_MOVE = CompiledQuery(
    lambda: _offers(relative__in=Appointment.objects.filter(public_id=Argument("public_id")).values("patient"))
)
LOCKED = CompiledQuery(
    lambda: Appointment.objects.filter(pk=Argument("pk")).select_for_update(no_key=True).values_list("pk")
)


def nearest_offer(patient: Patient, slot: scheduler.Slot, *, at: datetime) -> MeetingTime | None:
    """Return the offer to a patient that begins nearest to a start at its site, if one is as near as is shown."""
    since, until = slot.start - BESIDE, slot.start + BESIDE
    found = OFFERED.rows(patient=patient.pk, site=slot.site.id, since=since, until=until, at=at)
    return _nearest(found, slot.start)


def offer_to_move(appointment_id: UUID, site: int, start: datetime, *, at: datetime) -> MeetingTime | None:
    """Return the same for whoever has an appointment that moves to a start at a site."""
    since, until = start - BESIDE, start + BESIDE
    found = OFFERED_TO_MOVE.rows(public_id=appointment_id, site=site, since=since, until=until, at=at)
    return _nearest(found, start)


def _nearest(found: Iterable[MeetingTime], start: datetime) -> MeetingTime | None:
    return min(found, key=lambda one: abs(one.appointment.period.lower - start), default=None)


def lock_offered(patient: Patient, slot: scheduler.Slot, *, at: datetime) -> MeetingTime | None:
    """Lock the appointment that is offered to a patient beside a start; return the offer as it is then, if it is still.

    Before people and sheets, as appointments are: a cancel of it comes before the booking, or finds who came beside it.
    """
    found = nearest_offer(patient, slot, at=at)
    if found is None:
        return None
    LOCKED.tuples(pk=found.appointment_id)
    still = nearest_offer(patient, slot, at=at)
    return still if still == found else None


def join(visit: Appointment, offered: MeetingTime | None, *, by: Principal, at: datetime) -> None:
    """Link a visit that was just booked with the appointment that was offered, if one was, which is locked."""
    if offered is None:
        return
    other = offered.appointment
    link = other.linked or _link(offered, by=by, at=at)
    Appointment.objects.filter(pk__in=[other.pk, visit.pk]).update(linked=link)
    visit.linked = link
    note([visit], link, LinkAct.JOINED, by=by, at=at)


def _link(offered: MeetingTime, *, by: Principal, at: datetime) -> LinkedVisits:
    link = LinkedVisits.objects.create(
        site_id=offered.appointment.site_id,
        relation=scheduler.Relation.SAME_TIME,
        within_minutes=int(BESIDE.total_seconds()) // 60,
        cancel_policy=offered.cancel_policy,
        made_by=by.key,
        made_at=at,
    )
    note([offered.appointment], link, LinkAct.LINKED, by=by, at=at)
    return link
