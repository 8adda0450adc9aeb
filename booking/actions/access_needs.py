"""What somebody needs so that they can come: it stands on their record, for each of their appointments.

It is asked for as they book, behind a link, or noted by staff who hear it on the phone.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation

from booking.access_needs import NOTHING_ASKED, AskedAsBooked, AskedFor, asked_with
from booking.actions import links
from booking.actions.as_seen import refuse_changed
from booking.actions.booking_checks import insist_on_staff
from booking.actions.moves import locked
from booking.actions.patients.person_locks import lock_patient
from booking.actions.preparing import let_prepare
from booking.errors import MoveNotAllowed
from booking.models import AccessNeeds, Appointment, ManageLink, Patient, RecordAct, RecordChange
from booking.patients import contacts
from booking.patients.record_errors import NeedsChanged
from booking.status import OCCUPYING, Move
from booking.subjects import of_record
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, may

ALONE = ("asked_needs", "asked_interpreter")
"""What an appointment has of its own."""


@unit
def ask(link: ManageLink, asked: AskedFor, *, known: bool, at: datetime, seen: str | None = None) -> None:
    """Note what the patient of a link needs, and with which appointment they asked.

    `known`: they have shown who they are: it stands for all that was asked before, with this appointment alone too;
    `seen` is the mark of both. Whoever has the link alone adds to that, takes nothing away, and asks for it alone.
    Raises LinkMoved, NeedsChanged, and MoveNotAllowed where nobody comes any more.
    """
    visit, by = locked(link.appointment.public_id), links.principal_of(link)
    links.refuse_ended(link)
    if known:
        now = asked_with(visit, lock_patient(visit.patient))
        if asked != now and seen not in {None, now.mark}:
            raise NeedsChanged
        _write(visit, asked, by=by, at=at, seen=None)
        return
    _refuse_over(visit, at=at)
    keep_alone(visit, AskedFor.of_visit_alone(visit).and_also(asked))
    _note_and_prepare(visit, asked, by=by, at=at)


@unit
def note(
    appointment_id: UUID, asked: AskedFor, *, by: Principal, at: datetime, as_seen: str, seen: str | None = None
) -> Appointment:
    """Note what somebody told staff; it stands for what was asked for before, also with this appointment alone.

    `as_seen`: the appointment's mark; `seen`: that of what stood on record. Raises Missing, AppointmentChanged,
    NeedsChanged, StaffOnly, and MoveNotAllowed where nobody comes any more.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    insist_on_staff(visit, by)
    _refuse_over(visit, at=at)
    _write(visit, asked, by=by, at=at, seen=seen)
    return visit


@unit
def correct(
    patient: Patient,
    *,
    by: Principal,
    at: datetime,
    access_needs: Collection[str] | None = None,
    interpreter: str | None = None,
    seen: str | None = None,
) -> Patient:
    """Let it stand on a record as staff give it; None stays as it is. What was there before is written down.

    `seen`: the mark of what stood there, where they saw it. Raises NeedsChanged, and Invalid for a language that nobody
    knows.
    """
    before = AskedFor.on_record(patient)
    language = before.interpreter if interpreter is None else spoken(interpreter)
    asked = AskedFor.of(before.names if access_needs is None else access_needs, language)
    if asked == before and seen in {None, before.mark}:
        return patient
    return put_on_record(patient, asked, adds=False, by=by, at=at, seen=seen)


def spoken(tag: str) -> str:
    """Return the language that somebody is to interpret; empty: nobody is. Raises Invalid for one that nobody knows."""
    try:
        return contacts.language(tag) if tag else ""
    except contacts.Unusable as error:
        raise Invalid(str(error), pointer="/interpreter") from error


def put_on_record(
    patient: Patient, asked: AskedFor, *, adds: bool, by: Principal, at: datetime, seen: str | None = None
) -> Patient:
    """Write down what somebody needs, and what they did before, and return their record.

    Staff prepare it for each of their appointments that is to come. `adds`: beside what they asked for before, of which
    nothing is taken back, nor another language put in its place. Else a language that is new holds for each appointment
    to come, whichever was asked for with one before. `seen`: the mark of what stood there when they said so, where they
    saw it. Raises NeedsChanged.
    """
    record = lock_patient(patient)
    before = AskedFor.on_record(record)
    now = asked.and_also(before) if adds else asked
    if now == before:
        return record
    if seen not in {None, before.mark}:
        raise NeedsChanged
    record.access_needs, record.interpreter = now.names, now.interpreter
    record.save(update_fields=["access_needs", "interpreter"])
    with translation.override(settings.LANGUAGE_CODE):  # for staff, whatever whoever asks reads
        was = "; ".join(before.words)
    RecordChange.objects.create(patient=record, act=RecordAct.CHANGED, was={"asked_for": was}, by=by.key, at=at)
    if not adds and now.interpreter != before.interpreter:
        _let_hold_everywhere(record, at=at)
    prepare_all(record, at=at)
    return record


