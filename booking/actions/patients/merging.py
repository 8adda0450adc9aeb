"""Two records of one person become one: all that hangs on the one moves to the other, or nothing does."""

from datetime import datetime
from typing import Any

from django.db.models import F, Max, Model

from booking import queries
from booking.access_needs import AskedFor
from booking.actions import access_needs, misses, moves
from booking.actions.families import family_merging
from booking.actions.patients import address_verification, merge_undo
from booking.actions.patients.person_locks import lock_both
from booking.actions.patients.records_as_seen import RecordChanged, mark_of_both
from booking.actions.suitability import merged_answers, suitability_changes
from booking.models import (
    Appointment,
    CalendarFeed,
    ContactChange,
    ContactPoint,
    Enrolment,
    FamilyLink,
    FamilyLinkChange,
    ManageLink,
    MessagePreferences,
    Patient,
    PossibleDuplicate,
    RecordAct,
    RecordChange,
)
from booking.models.patients import ContactSystem
from booking.patients import duplicates
from booking.patients.record_errors import BothHaveAccounts, MergedInto, NotApart, SameRecord, VisitsOverlap
from booking.status import OCCUPYING, Status
from core.database.transactions import rehearsal, unit
from core.doorbell import ring
from core.principal import Principal

STAYS = frozenset({ContactPoint, Enrolment, FamilyLink, FamilyLinkChange, RecordChange})
"""What is merged row by row, or is the history of the record itself."""


@unit
def merge(*, kept: Patient, given_up: Patient, by: Principal, at: datetime, seen: str | None = None) -> Patient:
    """Let `kept` hold all that `given_up` holds; visits, links, holds, messages and calls go with it.

    Visits that wait in vain expire first. `seen`: as which whoever acts saw the two, where a page showed them.
    Raises SameRecord, MergedInto, RecordChanged, BothHaveAccounts, VisitsOverlap.
    """
    if kept.pk == given_up.pk:
        raise SameRecord
    # What ran out still stands in the way of the constraint, and would be named as an overlap that is none.
    for patient in (kept, given_up):
        moves.expire_lapsed(patient, at=at)
    kept, given_up = lock_both(kept, given_up)
    _refuse(kept, given_up)
    if seen is not None and seen != mark_of_both(kept, given_up):
        raise RecordChanged
    # Read before anything moves: it is written down at the end, when nothing of it is left on this record.
    was, without_mail = _was(given_up), not all(map(queries.mail_of, (kept, given_up)))
    then = {key: one for who in (kept, given_up) for key, one in suitability_changes.reasons_known(who, at=at).items()}
    otherwise = merged_answers.Contradictions.between(kept, given_up, at=at)
    before = merge_undo.rows_of(kept, given_up)
    # Contacts first: whether mail to the other record went elsewhere is told by its visits, which move afterwards.
    _merge_contacts(kept, given_up, at=at)
    _merge_enrolments(kept, given_up)
    family_merging.merge(kept, given_up, by=by, at=at)
    _move_the_rest(kept, given_up, at=at)
    _give_up(kept, given_up)
    _merge_needs(kept, given_up, at=at)
    # What was known of the one counts for what was booked under the other.
    otherwise.put_on(kept, by=by, at=at)
    suitability_changes.look_again(kept, at=at, then=then)
    misses.look_at_all(kept.pk, at=at)
    if without_mail and queries.mail_of(kept):
        _write_from_now_on(kept, by=by, at=at)
    done: dict[str, Any] = {"by": by.key, "at": at}
    RecordChange.objects.create(patient=given_up, act=RecordAct.MERGED, other=kept, **done)
    RecordChange.objects.create(patient=kept, act=RecordAct.TOOK_OVER, other=given_up, was=was, **done)
    merge_undo.note(kept, given_up, before, at=at)
    return kept


@unit
def merge_or_try(
    *, kept: Patient, given_up: Patient, confirmed: bool, by: Principal, at: datetime, seen: str | None = None
) -> None:
    """Merge two records, or try it before somebody is asked: what `merge` refuses is said at once."""
    with rehearsal(only=not confirmed):
        merge(kept=kept, given_up=given_up, by=by, at=at, seen=seen)


@unit
def keep_apart(one: Patient, other: Patient, *, by: Principal, at: datetime) -> None:
    """Note that two records are of two people, so that nobody is asked again. Raises SameRecord."""
    if one.pk == other.pk:
        raise SameRecord
    RecordChange.objects.create(patient=one, act=RecordAct.APART, other=other, by=by.key, at=at)
    PossibleDuplicate.objects.filter(one__in=[one, other], other__in=[one, other]).delete()


@unit
def ask_again(one: Patient, other: Patient, *, by: Principal, at: datetime) -> None:
    """Take back that two records are of two people, at any time: they are asked about again. Raises NotApart."""
    lock_both(one, other)
    if other.pk not in duplicates.apart_from(one):
        raise NotApart
    RecordChange.objects.create(patient=one, act=RecordAct.NOT_APART, other=other, by=by.key, at=at)


def _refuse(kept: Patient, given_up: Patient) -> None:
    if kept.merged_into_id is not None or given_up.merged_into_id is not None:
        raise MergedInto
    if kept.user_id and given_up.user_id:
        raise BothHaveAccounts
    visits = Appointment.objects.filter(status__in=sorted(OCCUPYING)).order_by("period", "pk")
    mine = list(visits.filter(patient=kept).values_list("period", "reference"))
    meeting = [
        sorted([reference, other])
        for period, reference in visits.filter(patient=given_up).values_list("period", "reference")
        for taken, other in mine
        if period.lower < taken.upper and taken.lower < period.upper
    ]
    if meeting:
        raise VisitsOverlap(appointments=sorted({reference for two in meeting for reference in two}))


