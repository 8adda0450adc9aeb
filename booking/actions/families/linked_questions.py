"""Whether somebody keeps their time though what it was booked together with has changed: asked, answered, or called."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from booking import rules
from booking.actions import calls
from booking.models import Appointment, CallReason, LinkedQuestion, QuestionAnswer
from booking.status import WAITING, Status
from core.database.transactions import unit
from core.principal import Principal

LINKED = Principal.system("linked")
STILL_TO_COME = frozenset({Status.BOOKED, *WAITING})


def open_questions(*, at: datetime) -> QuerySet[LinkedQuestion]:
    """Return the questions that wait for an answer: about appointments as they are, and still to come."""
    rows = LinkedQuestion.objects.filter(answer="", version=F("appointment__version"))
    ahead = {"appointment__status__in": sorted(STILL_TO_COME), "appointment__period__startswith__gt": at}
    return rows.filter(**ahead)


def question_about(visit: Appointment, *, at: datetime) -> LinkedQuestion | None:
    """Return what a patient is asked about an appointment, once they may be told of it."""
    return open_questions(at=at).filter(appointment=visit, due_at__lte=at).first()


def ask(visits: Iterable[Appointment], link: int, *, due_at: datetime, at: datetime) -> None:
    """Let the patients of these visits be asked from `due_at` on; one who is asked already is asked once."""
    LinkedQuestion.objects.bulk_create(
        [_question(one, link, due_at=due_at, at=at) for one in visits], ignore_conflicts=True
    )


def _question(visit: Appointment, link: int, *, due_at: datetime, at: datetime) -> LinkedQuestion:
    start = visit.period.lower
    told_at = due_at if due_at < start else at  # later it would be of no use to them
    return LinkedQuestion(
        linked_id=link,
        appointment=visit,
        version=visit.version,
        asked_at=at,
        due_at=told_at,
        answer_by=rules.answer_wanted_by(start, asked_at=told_at),
    )


@unit
def keep(visit: Appointment, *, by: Principal, at: datetime) -> bool:
    """Note that somebody keeps their time; return whether they were asked. Said twice, it is said once."""
    asked = open_questions(at=at).filter(appointment=visit, due_at__lte=at).values("pk")
    rows = LinkedQuestion.objects.filter(pk__in=asked)
    answered = rows.update(answer=QuestionAnswer.KEEP, answered_by=by.key, answered_at=at)
    if answered:
        calls.end([visit.pk], CallReason.BOOKED_TOGETHER, at=at)
    return bool(answered)


def withdraw(visits: Collection[Appointment], *, at: datetime, asked_at: datetime | None = None) -> None:
    """Ask these no more: all is as it was. `asked_at`: that about which they were asked at that moment."""
    rows = LinkedQuestion.objects.filter(appointment__in=visits, answer="")
    over = rows if asked_at is None else rows.filter(asked_at=asked_at)
    over.update(answer=QuestionAnswer.OVER, answered_by=LINKED.key, answered_at=at)
    asked_still = set(rows.values_list("appointment_id", flat=True))
    calls.end([one.pk for one in visits if one.pk not in asked_still], CallReason.BOOKED_TOGETHER, at=at)


@unit
def call_unanswered(*, at: datetime, most: int) -> int:
    """Let staff call those who have not answered in time; return how many are new."""
    late = open_questions(at=at).filter(answer_by__lte=at, called_at=None).order_by("pk")
    found = list(late.values_list("pk", flat=True)[:most])
    # Whoever answers meanwhile is waited for, and not called.
    open_still = LinkedQuestion.objects.filter(pk__in=found, answer="").order_by("pk")
    rows = LinkedQuestion.objects.filter(pk__in=[pk for (pk,) in open_still.select_for_update().values_list("pk")])
    visits = list(rows.values_list("appointment_id", flat=True))
    rows.update(called_at=at)
    return calls.raise_for(visits, CallReason.BOOKED_TOGETHER, at=at) if visits else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedQuestionFacts:
    """Somebody is to be asked whether they keep their time. `wanted`: they still are."""

    id: int
    appointment_id: int
    wanted: bool


def unrelayed_linked_questions(*, limit: int, beside: Collection[int] = (), at: datetime) -> list[LinkedQuestionFacts]:
    """Lock and return the oldest questions that may be told and nobody is relaying, until the transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = LinkedQuestion.objects.filter(relayed_at=None, due_at__lte=at).exclude(pk__in=beside).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True)[:limit])
    wanted = set(open_questions(at=at).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    return [LinkedQuestionFacts(id=row.pk, appointment_id=row.appointment_id, wanted=row.pk in wanted) for row in found]


def mark_linked_questions_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that questions have been taken up."""
    LinkedQuestion.objects.filter(pk__in=ids).update(relayed_at=at)
