"""What is on record of somebody before they book: answers while they count, the newest counts, clearances."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateField, DecimalField, IntegerField, QuerySet, Value
from django.db.models.functions import Cast

from booking.models import Appointment, Clearance, LabValue, Patient, SuitabilityResponse
from booking.models.suitability import ANSWERS
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.facts import BloodCount, ClearedRule, SuitabilityFacts
from booking.suitability.rules import RuleSet
from core.database.compiled import Arguments, CompiledQuery
from core.principal import Principal
from core.sealing import seal, unseal

A_DAY, A_MOMENT = timedelta(days=1), timedelta(microseconds=1)
GIVEN, COUNTED, CLEARED = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityRecords:
    """What the tables have of one person, the newest first: answers with when they were given, counts, clearances.

    `apart`: answers that count for one appointment alone (by its id), until its guest's address is verified.
    """

    answers: tuple[SuitabilityAnswers, ...] = ()
    apart: Mapping[int, tuple[SuitabilityAnswers, ...]] = field(default_factory=dict)
    labs: Mapping[str, BloodCount] = field(default_factory=dict)
    clearances: tuple[ClearedRule, ...] = ()

    def of_visit(self, visit: int | None) -> "SuitabilityRecords":
        """Return what counts for an appointment (its id): what was answered with it alone, then the rest."""
        own = self.apart.get(visit, ()) if visit is not None else ()
        return replace(self, answers=own + self.answers) if own else self


NOTHING_KNOWN = SuitabilityRecords()


def facts_of(
    patient: Patient, rules: RuleSet, *, at: datetime, zone: ZoneInfo, visit_day: date, place: str = ""
) -> SuitabilityFacts:
    """Return what is known of somebody at `at` by the clock of a site, for a visit on a day; in one query.

    `place`: the kind of place where the visit is, if it matters.
    """
    known = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN)
    return facts_from(known, rules, birth_date=patient.birth_date, at=at, zone=zone, visit_day=visit_day, place=place)


def facts_from(
    known: SuitabilityRecords,
    rules: RuleSet,
    *,
    birth_date: date,
    at: datetime,
    zone: ZoneInfo,
    visit_day: date,
    place: str = "",
) -> SuitabilityFacts:
    """Return what records mean at `at`: of each question the newest answer, if that counts still."""
    on = at.astimezone(zone).date()
    counts = counting(known.answers, rules, on=on, zone=zone)
    return SuitabilityFacts(
        on=on,
        age=age_on(visit_day, birth_date),
        answers=counts.answers,
        captures=counts.captures,
        labs=known.labs,
        clearances=known.clearances,
        place=place,
    )


def answers_known(visit: Appointment, rules: RuleSet, *, at: datetime) -> SuitabilityAnswers:
    """Return what the patient of an appointment has answered and counts still, for it or before.

    It is dated a moment after the first of it: said again, it counts for no longer, and takes the place of nothing.
    """
    known = records_of_people([visit.patient_id]).get(visit.patient_id, NOTHING_KNOWN).of_visit(visit.pk)
    zone = visit.site.tz
    counts = counting(known.answers, rules, on=at.astimezone(zone).date(), zone=zone)
    given = [one.answered_at for one in known.answers if one.answered_at and one.answers.keys() & counts.answers.keys()]
    return replace(counts, answered_at=min(given) + A_MOMENT if given else None)


def age_on(day: date, birth_date: date) -> int:
    """Return how old somebody is on a day, in years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def counting(given: Iterable[SuitabilityAnswers], rules: RuleSet, *, on: date, zone: ZoneInfo) -> SuitabilityAnswers:
    """Return what counts on a day of answers, the newest first: one of a question that has run out is none.

    An older one never comes back for it: who answers differently has changed their mind.
    """
    answers: dict[str, str] = {}
    captures: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for one in given:
        day = one.answered_at.astimezone(zone).date() if one.answered_at else on
        fresh = one.known_to(rules)
        for key, answer in fresh.answers.items():
            if key not in seen and on < day + counts_for(rules, key):
                answers[key] = answer
                captures |= {key: fresh.captures[key]} if key in fresh.captures else {}
        seen |= one.answers.keys()
    return SuitabilityAnswers(answers=answers, captures=captures)


