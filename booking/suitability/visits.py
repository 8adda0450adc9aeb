"""Appointments judged by what their people have answered: for whoever decides, who treats, and who prepares."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from booking.access_needs import AskedFor, asked_with
from booking.models import Appointment, Patient
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import FiredRule, Suitability, judge
from booking.suitability.needs import NOTHING, asks_for_places, features_of, needs_of, place_needs
from booking.suitability.places import judge_at
from booking.suitability.policies import rules_in_force
from booking.suitability.records import NOTHING_KNOWN, SuitabilityRecords, facts_from, facts_of, records_of_people
from booking.suitability.rules import RuleSet
from core.database.transactions import once_in_a_unit
from core.models import Site
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
        return needs_of(self.rules, self.found)

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


def place_needs_of_visit(visit: Appointment | None, *, at: datetime) -> frozenset[str]:
    """Return the features that a place must have for the patient of an appointment; in one query, or none.

    Needs the site, the therapy and the patient.
    """
    if visit is None:
        return NOTHING
    in_force, asked = rules_in_force(visit.site_id, at=at), asked_with(visit, visit.patient).features
    if in_force is None or not asks_for_places(in_force[0], in_force[0].names_of(visit.therapy.key, visit.technique)):
        return asked
    return asked | once_in_a_unit(f"place needs of {visit.pk}", lambda: _place_needs(visit, at=at))


def _place_needs(visit: Appointment, *, at: datetime) -> frozenset[str]:
    judged = judge_visits([visit], at=at).get(visit.pk)
    return place_needs(judged.rules, judged.found) if judged else NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNeeds:
    """What places must have for somebody at a site, by what is on record of them: read once, for any therapy.

    `asked`: what they have asked for themselves.
    """

    rules: RuleSet | None
    facts: SuitabilityFacts | None
    asked: frozenset[str] = NOTHING

    @classmethod
    def on_record(cls, patient: Patient, site: Site, *, at: datetime) -> Self:
        """Return them for a patient at a site; nothing is read where its rules ask for no place."""
        in_force, asked = rules_in_force(site.pk, at=at), AskedFor.on_record(patient).features
        if in_force is None or not any(features_of(in_force[0], in_force[0].content.needs)):
            return cls(rules=None, facts=None, asked=asked)
        day = at.astimezone(site.tz).date()
        facts = facts_of(patient, in_force[0], at=at, zone=site.tz, visit_day=day)
        return cls(rules=in_force[0], facts=facts, asked=asked)

    def of(self, therapy: str, technique: str) -> frozenset[str]:
        """Return the features that a place must have for them, for one therapy."""
        if self.rules is None or self.facts is None:
            return self.asked
        found = judge(self.rules, self.facts, BookableTherapy(key=therapy), technique=technique)
        return self.asked | place_needs(self.rules, found)


def _judged(visit: Appointment, rules: RuleSet, known: SuitabilityRecords, *, at: datetime) -> JudgedVisit:
    zone = visit.site.tz
    on_booking = facts_from(
        known.of_visit(visit.pk),
        rules,
        birth_date=visit.patient.birth_date,
        at=visit.known_at,
        zone=zone,
        visit_day=visit.period.lower.astimezone(zone).date(),
    )
    facts = replace(on_booking, on=at.astimezone(zone).date())
    wanted = BookableTherapy(key=visit.therapy.key)
    found = judge_at(visit.site_id, rules, facts, wanted, visit=visit.visit, technique=visit.technique, at=at)
    return JudgedVisit(rules=rules, facts=facts, found=found)
