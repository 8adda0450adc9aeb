"""What somebody who waits for a time is to answer before they can be offered one, and what follows from it."""

from datetime import datetime

from booking.models import WaitingListEntry
from booking.suitability.due_questions import DueQuestions
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.judgement import Suitability
from booking.suitability.places import judge_at
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import question_pages
from booking.suitability.records import facts_of
from booking.suitability.rules import RuleSet


def left_to_answer(entry: WaitingListEntry, *, at: datetime) -> DueQuestions | None:
    """Return what is still to be answered for what somebody waits for; None where nothing is."""
    in_force = rules_in_force(entry.site_id, at=at)
    if in_force is None:
        return None
    rules, facts = in_force[0], _facts(entry, in_force[0], at=at)
    pages = question_pages([rules], entry.therapy.key, entry.technique, age=facts.age)
    asked = tuple(one for page in pages for one in page.questions if one.key not in facts.answers)
    return DueQuestions(rules=rules, asked=asked) if asked else None


def judged(entry: WaitingListEntry, *, at: datetime) -> Suitability | None:
    """Return what follows for what somebody waits for by what is known now; None where nobody asks."""
    in_force = rules_in_force(entry.site_id, at=at)
    if in_force is None:
        return None
    return judge_at(
        entry.site_id,
        in_force[0],
        _facts(entry, in_force[0], at=at),
        BookableTherapy(key=entry.therapy.key),
        visit=entry.visit,
        technique=entry.technique,
        at=at,
    )


def _facts(entry: WaitingListEntry, rules: RuleSet, *, at: datetime) -> SuitabilityFacts:
    zone = entry.site.tz
    return facts_of(entry.patient, rules, at=at, zone=zone, visit_day=at.astimezone(zone).date())
