"""Those who treat answer how they are; who must stay away is suggested to schedulers, who decide."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.actions import booking_checks, uncovered_visits
from booking.actions.screening import FORGOTTEN_AT_ONCE, as_json
from booking.models import AbsenceDecision, Appointment, PractitionerScreening
from booking.models.screening import ANSWERS
from booking.screening.outcomes import ScreeningAnswers, ScreeningResult, screen
from booking.screening.policies import ScreeningAudience, ScreeningPolicy, screening_policy
from booking.screening.questionnaire import Outcome
from booking.status import OCCUPYING
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.sealing import seal
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
AWAY = frozenset({Outcome.REBOOK, Outcome.SEEK_CARE})


class AbsenceDecided(Refusal):
    """Somebody has decided about the suggested absence, or newer answers were given."""

    code = "absence-decided"
    title = _("Somebody has decided about this already, or they have answered anew.")


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
    """Note what somebody who treats answers. Raises Missing where nobody asks, and Invalid."""
    if day.policy is None:
        raise Missing
    result = screen(day.policy, answers, visit_on=day.on)
    until = _away_until(day.policy, result, on=day.on) if result.outcome in AWAY else None
    return PractitionerScreening.objects.create(
        practitioner=day.practitioner,
        site=day.site,
        on=day.on,
        policy_version=day.policy.version,
        answered_at=at,
        answered_by=by.key,
        outcome=result.outcome,
        masked=result.masked,
        away_until=until,
        answers_until=at + day.policy.answers_kept,
        answers=seal(json.dumps(as_json(answers)), purpose=ANSWERS),
    )


def _away_until(policy: ScreeningPolicy, result: ScreeningResult, *, on: date) -> date:
    """Return when they may work again: where they do not know until when they stay at home, after the policy's days."""
    if result.earliest_day is not None:
        return result.earliest_day
    return on + (timedelta(days=policy.days.mild) if result.outcome is Outcome.REBOOK else A_DAY)


def suggested_absences(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return what is still to be decided at a site, the oldest first: of each person by their newest answers."""
    today = at.astimezone(site.tz).date()
    recent = PractitionerScreening.objects.filter(Q(site=site) | Q(practitioner__offerings__site=site))
    newest = PractitionerScreening.objects.filter(practitioner__in=recent.values("practitioner"))
    newest = newest.order_by("practitioner_id", "-answered_at", "-pk").distinct("practitioner_id")
    rows = PractitionerScreening.objects.filter(pk__in=newest.values("pk"), decision="", away_until__gt=today)
    return list(rows.select_related("practitioner", "site").order_by("answered_at", "pk"))


def touched_visits(row: PractitionerScreening, *, at: datetime) -> int:
    """Return how many appointments lie in a suggested absence."""
    rows = Appointment.objects.filter(practitioner=row.practitioner, status__in=sorted(OCCUPYING))
    begins, ends = absence_of(row, at=at)
    return rows.filter(period__overlap=(begins, ends)).count()


def absence_of(row: PractitionerScreening, *, at: datetime) -> tuple[datetime, datetime]:
    """Return from when until when somebody would be away: from now until the day on which they may work again."""
    if row.away_until is None:
        raise Missing
    return at, datetime.combine(row.away_until, time(), row.site.tz)


@unit
def enter_absence(public_id: UUID, *, by: Principal, at: datetime) -> scheduler.Impact[Any]:
    """Enter a suggested absence; whoever is left without cover is on the list of calls at once.

    Raises Missing, AbsenceDecided, and AbsenceClash where they are away already.
    """
    row = _undecided(public_id)
    starts_at, ends_at = absence_of(row, at=at)
    impact = scheduler.add_absence(
        row.practitioner, starts_at=starts_at, ends_at=ends_at, by=by, at=at, reason=scheduler.AbsenceReason.ILLNESS
    )
    _decide(row, AbsenceDecision.ENTERED, by=by, at=at)
    uncovered_visits.review(at=at)
    return impact


@unit
def decline_absence(public_id: UUID, because: str, *, by: Principal, at: datetime) -> PractitionerScreening:
    """Decline a suggested absence, with a reason. Raises Missing, AbsenceDecided, Invalid."""
    reason = booking_checks.clean_line(because, pointer="/because") if because.strip() else ""
    if not reason:
        raise Invalid(_("Say why, in a few words."), pointer="/because")
    row = _undecided(public_id)
    row.declined_because = reason
    _decide(row, AbsenceDecision.DECLINED, by=by, at=at)
    return row


def _undecided(public_id: UUID) -> PractitionerScreening:
    """Lock and return what is to be decided. Raises Missing, AbsenceDecided."""
    rows = PractitionerScreening.objects.filter(public_id=public_id)
    if not list(rows.select_for_update(no_key=True).values_list("pk")):
        raise Missing
    row = rows.select_related("practitioner", "site").get()
    newest = PractitionerScreening.objects.filter(practitioner=row.practitioner).first()
    if row.decision or newest is None or newest.pk != row.pk or row.away_until is None:
        raise AbsenceDecided
    return row


def _decide(row: PractitionerScreening, decision: AbsenceDecision, *, by: Principal, at: datetime) -> None:
    row.decision, row.decided_at, row.decided_by = decision, at, by.key
    row.save(update_fields=["decision", "decided_at", "decided_by", "declined_because"])


@unit
def forget_answers(*, at: datetime) -> int:
    """Let go of answers that have been kept as long as their policy says; what followed from them stays."""
    over = PractitionerScreening.objects.filter(answers_until__lte=at).exclude(answers="").order_by("answers_until")
    ids = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return PractitionerScreening.objects.filter(pk__in=ids).update(answers="")
