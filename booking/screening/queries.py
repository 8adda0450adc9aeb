"""How visits stand with the screening questions, and who may read what was answered."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import takewhile
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from booking.models import Appointment, ScreeningResponse
from booking.models.screening import ANSWERS
from booking.screening.outcomes import LONGEST_ISOLATION
from booking.screening.policies import ScreeningAudience, ScreeningPolicy, screening_policy
from booking.screening.questionnaire import Outcome
from booking.screening.state import (
    APPROVED,
    Response,
    ScreeningState,
    counts_from,
    keeps_away,
    state_and_answers,
)
from booking.status import Status
from core.database.compiled import Argument, Arguments, CompiledQuery
from core.sealing import unseal
from scheduler import public as scheduler

ASKED = frozenset({Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN})
"""Who is asked: whoever has an appointment that stands, until they are here."""

OF_AGE = 18
PATIENT = 0
"""The number of the patient among those who answer for a visit; whoever comes along has 1, 2, …"""


def audience_number(companion: int) -> ScreeningAudience:
    """Return whose questions the person of this number is asked."""
    return ScreeningAudience.COMPANION if companion else ScreeningAudience.PATIENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """How one person stands for a visit. `newest`: their answers that count, if there are any.

    `is_here`: they came in already, by these answers.
    """

    state: ScreeningState
    policy: ScreeningPolicy | None
    newest: ScreeningResponse | None
    is_here: bool = False

    @property
    def needs_recheck(self) -> bool:
        """Whether something is to be asked once more, or measured, before they are checked in."""
        if self.policy is None or self.state is not ScreeningState.CLEAR or self.newest is None:
            return False
        if self.is_here and self.newest.policy_version != self.policy.version:
            return False  # asked or not by the policy by which they came in
        return self.policy.rechecks and self.newest.rechecked_at is None


NEWER = ScreeningResponse.objects.filter(
    appointment=OuterRef("appointment"), companion=OuterRef("companion"), pk__gt=OuterRef("pk")
)
NEWEST_OF_PATIENT = Q(companion=PATIENT) & ~Q(appointment__status=Status.ENTERED_IN_ERROR) & ~Exists(NEWER)
"""By what a patient may stay away from other appointments as well: not by what was entered by mistake."""


def _responses(of_these: Q) -> QuerySet[ScreeningResponse]:
    """Return answers, and those by which patients may stay away from other appointments still, with whose."""
    lately = Q(earliest_day__gt=Argument("first")) | Q(answered_at__gt=Argument("since"))
    found = ScreeningResponse.objects.filter(
        of_these | (NEWEST_OF_PATIENT & lately), appointment__patient__in=Arguments("patients")
    )
    return found.annotate(of_patient=F("appointment__patient"))


RESPONSES = CompiledQuery(lambda: _responses(Q(appointment__in=Arguments("visits"))))
RESPONSES_OF_ONE = CompiledQuery(
    lambda: _responses(Q(appointment__in=Arguments("visits"), companion=Argument("companion")))
)

NOT_ASKED = Screening(state=ScreeningState.NOT_ASKED, policy=None, newest=None)


def screening_of(visit: Appointment, *, at: datetime, companion: int = PATIENT) -> Screening:
    """Return how a person stands for a visit, in one query where there is a policy, and none where there is not."""
    return screenings([visit], at=at, companion=companion)[visit.pk]


def screenings(visits: Collection[Appointment], *, at: datetime, companion: int = PATIENT) -> dict[int, Screening]:
    """Return how people stand for many visits by id, in one query. Needs their sites."""
    policies = {visit.pk: _policy(visit, companion) for visit in visits}  # once: each look may ask for the stamp
    given = _given([visit for visit in visits if policies[visit.pk]], companion=companion)
    return {visit.pk: _screening(visit, policies[visit.pk], given, companion=companion, at=at) for visit in visits}


def groups(visits: Collection[Appointment], *, at: datetime) -> dict[int, list[Screening]]:
    """Return how all who come to visits stand, by the visits' ids, in one query: the patient, then who comes along.

    Of those the ones who have answered, and who may come along still. Needs the visits' sites.
    """
    given = _given([visit for visit in visits if _policy(visit, PATIENT)])
    found = {}
    for visit in visits:
        answered = max((who for pk, who in given.rows if pk == visit.pk), default=PATIENT)
        people = range(min(answered, companions_allowed(visit)) + 1)
        found[visit.pk] = [_screening(visit, _policy(visit, who), given, companion=who, at=at) for who in people]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """Answers, the newest first: `rows` by visit and person, `newest` by patient of each of their visits."""

    rows: Mapping[tuple[int, int], list[ScreeningResponse]]
    newest: Mapping[int, list[ScreeningResponse]]

    def of(self, visit: Appointment, companion: int) -> list[ScreeningResponse]:
        return self.rows.get((visit.pk, companion), [])

    def of_patient(self, visit: Appointment) -> list[ScreeningResponse]:
        """Return by which a visit's patient may stay away from it: their newest about each of their appointments."""
        first, since = counts_from(visit.period.lower)
        return [
            row
            for row in self.newest.get(visit.patient_id, [])
            if row.appointment_id == visit.pk
            or row.answered_at > since
            or (row.earliest_day is not None and row.earliest_day > first)
        ]

    def elsewhere(self, visit: Appointment, companion: int) -> dict[Response, ScreeningResponse]:
        """Return those that a visit's patient gave for other appointments on the same record, if that is no call."""
        theirs = self.newest.get(visit.patient_id, []) if companion == PATIENT else []
        found = {answered_elsewhere(row): row for row in theirs if row.appointment_id != visit.pk}
        return {} if found and is_a_call(visit) else found


