"""Whoever books beside a time that was offered to their family is linked with it, without a word to either side."""

from datetime import datetime

from booking.actions.families.link_ledger import note
from booking.actions.moves import locked
from booking.families.meeting_times import BESIDE
from booking.models import Appointment, FamilyLink, LinkAct, LinkedVisits, MeetingTime, Patient
from core.database.compiled import Argument, CompiledQuery
from core.principal import Principal
from scheduler import public as scheduler

OFFERED = CompiledQuery(
    lambda: (
        MeetingTime.objects.filter(
            withdrawn_at=None,
            appointment__site=Argument("site"),
            appointment__period__startswith__gte=Argument("since"),
            appointment__period__startswith__lte=Argument("until"),
            appointment__patient__in=FamilyLink.objects.in_force(at=Argument("at"))
            .filter(relative=Argument("patient"))
            .values("patient"),
            appointment__in=Appointment.objects.taking_time(at=Argument("at")).order_by().values("pk"),
        )
        .select_related("appointment")
        .order_by("pk")
    )
)


def nearest_offer(patient: Patient, slot: scheduler.Slot, *, at: datetime) -> MeetingTime | None:
    """Return the offer to a patient that begins nearest to a start at its site, if one is as near as is shown."""
    since, until = slot.start - BESIDE, slot.start + BESIDE
    found = OFFERED.rows(patient=patient.pk, site=slot.site.id, since=since, until=until, at=at)
    return min(found, key=lambda one: abs(one.appointment.period.lower - slot.start), default=None)


def lock_offered(patient: Patient, slot: scheduler.Slot, *, at: datetime) -> MeetingTime | None:
    """Lock the appointment that is offered to a patient beside a start; return the offer as it is then, if it is still.

    Before people and sheets, as appointments are: a cancel of it comes before the booking, or finds who came beside it.
    """
    found = nearest_offer(patient, slot, at=at)
    if found is None:
        return None
    locked(found.appointment.public_id)
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