def _was(given_up: Patient) -> dict[str, object]:
    reached = given_up.contacts.order_by("rank", "pk").values_list("system", "value")
    return {
        "name": given_up.name,
        "birth_date": given_up.birth_date.isoformat(),
        "contacts": [list(point) for point in reached],
    }


def _merge_contacts(kept: Patient, given_up: Patient, *, at: datetime) -> None:
    """Keep every way to reach the person, but for an address that nobody showed to be theirs beside one of the kept.

    What was mailed to another address before goes nowhere, and its codes verify nothing.
    """
    before = queries.mail_of(given_up)
    mine = {(point.system, point.value.casefold()): point for point in kept.contacts.all()}
    # Where the kept record has no address, an unverified one is better than none: it is how they are told.
    mailed = any(system == ContactSystem.EMAIL for system, _value in mine)
    last = kept.contacts.aggregate(last=Max("rank"))["last"] or 0
    for point in given_up.contacts.order_by("rank", "pk"):
        same = mine.get((point.system, point.value.casefold()))
        if same is not None and same.verified_at is None and point.verified_at is not None:
            ContactPoint.objects.filter(pk=same.pk).update(verified_at=point.verified_at)
        if same is None and not (mailed and point.unverified):
            last += 1
            ContactPoint.objects.filter(pk=point.pk).update(patient=kept, rank=last)
    # What is left was guessed by somebody or is there twice; the old record must be found by no contact any more.
    given_up.contacts.all().delete()
    if before.casefold() != queries.mail_of(kept).casefold():
        Appointment.objects.filter(patient=given_up).update(readdressed=F("readdressed") + 1)
        waiting = Appointment.objects.filter(patient=given_up, status=Status.PROPOSED, proof__proven_at=None)
        ManageLink.objects.filter(appointment__in=waiting.exclude(proof=None), revoked_at=None).update(revoked_at=at)
        address_verification.follow(given_up, at=at)


def _write_from_now_on(kept: Patient, *, by: Principal, at: datetime) -> None:
    """Have the one address told, and reminded, of what was booked under the record that had none."""
    ContactChange.objects.create(patient=kept, by=by.key, at=at)
    ring("notifications.tasks.dispatch")


def _merge_enrolments(kept: Patient, given_up: Patient) -> None:
    """Let the kept record be enrolled wherever one of the two is: of the same program until the later end."""
    has = {(row.site_id, row.program): row for row in kept.enrolments.all()}
    for row in given_up.enrolments.all():
        mine = has.get((row.site_id, row.program))
        if mine is None:
            Enrolment.objects.filter(pk=row.pk).update(patient=kept)
        elif mine.ends_at is not None and (row.ends_at is None or row.ends_at > mine.ends_at):
            Enrolment.objects.filter(pk=mine.pk).update(
                ends_on=row.ends_on, ends_at=row.ends_at, enrolled_by=row.enrolled_by, enrolled_at=row.enrolled_at
            )
    given_up.enrolments.all().delete()


def _move_the_rest(kept: Patient, given_up: Patient, *, at: datetime) -> None:
    """Let every row of every table that names the record name the other: those of apps above, and of times to come."""
    # Found by the models, not listed: a table of an app above, or one added later, cannot be forgotten.
    _leave_one_of_each(kept, given_up, at=at)
    for table, column in _relations():
        table._default_manager.filter(**{column: given_up}).update(**{column: kept})


def _leave_one_of_each(kept: Patient, given_up: Patient, *, at: datetime) -> None:
    """Let go of what a person has once: who may have the other record's calendar link is not known any more."""
    CalendarFeed.objects.filter(patient=given_up, revoked_at=None).update(revoked_at=at)
    if MessagePreferences.objects.filter(patient=kept).exists():
        MessagePreferences.objects.filter(patient=given_up).delete()


def _relations() -> list[tuple[type[Model], str]]:
    """Return the tables with a column that names a record, but for those that are merged row by row."""
    named = [(one.related_model, one.field.name) for one in Patient._meta.related_objects]
    return [(table, column) for table, column in named if table not in STAYS]


def _give_up(kept: Patient, given_up: Patient) -> None:
    user, guest = given_up.user_id, given_up.guest and kept.guest
    # Two updates in this order: an account belongs to one record, and the constraint is asked after each.
    Patient.objects.filter(pk=given_up.pk).update(user=None, merged_into=kept)
    Patient.objects.filter(pk=kept.pk).update(user=kept.user_id or user, guest=guest)
    kept.user_id, kept.guest = kept.user_id or user, guest


def _merge_needs(kept: Patient, given_up: Patient, *, at: datetime) -> None:
    """Let what either asked for hold for all of the appointments, and let staff prepare these by it."""
    before = AskedFor.on_record(kept), AskedFor.on_record(given_up)
    asked = before[1].and_also(before[0])
    kept.access_needs, kept.interpreter = asked.names, asked.interpreter
    Patient.objects.filter(pk=kept.pk).update(access_needs=kept.access_needs, interpreter=kept.interpreter)
    if set(before) != {asked}:
        access_needs.prepare_all(kept, at=at)
