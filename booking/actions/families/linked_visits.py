"""Appointments of several people as one act: their times all or none, and each person's state their own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actions import appointments
from booking.actions.appointments import GivenAnswers, PreparedBooking
from booking.actions.families import nearest_sets
from booking.actions.families.link_ledger import note
from booking.actions.moves import expire_lapsed
from booking.actions.patients import person_locks
from booking.families.linked_errors import CannotBookTogether, NotTogether, SetTaken
from booking.models import Appointment, CancelPolicy, LinkAct, LinkedVisits, Patient
from booking.queries import records_of
from booking.roles import acts_as_staff
from booking.suitability.answers import SuitabilityAnswers
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid, Refusal
from scheduler import public as scheduler

FEWEST, MOST = 2, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBooking:
    """One of several people who are booked together: who, when, and what they answer to what is asked before.

    `questions_by_link`: where answers are lacking it is proposed, and they are asked by link; `set_aside`: why a
    clinician books it whatever was answered.
    """

    patient: Patient
    slot: scheduler.Slot
    answers: SuitabilityAnswers | None = None
    questions_by_link: bool = False
    override_reason: str = ""
    set_aside: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What came of it: what links the appointments, and these in the order of the people."""

    link: LinkedVisits
    visits: tuple[Appointment, ...]


@unit
def book(
    people: Sequence[PersonBooking],
    *,
    relation: scheduler.Relation,
    within: timedelta,
    cancel_policy: CancelPolicy,
    by: Principal,
    at: datetime,
) -> Linked:
    """Book several people: all their times, or none; each appointment is booked or proposed by its person's answers.

    Where one of them cannot be booked at all nothing is: staff are told which (the fact `person`), nobody else.
    Raises Invalid, NotTogether, SetTaken, CannotBookTogether, and for staff what booking one of them refuses.
    """
    _check(people, relation=relation, within=within)
    # The one order of locks: what has lapsed (skipped where somebody has it), people and records, then sheets.
    for one in people:
        expire_lapsed(one.patient, at=at)
    locked = person_locks.lock_patients([one.patient for one in people])
    _are_different(list(locked.values()))
    ready = [_prepared(n, one, locked[one.patient.pk], by=by, at=at) for n, one in enumerate(people)]
    claimed = _claim(ready, relation=relation, within=within, at=at)
    link = LinkedVisits.objects.create(
        site_id=people[0].slot.site.id,
        relation=relation,
        within_minutes=within // timedelta(minutes=1),
        cancel_policy=cancel_policy,
        made_by=by.key,
        made_at=at,
    )
    visits = [_write(n, one, got, link) for n, (one, got) in enumerate(zip(ready, claimed, strict=True))]
    note(visits, link, LinkAct.LINKED, by=by, at=at)
    return Linked(link=link, visits=tuple(visits))


def _check(people: Sequence[PersonBooking], *, relation: scheduler.Relation, within: timedelta) -> None:
    """Refuse other numbers of people, somebody named twice, several sites, and times that do not lie as they should."""
    if not FEWEST <= len(people) <= MOST:
        raise Invalid(_("Name two to six people."), pointer="/people")
    check_named_once([one.patient for one in people])
    check_lie([one.slot for one in people], relation=relation, within=within)


def check_named_once(patients: Sequence[Patient]) -> None:
    """Refuse somebody who is named twice, where times are looked for as where they are booked. Raises Invalid."""
    if len({one.pk for one in patients}) < len(patients):
        raise Invalid(_("Name each person once."), pointer="/people")


def check_lie(slots: Sequence[scheduler.Slot], *, relation: scheduler.Relation, within: timedelta) -> None:
    """Refuse times that do not lie to each other as is said, or are at several sites. Raises Invalid, NotTogether."""
    if len({slot.site.id for slot in slots}) > 1:
        raise Invalid(_("Choose times at one site."), pointer="/people")
    in_order, minutes = sorted(slots, key=lambda slot: (slot.start, slot.end)), within // timedelta(minutes=1)
    if relation is scheduler.Relation.SAME_TIME:
        lie = in_order[-1].start - in_order[0].start <= within
    else:
        lie = all(timedelta() <= later.start - before.end <= within for before, later in pairwise(in_order))
    if not lie:
        raise NotTogether(within_minutes=minutes)


def _are_different(patients: Sequence[Patient]) -> None:
    """Refuse two records of one person: who is in two places at once is nobody."""
    for one, other in combinations(patients, 2):
        if other.pk in records_of(one):
            raise Invalid(_("Two of these records are one person's. Name each person once."), pointer="/people")


def _prepared(number: int, one: PersonBooking, patient: Patient, *, by: Principal, at: datetime) -> PreparedBooking:
    with whose(number, staff=acts_as_staff(by, site_id=one.slot.site.id)):
        return appointments.prepare(
            appointments.asked(one.slot, patient, one.override_reason, by=by, at=at),
            patient,
            GivenAnswers(one.answers, set_aside=one.set_aside, by_link=one.questions_by_link),
            note=one.note,
        )


@contextmanager
def whose(number: int, *, staff: bool = True) -> Iterator[None]:
    """Tell staff, and nobody else, which of several people a refusal is about."""
    try:
        yield
    except SetTaken:
        raise
    except Refusal as refused:
        if not staff:
            raise CannotBookTogether from refused
        refused.facts["person"] = number
        raise


def _claim(
    ready: Sequence[PreparedBooking], *, relation: scheduler.Relation, within: timedelta, at: datetime
) -> list[scheduler.Claimed]:
    """Claim all times in one act. Raises SetTaken, with the nearest sets."""
    try:
        with transaction.atomic():  # a savepoint: other times are looked for once these are refused
            return scheduler.claim([one.wanted() for one in ready], at=at)
    except scheduler.SlotTaken as refused:
        checks = [one.check for one in ready]
        near = nearest_sets.nearest_to(checks, relation=relation, within=within, at=at)
        gone = [n for n, one in enumerate(checks) if one.slot in refused.taken]
        raise SetTaken(
            refused.detail,
            because=refused.code,
            alternatives=near,
            **({"people": gone} if checks[0].audience.is_staff else {}),
        ) from refused


def _write(number: int, ready: PreparedBooking, claimed: scheduler.Claimed, link: LinkedVisits) -> Appointment:
    visit, check = ready.visit, ready.check
    visit.place_id, visit.linked = claimed.place_id, link
    decision = ready.decision.setting_aside(check.broken_by(claimed.only_for))
    with whose(number, staff=check.audience.is_staff):
        return appointments.write(visit, check, decision)