def _given(visits: Collection[Appointment], *, companion: int | None = None) -> _Given:
    """Return what was answered for visits, and by which their patients stay away for others of theirs; in one query."""
    rows: dict[tuple[int, int], list[ScreeningResponse]] = defaultdict(list)
    newest: dict[int, dict[int, ScreeningResponse]] = defaultdict(dict)
    asked = [visit.pk for visit in visits]
    if not asked:
        return _Given(rows=rows, newest={})
    first, since = counts_from(min(visit.period.lower for visit in visits))
    of_whom: dict[str, Any] = {"visits": asked, "patients": [visit.patient_id for visit in visits]}
    of_whom |= {"first": first, "since": since}
    given = RESPONSES if companion is None else RESPONSES_OF_ONE
    for row in given.rows(**of_whom if companion is None else of_whom | {"companion": companion}):
        if row.appointment_id in asked:
            rows[row.appointment_id, row.companion].append(row)
        theirs = newest[vars(row)["of_patient"]]
        if row.companion == PATIENT and row.pk >= theirs.get(row.appointment_id, row).pk:
            theirs[row.appointment_id] = row
    return _Given(rows=rows, newest={patient: list(theirs.values()) for patient, theirs in newest.items()})


def _policy(visit: Appointment, companion: int) -> ScreeningPolicy | None:
    if visit.status not in ASKED:
        return None
    return screening_policy(visit.site_id, starts_at=visit.period.lower, audience=audience_number(companion))


def away_until(visit: Appointment, *, at: datetime) -> date | None:
    """Return the day from which on a visit's patient may come who is to stay away until then; None for all others."""
    return away(visit, at=at)[1]


def away(visit: Appointment, *, at: datetime) -> tuple[bool, date | None]:
    """Return whether a visit's patient is to stay away, and until which day; None where nobody knows."""
    found = screening_of(visit, at=at)
    if found.newest is None or not found.state.to_settle:
        return False, None
    here = found.newest.appointment_id == visit.pk
    until = (response_of(found.newest, visit) if here else answered_elsewhere(found.newest)).away_until
    if until <= at.astimezone(visit.site.tz).date():
        return False, None
    return True, None if until == date.max else until


def companions_allowed(visit: Appointment) -> int:
    """Return how many may come along and answer: that is for the patient's policy to say, not for theirs."""
    policy = _policy(visit, PATIENT)
    return policy.companions_max if policy and _policy(visit, PATIENT + 1) else 0


