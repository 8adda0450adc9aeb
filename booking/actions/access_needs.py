"""What somebody needs so that they can come: it stands on their record, for each of their appointments.

It is asked for as they book, behind a link, or noted by staff who hear it on the phone.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation

from booking.access_needs import NOTHING_ASKED, AskedFor
from booking.actions import links
from booking.actions.as_seen import refuse_changed
from booking.actions.booking_checks import insist_on_staff
from booking.actions.moves import locked
from booking.actions.patients.person_locks import lock_patient
from booking.actions.preparing import let_prepare
from booking.errors import MoveNotAllowed
from booking.models import AccessNeeds, Appointment, ManageLink, Patient, RecordAct, RecordChange
from booking.patients import contacts
from booking.status import OCCUPYING, Move
from booking.subjects import of_record
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, may


@unit
def ask(link: ManageLink, asked: AskedFor, *, known: bool, at: datetime) -> None:
    """Note what the patient of a link needs, and with which appointment they asked.

    `known`: they have shown who they are: it stands for what they asked before. Whoever has the link alone adds to
    that, and takes nothing away. Raises LinkMoved, and MoveNotAllowed where nobody comes any more.
    """
    visit = locked(link.appointment.public_id)
    links.refuse_ended(link)
    if not known:
        _refuse_over(visit, at=at)
    _write(visit, asked, adds=not known, by=links.principal_of(link), at=at)


@unit
def note(appointment_id: UUID, asked: AskedFor, *, by: Principal, at: datetime, as_seen: str) -> Appointment:
    """Note what somebody told staff; it stands for what was asked for before. `as_seen`: the appointment's mark.

    Raises Missing, AppointmentChanged, StaffOnly, and MoveNotAllowed where nobody comes any more.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    insist_on_staff(visit, by)
    _refuse_over(visit, at=at)
    _write(visit, asked, adds=False, by=by, at=at)
    return visit


@unit
def correct(
    patient: Patient,
    *,
    by: Principal,
    at: datetime,
    access_needs: Collection[str] | None = None,
    interpreter: str | None = None,
) -> Patient:
    """Let it stand on a record as staff give it; None stays as it is. What was there before is written down.

    Raises Invalid for a language that nobody knows.
    """
    before = AskedFor.on_record(patient)
    spoken = before.interpreter if interpreter is None else _language(interpreter)
    asked = AskedFor.of(before.names if access_needs is None else access_needs, spoken)
    if asked == before:
        return patient
    return put_on_record(patient, asked, adds=False, by=by, at=at)


def _language(tag: str) -> str:
    try:
        return contacts.language(tag) if tag else ""
    except contacts.Unusable as error:
        raise Invalid(str(error), pointer="/interpreter") from error


def put_on_record(patient: Patient, asked: AskedFor, *, adds: bool, by: Principal, at: datetime) -> Patient:
    """Write down what somebody needs, and what they did before, and return their record.

    Staff prepare it for each of their appointments that is to come. `adds`: beside what they asked for before, of which
    nothing is taken back, nor another language put in its place.
    """
    record = lock_patient(patient)
    before = AskedFor.on_record(record)
    now = asked.and_also(before) if adds else asked
    if now == before:
        return record
    record.access_needs, record.interpreter = now.names, now.interpreter
    record.save(update_fields=["access_needs", "interpreter"])
    with translation.override(settings.LANGUAGE_CODE):  # for staff, whatever whoever asks reads
        was = "; ".join(before.words)
    RecordChange.objects.create(patient=record, act=RecordAct.CHANGED, was={"asked_for": was}, by=by.key, at=at)
    prepare_all(record, at=at)
    return record


def note_with_booking(visit: Appointment, asked: AskedFor, *, by: Principal, at: datetime) -> None:
    """Note what was said as it was booked, within the same act."""
    AccessNeeds.objects.update_or_create(
        appointment=visit, defaults=asked.columns | {"changed_by": by.key, "changed_at": at}
    )


def asked_before(patient: Patient, *, by: Principal) -> AskedFor:
    """Return what a patient has asked for, as far as somebody may see it."""
    asked = AskedFor.on_record(patient)
    return asked if asked and may(by, Action.SEE_DETAILS, of_record(patient, by)) else NOTHING_ASKED


def _refuse_over(visit: Appointment, *, at: datetime) -> None:
    if visit.status not in OCCUPYING or visit.period.lower <= at:
        raise MoveNotAllowed("", stands=visit.status, move=Move.RESCHEDULE.value)


def _write(visit: Appointment, asked: AskedFor, *, adds: bool, by: Principal, at: datetime) -> None:
    """Write it down, and let staff prepare it, for this one also where they had asked for the same before."""
    visit.patient = put_on_record(visit.patient, asked, adds=adds, by=by, at=at)
    note_with_booking(visit, asked, by=by, at=at)
    visit.updated_at = at  # whoever looks at it has seen something else
    visit.save(update_fields=["updated_at"])
    let_prepare(visit, at=at)


def prepare_all(patient: Patient, *, at: datetime) -> None:
    """Let staff prepare all appointments of somebody that are to come, by what is on record now."""
    ahead = Appointment.objects.taking_time(at=at).filter(patient=patient, period__startswith__gt=at)
    for one in ahead.select_related("place", "practitioner", "patient").order_by("pk"):
        let_prepare(one, at=at)
