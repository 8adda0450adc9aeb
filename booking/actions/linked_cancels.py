"""What follows for the others when one of several appointments booked together is called off, or stands again.

Each of them changes by an act of its own, with its own row of the ledger; their people are told what became of theirs,
and not why.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from booking.actions import calls, person_locks
from booking.actions.holds import lock_holds_for
from booking.actions.move_acts import Act
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallReason, CancelPolicy, LinkedVisits
from booking.status import OCCUPYING, WAITING, Move, Status
from core.database.compiled import Argument, CompiledQuery
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

LINKED = Principal.system("linked")
CALLS_OFF = frozenset({Move.CANCEL, Move.DECLINE, Move.ENTER_IN_ERROR})
"""What is done to one of them so that the others go by what their link says."""

ASKED_ABOUT = CALLS_OFF | {Move.EXPIRE}
"""After these the others may be asked whether they keep their times."""

STILL_TO_COME = frozenset({Status.BOOKED, *WAITING})

LINK_OF = CompiledQuery(
    lambda: Appointment.objects.filter(public_id=Argument("public_id"), linked__isnull=False).values_list("linked_id")
)


def lock_all(appointment_id: UUID, what: Move) -> None:
    """Lock what a cancel of one, or its undo, may change of the others: appointments, holds, people, sheets."""
    found = LINK_OF.tuples(public_id=appointment_id) if what in CALLS_OFF | {Move.UNDO} else ()
    for (link,) in found:
        rows = lock_visits_of(link)
        if LinkedVisits.objects.get(pk=link).cancel_policy != CancelPolicy.CANCEL:
            return
        for one in rows:
            lock_holds_for(one)
        if what is Move.UNDO:
            person_locks.lock_patients([one.patient for one in rows])
        else:
            scheduler.lock_sheets([one.allocation for one in rows])


def lock_visits_of(link: int) -> list[Appointment]:
    """Lock the appointments of a link (its id) in the order of their ids; return them with their patients."""
    ids = Appointment.objects.filter(linked=link).select_for_update(no_key=True).order_by("pk").values_list("pk")
    return list(Appointment.objects.filter(pk__in=[pk for (pk,) in ids]).select_related("patient").order_by("pk"))


def follow(act: Act, *, move: Callable[..., Appointment]) -> None:
    """Do to the others what their link says, or let somebody ask them."""
    visit = act.appointment
    # What follows is followed by nothing more.
    if visit.linked_id is None or act.by == LINKED:
        return
    if act.what in ASKED_ABOUT and act.before in OCCUPYING:
        _called_off(act, visit.linked_id, move=move)
    elif act.what is Move.UNDO and act.before is Status.CANCELLED and act.undone is not None:
        _stands_again(visit, since=act.undone.at, at=act.at, move=move)


def _others(visit: Appointment) -> list[Appointment]:
    return list(Appointment.objects.filter(linked=visit.linked_id).exclude(pk=visit.pk).order_by("pk"))


def _called_off(act: Act, link: int, *, move: Callable[..., Appointment]) -> None:
    visit, at = act.appointment, act.at
    to_come = [one for one in _others(visit) if one.status in STILL_TO_COME and one.period.upper > at]
    policy = LinkedVisits.objects.get(pk=link).cancel_policy
    # What runs out is tidied up on the way to something else, with other locks: then the others are asked.
    if policy == CancelPolicy.CANCEL and act.what in CALLS_OFF:
        for_good = act.what is not Move.DECLINE and visit.undo_until is None
        for one in to_come:
            move(one.public_id, Move.CANCEL, by=LINKED, at=at, reason=CancelReason.TOGETHER, for_good=for_good)
    elif policy != CancelPolicy.KEEP:
        calls.raise_for([one.pk for one in to_come], CallReason.BOOKED_TOGETHER, at=at)


def _stands_again(visit: Appointment, *, since: datetime, at: datetime, move: Callable[..., Appointment]) -> None:
    """Let those stand again that were cancelled with a visit; about one that cannot, somebody calls."""
    for one in _others(visit):
        if (one.status, one.cancel_reason, one.cancelled_at) == (Status.CANCELLED, CancelReason.TOGETHER, since):
            try:
                with transaction.atomic():  # a savepoint: what cannot be taken back leaves the first as it is
                    move(one.public_id, Move.UNDO, by=LINKED, at=at)
            except Refusal:
                calls.raise_for([one.pk], CallReason.BOOKED_TOGETHER, at=at)
    calls.end([one.pk for one in _others(visit) if one.status in STILL_TO_COME], CallReason.BOOKED_TOGETHER, at=at)
