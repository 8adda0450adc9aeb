"""A visitor corrects the address that they typed as they booked: that appointment goes along, and nothing else does."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import ForeignKey, Model, Q

from booking import queries
from booking.access_needs import AskedFor
from booking.actions import access_needs, limits, links
from booking.actions.booking_checks import one_place_at_a_time
from booking.actions.moves import locked
from booking.actions.patients import address_verification, patients, person_locks
from booking.actions.waiting import list_entries
from booking.errors import RequestLapsed
from booking.models import (
    AccessNeeds,
    Appointment,
    ContactChange,
    ContactPoint,
    ManageLink,
    Patient,
    Proof,
    RecordAct,
    RecordChange,
    SuitabilityResponse,
    WaitingListEntry,
)
from booking.models.patients import ContactSystem
from booking.patients.deaths import has_died
from booking.patients.record_errors import AskByPhone, NewestLinkNeeded
from booking.policies import booking_policy
from booking.status import Status
from core.database.transactions import unit
from core.doorbell import ring
from core.principal import Principal
from core.text.names import is_same_name

STANDS = frozenset({Status.PROPOSED, Status.BOOKED})
MOST_CORRECTED = 2
"""So often the address of an appointment is corrected by whoever typed it; after that staff do it."""


def may_correct(link: ManageLink, *, by: Principal, at: datetime) -> bool:
    """Whether somebody is the visitor who booked the appointment of a link, in the browser in which they did.

    They were shown the link at once, and no mail had to reach them. What hangs on more than one appointment, such as
    a referral, staff correct.
    """
    return not link.mailed and _is_their_visitor(link.appointment, by=by, at=at)


def may_correct_awaited(proof: Proof, *, by: Principal, at: datetime) -> bool:
    """Whether the same may be done on the page that waits for the mailed code."""
    return proof.proven_at is None and _is_their_visitor(proof.appointment, by=by, at=at)


def _is_their_visitor(visit: Appointment, *, by: Principal, at: datetime) -> bool:
    patient = visit.patient
    if not by.visitor or not patient.guest or patient.user_id is not None:
        return False
    hangs_on_more = visit.referral_id is not None or bool(visit.awaits_referral) or visit.linked_id is not None
    ahead = visit.status in STANDS and visit.period.lower > at and not has_died(patient)
    return ahead and not hangs_on_more and _booked_by(visit) == by.key


@unit
def correct(link: ManageLink, email: str, *, by: Principal, at: datetime) -> Appointment:
    """Let mail about the appointment of a link go to another address from now on; what was sent before opens nothing.

    A record that this visitor alone has made has that address. One that somebody else has, or had before, stays as it
    is, and the appointment is of a record of its own: nobody learns which of the two it was. Both addresses are told.
    Raises LinkMoved, NewestLinkNeeded, AskByPhone, PatientBusy, Invalid.
    """
    # All of their appointments in the one order, this one among them: whoever changes the record locks them so.
    patients.lock_visits(link.appointment.patient)
    visit = locked(link.appointment.public_id)
    links.refuse_ended(link)
    if not may_correct(link, by=by, at=at):
        raise NewestLinkNeeded
    return _correct(visit, email, by=by, at=at)


@unit
def correct_awaited(public_id: UUID, email: str, *, by: Principal, at: datetime) -> Appointment:
    """Let the code that is awaited go to another address: a new one, since the one before opens nothing any more.

    Raises Missing, RequestLapsed, AskByPhone, PatientBusy, Invalid.
    """
    patients.lock_visits(address_verification.awaited_proof(public_id, by=by).appointment.patient)
    visit = locked(public_id)
    if not address_verification.may_be_proven(visit, at=at):
        raise RequestLapsed
    if not may_correct_awaited(address_verification.awaited_proof(public_id, by=by), by=by, at=at):
        raise AskByPhone
    return _correct(visit, email, by=by, at=at)


def _correct(visit: Appointment, email: str, *, by: Principal, at: datetime) -> Appointment:
    limits.wait_for_contact(email)
    _refuse_too_many(visit, email, at=at)
    alone = _is_theirs_alone(visit.patient, by)
    waiting = Q(patient=visit.patient) if alone else Q(patient=visit.patient, instead_of=visit)
    entries = list_entries.lock_waiting(WaitingListEntry.objects.filter(waiting))  # before people
    if alone:
        patients.change(visit.patient, email=email, by=by, at=at)
    else:
        visit = _on_its_own(visit, email, by=by, at=at)
    list_entries.let_confirm_anew(entries, by=by, at=at)
    return visit


def _booked_by(visit: Appointment) -> str:
    return visit.changes.order_by("pk").values_list("by", flat=True).first() or ""


def _refuse_too_many(visit: Appointment, email: str, *, at: datetime) -> None:
    """Refuse one correction more, and an address with which as much is booked as may be before it is theirs for sure.

    Each correction writes to somebody. Raises AskByPhone.
    """
    if visit.readdressed >= MOST_CORRECTED:
        raise AskByPhone
    most = booking_policy(visit.site_id, at=at).unverified_ahead
    if queries.unverified_ahead(email, at=at, but=visit) >= most:
        raise AskByPhone


def _is_theirs_alone(patient: Patient, by: Principal) -> bool:
    """Whether nothing is on a record but what one visitor has booked, who has shown nobody who they are."""
    shown = patient.contacts.exclude(verified_at=None).exists()
    shown = shown or patient.record_changes.exclude(by=by.key).exists()
    return not shown and all(_booked_by(one) == by.key for one in patient.appointments.all())


def _on_its_own(visit: Appointment, email: str, *, by: Principal, at: datetime) -> Appointment:
    """Let an appointment be of a record with that address, its mails and answers with it."""
    old = person_locks.lock_patient(visit.patient)
    before, new = queries.mail_of(old), _record_with(email, old, visit, by=by, at=at)
    visit.patient, visit.readdressed = new, visit.readdressed + 1
    if asked := AccessNeeds.objects.filter(appointment=visit, changed_by=by.key).first():  # not what another noted
        said = AskedFor.of(asked.needs, asked.interpreter)
        access_needs.keep_alone(visit, said.and_also(AskedFor.of_visit_alone(visit)))
    with one_place_at_a_time(visit, by=by, at=at, takes_time=True):
        visit.save(update_fields=["patient", "readdressed", *access_needs.ALONE])
    ManageLink.objects.filter(appointment=visit, revoked_at=None).update(revoked_at=at)
    _bring_along(visit, old, by=by)
    address_verification.follow(new, at=at)
    RecordChange.objects.create(patient=new, act=RecordAct.CHANGED, was={"email": before}, by=by.key, at=at)
    ContactChange.objects.create(patient=new, old_email=before, by=by.key, at=at)
    ring("notifications.tasks.dispatch")
    return visit


def _record_with(email: str, old: Patient, visit: Appointment, *, by: Principal, at: datetime) -> Patient:
    """Return the record that the same person has with an address, made where there is none."""
    had = queries.guest_record(name=old.name, birth_date=old.birth_date, email=email)
    if had is not None and had.pk != old.pk and is_same_name(had.name, old.name):
        return had
    return patients.register(
        name=old.name, birth_date=old.birth_date, email=email, site=visit.site, by=by, at=at, guest=True
    )


def _bring_along(visit: Appointment, old: Patient, *, by: Principal) -> None:
    """Let the other record have what this visitor said as they booked, and what was written about the appointment."""
    new = visit.patient
    for phone in _typed_with(visit, old):
        facts = {"patient": new, "rank": phone.rank + 1, "typed_at": visit.created_at}
        if not new.contacts.filter(system=phone.system, value=phone.value).exists():
            ContactPoint.objects.create(system=phone.system, value=phone.value, **facts)
        if phone.typed_at is not None or not old.appointments.exists():
            phone.delete()  # of their first booking it stays where others of theirs stand
    theirs = Q(only_for=visit) | Q(answered_by=by.key)
    SuitabilityResponse.objects.filter(theirs, patient=old).update(patient=new)
    for table, column, names_visit in naming_both():
        table._default_manager.filter(**{column: old, names_visit: visit}).update(**{column: new})


def _typed_with(visit: Appointment, old: Patient) -> list[ContactPoint]:
    """Return the numbers that were typed with a visit; of a record that it made, what nobody has changed since."""
    made_by_it = old.created_at == visit.created_at and not old.record_changes.filter(was__has_key="phone").exists()
    found = old.contacts.filter(system=ContactSystem.PHONE)
    return [one for one in found if one.typed_at == visit.created_at or (made_by_it and one.typed_at is None)]


def naming_both() -> Iterator[tuple[type[Model], str, str]]:
    """Yield each table with a column that names a record and one that names an appointment, and both columns."""
    # Found by the models, not listed: what names both is about this appointment, in whatever app.
    for one in Patient._meta.related_objects:
        table = one.related_model
        for field in table._meta.fields if table is not Appointment else ():
            if isinstance(field, ForeignKey) and field.related_model is Appointment:
                yield table, one.field.name, field.name
