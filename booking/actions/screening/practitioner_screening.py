"""Those who treat answer how they are.

Where somebody has to talk with them first, a clinician of the site does, and says what follows.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.actions.screening.screening import FORGOTTEN_AT_ONCE, as_json
from booking.errors import StaffOnly
from booking.models import AbsenceDecision, Appointment, FitnessDecision, PractitionerScreening
from booking.models.screening import ANSWERS
from booking.rules import PRESSED_TWICE
from booking.screening.outcomes import ScreeningAnswers, ScreeningResult, screen
from booking.screening.policies import ScreeningAudience, ScreeningPolicy, screening_policy
from booking.screening.questionnaire import Outcome
from booking.screening.state import APPROVED, DECLINED, Response, beside_earlier
from core.database.locking import wait_for
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.sealing import seal, unseal

A_DAY = timedelta(days=1)
DECISION = ("decision", "decided_at", "decided_by", "declined_because", "decisions", "absence_id")
"""What was decided about an absence that was suggested: it holds where answers given anew do not take that back."""

AWAY = frozenset({Outcome.REBOOK, Outcome.SEEK_CARE})
FITNESS: dict[str, str] = {FitnessDecision.MAY_WORK: APPROVED, FitnessDecision.STAYS_AWAY: DECLINED}
"""A clinician's word about somebody who treats, as the rule for all who answer has it."""


