"""What is asked again some days before a visit: what was never answered, or counts no more by the day of the visit."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from booking.models import Appointment
from booking.status import OCCUPYING
from booking.suitability.answers_by_link import ANSWERS_NEEDED, asked_questions, is_asked, waits_for_answers
from booking.suitability.content import ASKED_BEFORE
from booking.suitability.day_questions import visit_day
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import AskedQuestion, question_pages
from booking.suitability.records import NOTHING_KNOWN, age_on, counts_for, facts_from, records_of_people
from booking.suitability.rules import RuleSet

BEFORE_VISIT = ("booking", "before")


@dataclass(frozen=True, slots=True, kw_only=True)
class DueQuestions:
    """What is to be asked before a visit."""

    rules: RuleSet
    asked: tuple[AskedQuestion, ...]


def due_questions(visits: Iterable[Appointment], *, at: datetime) -> dict[int, DueQuestions]:
    """Return by id what is to be asked before visits, of which anything is; in one query, or none.

    Only what an answer given now would count for by the visit: else whoever answers would be asked on and on.
    Needs the site, the therapy and the patient of each.
    """
    asked = [(visit, *found) for visit in visits if (found := _asked(visit)) is not None]
    known = records_of_people({visit.patient_id for visit, *_ in asked}) if asked else {}
    due: dict[int, DueQuestions] = {}
    for visit, rules, questions in asked:
        facts = facts_from(
            known.get(visit.patient_id, NOTHING_KNOWN).of_visit(visit.pk),
            rules,
            birth_date=visit.patient.birth_date,
            at=visit.period.lower,
            zone=visit.site.tz,
            visit_day=visit_day(visit),
        )
        today, day = at.astimezone(visit.site.tz).date(), visit_day(visit)
        lasting = (one for one in questions if day < today + counts_for(rules, one.key))
        left = tuple(one for one in lasting if one.key not in facts.answers)
        if left:
            due[visit.pk] = DueQuestions(rules=rules, asked=left)
    return due


def left_to_answer(visit: Appointment, *, at: datetime) -> DueQuestions | None:
    """Return what is to be answered yet before an appointment is booked that waits for it; None where nobody asks."""
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return None
    rules, patient, day = in_force[0], visit.patient, visit_day(visit)
    if is_asked(visit):
        return DueQuestions(rules=rules, asked=_chosen(visit, rules))
    known = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN).of_visit(visit.pk)
    facts = facts_from(known, rules, birth_date=patient.birth_date, at=at, zone=visit.site.tz, visit_day=day)
    pages = question_pages([rules], visit.therapy.key, visit.technique, age=facts.age)
    asked = tuple(one for page in pages for one in page.questions if one.key not in facts.answers)
    return DueQuestions(rules=rules, asked=asked)


def _chosen(visit: Appointment, rules: RuleSet) -> tuple[AskedQuestion, ...]:
    """Return what a clinician asks the patient of an appointment."""
    keys = asked_questions(visit)
    return tuple(one for one in all_questions(visit, rules) if one.key in keys)


def all_questions(visit: Appointment, rules: RuleSet) -> tuple[AskedQuestion, ...]:
    """Return all that is asked of an appointment's patient before it, whatever they have answered."""
    age = age_on(visit_day(visit), visit.patient.birth_date)
    pages = question_pages([rules], visit.therapy.key, visit.technique, age=age, asked=BEFORE_VISIT)
    return tuple(one for page in pages for one in page.questions)


def due_now(visit: Appointment, *, at: datetime) -> DueQuestions | None:
    """Return what a visit's patient is asked now; None where nothing is, or it is too early or too late."""
    if waits_for_answers(visit):
        kept = visit.kept_until is None or at < visit.kept_until
        return left_to_answer(visit, at=at) if kept else None
    start = visit.period.lower
    if visit.status not in OCCUPYING or not start - ASKED_BEFORE <= at < start:
        return None
    return due_questions([visit], at=at).get(visit.pk)


def may_be_changed(visit: Appointment, due: DueQuestions | None, *, at: datetime) -> DueQuestions | None:
    """Return what the patient of an appointment ahead may answer otherwise; None where they were asked nothing yet.

    That is all that is asked of it and not `due` now. Needs its site, therapy and patient.
    """
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None or visit.status not in OCCUPYING or at >= visit.period.lower:
        return None
    left = {one.key for one in due.asked} if due else set()
    answered = tuple(one for one in all_questions(visit, in_force[0]) if one.key not in left)
    return DueQuestions(rules=in_force[0], asked=answered) if answered and was_asked(visit, at=at) else None


def left_of(due: DueQuestions | None, before: DueQuestions | None) -> DueQuestions | None:
    """Return what is still asked: nothing, by the same rules, where all was answered `before`."""
    return due or (replace(before, asked=()) if before else None)


def sent_questions(
    named: Collection[str], left: DueQuestions, before: DueQuestions | None
) -> tuple[AskedQuestion, ...]:
    """Return what stood on a page that was sent, also where it was answered meanwhile: a worse answer counts."""
    return tuple(one for one in (*left.asked, *(before.asked if before else ())) if one.key in named)


def was_asked(visit: Appointment, *, at: datetime) -> bool:
    """Whether the patient of an appointment was asked before it was booked, or is asked since it is near."""
    by_now = visit.period.lower - ASKED_BEFORE <= at
    return by_now or (visit.suitability not in ("", ANSWERS_NEEDED))


def due_ids(sites: Mapping[int, int], *, at: datetime) -> frozenset[int]:
    """Return the ids of those visits, given with their sites (ids), before which something is asked now."""
    asking = {site for site in set(sites.values()) if (found := rules_in_force(site, at=at)) and found[0].questions}
    wanted = [visit for visit, site in sites.items() if site in asking]
    if not wanted:
        return frozenset()
    rows = Appointment.objects.filter(
        pk__in=wanted,
        status__in=sorted(OCCUPYING),
        period__startswith__gt=at,
        period__startswith__lte=at + ASKED_BEFORE,
    )
    return frozenset(due_questions(rows.select_related("site", "therapy", "patient"), at=at))


def _asked(visit: Appointment) -> tuple[RuleSet, tuple[AskedQuestion, ...]] | None:
    in_force = rules_in_force(visit.site_id, at=visit.period.lower)
    if in_force is None:
        return None
    rules = in_force[0]
    questions = all_questions(visit, rules)
    return (rules, questions) if questions else None
