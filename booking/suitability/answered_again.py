"""What somebody has answered again, asked once more or by themselves, beside what they had said of it before."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.suitability.answer_words import ANSWERS, PLACES
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.answers_by_link import is_asked
from booking.suitability.records import NOTHING_KNOWN, SuitabilityRecords, counting, records_of_people
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


def answered_otherwise(
    visits: Sequence[Appointment], judged: Mapping[int, JudgedVisit], *, at: datetime
) -> dict[int, list[str]]:
    """Return by id, in words, what the patients of visits have answered otherwise since they asked for them.

    What they were asked once more is not among it. In one query, or none. It tells answers, like `answered_again`.
    """
    told = [one for one in visits if one.pk in judged and not (is_asked(one) and one.answered_at is not None)]
    known = records_of_people({one.patient_id for one in told}) if told else {}
    return {
        one.pk: list(_changes(one, judged[one.pk], known.get(one.patient_id, NOTHING_KNOWN).of_visit(one.pk), at=at))
        for one in told
    }


def _changes(visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords, *, at: datetime) -> Iterator[str]:
    """Yield each question that was answered when the visit was asked for, and is answered otherwise by now."""
    zone, then = visit.site.tz, visit.known_at
    older = [one for one in known.answers if one.answered_at and one.answered_at <= then]
    before = counting(older, judged.rules, on=then.astimezone(zone).date(), zone=zone)
    now = counting(known.answers, judged.rules, on=at.astimezone(zone).date(), zone=zone)
    for key, answer in now.answers.items():
        was = before.answers.get(key)
        if was is not None and (was, before.captures.get(key)) != (answer, now.captures.get(key)):
            words = {
                "question": question_words(judged, key),
                "now": _answer_in_words(now, key),
                "before": _answer_in_words(before, key),
            }
            yield _("%(question)s: %(now)s; before: %(before)s") % words


def _answer_in_words(given: SuitabilityAnswers, key: str) -> str:
    places = ", ".join(str(PLACES.get(one) or one.replace("_", " ")) for one in given.captures.get(key, ()))
    answer = str(ANSWERS.get(given.answers[key], given.answers[key]))
    return f"{answer} ({places})" if places else answer


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
