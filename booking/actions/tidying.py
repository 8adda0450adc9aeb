"""Cleaning up what time has ended, or an older release left. Nothing depends on it: readers know what to make of it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from booking.actions import appointments, holds
from booking.actions.families import linked_questions, relatives
from booking.actions.patients import merge_undo, referrals
from booking.models import Appointment, ContactPoint, Hold, Patient
from booking.models.holds import HoldState
from booking.status import Move, Status
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

TIDY = Principal.system("tidy")
AT_ONCE = 500


def tidy(*, at: datetime) -> int:
    """Give back lapsed holds, let overdue proposals expire, close undo windows that are over; return how many.

    Staff are told whose referral is missing five days before their visit, and who does not say if they keep their time.
    Records of members of a family whom nobody has confirmed are deleted, and what is kept to undo mergings.
    Claims that ran out and stood in nobody's way since are retired. People whom a process of an older release wrote,
    while a newer one was started, can be found again.
    """
    done = sum(1 for work in _due(at=at) if _done(work))
    done += referrals.call_about_missing(at=at, most=AT_ONCE) + linked_questions.call_unanswered(at=at, most=AT_ONCE)
    done += relatives.forget_unconfirmed(at=at, most=AT_ONCE) + merge_undo.forget(at=at)
    return done + scheduler.retire_expired(at=at, most=AT_ONCE) + _gather_words()


def _due(*, at: datetime) -> list[Callable[[], object]]:
    # Ids only, each looked at again under its lock: a piece is a unit of its own, so that one which somebody else
    # holds, or which fails, keeps none of the others.
    lapsed = Hold.objects.filter(state=HoldState.OPEN, expires_at__lte=at).order_by("pk")
    waiting = Appointment.objects.filter(status__in=[Status.PROPOSED, Status.PENDING], kept_until__lte=at)
    gone = Appointment.objects.filter(status=Status.CANCELLED, undo_until__lte=at)
    return [
        *(lambda pk=pk: _give_back(pk, at=at) for pk in lapsed.values_list("pk", flat=True)[:AT_ONCE]),
        *(
            lambda public_id=public_id: _expire(public_id, at=at)
            for public_id in waiting.order_by("pk").values_list("public_id", flat=True)[:AT_ONCE]
        ),
        *(lambda pk=pk: _close(pk, at=at) for pk in gone.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]),
    ]


def _done(work: Callable[[], object]) -> bool:
    """Do one piece; somebody may have acted on it meanwhile."""
    try:
        work()
    except Refusal:
        return False
    return True


@unit
def _gather_words() -> int:
    count = 0
    # Only rows of a release before the columns have none, while both run; in every other hour this reads an empty
    # index.
    for table, columns in ((Patient, ["folded_name", "search_words"]), (ContactPoint, ["search_words"])):
        rows = table.objects.filter(search_words=None).select_for_update(no_key=True, skip_locked=True)
        for row in list(rows.order_by("pk")[:AT_ONCE]):
            row.save(update_fields=columns)
            count += 1
    return count


@unit
def _give_back(pk: int, *, at: datetime) -> None:
    rows = Hold.objects.select_for_update(no_key=True, skip_locked=True)
    hold = rows.filter(pk=pk, state=HoldState.OPEN, expires_at__lte=at).first()
    if hold:
        holds.give_back(hold, at=at, as_state=HoldState.LAPSED)


@unit
def _expire(public_id: UUID, *, at: datetime) -> None:
    visit = appointments.move(public_id, Move.EXPIRE, by=TIDY, at=at)
    scheduler.release(visit.allocation, at=at)


@unit
def _close(pk: int, *, at: datetime) -> None:
    rows = Appointment.objects.select_for_update(no_key=True, skip_locked=True)
    visit = rows.filter(pk=pk, status=Status.CANCELLED, undo_until__lte=at).first()
    if visit:
        scheduler.release(visit.allocation, at=at)
        visit.undo_until = None
        # Neither version nor `updated_at`: nothing happened to the visit that anybody has to be told.
        visit.save(update_fields=["undo_until"])
