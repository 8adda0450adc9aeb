"""How visits stand with the screening questions, and who may read what was answered."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Exists, OuterRef

from booking.models import Appointment, Change, ScreeningResponse
from booking.models.screening import ANSWERS
from booking.screening.policies import (
    ScreeningAudience,
    ScreeningPolicy,
    screening_policy,
    screening_policy_since,
)
from booking.screening.questionnaire import Outcome
from booking.screening.state import Response, ScreeningState, answers_count_from, counting, screening_state
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


RESPONSES = CompiledQuery(lambda: ScreeningResponse.objects.filter(appointment__in=Arguments("visits")))
RESPONSES_OF_ONE = CompiledQuery(
    lambda: ScreeningResponse.objects.filter(appointment__in=Arguments("visits"), companion=Argument("companion"))
)
NOT_ASKED = Screening(state=ScreeningState.NOT_ASKED, policy=None, newest=None)


def screening_of(visit: Appointment, *, at: datetime, companion: int = PATIENT) -> Screening:
    """Return how a person stands for a visit, in one query where there is a policy, and none where there is not."""
    return screenings([visit], at=at, companion=companion)[visit.pk]


def screenings(visits: Collection[Appointment], *, at: datetime, companion: int = PATIENT) -> dict[int, Screening]:
    """Return how people stand for many visits by id, in one query. Needs their sites."""
    policies = {visit.pk: _policy(visit, companion) for visit in visits}  # once: each look may ask for the stamp
    asked = [pk for pk, policy in policies.items() if policy]
    rows: dict[int, list[ScreeningResponse]] = defaultdict(list)
    if asked:
        for row in RESPONSES_OF_ONE.rows(visits=asked, companion=companion):
            rows[row.appointment_id].append(row)
    return {
        visit.pk: _screening(visit, policies[visit.pk], rows[visit.pk], companion=companion, at=at) for visit in visits
    }


def groups(visits: Collection[Appointment], *, at: datetime) -> dict[int, list[Screening]]:
    """Return how all who come to visits stand, by the visits' ids, in one query: the patient, then who comes along.

    Of those the ones who have answered, and who may come along still. Needs the visits' sites.
    """
    rows: dict[tuple[int, int], list[ScreeningResponse]] = defaultdict(list)
    asked = [visit.pk for visit in visits if _policy(visit, PATIENT)]
    for row in RESPONSES.rows(visits=asked) if asked else ():
        rows[row.appointment_id, row.companion].append(row)
    found = {}
    for visit in visits:
        answered = max((who for pk, who in rows if pk == visit.pk), default=PATIENT)
        people = range(min(answered, companions_allowed(visit)) + 1)
        found[visit.pk] = [
            _screening(visit, _policy(visit, who), rows[visit.pk, who], companion=who, at=at) for who in people
        ]
    return found


def _policy(visit: Appointment, companion: int) -> ScreeningPolicy | None:
    if visit.status not in ASKED:
        return None
    return screening_policy(visit.site_id, starts_at=visit.period.lower, audience=audience_number(companion))


def away_until(visit: Appointment, *, at: datetime) -> date | None:
    """Return the day from which on a visit's patient may come who is to stay away until then; None for all others."""
    found = screening_of(visit, at=at)
    return found.newest.earliest_day if found.newest and found.state is ScreeningState.STAY_AWAY else None


def companions_allowed(visit: Appointment) -> int:
    """Return how many may come along and answer: that is for the patient's policy to say, not for theirs."""
    policy = _policy(visit, PATIENT)
    return policy.companions_max if policy and _policy(visit, PATIENT + 1) else 0


def companions_left_out(visit: Appointment) -> bool:
    """Whether fewer may come along by now than have answered so."""
    return ScreeningResponse.objects.filter(appointment=visit, companion__gt=companions_allowed(visit)).exists()


def _screening(
    visit: Appointment,
    policy: ScreeningPolicy | None,
    rows: Collection[ScreeningResponse],
    *,
    companion: int,
    at: datetime,
) -> Screening:
    if policy is None:
        return NOT_ASKED
    start, zone = visit.period.lower, visit.site.tz
    is_here = visit.status == Status.CHECKED_IN and (companion == PATIENT or bool(rows))
    given: dict[Response, ScreeningResponse] = {}
    for row in rows:  # the newest first: of two of one moment it counts
        given.setdefault(response_of(row, visit), row)
    responses = counting(policy, given, starts_at=start, zone=zone, is_here=is_here)
    state = screening_state(policy, responses, starts_at=start, zone=zone, at=at, is_here=is_here)
    if state is ScreeningState.NOT_ASKED:
        return NOT_ASKED
    counts = max((given[one] for one in responses), key=lambda row: row.answered_at, default=None)
    return Screening(state=state, policy=policy, newest=counts, is_here=is_here)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientScreening:
    """The policy that a visit's patient is asked by, and what they answered, the newest first.

    `news`: by the newest answers (ids) of each who comes, what is to be told of their review; `companions`: how many
    may come along, and answer as well, `companions_answered`: how many have.
    """

    policy: ScreeningPolicy | None = None
    responses: tuple[Response, ...] = ()
    companions: int = 0
    companions_answered: int = 0
    news: Mapping[int, str] = field(default_factory=dict)