def counts_for(rules: RuleSet, question: str) -> timedelta:
    """Return for how long an answer counts: a day at least, that on which it was given."""
    return max(timedelta(days=rules.content.keep_days[rules.questions[question].keep]), A_DAY)


def _rows() -> QuerySet[SuitabilityResponse, Any]:
    """Return what three tables have of people, in one query: what kind of row, whose, and what it says."""
    no_text, no_day = Cast(Value(""), CharField()), Cast(Value(None), DateField())
    no_number = Cast(Value(None), DecimalField(max_digits=8, decimal_places=3))
    whose = Arguments("patients")

    def kind(number: int) -> Cast:
        return Cast(Value(number), IntegerField())

    answers = SuitabilityResponse.objects.filter(patient__in=whose).exclude(answers="").order_by()
    labs = LabValue.objects.filter(patient__in=whose, withdrawn_at=None).order_by()
    cleared = Clearance.objects.filter(patient__in=whose, withdrawn_at=None).order_by()
    return answers.values_list(
        kind(GIVEN), "patient", "answers", Cast("only_for", CharField()), "answered_at", no_day, no_number, "pk"
    ).union(
        labs.values_list(kind(COUNTED), "patient", "kind", no_text, "entered_at", "taken_on", "value", "pk"),
        cleared.values_list(kind(CLEARED), "patient", "rule", "therapy", "given_at", "ends_on", no_number, "pk"),
        all=True,
    )


ROWS = CompiledQuery(_rows)


def records_of_people(patients: Collection[int]) -> dict[int, SuitabilityRecords]:
    """Return what is on record of people by their ids, in one query; those of whom there is nothing are left out."""
    found: defaultdict[int, dict[int, list[tuple[Any, ...]]]] = defaultdict(lambda: defaultdict(list))
    for kind, patient, *row in ROWS.tuples(patients=list(patients)):
        found[patient][kind].append(tuple(row))
    return {patient: _records(rows) for patient, rows in found.items()}


def _records(rows: Mapping[int, list[tuple[Any, ...]]]) -> SuitabilityRecords:
    given = sorted(rows.get(GIVEN, []), key=lambda row: (row[2], row[5]), reverse=True)
    visits = dict.fromkeys(only_for for _, only_for, *_ in given if only_for)
    # In the order in which they were taken, and entered: what comes last is what counts.
    labs = sorted(rows.get(COUNTED, []), key=lambda row: (row[3], row[5]))
    return SuitabilityRecords(
        answers=tuple(_opened([row for row in given if not row[1]])),
        apart={int(visit): tuple(_opened([row for row in given if row[1] == visit])) for visit in visits},
        labs={kind: BloodCount(value, taken_on) for kind, _, _, taken_on, value, _ in labs},
        clearances=tuple(_cleared(rule, therapy, ends_on) for rule, therapy, _, ends_on, *_ in rows.get(CLEARED, [])),
    )


def _opened(given: Iterable[tuple[Any, ...]]) -> Iterator[SuitabilityAnswers]:
    """Yield answers, the newest first, up to those that nobody can open any more.

    What is older than these may have been said otherwise since: it counts no more, and is asked anew.
    """
    for sealed, _, at, *_rest in given:
        one = _unsealed(sealed, answered_at=at)
        if one is None:
            return
        yield one


def _unsealed(sealed: str, *, answered_at: datetime) -> SuitabilityAnswers | None:
    """Return answers, None of those that were sealed with a key that is gone."""
    text = unseal(sealed, purpose=ANSWERS)
    if text is None:
        return None
    return SuitabilityAnswers.from_json(json.loads(text) | {"answered_at": answered_at.isoformat()})


