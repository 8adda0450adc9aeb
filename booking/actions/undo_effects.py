"""What an undo does beside changing the state back: time is taken again or given back, and marks are gone."""

from datetime import datetime
from uuid import uuid4

from booking.actions import requested_slots, waiting_effects
from booking.actions.move_acts import Act
from booking.cancel_reasons import CancelReason
from booking.errors import UndoOver
from booking.models import Appointment, Change
from booking.status import WAITING, Move, Status
from scheduler import public as scheduler


def undo(act: Act) -> None:
    """Take the time back where it was let go, and let it go where it was taken back for an arrival by mistake.

    What waited waits no more.
    """
    if act.before is Status.PENDING:
        waiting_effects.stop_waiting(act)
        return
    if act.before is Status.NOSHOW:
        retake(act)
    elif act.undone is not None and act.undone.before == Status.NOSHOW:
        free(act)
    _unmark(act.appointment, act.undone)
    if act.before is not Status.CANCELLED:
        return
    visit = act.appointment
    if visit.cancel_reason == CancelReason.DECLINED:
        _keep_again(act)
    elif act.undone is not None and act.undone.before in WAITING:
        _wait_again(act)
    elif act.details.get("while_free") and (visit.undo_until is None or visit.undo_until <= act.at):
        _claim_again(act, expires_at=None)
    else:
        scheduler.take_over(visit.allocation, at=act.at)
    visit.cancel_reason, visit.cancelled_at, visit.late_cancel, visit.undo_until = "", None, False, None


def _unmark(visit: Appointment, undone: Change | None) -> None:
    """Take back what was noted with a check-in, or that it has begun."""
    if undone is not None and undone.move == Move.CHECK_IN:
        _ask_again(visit, checked_in_at=undone.at)
    elif undone is not None and undone.move == Move.START:
        visit.started_at = None


def _ask_again(visit: Appointment, *, checked_in_at: datetime) -> None:
    """Let those be asked at the door of whom the same press said that nothing is new since they answered."""
    nothing_new = visit.screenings.filter(rechecked_at=checked_in_at, answered_at__lt=checked_in_at)
    nothing_new.update(rechecked_at=None, rechecked_by="")


def retake(act: Act) -> None:
    """Claim the visit's time anew, as long as it was. Raises SlotTaken when somebody else has it now."""
    if act.before is not Status.NOSHOW:
        return
    # Whoever came has come, whatever was closed since: only who was booked there instead stands in the way.
    _claim_again(act, expires_at=None, although_closed=True)


def _keep_again(act: Act) -> None:
    """Keep the time of a visit that was declined until it would have been kept. Raises SlotTaken, UndoOver."""
    kept_until = act.undone.facts.get("kept_until") if act.undone else None
    until = datetime.fromisoformat(kept_until) if kept_until else act.at
    if until <= act.at:
        raise UndoOver
    _claim_again(act, expires_at=until)
    act.appointment.kept_until = until


def _wait_again(act: Act) -> None:
    """Keep the time of a visit that waited, and was cancelled with another one, as long as before. Raises UndoOver."""
    kept_until = act.undone.facts.get("kept_until") if act.undone else None
    if kept_until is None or (until := datetime.fromisoformat(kept_until)) <= act.at:
        raise UndoOver
    scheduler.postpone(act.appointment.allocation, until=until, at=act.at)
    act.appointment.kept_until = until


def _claim_again(act: Act, *, expires_at: datetime | None, although_closed: bool = False) -> None:
    visit = act.appointment
    # As long as it was: the therapy may have become longer since, and the patient was told when they leave.
    earlier = scheduler.EarlierClaim(
        allocation=visit.allocation, end=visit.period.upper, although_closed=although_closed
    )
    # A new allocation, since the retired claims keep the old one: what was claimed when can still be read.
    visit.allocation = uuid4()
    audience = scheduler.Audience.STAFF if act.staff else scheduler.Audience.PATIENT
    again = scheduler.ClaimRequest(
        slot=requested_slots.read_slot(visit.slot, by=act.by, at=act.at, patient=visit.patient),
        allocation=visit.allocation,
        audience=audience,
        expires_at=expires_at,
        as_before=earlier,
    )
    (claimed,) = scheduler.claim([again], at=act.at)
    visit.place_id = claimed.place_id


def free(act: Act) -> None:
    """Give the time back."""
    scheduler.release(act.appointment.allocation, at=act.at)
    act.appointment.kept_until = act.appointment.undo_until = None
