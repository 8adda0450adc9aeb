"""Who takes part in a program at a site, and until when; each act stands in the ledger of the record."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from booking.actions.patients.person_locks import lock_patient
from booking.families.enrolment_errors import AlreadyEnrolled, EnrolmentUndoOver
from booking.models import Enrolment, Patient, RecordAct, RecordChange
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Missing
from core.text.typed_dates import iso_date
from scheduler import public as scheduler

LONGEST = timedelta(days=3660)
"""Nobody knows today who takes part in ten years."""

ACTS = frozenset({RecordAct.ENROLLED, RecordAct.END_CHANGED, RecordAct.ENDED})


@unit
def enrol(
    patient: Patient, *, program: str, site: Site, by: Principal, at: datetime, ends_on: date | None = None
) -> Enrolment:
    """Enrol a patient in a program at a site, until a day or without an end; the same twice is the same as once.

    Raises Invalid, MergedInto, and AlreadyEnrolled where they are until another day.
    """
    if program not in {one.key for one in scheduler.programs_at(site.pk)}:
        raise Invalid(_("There is no such program at this site."), pointer="/program")
    _check_end(ends_on, site, at=at)
    patient = lock_patient(patient)
    found = Enrolment.objects.filter(patient=patient, site=site, program=program).first()
    if found is not None and found.counts(at=at):
        if found.ends_on == ends_on:
            return found
        raise AlreadyEnrolled(enrolment=str(found.public_id))
    row = found or Enrolment(patient=patient, site=site, program=program)
    was = _as_noted(row) if found else {}
    row.enrolled_by, row.enrolled_at = by.key, at
    _write(row, RecordAct.ENROLLED, ends_on=ends_on, was=was, by=by, at=at)
    return row


@unit
def change_end(enrolment: Enrolment, *, ends_on: date | None, by: Principal, at: datetime) -> Enrolment:
    """Let an enrolment end on another day, or never; also one that has ended. Raises Invalid, MergedInto."""
    row = _locked(enrolment)
    if row.ends_on == ends_on:
        return row
    _check_end(ends_on, row.site, at=at)
    _write(row, RecordAct.END_CHANGED, ends_on=ends_on, was=_as_noted(row), by=by, at=at)
    return row


@unit
def end(enrolment: Enrolment, *, by: Principal, at: datetime) -> Enrolment:
    """End an enrolment now; what has ended stays as it is. Raises MergedInto."""
    row = _locked(enrolment)
    if row.counts(at=at):
        today = at.astimezone(row.site.tz).date()
        _write(row, RecordAct.ENDED, ends_on=today, ends_at=at, was=_as_noted(row), by=by, at=at)
    return row


@unit
def undo(enrolment_id: UUID, *, by: Principal, at: datetime) -> Enrolment:
    """Take one's own last act on an enrolment back, on the day on which it was done. Raises EnrolmentUndoOver, Missing.

    Also where ending it took the patient out of one's sight: it is the act that is one's own.
    """
    row = Enrolment.objects.select_related("site", "patient").filter(public_id=enrolment_id).first()
    if row is None:
        raise Missing
    row = _locked(row)
    last = last_act(row)
    if last is None or last.by != by.key:
        raise Missing
    if not may_undo(last, row, by=by, at=at):
        raise EnrolmentUndoOver
    if "ends_at" not in last.was:  # they were not enrolled before
        return end(row, by=by, at=at)
    ends_on, ends_at = last.was["ends_on"], last.was["ends_at"]
    _write(
        row,
        RecordAct.END_CHANGED,
        ends_on=iso_date(ends_on) if ends_on else None,
        ends_at=datetime.fromisoformat(ends_at) if ends_at else None,
        was=_as_noted(row) | {"undoes": last.pk},
        by=by,
        at=at,
    )
    return row


def last_act(enrolment: Enrolment) -> RecordChange | None:
    """Return the last act on an enrolment that nobody has taken back."""
    acts = RecordChange.objects.filter(
        patient=enrolment.patient_id, act__in=sorted(ACTS), was__enrolment=str(enrolment.public_id)
    )
    return acts.order_by("pk").last()


def may_undo(last: RecordChange | None, enrolment: Enrolment, *, by: Principal, at: datetime) -> bool:
    """Whether somebody may take the last act on an enrolment back: it is their own, of today, and no undo itself."""
    zone = enrolment.site.tz
    if last is None or last.by != by.key or "undoes" in last.was:
        return False
    return bool(last.at.astimezone(zone).date() == at.astimezone(zone).date())


def _check_end(ends_on: date | None, site: Site, *, at: datetime) -> None:
    """Refuse a day on which it would have ended, or that nobody can mean. Raises Invalid."""
    if ends_on is None:
        return
    today = at.astimezone(site.tz).date()
    if ends_on <= today:
        raise Invalid(_("Choose a day after today. To end it now, press “End now”."), pointer="/ends_on")
    if ends_on - today > LONGEST:
        raise Invalid(_("Choose a day within ten years, or leave it empty."), pointer="/ends_on")


def _locked(enrolment: Enrolment) -> Enrolment:
    """Lock the record of an enrolment, and return it as it is now. Raises MergedInto, Missing."""
    patient = lock_patient(enrolment.patient)
    row = Enrolment.objects.select_related("site", "patient").filter(pk=enrolment.pk, patient=patient).first()
    if row is None:
        raise Missing
    return row


def _as_noted(row: Enrolment) -> dict[str, object]:
    ends_at = row.ends_at.isoformat() if row.ends_at else ""
    return {"ends_on": row.ends_on.isoformat() if row.ends_on else "", "ends_at": ends_at}


def _write(
    row: Enrolment,
    act: RecordAct,
    *,
    ends_on: date | None,
    was: dict[str, object],
    by: Principal,
    at: datetime,
    ends_at: datetime | None = None,
) -> None:
    """Write an enrolment and its row of the ledger; it ends as a day begins at its site unless it says when."""
    row.ends_on = ends_on
    row.ends_at = ends_at or (datetime.combine(ends_on, time(), row.site.tz) if ends_on else None)
    if row.pk:
        row.save(update_fields=["ends_on", "ends_at", "enrolled_by", "enrolled_at"])
    else:
        row.save(force_insert=True)
    noted = was | {"enrolment": str(row.public_id), "program": row.program, "site": row.site.key}
    noted |= {"until": ends_on.isoformat() if ends_on else ""}
    RecordChange.objects.create(patient=row.patient, act=act, was=noted, by=by.key, at=at)