def patient_screenings(visits: Collection[Appointment]) -> dict[int, PatientScreening]:
    """Return what visits' patients are asked by id, in one query, or none where there is no policy.

    Of the visits their rows alone are read: one that says what nobody can read keeps no other from being told.
    """
    policies = {visit.pk: policy for visit in visits if (policy := _policy(visit, PATIENT))}
    rows = RESPONSES.rows(visits=list(policies)) if policies else ()
    theirs: dict[int, list[ScreeningResponse]] = defaultdict(list)
    newest: dict[int, dict[int, ScreeningResponse]] = defaultdict(dict)
    for row in rows:  # of each visit and person the newest first
        newest[row.appointment_id].setdefault(row.companion, row)
        if row.companion == PATIENT:
            theirs[row.appointment_id].append(row)
    return {
        visit.pk: PatientScreening(
            policy=policies.get(visit.pk),
            responses=tuple(response_of(row, visit) for row in theirs[visit.pk]),
            companions=companions_allowed(visit) if visit.pk in policies else 0,
            companions_answered=max((row.companion for row in newest[visit.pk].values()), default=0),
            news={row.pk: news_of(row) for row in newest[visit.pk].values() if row.news},
        )
        for visit in visits
    }


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
        earliest_day=row.earliest_day,
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


def to_review(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningResponse]:
    """Return the answers about visits ahead at sites (ids; None: all) that somebody has to decide about.

    Whoever needs help comes first, then what is due first. Of each person the newest alone: what was answered anew is
    not looked at any more.
    """
    waiting = [row for row in newest_ahead(sites, at=at) if row.reviewed and not row.decision]
    return sorted(waiting, key=lambda row: (row.outcome != Outcome.SEEK_CARE, row.due_at or row.answered_at, row.pk))


def newest_ahead(sites: Collection[int] | None, *, at: datetime) -> list[ScreeningResponse]:
    """Return the newest answers of each person who comes to a visit ahead, with what pages show of it; one query."""
    rows = ScreeningResponse.objects.filter(appointment__status__in=sorted(ASKED))
    if sites is not None:
        rows = rows.filter(appointment__site__in=sites)
    newest = rows.filter(appointment__period__endswith__gt=at).distinct("appointment_id", "companion")
    found = newest.order_by("appointment_id", "companion", "-answered_at", "-pk")
    with_visit = ("appointment__site", "appointment__patient", "appointment__therapy", "appointment__practitioner")
    return list(found.select_related(*with_visit))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnew:
    """A policy by its version, and since when it has been settled that it holds: mails sent since then asked by it."""

    policy_version: int
    since: datetime


def asked_anew(*, at: datetime) -> dict[int, AskedAnew]:
    """Return the visits ahead whose patients answered, and are asked by a policy settled since they could, by id.

    In a few queries, however many. Whoever has not answered at all, or comes later than they thought, has the questions
    in their reminders. A visit whose last change is still to be told is left out: that mail leads to them.
    """
    rows = ScreeningResponse.objects.filter(companion=PATIENT, appointment__period__startswith__gt=at)
    answered = set(rows.filter(appointment__status=Status.BOOKED).values_list("appointment", flat=True))
    if not answered:
        return {}
    untold = Change.objects.filter(appointment=OuterRef("pk"), relayed_at=None)
    visits = list(Appointment.objects.filter(~Exists(untold), pk__in=answered).select_related("site"))
    known = screenings(visits, at=at)
    found = {visit.pk: _asked_anew(visit, known[visit.pk], at=at) for visit in visits}
    return {pk: asked for pk, asked in found.items() if asked}


def _asked_anew(visit: Appointment, known: Screening, *, at: datetime) -> AskedAnew | None:
    if known.policy is None or known.state is not ScreeningState.UNANSWERED:
        return None
    start = visit.period.lower
    since = screening_policy_since(visit.site_id, starts_at=start, at=at)
    if since is None or since <= answers_count_from(known.policy, start, visit.site.tz):
        return None
    return AskedAnew(policy_version=known.policy.version, since=since)
