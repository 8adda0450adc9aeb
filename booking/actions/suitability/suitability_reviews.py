"""Requests that wait because of what somebody answered: a clinician approves, declines, clears, and enters counts.

The caller must be allowed to review at the appointment's site; nobody decides about their own.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions import calls
from booking.actions.booking_checks import insist_on_staff
from booking.actions.families.linked_cancels import lock_all
from booking.actions.moves import locked
from booking.actions.patients.person_locks import lock_patient
from booking.actions.suitability import review_answers, suitability_changes, suitability_checks
from booking.actions.suitability.suitability_checks import catalogue_of
from booking.cancel_reasons import DeclineReason
from booking.errors import MoveNotAllowed
from booking.models import Appointment, Clearance, LabKind, LabValue, Patient
from booking.status import Move, Status
from booking.suitability.answers import rest_answered_no
from booking.suitability.answers_by_link import is_asked, is_request, waits_for_answers
from booking.suitability.due_questions import all_questions
from booking.suitability.errors import AnsweredAnew, WaitsForAnswers
from booking.suitability.facts import BookableTherapy
from booking.suitability.judgement import Alternative, judge
from booking.suitability.policies import rules_in_force
from booking.suitability.visits import JudgedVisit, judge_visits
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal, refuse_invalid

MOST = {LabKind.PLATELETS: Decimal(3000), LabKind.NEUTROPHILS: Decimal(200)}
"""Counts (10⁹/L) that nobody has: whoever types more has typed single cells and not thousands."""

OLDEST = timedelta(days=366)


class NothingToClear(Refusal):
    """None of the answers that a clinician looks at may be cleared for a while: they are looked at each time."""

    code = "nothing-to-clear"
    title = gettext_lazy("These answers are looked at each time. Approve this appointment alone.")


def stands_as(visit: Appointment) -> str:
    """Return what tells how a request stood when it was shown: not asked, asked, or answered, and when."""
    if not is_asked(visit):
        return visit.status
    return f"{visit.status} {visit.answered_at.isoformat()}" if visit.answered_at else f"{visit.status} unanswered"


@unit
def approve(
    appointment_id: UUID,
    *,
    seen: int,
    mark: str | None = None,
    stood: str | None = None,
    set_aside: str = "",
    by: Principal,
    at: datetime,
) -> Appointment:
    """Book what was looked at. `seen`: its version then; `mark`: of what was known then; `stood`: as `stands_as` says.

    `set_aside`: why, where by now it is not bookable online. What else there was to look at again has been looked at.
    Raises MoveNotAllowed, RequestChanged, AnsweredAnew, CallFirst, Invalid, what moving does.
    """
    visit = _waiting(appointment_id, Move.APPROVE, stood=stood, mark=mark, by=by)
    what = Move.COMPLETE if is_asked(visit) else Move.APPROVE
    booked = review_answers.answer(appointment_id, what, seen=seen, mark=mark, set_aside=set_aside, by=by, at=at)
    if mark:
        calls.looked_at(booked, by=by, at=at)
    return booked


@unit
def ask(
    appointment_id: UUID,
    questions: Collection[str],
    *,
    seen: int,
    stood: str | None = None,
    by: Principal,
    at: datetime,
) -> Appointment:
    """Ask its patient some of the questions again, by link; its time is kept on. Once answered, it is looked at again.

    Raises Invalid, WaitsForAnswers where they are asked already, and what `approve` does.
    """
    visit = _waiting(appointment_id, Move.AWAIT, stood=stood, by=by)
    if waits_for_answers(visit):
        raise WaitsForAnswers
    in_force = rules_in_force(visit.site_id, at=at)
    known = [one.key for one in all_questions(visit, in_force[0])] if in_force else []
    if not questions or not set(questions) <= set(known):
        raise Invalid(_("Choose at least one of the questions."), pointer="/questions")
    chosen = tuple(key for key in known if key in questions)
    return review_answers.answer(appointment_id, Move.AWAIT, seen=seen, questions=chosen, by=by, at=at)


@unit
def approve_and_clear(
    appointment_id: UUID,
    *,
    seen: int,
    mark: str | None = None,
    stood: str | None = None,
    set_aside: str = "",
    ends_on: date | None,
    all_therapies: bool,
    by: Principal,
    at: datetime,
) -> list[Clearance]:
    """Book it, and let the same answers be looked at no more until a day, by the site's clock, on which that has ended.

    None: as long as the rules let it. `all_therapies`: also for all others that the same rule names. Raises
    NothingToClear, Invalid, and what `approve` does.
    """
    visit = approve(appointment_id, seen=seen, mark=mark, stood=stood, set_aside=set_aside, by=by, at=at)
    judged = judge_visits([visit], at=at).get(visit.pk)
    if judged is None or not judged.clearable:
        raise NothingToClear
    today = at.astimezone(visit.site.tz).date()
    latest = last_day_of_clearance(judged, today)
    until = latest if ends_on is None else ends_on
    if not today < until <= latest:
        raise Invalid(_("Choose a day after today, and no later than the rules let it hold."), pointer="/ends_on")
    return [
        Clearance.objects.create(
            patient=visit.patient,
            rule=one.rule,
            therapy="" if all_therapies else visit.therapy.key,
            given_at=at,
            given_by=by.key,
            ends_on=until,
            appointment=visit,
        )
        for one in judged.clearable
    ]


def last_day_of_clearance(judged: JudgedVisit, today: date) -> date:
    """Return the day on which a clearance that is given today ends at the latest."""
    return today + timedelta(days=judged.rules.content.params.clearance_days)


@unit
def decline(
    appointment_id: UUID, *, seen: int, instead: str = "", stood: str | None = None, by: Principal, at: datetime
) -> Appointment:
    """Call it off, and say what can be booked instead, if anything is. Raises Invalid, and what `approve` does."""
    visit = _waiting(appointment_id, Move.DECLINE, stood=stood, by=by)
    judged = judge_visits([visit], at=at).get(visit.pk)
    known = {named(one) for one in alternatives(visit, judged)} if judged and instead else set()
    if instead and instead not in known:
        raise Invalid(_("Choose one of what is offered instead."), pointer="/instead")
    because = DeclineReason.INSTEAD if instead else DeclineReason.CALL
    return review_answers.answer(
        appointment_id, Move.DECLINE, seen=seen, because=because, instead=instead, by=by, at=at
    )


@unit
def take_back(appointment_id: UUID, *, seen: int, by: Principal, at: datetime) -> Appointment:
    """Let a request stand again that was declined, or was to be asked, on the same day.

    Once they have answered they are not asked no more. Raises RequestChanged, and what undoing does.
    """
    lock_all(appointment_id, Move.UNDO)
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    return review_answers.answer(appointment_id, Move.UNDO, seen=seen, by=by, at=at)


@unit
def looked_at(
    appointment_id: UUID, *, mark: str | None = None, set_aside: str = "", by: Principal, at: datetime
) -> int:
    """Note that what stands was looked at again; return how many tasks that ends. `mark`: of what was known then.

    `set_aside`: why it stands, where by now it is not bookable online, or they are to be called first. Raises Missing,
    StaffOnly, AnsweredAnew, Invalid.
    """
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    lock_patient(visit.patient)
    judged = judge_visits([visit], at=at).get(visit.pk)
    if mark and judged is not None and judged.mark != mark:
        raise AnsweredAnew
    if why := suitability_checks.why_all_the_same(visit, reason=set_aside, at=at, stop_too=True):
        visit.set_aside_reason, visit.updated_at = why, at
        visit.save(update_fields=["set_aside_reason", "updated_at"])
    return calls.looked_at(visit, by=by, at=at)


def alternatives(visit: Appointment, judged: JudgedVisit) -> tuple[Alternative, ...]:
    """Return what its person can book instead by themselves, the best first; what they asked for is not among it."""
    offered = [one for one in catalogue_of(visit.site_id) if one.self_bookable]
    wanted, rules = BookableTherapy(key=visit.therapy.key), judged.rules
    known, supposed = (
        judge(rules, facts, wanted, technique=visit.technique, catalogue=offered).alternatives
        for facts in (judged.facts, rest_answered_no(rules, judged.facts))
    )
    # As its person reads it: what they were not asked yet is asked before they book it.
    asked = {(one.therapy, one.technique) for one in known if not one.asks_more}
    return tuple(replace(one, asks_more=(one.therapy, one.technique) not in asked) for one in supposed)


def named(one: Alternative) -> str:
    """Return an alternative as forms and the ledger name it: "acu_auricular", "acu_auricular/ear_seeds"."""
    return f"{one.therapy}/{one.technique}" if one.technique else one.therapy


@unit
def enter_counts(
    appointment_id: UUID, counts: dict[LabKind, Decimal], *, taken_on: date, by: Principal, at: datetime
) -> Iterable[LabValue]:
    """Write down blood counts (10⁹/L) of who asks for an appointment, taken on a day. The same twice is once.

    Raises Missing, StaffOnly, Invalid.
    """
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    today = at.astimezone(visit.site.tz).date()
    refuse_invalid(
        [
            *((kind.value, _too_many(kind), not 0 <= value <= MOST[kind]) for kind, value in counts.items()),
            ("taken_on", _("Type the day of the blood test: today, or within the last year."),
             not today - OLDEST <= taken_on <= today),
            ("platelets", _("Type at least one of the counts."), not counts),
        ]
    )  # fmt: skip
    patient = lock_patient(visit.patient)
    made = [_entered(patient.pk, kind, value, taken_on=taken_on, by=by, at=at) for kind, value in counts.items()]
    suitability_changes.look_again(patient, at=at)
    return made


def _too_many(kind: LabKind) -> str:
    example = "150" if kind is LabKind.PLATELETS else "1.5"
    return _("Type the count in thousands per microliter, such as %s.") % example


def _entered(patient: int, kind: LabKind, value: Decimal, *, taken_on: date, by: Principal, at: datetime) -> LabValue:
    same = LabValue.objects.filter(patient=patient, kind=kind, value=value, taken_on=taken_on, withdrawn_at=None)
    entered = same.first()
    return entered or LabValue.objects.create(
        patient_id=patient, kind=kind, value=value, taken_on=taken_on, entered_at=at, entered_by=by.key
    )


@unit
def withdraw_count(appointment_id: UUID, count: UUID, *, by: Principal, at: datetime) -> LabValue:
    """Let a count be no more that was a mistake. Twice is the same as once. Raises Missing, StaffOnly."""
    patient = lock_to_withdraw(appointment_id, by=by)
    entered = LabValue.objects.filter(patient=patient, public_id=count).first()
    if entered is None:
        raise Missing
    if entered.withdrawn_at is None:
        entered.withdrawn_at, entered.withdrawn_by = at, by.key
        entered.save(update_fields=["withdrawn_at", "withdrawn_by"])
        suitability_changes.look_again(patient, at=at)
    return entered


def lock_to_withdraw(appointment_id: UUID, *, by: Principal) -> Patient:
    """Lock an appointment, then its person, of whom something is withdrawn. Raises Missing, StaffOnly."""
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    return lock_patient(visit.patient)


def _waiting(
    appointment_id: UUID, what: Move, *, stood: str | None, mark: str | None = None, by: Principal
) -> Appointment:
    """Lock a request that waits, as it `stood` when it was looked at. Raises Missing, StaffOnly, MoveNotAllowed.

    Whoever does not send that has not seen that its patient was asked: neither version nor `mark` tell. That they have
    answered is told by a `mark` as well.
    """
    lock_all(appointment_id, what)
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    seen = stood or (None if mark and not waits_for_answers(visit) else Status.PROPOSED.value)
    if not is_request(visit) or (seen and seen != stands_as(visit)):
        raise MoveNotAllowed(stands=visit.status, move=what.value)
    return visit
