"""What is asked on the day of a therapy: noting what they say at the door, and a clinician's word that they come in."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from booking.actions import calls
from booking.actions.booking_checks import insist_on_staff
from booking.actions.check_in_checks import is_today
from booking.actions.moves import locked
from booking.actions.patients.person_locks import lock_patient
from booking.actions.screening.screening import ScreeningNotAsked
from booking.actions.suitability import suitability_changes
from booking.actions.suitability.suitability_checks import may_set_aside
from booking.calls.calls_to_make import LOOKED_AT_AGAIN
from booking.models import Appointment, CallReason, Clearance
from booking.queries import is_own
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.day_questions import DayQuestions, DayState, day_questions, visit_day
from booking.suitability.errors import AnswersOfClinicians, ClinicianFirst, HelpFirst
from booking.suitability.records import save_answers
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid

A_DAY = timedelta(days=1)


def asked_today(visit: Appointment, *, at: datetime) -> DayQuestions | None:
    """Return what is asked of a visit's patient today; None where nothing is, or it is not their day."""
    found = day_questions([visit], at=at).get(visit.pk) if is_today(visit, at=at) else None
    return found if found and found.asks else None


def decides(visit: Appointment, by: Principal) -> bool:
    """Whether somebody decides who comes in whatever they said: a clinician of the site, never for themselves."""
    return may_set_aside(by, site_id=visit.site_id, own_record=is_own(visit.patient, by))


@unit
def answer(appointment_id: UUID, said: SuitabilityAnswers, *, by: Principal, at: datetime) -> DayQuestions:
    """Note what somebody says at the door on the day itself, and let a clinician know where that is to be looked at.

    The same twice is once. What waits for a clinician is set right by one alone. Raises Missing, StaffOnly, Invalid,
    ScreeningNotAsked, ClinicianFirst.
    """
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    visit.patient = lock_patient(visit.patient)
    found = asked_today(visit, at=at)
    if found is None:
        raise ScreeningNotAsked
    _insist_on_whole(found, said)
    if found.waits and _same(found, said):
        return found
    if found.waits and not decides(visit, by):
        raise ClinicianFirst(visit.public_id)
    return _noted(visit, found, said, by=by, at=at)


def _insist_on_whole(found: DayQuestions, said: SuitabilityAnswers) -> None:
    """Take the answers to what is asked today, to all of it and to nothing else. Raises Invalid."""
    wrong = {key: _("Not answered yet.") for key in found.keys if key not in said.answers}
    # What was asked because it was not answered yet is sent once more by whoever presses twice.
    again = [key for key, answer in said.answers.items() if found.given.answers.get(key) == answer]
    wrong |= {key: _("Nobody asks this today.") for key in said.answers if key not in found.keys and key not in again}
    if wrong:
        errors = [{"pointer": f"/answers/{key}", "detail": detail} for key, detail in wrong.items()]
        raise Invalid(_("Some of the questions are not answered."), errors=errors)


def _same(found: DayQuestions, said: SuitabilityAnswers) -> bool:
    """Whether just this was said today already."""
    given = found.given.only(said.answers.keys())
    return (given.answers, given.captures) == (said.answers, said.captures)


def note_nothing_new(visit: Appointment, *, by: Principal, at: datetime) -> None:
    """Note of whoever says so that nothing is new since they answered, where that settles it. The visit is locked."""
    found = asked_today(visit, at=at)
    if found is not None and found.state is DayState.UNANSWERED and found.nothing_new is not None:
        insist_on_staff(visit, by)
        visit.patient = lock_patient(visit.patient)
        _noted(visit, found, found.nothing_new, by=by, at=at)


def _noted(
    visit: Appointment, found: DayQuestions, said: SuitabilityAnswers, *, by: Principal, at: datetime
) -> DayQuestions:
    rules = found.judged.rules
    Clearance.objects.filter(
        appointment=visit, ends_on=visit_day(visit) + A_DAY, withdrawn_at=None, rule__in=_rules_of(found)
    ).update(withdrawn_at=at, withdrawn_by=by.key)
    save_answers(visit.patient, said, rules=rules, policy_version=found.version, by=by, at=at)
    suitability_changes.look_again(visit.patient, at=at)
    now = day_questions([visit], at=at)[visit.pk]
    if now.waits:
        calls.raise_for([visit.pk], CallReason.ANSWERS_CHANGED, at=at, again=True)
    _bring_help_or_not(visit, now, at=at)
    _seen_to_change(visit, at=at)
    return now


def _bring_help_or_not(visit: Appointment, now: DayQuestions, *, at: datetime) -> None:
    """Let somebody who is here and may need help be seen to at once; once set right, nobody need be."""
    if now.state is DayState.CALL:
        calls.raise_for([visit.pk], CallReason.HELP_HERE, at=at, again=True)
    else:
        calls.end([visit.pk], CallReason.HELP_HERE, at=at)


def _rules_of(found: DayQuestions) -> list[str]:
    return [one.key for one in found.judged.rules.rules if one.ask in found.keys]


@unit
def let_in(appointment_id: UUID, *, by: Principal, at: datetime) -> DayQuestions:
    """Let somebody be treated today whatever they said, by a clinician's word; twice is the same as once.

    The phone comes first all the same. Raises Missing, AnswersOfClinicians, ScreeningNotAsked, HelpFirst.
    """
    visit = locked(appointment_id)
    if not decides(visit, by):
        raise AnswersOfClinicians
    patient = visit.patient = lock_patient(visit.patient)
    found = asked_today(visit, at=at)
    if found is None or found.state is DayState.UNANSWERED:
        raise ScreeningNotAsked
    if found.state is DayState.CALL:
        raise HelpFirst(visit.public_id, phone=visit.site.phone)
    for one in found.grave:
        Clearance.objects.create(
            patient=patient,
            rule=one.rule,
            therapy=visit.therapy.key,
            given_at=at,
            given_by=by.key,
            ends_on=visit_day(visit) + A_DAY,
            appointment=visit,
        )
    for reason in LOOKED_AT_AGAIN:
        calls.end([visit.pk], reason, at=at)
    _seen_to_change(visit, at=at)
    return day_questions([visit], at=at)[visit.pk]


def _seen_to_change(visit: Appointment, *, at: datetime) -> None:
    """Let the page at the door, which looks whether anything has changed, be shown anew."""
    visit.updated_at = at
    visit.save(update_fields=["updated_at"])