def tells_companions(visit: Appointment, policy: ScreeningPolicy) -> bool:
    """Whether fewer may come along by now than have answered so, or the patient answered by another policy."""
    left_out = Q(companion__gt=companions_allowed(visit)) | (Q(companion=PATIENT) & ~Q(policy_version=policy.version))
    return ScreeningResponse.objects.filter(left_out, appointment=visit).exists()


def _screening(
    visit: Appointment, policy: ScreeningPolicy | None, answered: _Given, *, companion: int, at: datetime
) -> Screening:
    if policy is None:
        return NOT_ASKED
    rows, elsewhere = answered.of(visit, companion), answered.elsewhere(visit, companion)
    is_here = visit.status == Status.CHECKED_IN and (companion == PATIENT or bool(rows))
    given: dict[Response, ScreeningResponse] = {}
    for one in rows:  # the newest first: of two of one moment it counts
        given.setdefault(response_of(one, visit), one)
    state, counts = state_and_answers(
        policy,
        list(given),
        elsewhere,
        starts_at=visit.period.lower,
        zone=visit.site.tz,
        at=at,
        is_here=is_here,
    )
    if state is ScreeningState.NOT_ASKED:
        return NOT_ASKED
    return Screening(
        state=state, policy=policy, newest=(given | elsewhere)[counts] if counts else None, is_here=is_here
    )


def given_elsewhere(visit: Appointment, *, at: datetime) -> list[Response]:
    """Return what `rows_elsewhere` come to for a visit, the oldest first."""
    return sorted(map(answered_elsewhere, rows_elsewhere(visit, at=at)), key=lambda one: one.answered_at)


def rows_before(row: ScreeningResponse) -> list[ScreeningResponse]:
    """Return what else the same person answered since they might come last, the newest first, with its appointment.

    For other appointments on the same record as well, also later, where they are to stay away by that.
    """
    visit = row.appointment
    older = visit.screenings.filter(companion=row.companion, pk__lt=row.pk).select_related("appointment__site")
    found = list(takewhile(lambda one: keeps_away(response_of(one, visit)), older))
    if row.companion == PATIENT:
        found += rows_elsewhere(visit, at=row.answered_at)
    return sorted(found, key=lambda one: -one.pk)


def rows_elsewhere(visit: Appointment, *, at: datetime) -> list[ScreeningResponse]:
    """Return by which answers for other appointments on the same record a visit's patient stays away, with these.

    Also those that somebody has yet to look at before another one, and where nobody knows until when, as long as
    anybody may be told to stay at home.
    """
    newest = ScreeningResponse.objects.filter(~Exists(NEWER), appointment__patient=visit.patient_id, companion=PATIENT)
    of_others = newest.exclude(appointment=visit).exclude(appointment__status=Status.ENTERED_IN_ERROR)
    rows = of_others.exclude(decision=APPROVED).select_related("appointment__site")
    return [row for row in rows if _counts_elsewhere(row, at=at)]


def _counts_elsewhere(row: ScreeningResponse, *, at: datetime) -> bool:
    if not keeps_away(answered_elsewhere(row)):
        return False
    if row.outcome == Outcome.REVIEW and not row.decision and not (row.earliest_day or row.until_unknown):
        return row.appointment.status in ASKED and at < row.appointment.period.upper
    return row.earliest_day is not None or at < row.answered_at + LONGEST_ISOLATION