class FitnessDecided(Refusal):
    """A clinician has talked with them already, they answered anew, or what was said cannot be taken back any more."""

    code = "fitness-decided"
    title = _("Somebody has decided about this already, or it cannot be taken back any more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDay:
    """A day on which somebody treats, where it begins, and by which policy they are asked (None: nobody asks)."""

    practitioner: Any
    site: Site
    on: date
    starts_at: datetime | None
    policy: ScreeningPolicy | None


def work_day_of(practitioner: Any, site: Site, *, at: datetime) -> WorkDay:  # noqa: ANN401  (a row of the scheduler's)
    """Return the day of work that somebody is asked about: today's, by their first appointment, wherever it is.

    Without one, it is today at `site`.
    """
    today = at.astimezone(site.tz).date()
    begins, ends = (datetime.combine(day, time(), site.tz) for day in (today, today + A_DAY))
    visits = Appointment.objects.taking_time(at=at).filter(
        practitioner=practitioner, period__startswith__gte=begins, period__startswith__lt=ends
    )
    first = visits.select_related("site").order_by("period").first()
    there, starts_at = (first.site, first.period.lower) if first else (site, None)
    policy = screening_policy(there.pk, starts_at=starts_at or at, audience=ScreeningAudience.PRACTITIONER)
    return WorkDay(practitioner=practitioner, site=there, on=today, starts_at=starts_at, policy=policy)


def newest_of(day: WorkDay) -> PractitionerScreening | None:
    """Return what somebody answered for a day of work to what its policy asks, the newest."""
    if day.policy is None:
        return None
    rows = PractitionerScreening.objects.filter(practitioner=day.practitioner, on=day.on)
    return rows.filter(policy_version=day.policy.version).first()


@unit
def answer(day: WorkDay, answers: ScreeningAnswers, *, by: Principal, at: datetime) -> PractitionerScreening:
    """Note what somebody who treats answers. Raises Missing where nobody asks, and Invalid.

    Pressed twice it is noted once. Who was to stay away, or to be talked with, and now answers less, is talked with
    first: an absence that was suggested stays until somebody has decided.
    """
    if day.policy is None:
        raise Missing
    result = screen(day.policy, answers, visit_on=day.on)
    _wait_for_others(day.practitioner.pk)
    before = PractitionerScreening.objects.filter(practitioner=day.practitioner).first()
    if before is not None and _is_repeated(before, day, answers, by=by, at=at):
        return before
    made = PractitionerScreening(
        practitioner=day.practitioner,
        site=day.site,
        on=day.on,
        policy_version=day.policy.version,
        answered_at=at,
        answered_by=by.key,
        outcome=result.outcome,
        masked=result.masked,
        away_until=_first_day_back(day.policy, result, on=day.on) if result.outcome in AWAY else None,
        answers_until=at + day.policy.answers_kept,
        answers=seal(json.dumps(as_json(answers)), purpose=ANSWERS),
    )
    if before is not None:
        _weigh(made, before)
    made.save(force_insert=True)
    return made


def _wait_for_others(practitioner_id: int) -> None:
    """Wait for whatever is just answered by somebody who treats, or decided about them."""
    wait_for(f"health of practitioner {practitioner_id}")


def _is_repeated(
    before: PractitionerScreening, day: WorkDay, answers: ScreeningAnswers, *, by: Principal, at: datetime
) -> bool:
    """Whether somebody said just this a moment ago: a button was pressed twice."""
    text = unseal(before.answers, purpose=ANSWERS) if before.answers else None
    same = (before.on, before.answered_by) == (day.on, by.key) and text == json.dumps(as_json(answers))
    return same and at - before.answered_at < PRESSED_TWICE


def _weigh(made: PractitionerScreening, before: PractitionerScreening) -> None:
    """Let somebody be talked with who answers less than before, and what was suggested stay: by the rule for patients.

    Whoever says that they need help now is told so all the same.
    """
    now = _response_of(made, on=made.on)
    rows = reversed(_since_let_in(made.practitioner_id))
    found = beside_earlier([_response_of(row, on=made.on) for row in rows], now, on=made.on, visit_on=made.on)
    if (found.outcome, found.earliest_day) == (now.outcome, now.earliest_day):
        return
    if now.outcome is not Outcome.SEEK_CARE:
        made.outcome = Outcome.REVIEW
    made.away_until = found.earliest_day
    if made.away_until is not None and made.away_until == away_until(before) and absence_is_decided(before):
        for name in DECISION:
            setattr(made, name, getattr(before, name))


def _since_let_in(practitioner_id: int) -> list[PractitionerScreening]:
    """Return what somebody answered since they could work by their answers or a clinician's word, the newest first."""
    rows = PractitionerScreening.objects.filter(practitioner=practitioner_id).defer("answers")
    well = Q(outcome__in=[Outcome.PROCEED, Outcome.PROCEED_MASKED]) | Q(fitness=FitnessDecision.MAY_WORK)
    last = rows.filter(well).first()
    return list(rows.filter(answered_at__gte=last.answered_at) if last else rows)


def _response_of(row: PractitionerScreening, *, on: date) -> Response:
    """Return what the rule needs to know of a row on a day: a review that no days go with is of its own day."""
    return Response(
        outcome=Outcome(row.outcome),
        answered_at=row.answered_at,
        decision=FITNESS.get(row.fitness, ""),
        earliest_day=away_until(row),
        reviewed=waits_for_clinician(row) and row.on == on,
    )


def away_until(row: PractitionerScreening) -> date | None:
    """Return the day on which somebody may work again, None where nothing keeps them away."""
    if row.fitness == FitnessDecision.MAY_WORK:
        return None
    if row.away_until is None and row.fitness == FitnessDecision.STAYS_AWAY:
        return row.on + A_DAY
    return row.away_until


def waits_for_clinician(row: PractitionerScreening) -> bool:
    """Whether a clinician has to talk with somebody before they see patients."""
    return row.outcome == Outcome.REVIEW and not row.fitness


def _first_day_back(policy: ScreeningPolicy, result: ScreeningResult, *, on: date) -> date:
    """Return when they may work again: where they do not know until when they stay at home, after the policy's days."""
    if result.earliest_day is not None:
        return result.earliest_day
    return on + (timedelta(days=policy.days.mild) if result.outcome is Outcome.REBOOK else A_DAY)


def absence_is_decided(row: PractitionerScreening) -> bool:
    """Whether schedulers have decided about a suggested absence.

    Where they declined it and a clinician keeps them away since, it is suggested anew until that is taken back.
    """
    if row.decision == AbsenceDecision.DECLINED and row.fitness == FitnessDecision.STAYS_AWAY:
        return bool(row.decided_at and row.fitness_at and row.fitness_at <= row.decided_at)
    return row.decision != ""


def to_talk_with(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return with whom of a site a clinician has to talk before they see patients, the first who answered first."""
    return [row for row in _of_these_days(site, at=at) if waits_for_clinician(row)]


def talked_with_today(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return what clinicians of a site decided today about those who treat, and can take back."""
    return [row for row in _of_these_days(site, at=at) if _can_be_taken_back(row, at=at)]


def _of_these_days(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    today = at.astimezone(site.tz).date()
    rows = newest_at(site).filter(Q(on__gte=today) | Q(away_until__gt=today), outcome=Outcome.REVIEW)
    return list(rows.order_by("answered_at", "pk"))


def newest_at(site: Site) -> QuerySet[PractitionerScreening]:
    """Keep of each person who treats at a site their newest answers."""
    recent = PractitionerScreening.objects.filter(Q(site=site) | Q(practitioner__offerings__site=site))
    newest = PractitionerScreening.objects.filter(practitioner__in=recent.values("practitioner"))
    newest = newest.order_by("practitioner_id", "-answered_at", "-pk").distinct("practitioner_id")
    return PractitionerScreening.objects.filter(pk__in=newest.values("pk")).select_related("practitioner", "site")


def waited_for(public_id: UUID) -> tuple[PractitionerScreening, bool]:
    """Wait for others, then return answers, and whether they are still the newest of their person. Raises Missing."""
    rows = PractitionerScreening.objects.filter(public_id=public_id).defer("answers")
    for practitioner_id in rows.values_list("practitioner", flat=True):
        _wait_for_others(practitioner_id)
    row = rows.select_related("practitioner", "site").first()
    if row is None:
        raise Missing
    newest = PractitionerScreening.objects.filter(practitioner=row.practitioner).first()
    return row, newest is not None and newest.pk == row.pk


@unit
def decide_fitness(public_id: UUID, decision: FitnessDecision, *, by: Principal, at: datetime) -> PractitionerScreening:
    """Note what a clinician decided who talked with somebody who treats. Raises Missing, FitnessDecided, StaffOnly.

    Who stays away is suggested to the schedulers, also where they declined it before; until tomorrow where no day is
    known. Nobody decides about their own.
    """
    row, newest = waited_for(public_id)
    _insist_on_another(row, by)
    if newest and (row.fitness, row.fitness_by) == (decision, by.key):  # pressed twice
        return row
    if not newest or not waits_for_clinician(row):
        raise FitnessDecided
    row.fitness, row.fitness_at, row.fitness_by = decision, at, by.key
    row.save(update_fields=["fitness", "fitness_at", "fitness_by"])
    return row


@unit
def take_fitness_back(public_id: UUID, *, by: Principal, at: datetime) -> PractitionerScreening:
    """Let somebody be talked with once more, on the day on which it was decided. Twice is the same as once.

    Raises Missing, FitnessDecided, StaffOnly.
    """
    row, newest = waited_for(public_id)
    _insist_on_another(row, by)
    if newest and waits_for_clinician(row):
        return row
    if not newest or not _can_be_taken_back(row, at=at):
        raise FitnessDecided
    row.fitness, row.fitness_at, row.fitness_by = "", None, ""
    row.save(update_fields=["fitness", "fitness_at", "fitness_by"])
    return row


def _can_be_taken_back(row: PractitionerScreening, *, at: datetime) -> bool:
    """Whether a clinician's word is of today, and no absence was entered or declined since."""
    zone = row.site.tz
    if row.fitness_at is None or row.fitness_at.astimezone(zone).date() != at.astimezone(zone).date():
        return False
    return row.decided_at is None or row.decided_at < row.fitness_at


def _insist_on_another(row: PractitionerScreening, by: Principal) -> None:
    """Refuse whoever would decide about their own answers. Raises StaffOnly."""
    if by.user_id is not None and row.practitioner.user_id == by.user_id:
        raise StaffOnly


@unit
def forget_answers(*, at: datetime) -> int:
    """Let go of answers that have been kept as long as their policy says; what followed from them stays."""
    over = PractitionerScreening.objects.filter(answers_until__lte=at).exclude(answers="").order_by("answers_until")
    ids = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return PractitionerScreening.objects.filter(pk__in=ids).update(answers="")
