"""Appointments judged by what their people have answered: for whoever decides, who treats, and who prepares."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from booking.models import Appointment
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import FiredRule, Suitability, judge
from booking.suitability.policies import rules_in_force
from booking.suitability.records import NOTHING_KNOWN, SuitabilityRecords, facts_from, records_of_people
from booking.suitability.rules import RuleSet
from core.sealing import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedVisit:
    """What an appointment is judged by, and what follows. It tells answers: its reader must be allowed to read them."""

    rules: RuleSet
    facts: SuitabilityFacts
    found: Suitability

    @property
    def fired(self) -> list[FiredRule]:
        """The rules that something which is known has set off, the worst first."""
        return [one for one in self.found.fired if one.answer != UNANSWERED]

    @property
    def needs(self) -> list[str]:
        """What somebody needs on the day, by the names that the rules have for it."""
        said = {one.rule for one in self.fired}
        return list(dict.fromkeys(r.written.needs for r in self.rules.rules if r.key in said and r.written.needs))

    @property
    def clearable(self) -> list[FiredRule]:
        """The rules for which a clinician looks now, and need not look again for a while."""
        may_be = {one.key for one in self.rules.rules if one.written.clearance}
        looked_at = Disposition.CLINICIAN_REVIEW
        return [one for one in self.fired if one.rule in may_be and one.disposition is looked_at]

    @property
    def mark(self) -> str:
        """What tells what is known, as far as it matters here, from anything that is known later; it tells nothing."""
        facts = self.facts
        fired = sorted((one.rule, one.answer, one.disposition.value) for one in self.fired)
        places = sorted((one.ask, *facts.captures.get(one.ask, ())) for one in self.fired)
        counts = sorted((kind, str(one.value.normalize()), str(one.taken_on)) for kind, one in facts.labs.items())
        return digest(repr((fired, places, counts)), purpose="what a clinician saw")


def judge_visits(visits: Iterable[Appointment], *, at: datetime) -> dict[int, JudgedVisit]:
    """Return by id what follows for appointments, of which the rules say anything; in one query, or none.

    Needs the site, the therapy and the patient of each. What counted when it was booked counts for it still; counts and
    clearances are as of today.
    """
    asked = [(visit, found[0]) for visit in visits if (found := rules_in_force(visit.site_id, at=at))]
    spoken_of = [
        (visit, rules) for visit, rules in asked if rules.speaks_of(rules.names_of(visit.therapy.key, visit.technique))
    ]
    if not spoken_of:
        return {}
    known = records_of_people({visit.patient_id for visit, _rules in spoken_of})
    return {
        visit.pk: _judged(visit, rules, known.get(visit.patient_id, NOTHING_KNOWN), at=at) for visit, rules in spoken_of
    }


def _judged(visit: Appointment, rules: RuleSet, known: SuitabilityRecords, *, at: datetime) -> JudgedVisit:
    zone = visit.site.tz
    on_booking = facts_from(
        known.of_visit(visit.pk),
        rules,
        birth_date=visit.patient.birth_date,
        at=visit.created_at,
        zone=zone,
        visit_day=visit.period.lower.astimezone(zone).date(),
    )
    facts = replace(on_booking, on=at.astimezone(zone).date())
    found = judge(rules, facts, BookableTherapy(key=visit.therapy.key), technique=visit.technique)
    return JudgedVisit(rules=rules, facts=facts, found=found)
