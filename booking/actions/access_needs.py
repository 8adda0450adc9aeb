"""What somebody needs for an appointment: asked for behind its link, or noted by staff who hear it on the phone."""

from datetime import datetime
from uuid import UUID

from booking.access_needs import AskedFor
from booking.actions import links
from booking.actions.as_seen import refuse_changed
from booking.actions.booking_checks import insist_on_staff
from booking.actions.moves import locked
from booking.errors import MoveNotAllowed
from booking.models import AccessNeeds, Appointment, ManageLink, Patient
from booking.status import OCCUPYING, Move
from core.database.transactions import unit
from core.principal import Principal
from core.rights import Action, acting


@unit
def ask(link: ManageLink, asked: AskedFor, *, at: datetime) -> None:
    """Note what is needed for a link's appointment; it stands for what was asked for before.

    Raises LinkMoved, and MoveNotAllowed where nobody comes any more.
    """
    visit = locked(link.appointment.public_id)
    links.refuse_ended(link)
    _write(visit, asked, by=links.principal_of(link), at=at)


@unit
def note(appointment_id: UUID, asked: AskedFor, *, by: Principal, at: datetime, as_seen: str) -> Appointment:
    """Note what somebody told staff; it stands for what was asked for before. `as_seen`: the appointment's mark.

    Raises Missing, AppointmentChanged, StaffOnly, and MoveNotAllowed where nobody comes any more.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    insist_on_staff(visit, by)
    _write(visit, asked, by=by, at=at)
    return visit


def note_with_booking(visit: Appointment, asked: AskedFor, *, by: Principal, at: datetime) -> None:
    """Note what was said as it was booked, within the same act; nothing is written where nothing was asked for."""
    if asked.needs or asked.interpreter:
        _write(visit, asked, by=by, at=at)


def asked_before(patient: Patient, *, by: Principal) -> AskedFor:
    """Return what a patient asked for last, as far as somebody may see it."""
    seen = Appointment.objects.visible_to(acting(by, Action.SEE_DETAILS)).filter(patient=patient)
    row = AccessNeeds.objects.filter(appointment__in=seen.order_by().values("pk")).order_by("-changed_at").first()
    return AskedFor(needs=row.known, interpreter=row.interpreter) if row else AskedFor()


def _write(visit: Appointment, asked: AskedFor, *, by: Principal, at: datetime) -> None:
    if visit.status not in OCCUPYING or visit.period.lower <= at:
        raise MoveNotAllowed("", stands=visit.status, move=Move.RESCHEDULE.value)
    noted = {"changed_by": by.key, "changed_at": at}
    AccessNeeds.objects.update_or_create(appointment=visit, defaults=asked.columns | noted)
