"""Two records of one person that answered otherwise: the worse counts, until a clinician has looked at what stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from booking.actions import calls
from booking.models import Appointment, CallReason, Patient
from booking.status import OCCUPYING
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.policies import rules_in_force
from booking.suitability.records import NOTHING_KNOWN, counting, records_of_people, save_answers
from booking.suitability.visits import judge_visits
from booking.suitability.worse_answers import worse_of
from core.models import Site
from core.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradictions:
    """What two records answered otherwise, by site: of each question the worse answer, and all the places."""

    at_sites: Mapping[int, SuitabilityAnswers]

    @classmethod
    def between(cls, one: Patient, other: Patient, *, at: datetime) -> Self:
        """Return them, of what counts still; read before anything moves from one record to the other."""
        records = records_of_people([one.pk, other.pk])
        found: dict[int, SuitabilityAnswers] = {}
        for site in Site.objects.filter(active=True) if len(records) > 1 else ():
            if in_force := rules_in_force(site.pk, at=at):
                on = at.astimezone(site.tz).date()
                both = [
                    counting(records.get(who.pk, NOTHING_KNOWN).answers, in_force[0], on=on, zone=site.tz)
                    for who in (one, other)
                ]
                found[site.pk] = worse_of(both[0], both[1], in_force[0])
        return cls(at_sites={site: answers for site, answers in found.items() if answers})

    def put_on(self, kept: Patient, *, by: Principal, at: datetime) -> list[int]:
        """Let the worse count for a record that is locked; have looked at what stands and hangs on it (ids)."""
        for site, answers in self.at_sites.items():
            if in_force := rules_in_force(site, at=at):
                save_answers(kept, answers, rules=in_force[0], policy_version=in_force[1], by=by, at=at)
        found = list(self._concerned(kept, at=at))
        calls.raise_for(found, CallReason.ANSWERS_CHANGED, at=at, again=True)
        return found

    def _concerned(self, kept: Patient, *, at: datetime) -> Iterator[int]:
        """Yield the appointments ahead for which the worse answer means anything."""
        if not self.at_sites:
            return
        rows = Appointment.objects.filter(patient=kept, status__in=sorted(OCCUPYING), period__startswith__gt=at)
        visits = list(rows.select_related("site", "therapy", "patient").order_by("period", "pk"))
        for visit in visits:
            judged, answers = judge_visits([visit], at=at).get(visit.pk), self.at_sites.get(visit.site_id)
            if judged and answers and any(one.ask in answers.answers for one in judged.fired):
                yield visit.pk
