"""What follows from screening answers: a policy, the answers and the days in, an outcome with its reasons out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from booking.screening.policies import Masks, ScreeningPolicy
from booking.screening.questionnaire import (
    QUESTIONNAIRE,
    AnswerChoice,
    FollowUp,
    Outcome,
    Questionnaire,
    ScreeningQuestion,
)
from core.refusals import Invalid

A_DAY = timedelta(days=1)
BRING_MASK = "bring_mask"
EMERGENCY = "emergency"
TEMPERATURE = "temperature"
POSITIVE_TEST = FollowUp.TESTED_ON
LONGEST_AGO = timedelta(days=30)
"""No test of longer ago keeps anybody away: its day, or its year, is mistyped."""

LONGEST_ISOLATION = timedelta(days=60)
"""Nobody is told to stay at home for longer, as no policy keeps anybody away: the day, or its year, is mistyped."""

BEFORE_TEST = timedelta(days=10)
"""Symptoms that began longer before a test are not those of what was found: no days are reckoned from them."""


class Severity(StrEnum):
    """How ill an infection makes somebody."""

    NONE = "none"
    MILD = "mild"
    IN_HOSPITAL = "in_hospital"


class ImmuneSystem(StrEnum):
    """Whether somebody's immune system is weak; who does not know is treated as if it were."""

    WEAK = "yes"
    STRONG = "no"
    NOT_SURE = "not_sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningAnswers:
    """What somebody has answered (FHIR QuestionnaireResponse). Days are those of the site's wall clock.

    `fever_free_since`: the first day without fever, None while there still is one or nobody has said.
    `isolate_until`: the last day at home of whoever was told to stay there, None where they do not know it.
    `temperature_f`: degrees Fahrenheit, where it was taken.
    """

    answered_on: date
    choices: Mapping[str, AnswerChoice] = field(default_factory=dict)
    emergency: bool = False
    tested_on: date | None = None
    symptoms_began_on: date | None = None
    fever_free_since: date | None = None
    severity: Severity | None = None
    weak_immune_system: ImmuneSystem | None = None
    isolate_until: date | None = None
    temperature_f: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: the question's id (or `emergency`, `temperature`), what was answered, and what that alone would mean."""

    question: str
    answer: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningResult:
    """What follows. `reviewed`: somebody looks at it.

    `earliest_day`: when they may come again, where they stay away; None as long as nobody knows.

    `reasons` are answers too: whoever must not read the answers must not read them.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    notices: tuple[str, ...]
    masked: bool
    earliest_day: date | None
    reviewed: bool


def screen(
    policy: ScreeningPolicy,
    answers: ScreeningAnswers,
    *,
    visit_on: date,
    by_call: bool = False,
    questionnaire: Questionnaire = QUESTIONNAIRE,
) -> ScreeningResult:
    """Return what answers mean for a visit on `visit_on`. The worst of them wins.

    `by_call`: the visit is made by phone or video, so that nobody has to stay away from it.

    Raises Invalid, naming each question that is not answered, and each answer that is none of its choices, or a day
    that cannot be meant.
    """
    asked = [questionnaire.questions[key] for key in policy.questions]
    _insist_on_whole(asked, answers)
    hot = is_fever(policy, answers.temperature_f)
    earliest = _earliest_day(policy, asked, answers, hot=hot)
    reasons = tuple(_reasons(asked, answers, visit_on=visit_on, earliest=earliest))
    if hot:
        reasons += (Reason(TEMPERATURE, str(answers.temperature_f), Outcome.REBOOK),)
    outcome = max((reason.outcome for reason in reasons), key=lambda one: one.rank, default=Outcome.PROCEED)
    if by_call and outcome is not Outcome.SEEK_CARE:
        return ScreeningResult(
            outcome=Outcome.VIRTUAL, reasons=reasons, notices=(), masked=False, earliest_day=None, reviewed=False
        )
    away = outcome is Outcome.REBOOK or (outcome is Outcome.SEEK_CARE and earliest is not None)
    masked = outcome is Outcome.PROCEED_MASKED or (outcome is Outcome.REVIEW and policy.mask is not Masks.NONE)
    return ScreeningResult(
        outcome=outcome,
        reasons=reasons,
        notices=(*policy.notices, *((BRING_MASK,) if masked else ())),
        masked=masked,
        earliest_day=earliest if away else None,
        reviewed=any(reason.outcome is Outcome.REVIEW for reason in reasons),
    )


def screen_on_arrival(
    policy: ScreeningPolicy, answers: ScreeningAnswers, *, visit_on: date, questionnaire: Questionnaire = QUESTIONNAIRE
) -> ScreeningResult:
    """Return what somebody's answers at the door mean, to what is asked once more, and their temperature.

    Raises Invalid, also where the temperature is wanted and missing.
    """
    if policy.temperature_at_door and answers.temperature_f is None:
        raise Invalid(_("Please take the temperature first."), pointer="/temperature_f")
    return screen(replace(policy, questions=policy.recheck), answers, visit_on=visit_on, questionnaire=questionnaire)


def is_fever(policy: ScreeningPolicy, temperature_f: Decimal | None) -> bool:
    """Whether a policy takes a temperature (degrees Fahrenheit) for a fever."""
    return temperature_f is not None and temperature_f >= Decimal(policy.fever_f)


def _reasons(
    asked: list[ScreeningQuestion], answers: ScreeningAnswers, *, visit_on: date, earliest: date | None
) -> Iterator[Reason]:
    if answers.emergency:
        yield Reason(EMERGENCY, AnswerChoice.YES, Outcome.SEEK_CARE)
    for question in asked:
        choice = answers.choices[question.key]
        outcome = question.outcome(choice)
        tested = POSITIVE_TEST in question.follow_up and choice is AnswerChoice.YES
        if tested and earliest is not None and earliest <= visit_on:
            # All days away are over by the visit: sending them off again would be to a day that is no later.
            outcome = Outcome.PROCEED_MASKED
        if outcome is not Outcome.PROCEED:
            yield Reason(question.key, choice, outcome)
        if tested and _at_risk(answers):
            yield Reason(FollowUp.WEAK_IMMUNE_SYSTEM, answers.weak_immune_system or "", Outcome.REVIEW)
        if tested and answers.severity is Severity.IN_HOSPITAL:
            yield Reason(FollowUp.SEVERITY, Severity.IN_HOSPITAL, Outcome.REVIEW)
        unknown = answers.isolate_until is None and FollowUp.ISOLATE_UNTIL in question.follow_up
        if unknown and outcome is Outcome.REBOOK:  # also beside a test: whoever told them knows the day all the same
            yield Reason(FollowUp.ISOLATE_UNTIL, "", Outcome.REVIEW)


def _earliest_day(
    policy: ScreeningPolicy, asked: list[ScreeningQuestion], answers: ScreeningAnswers, *, hot: bool
) -> date | None:
    """Return from which day on they may come again, None where nothing keeps them away, or nobody knows until when."""
    yes = [question for question in asked if answers.choices[question.key] is AnswerChoice.YES]
    kept_away = [question for question in yes if question.outcome(AnswerChoice.YES).rank >= Outcome.REBOOK.rank]
    if not kept_away and not hot:
        return None
    tested = any(POSITIVE_TEST in question.follow_up for question in kept_away)
    feverish = hot or any(
        FollowUp.FEVER_FREE_SINCE in one.follow_up and POSITIVE_TEST not in one.follow_up for one in yes
    )
    symptoms = hot or any(POSITIVE_TEST not in question.follow_up for question in kept_away)
    days = [_after_fever(policy, answers, feverish=feverish, hot=hot)]
    if symptoms:
        days.append(answers.answered_on + A_DAY)
    if tested:
        began = answers.symptoms_began_on or answers.tested_on or answers.answered_on
        days.append(began + timedelta(days=_days_away(policy, answers)))
    if any(FollowUp.ISOLATE_UNTIL in question.follow_up for question in kept_away):
        if answers.isolate_until is not None:
            days.append(answers.isolate_until + A_DAY)
        elif not tested or days[-1] <= answers.answered_on + A_DAY:
            return None  # whoever told them to stay at home knows the day: nobody promises them tomorrow
    return max(days)


def _after_fever(policy: ScreeningPolicy, answers: ScreeningAnswers, *, feverish: bool, hot: bool) -> date:
    """Return the first day at whose beginning they can have been without fever for long enough.

    Who has one still, or does not say since when it is gone, has no day without it before tomorrow.
    """
    if answers.fever_free_since is None and not feverish:
        return answers.answered_on
    tomorrow = answers.answered_on + A_DAY
    since = answers.fever_free_since or tomorrow
    if hot:
        since = tomorrow
    elif feverish:
        # Who had a fever within a day has been without one since yesterday at most, whatever else was typed.
        since = max(since, answers.answered_on - A_DAY)
    return since + timedelta(days=-(-policy.fever_free // A_DAY))


def _days_away(policy: ScreeningPolicy, answers: ScreeningAnswers) -> int:
    days = [policy.days.mild]
    if answers.severity is Severity.IN_HOSPITAL:
        days.append(policy.days.severe)
    if _at_risk(answers):
        days.append(policy.days.immunocompromised)
    return max(days)


def _at_risk(answers: ScreeningAnswers) -> bool:
    return answers.weak_immune_system is not ImmuneSystem.STRONG


def _insist_on_whole(asked: list[ScreeningQuestion], answers: ScreeningAnswers) -> None:
    """Refuse answers of which nobody could say what they mean. Raises Invalid."""
    found = []
    for question in asked:
        choice = answers.choices.get(question.key)
        if choice is None:
            found.append((f"/answers/{question.key}", _("Please answer this question.")))
        elif choice not in question.choices:
            found.append((f"/answers/{question.key}", _("Choose from: %s.") % ", ".join(question.choices)))
        elif choice is AnswerChoice.YES and POSITIVE_TEST in question.follow_up and not answers.emergency:
            found += _missing_of_test(answers)
    days = ("tested_on", "symptoms_began_on", "fever_free_since")
    later = [day for day in days if (getattr(answers, day) or answers.answered_on) > answers.answered_on]
    found += [(f"/{day}", _("This day is still to come.")) for day in later]
    wrong = mistyped_days(answers.answered_on, isolate_until=answers.isolate_until)
    found += [(f"/{name}", detail) for name, detail in wrong.items()]
    unknown = set(answers.choices) - {question.key for question in asked}
    found += [(f"/answers/{key}", _("This is not asked.")) for key in sorted(unknown)]
    if found:
        raise Invalid(_("Please look at the answers again."), errors=[{"pointer": p, "detail": d} for p, d in found])


def _missing_of_test(answers: ScreeningAnswers) -> Iterator[tuple[str, str]]:
    for name in ("tested_on", "severity", "weak_immune_system"):
        if getattr(answers, name) is None:
            yield f"/{name}", _("Please answer this question.")
    test = {"tested_on": answers.tested_on, "symptoms_began_on": answers.symptoms_began_on}
    for name, detail in mistyped_days(answers.answered_on, **test).items():
        yield f"/{name}", detail


def mistyped_days(
    today: date,
    *,
    tested_on: date | None = None,
    symptoms_began_on: date | None = None,
    isolate_until: date | None = None,
) -> dict[FollowUp, str]:
    """Return by its name which day cannot be meant, and what to do: by it nobody would stay away, or for years."""
    found = {}
    if isolate_until and isolate_until < today:
        found[FollowUp.ISOLATE_UNTIL] = _(
            "This day is over. Please check it. If you need not stay at home any more, go back and take the tick away."
        )
    elif isolate_until and isolate_until > today + LONGEST_ISOLATION:
        found[FollowUp.ISOLATE_UNTIL] = _(
            "This is more than %d days away. Please check the day and the year, or leave it empty."
        ) % (LONGEST_ISOLATION // A_DAY)
    if tested_on and tested_on < today - LONGEST_AGO:
        found[FollowUp.TESTED_ON] = _(
            "This is long ago. Please check the day and the year. If they are right, go back and take the tick away."
        )
    elif tested_on and symptoms_began_on and symptoms_began_on < tested_on - BEFORE_TEST:
        found[FollowUp.SYMPTOMS_BEGAN_ON] = _(
            "This is long before the test. Please check the day and the year, or leave it empty."
        )
    return found