def _let_hold_everywhere(record: Patient, *, at: datetime) -> int:
    """Let the language on record hold for each appointment to come; return with how many another was asked for.

    People are locked after appointments, so it waits for none: one that somebody changes just now goes on with its own,
    and its page names both.
    """
    ahead = Appointment.objects.taking_time(at=at).filter(patient=record, period__startswith__gt=at)
    rows = ahead.exclude(asked_interpreter="").select_for_update(skip_locked=True, no_key=True, of=("self",))
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    return Appointment.objects.filter(pk__in=found).update(asked_interpreter="") if found else 0


def put_with_booking(patient: Patient, asked: AskedAsBooked, *, by: Principal, at: datetime) -> Patient:
    """Write down what is asked for by whoever books and has shown who they are; return the record. Raises NeedsChanged.

    Of anybody else nothing comes onto a record that may be another's.
    """
    if asked.said is None or not asked.proven:
        return patient
    return put_on_record(patient, asked.said, adds=False, by=by, at=at, seen=asked.seen)


def keep_alone(visit: Appointment, asked: AskedFor) -> None:
    """Let something be asked for with an appointment alone, which is written by whoever calls this."""
    visit.asked_needs, visit.asked_interpreter = asked.names, asked.interpreter


def let_hold_for_all(visit: Appointment, *, by: Principal, at: datetime) -> None:
    """Let what was asked for with an appointment, which is locked, hold for all of its person's: they are known now.

    Another language than the one on record stays with it: somebody else may have typed it, and its person sees both.
    """
    if alone := AskedFor.of_visit_alone(visit):
        visit.patient = put_on_record(visit.patient, alone, adds=True, by=by, at=at)
        stays = alone.interpreter if alone.interpreter != visit.patient.interpreter else ""
        keep_alone(visit, AskedFor.of([], stays))
        visit.save(update_fields=ALONE)


def bring_along(visit: Appointment, asked: AskedFor, *, by: Principal, at: datetime) -> None:
    """Let what somebody asked for as they began to wait hold for what came of it, which is locked, and for the others.

    Who waits has shown who they are.
    """
    if asked:
        keep_alone(visit, AskedFor.of_visit_alone(visit).and_also(asked))
        let_hold_for_all(visit, by=by, at=at)
        _note_and_prepare(visit, noted_with(visit).and_also(asked), by=by, at=at)


def note_with_booking(visit: Appointment, asked: AskedFor | None, *, by: Principal, at: datetime) -> None:
    """Note what was said as it was booked, if anything was, within the same act."""
    if asked is not None:
        AccessNeeds.objects.update_or_create(
            appointment=visit, defaults=asked.columns | {"changed_by": by.key, "changed_at": at}
        )


def noted_with(visit: Appointment) -> AskedFor:
    """Return what was asked for with an appointment, whoever wrote it down."""
    row = AccessNeeds.objects.filter(appointment=visit).first()
    return AskedFor.of(row.needs, row.interpreter) if row else NOTHING_ASKED


def may_see(patient: Patient, *, by: Principal) -> bool:
    """Whether somebody may see, and so write over, what a patient has asked for."""
    return may(by, Action.SEE_DETAILS, of_record(patient, by))


def asked_before(patient: Patient, *, by: Principal) -> AskedFor:
    """Return what a patient has asked for, as far as somebody may see it."""
    asked = AskedFor.on_record(patient)
    return asked if asked and may_see(patient, by=by) else NOTHING_ASKED


def _refuse_over(visit: Appointment, *, at: datetime) -> None:
    if visit.status not in OCCUPYING or visit.period.lower <= at:
        raise MoveNotAllowed("", stands=visit.status, move=Move.RESCHEDULE.value)


def _write(visit: Appointment, asked: AskedFor, *, by: Principal, at: datetime, seen: str | None) -> None:
    """Write it down in place of all that was asked for before, by whoever is known."""
    visit.patient = put_on_record(visit.patient, asked, adds=False, by=by, at=at, seen=seen)
    keep_alone(visit, NOTHING_ASKED)
    if _let_hold_everywhere(visit.patient, at=at):  # also where it stood on record before
        prepare_all(visit.patient, at=at)
    _note_and_prepare(visit, asked, by=by, at=at)


def _note_and_prepare(visit: Appointment, asked: AskedFor, *, by: Principal, at: datetime) -> None:
    """Note it with an appointment, and let staff prepare it, also where the same was asked for before."""
    note_with_booking(visit, asked, by=by, at=at)
    visit.updated_at = at  # whoever looks at it has seen something else
    visit.save(update_fields=[*ALONE, "updated_at"])
    let_prepare(visit, at=at)


def prepare_all(patient: Patient, *, at: datetime) -> None:
    """Let staff prepare all appointments of somebody that are to come, by what is on record now."""
    ahead = Appointment.objects.taking_time(at=at).filter(patient=patient, period__startswith__gt=at)
    for one in ahead.select_related("place", "practitioner", "patient").order_by("pk"):
        let_prepare(one, at=at)
