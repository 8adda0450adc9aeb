"""Carol decides about Alice's health answers, and what is mailed about it goes out."""

from datetime import timedelta

from django.core import mail

from booking.actions.screening import screening
from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity
from booking.screening.questionnaire import AnswerChoice
from core import clock as core_clock
from core.principal import Principal
from notifications.actions import dispatch

CAROL = Principal.system("carol")
COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
QUIET = 2 * 60


def send():
    dispatch.run(now=core_clock.now)


def answers(visit, companion=0, **said):
    found = screening.screening_of(visit, at=core_clock.now(), companion=companion)
    facts = {"tested_on": core_clock.now().date() - timedelta(days=1), "severity": Severity.MILD,
             "weak_immune_system": ImmuneSystem.STRONG} if TEST in said else {}  # fmt: skip
    choices = dict.fromkeys(found.policy.questions, AnswerChoice.NO) | said
    given = ScreeningAnswers(answered_on=core_clock.now().date(), choices=choices, **facts)
    return screening.answer(visit.public_id, given, by=CAROL, at=core_clock.now(), companion=companion)


def hay_fever(visit, **more):
    return answers(visit, **{COUGH: AnswerChoice.USUAL_FOR_ME}, **more)


def decide(act, row, **more):
    return act(row.public_id, by=CAROL, at=core_clock.now(), **more)


def sent(clock):
    """Let two quiet minutes pass; return what went out since."""
    clock.shift(QUIET)
    send()
    found, mail.outbox[:] = list(mail.outbox), []
    return found


def says(told, title):
    """Say whether a mail says this inside, and outside only which appointment it is about."""
    return told.subject.startswith("About your appointment on") and title in told.body