@dataclass(frozen=True, slots=True)
class EnteredCounts:
    """The counts of one person that were ever entered, in the order in which they were taken, and entered."""

    rows: tuple[LabValue, ...]

    @classmethod
    def of(cls, patient: Patient) -> "EnteredCounts":
        """Return those of a person, in one query."""
        return cls(tuple(LabValue.objects.filter(patient=patient).order_by("taken_on", "pk")))

    def known_at(self, moment: datetime) -> dict[str, BloodCount]:
        """Return what counted at a moment: entered by then, and not withdrawn yet."""
        return {
            row.kind: BloodCount(row.value, row.taken_on)
            for row in self.rows
            if row.entered_at <= moment and (row.withdrawn_at is None or row.withdrawn_at > moment)
        }


@dataclass(frozen=True, slots=True)
class GivenClearances:
    """The clearances that were ever given to one person."""

    rows: tuple[Clearance, ...]

    @classmethod
    def of(cls, patient: Patient) -> "GivenClearances":
        """Return those of a person, in one query."""
        return cls(tuple(Clearance.objects.filter(patient=patient).order_by("pk")))

    def known_at(self, moment: datetime) -> tuple[ClearedRule, ...]:
        """Return those that held at a moment: given by then, and not withdrawn yet."""
        return tuple(
            _cleared(row.rule, row.therapy, row.ends_on)
            for row in self.rows
            if row.given_at <= moment and (row.withdrawn_at is None or row.withdrawn_at > moment)
        )


def _cleared(rule: str, therapy: str, ends_on: date) -> ClearedRule:
    return ClearedRule(rule=rule, ends_on=ends_on, therapies=frozenset({therapy} if therapy else ()))


def save_answers(
    patient: Patient,
    answers: SuitabilityAnswers,
    *,
    rules: RuleSet,
    policy_version: int,
    by: Principal,
    at: datetime,
    only_for: Appointment | None = None,
) -> SuitabilityResponse | None:
    """Write down what somebody answers as these rules ask it, sealed. The caller has locked the patient.

    What the rules do not ask is left out, and nothing is written where that is all. `only_for`: what they count for.
    What is older is dated as it was given: said again, it counts for no longer.
    """
    if answers.older:
        named: dict[str, Any] = {"rules": rules, "policy_version": policy_version, "by": by, "at": at}
        older = save_answers(patient, answers.older, only_for=only_for, **named)
        return save_answers(patient, replace(answers, older=None), only_for=only_for, **named) or older
    said = answers.known_to(rules)
    if not said:
        return None
    answered_at = min(said.answered_at or at, at)
    # What comes with a booking is what it is judged by, also where somebody has read it aloud since they began.
    if answered_at < at and SuitabilityResponse.objects.filter(patient=patient, answered_at__gte=answered_at).exists():
        answered_at = at
    return SuitabilityResponse.objects.create(
        patient=patient,
        policy_version=policy_version,
        answered_at=answered_at,
        answered_by=by.key,
        only_for=only_for,
        answers_until=answered_at + max(counts_for(rules, key) for key in said.answers) + A_DAY,
        answers=_sealed(said),
    )


def let_count_for_all(visit: Appointment, *, limited: Callable[[SuitabilityAnswers], SuitabilityAnswers]) -> None:
    """Let what was answered for an appointment alone count for its person, `limited` to what may count: the rest goes.

    The caller has locked the patient.
    """
    for row in SuitabilityResponse.objects.filter(only_for=visit).exclude(answers=""):
        given = _unsealed(row.answers, answered_at=row.answered_at)
        left = limited(given) if given else given
        if left != given:
            row.answers = _sealed(left) if left else ""
            row.save(update_fields=["answers"])
    SuitabilityResponse.objects.filter(only_for=visit).update(only_for=None)


def _sealed(answers: SuitabilityAnswers) -> str:
    written = {name: one for name, one in answers.to_json().items() if name != "answered_at"}
    return seal(json.dumps(written), purpose=ANSWERS)