def answered_elsewhere(row: ScreeningResponse) -> Response:
    """Return what answers come to for other appointments of the same person: away until then, whatever else it was."""
    outcome = Outcome(row.outcome)
    return Response(
        outcome=Outcome.REBOOK if outcome is Outcome.SEEK_CARE else outcome,
        answered_at=row.decided_at or row.answered_at,
        decision=row.decision,
        earliest_day=row.earliest_day,
        until_unknown=row.until_unknown,
        visit_moved=True,
        reviewed=row.reviewed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientScreening:
    """The policy that a visit's patient is asked by, and what they answered, the newest first; also for others.

    `news`: by the newest answers (ids) of each who comes, what is to be told of their review; `companions`: how many
    may come along, and answer as well, `companions_answered`: how many have; `read`: by answers (ids) that may keep the
    patient away, how they stand, so that it can be compared.
    """

    policy: ScreeningPolicy | None = None
    responses: tuple[Response, ...] = ()
    elsewhere: tuple[Response, ...] = ()
    companions: int = 0
    companions_answered: int = 0
    news: Mapping[int, str] = field(default_factory=dict)
    read: Mapping[int, str] = field(default_factory=dict)


def patient_screenings(visits: Collection[Appointment]) -> dict[int, PatientScreening]:
    """Return what visits' patients are asked by id, in one query, or none where there is no policy.

    Of the visits their rows alone are read: one that says what nobody can read keeps no other from being told.
    """
    policies = {visit.pk: policy for visit in visits if (policy := _policy(visit, PATIENT))}
    given = _given([visit for visit in visits if visit.pk in policies])
    newest: dict[int, list[ScreeningResponse]] = defaultdict(list)
    for (visit_id, _who), rows in given.rows.items():  # of each visit and person the newest first
        newest[visit_id].append(rows[0])
    return {
        visit.pk: PatientScreening(
            policy=policies.get(visit.pk),
            responses=tuple(response_of(row, visit) for row in given.of(visit, PATIENT)),
            elsewhere=tuple(given.elsewhere(visit, PATIENT)),
            companions=companions_allowed(visit) if visit.pk in policies else 0,
            companions_answered=max((row.companion for row in newest[visit.pk]), default=0),
            news={row.pk: news_of(row) for row in newest[visit.pk] if row.news},
            read={row.pk: _as_read(row) for row in given.of_patient(visit)},
        )
        for visit in visits
    }


def _as_read(row: ScreeningResponse) -> str:
    day = [row.earliest_day.isoformat()] if row.earliest_day else []
    return " ".join([str(row.pk), row.outcome, row.decision, *day])


def news_of(row: ScreeningResponse) -> str:
    """Return what is told of the review of answers, so that it can be compared.

    Another hour to call is other news, and so is whatever follows once a decision was taken back.
    """
    called = row.call_starts_at if not row.decision else None
    moments = [moment.isoformat() for moment in (called, row.taken_back_at) if moment]
    return " ".join([row.news, *moments])


def response_of(row: ScreeningResponse, visit: Appointment) -> Response:
    """Return what the rules need to know of a row about a visit."""
    return Response(
        outcome=Outcome(row.outcome),
        answered_at=row.answered_at,
        decision=row.decision,
        decided_at=row.decided_at,
        earliest_day=row.earliest_day,
        until_unknown=row.until_unknown,
        visit_moved=row.visit_version != visit.version,
        reviewed=row.reviewed,
        policy_version=row.policy_version,
    )


def answers_of(row: ScreeningResponse) -> Mapping[str, object] | None:
    """Return what was answered, None once it has gone. The caller must be allowed to read it."""
    text = unseal(row.answers, purpose=ANSWERS) if row.answers else None
    found: Mapping[str, object] | None = json.loads(text) if text else None
    return found


def others_in_days_away(row: ScreeningResponse) -> list[int]:
    """Return the other visits (ids) of a patient who stays away that begin before they may come again, soonest first.

    Those on the same record alone: a link opens one visit, and tells nobody of others. Needs the visit's site.
    """
    visit, first_day = row.appointment, row.earliest_day
    if row.companion != PATIENT or first_day is None:
        return []
    until = datetime.combine(first_day, time(), visit.site.tz)
    others = Appointment.objects.filter(patient=visit.patient_id, status=Status.BOOKED).exclude(pk=visit.pk)
    ahead = others.filter(period__startswith__gt=row.answered_at, period__startswith__lt=until)
    return list(ahead.order_by("period", "pk").values_list("pk", flat=True))


def is_a_child(visit: Appointment) -> bool:
    """Whether the patient is not of age on the day of a visit."""
    born, on = visit.patient.birth_date, visit.period.lower.astimezone(visit.site.tz).date()
    years: int = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return years < OF_AGE


def is_a_call(visit: Appointment) -> bool:
    """Whether a visit is made by phone or video: it needs no place. Needs its therapy."""
    return not scheduler.needs_place(visit.therapy.key, visit.visit, visit.technique)
