"""A page of questions about the therapy, as it is sent: what of it counts, whatever was answered meanwhile."""

from datetime import datetime

from booking.actions.moves import locked
from booking.actions.patients.person_locks import lock_patient
from booking.actions.suitability import answers_by_link, suitability
from booking.models import Appointment
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.answers_by_link import is_asked, waits_for_answers
from booking.suitability.due_questions import due_now
from booking.suitability.policies import rules_in_force
from booking.suitability.records import answers_known
from booking.suitability.worse_answers import worsened
from core.database.transactions import unit
from core.principal import Principal


@unit
def take(
    visit: Appointment, sent: SuitabilityAnswers, *, corrects: bool = False, by: Principal, at: datetime
) -> Appointment:
    """Write down what counts of a page that somebody sends about an appointment, and let it go on if it waited for it.

    What is still asked counts as it is answered. What they have answered before, in another tab, say, counts where it
    is worse; a better answer where they say that it `corrects` the one before. Raises Missing.
    """
    visit = locked(visit.public_id)
    visit.patient = lock_patient(visit.patient)
    asked = _asked_now(visit, at=at)
    given = sent if corrects else _counted(visit, sent, asked, at=at)
    # What a clinician asks is answered by an answer to that alone.
    goes_on = not is_asked(visit) or not asked or bool(given.answers.keys() & asked)
    if waits_for_answers(visit) and goes_on:
        return answers_by_link.answer(visit.public_id, given, by=by, at=at)
    if given:
        suitability.answer(visit.patient, given, site_id=visit.site_id, by=by, at=at)
    return visit


def _asked_now(visit: Appointment, *, at: datetime) -> frozenset[str]:
    due = due_now(visit, at=at)
    return frozenset(one.key for one in due.asked) if due else frozenset()


def _counted(
    visit: Appointment, sent: SuitabilityAnswers, asked: frozenset[str], *, at: datetime
) -> SuitabilityAnswers:
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return sent
    first = sent.only(asked)
    known = answers_known(visit, in_force[0], at=at)
    again = worsened(known, sent.only(sent.answers.keys() - asked), in_force[0])
    return again.beside(first) if first else again
