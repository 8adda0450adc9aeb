"""What somebody answered to what a clinician asked once more, beside what they had said of it before."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.suitability.answer_words import ANSWERS
from booking.suitability.answers_by_link import is_asked
from booking.suitability.records import NOTHING_KNOWN, SuitabilityRecords, records_of_people
from booking.suitability.visit_words import question_words
from booking.suitability.visits import JudgedVisit


def answered_again(visits: Sequence[Appointment], judged: Mapping[int, JudgedVisit]) -> dict[int, list[str]]:
    """Return by id, in words, what was answered to what a clinician asked of visits; in one query, or none.

    `judged`: by what the visits are judged, by id. It tells answers: its reader must be allowed to read them.
    """
    asked = [one for one in visits if is_asked(one) and one.answered_at is not None and one.pk in judged]
    known = records_of_people({one.patient_id for one in asked}) if asked else {}
    return {
        one.pk: list(_lines(one, judged[one.pk], known.get(one.patient_id, NOTHING_KNOWN).of_visit(one.pk)))
        for one in asked
    }


def _lines(visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords) -> Iterator[str]:
    """Yield each question that was answered then, with the answer before."""
    then = visit.answered_at
    older = [one for one in known.answers if one.answered_at and then and one.answered_at < then]
    for given in (one for one in known.answers if one.answered_at == then):
        for key, answer in given.answers.items():
            before = next((one.answers[key] for one in older if key in one.answers), "")
            words = {"question": question_words(judged, key), "now": ANSWERS.get(answer, answer)}
            if before:
                yield _("%(question)s: %(now)s; before: %(before)s") % {**words, "before": ANSWERS.get(before, before)}
            else:
                yield _("%(question)s: %(now)s; not answered before") % words
