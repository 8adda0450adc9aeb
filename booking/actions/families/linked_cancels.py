"""What follows for the others when one of several appointments booked together is called off, or stands again.

Each of them changes by an act of its own, with its own row of the ledger; their people are told what became of theirs,
and not why.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from booking.actions import calls
from booking.actions.families import linked_questions
from booking.actions.families.link_ledger import followers
from booking.actions.families.linked_questions import LINKED, STILL_TO_COME
from booking.actions.holds import lock_holds_for
from booking.actions.move_acts import Act
from booking.actions.patients import person_locks
from booking.cancel_reasons import CancelReason
from booking.families.meeting_times import BESIDE
from booking.models import Appointment, CallReason, CancelPolicy, FamilyLink, LinkedVisits, MeetingTime
from booking.status import OCCUPYING, Move, Status
from core.database.compiled import Argument, CompiledQuery
from core.refusals import Refusal
from scheduler import public as scheduler

CALLS_OFF = frozenset({Move.CANCEL, Move.DECLINE, Move.ENTER_IN_ERROR})
"""What is done to one of them so that the others go by what their link says."""

FOLLOWED = CALLS_OFF | {Move.EXPIRE, Move.UNDO, Move.RESCHEDULE}
"""After these something may become of the others."""

LINK_OF = CompiledQuery(
    lambda: Appointment.objects.filter(public_id=Argument("public_id"), linked__isnull=False).values_list("linked_id")
)


def lock_all(appointment_id: UUID, what: Move) -> None:
    """Lock what a cancel of one, or its undo, may change of the others: appointments, holds, people, sheets."""
    found = LINK_OF.tuples(public_id=appointment_id) if what in CALLS_OFF | {Move.UNDO} else ()
    for (link,) in found:
        rows = lock_visits_of(link)
        if not _may_cancel_others(link):
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


def policies_of_others(visit: Appointment, *, at: datetime) -> frozenset[CancelPolicy]:
    """Return what becomes of those who go by a visit when it is cancelled; empty where nobody does."""
    joined = followers(visit.linked_id) if visit.linked_id is not None else {}
    if visit.linked_id is None or visit.pk in joined:
        return frozenset()
    return frozenset(CancelPolicy(said) for _one, said in _followed_by(visit, visit.linked_id, joined, at=at))


def _may_cancel_others(link: int) -> bool:
    """Whether a cancel of one of a link may cancel others, by what was said when they were booked, or one offered."""
    said = LinkedVisits.objects.filter(pk=link, cancel_policy=CancelPolicy.CANCEL)
    offers = MeetingTime.objects.filter(appointment__linked=link, cancel_policy=CancelPolicy.CANCEL)
    return said.exists() or offers.exists()


def follow(act: Act, *, move: Callable[..., Appointment]) -> None:
    """Do to the others what their link says, or ask them.

    By what becomes of somebody who came beside a time that was offered to them nothing becomes of that.
    """
    visit = act.appointment
    # What follows is followed by nothing more.
    if visit.linked_id is None or act.by == LINKED or act.what not in FOLLOWED:
        return
    joined = followers(visit.linked_id)
    if visit.pk in joined:
        return
    if act.what is Move.RESCHEDULE:
        _moved(act, visit.linked_id, joined)
    elif act.what is Move.UNDO:
        if act.before is Status.CANCELLED and act.undone is not None:
            _stands_again(visit, since=act.undone.at, at=act.at, move=move)
    elif act.before in OCCUPYING:
        _called_off(act, visit.linked_id, joined, move=move)


def _others(visit: Appointment) -> list[Appointment]:
    return list(Appointment.objects.filter(linked=visit.linked_id).exclude(pk=visit.pk).order_by("pk"))


def _to_come(visit: Appointment, *, at: datetime) -> list[Appointment]:
    return [one for one in _others(visit) if one.status in STILL_TO_COME and one.period.upper > at]


def _followed_by(
    visit: Appointment, link: int, joined: Mapping[int, datetime], *, at: datetime
) -> list[tuple[Appointment, str]]:
    """Return those who go by what becomes of a visit, each with its policy: the link's, or that of the offer they took.

    Whoever came beside an offer is told nothing more of its patient once they are no family of theirs.
    """
    to_come = _to_come(visit, at=at)
    said = LinkedVisits.objects.get(pk=link).cancel_policy
    beside = [one for one in to_come if one.pk in joined]
    if not beside:
        return [(one, said) for one in to_come]
    families = FamilyLink.objects.in_force(at=at).filter(patient=visit.patient_id)
    family = set(families.values_list("relative_id", flat=True))
    offers = list(MeetingTime.objects.filter(appointment=visit).order_by("pk"))
    chosen = {one.pk: [o.cancel_policy for o in offers if o.offered_at <= joined[one.pk]] for one in beside}
    return [
        (one, chosen[one.pk][-1] if chosen.get(one.pk) else said)
        for one in to_come
        if one.pk not in joined or one.patient_id in family
    ]


def _called_off(act: Act, link: int, joined: Mapping[int, datetime], *, move: Callable[..., Appointment]) -> None:
    visit, at = act.appointment, act.at
    following = [(one, said) for one, said in _followed_by(visit, link, joined, at=at) if said != CancelPolicy.KEEP]
    if visit.cancel_reason == CancelReason.DECEASED:  # no mail or page asks a family then: staff speak to them
        linked_questions.withdraw([one for one, _said in following], at=at)
        calls.raise_for([one.pk for one, _said in following], CallReason.BOOKED_TOGETHER, at=at)
        return
    for_good = act.what is not Move.DECLINE and visit.undo_until is None
    free, asked = _not_held_by_others(act, [one for one, _said in following]), []
    for one, said in following:
        if said == CancelPolicy.CANCEL and one.pk in free:
            move(one.public_id, Move.CANCEL, by=LINKED, at=at, reason=CancelReason.TOGETHER, for_good=for_good)
        else:
            asked.append(one)
    linked_questions.ask(asked, link, due_at=_final_at(act), at=at)


def _not_held_by_others(act: Act, visits: Sequence[Appointment]) -> set[int]:
    """Lock and return those (ids) that can be cancelled now; of what is called off all are locked already.

    What ran out is tidied up on the way to something else, and waits for nobody: who is being changed just then is
    asked.
    """
    ids = [one.pk for one in visits]
    if act.what in CALLS_OFF or not ids:
        return set(ids)
    rows = Appointment.objects.filter(pk__in=ids, status__in=sorted(STILL_TO_COME)).order_by("pk")
    return {pk for (pk,) in rows.select_for_update(no_key=True, skip_locked=True).values_list("pk")}


def _final_at(act: Act) -> datetime:
    """Return from when on the others may be told: once it cannot be undone any more, or not by a slip of the hand."""
    by_hand = act.what in {Move.DECLINE, Move.RESCHEDULE}
    return act.at + act.policy.undo if by_hand else act.appointment.undo_until or act.at


def _moved(act: Act, link: int, joined: Mapping[int, datetime]) -> None:
    """Ask those who came beside a time that has moved away from theirs; where it has moved back, ask them no more."""
    visit, at = act.appointment, act.at
    beside = [(one, said) for one, said in _followed_by(visit, link, joined, at=at) if one.pk in joined]
    linked_questions.withdraw([one for one, _said in beside if _is_near(one, visit)], at=at)
    away = [one for one, said in beside if said != CancelPolicy.KEEP and not _is_near(one, visit)]
    linked_questions.ask(away, link, due_at=_final_at(act), at=at)


def _is_near(one: Appointment, other: Appointment) -> bool:
    return one.site_id == other.site_id and abs(one.period.lower - other.period.lower) <= BESIDE


def _stands_again(visit: Appointment, *, since: datetime, at: datetime, move: Callable[..., Appointment]) -> None:
    """Let those stand again that were cancelled with a visit; about one that cannot, somebody calls."""
    for one in _others(visit):
        if (one.status, one.cancel_reason, one.cancelled_at) == (Status.CANCELLED, CancelReason.TOGETHER, since):
            try:
                with transaction.atomic():  # a savepoint: what cannot be taken back leaves the first as it is
                    move(one.public_id, Move.UNDO, by=LINKED, at=at)
            except Refusal:
                calls.raise_for([one.pk], CallReason.BOOKED_TOGETHER, at=at)
    still_to_come = [one for one in _others(visit) if one.status in STILL_TO_COME]
    # Of another that is called off they are asked still.
    linked_questions.withdraw(still_to_come, at=at, asked_at=since)
