"""What each move does beside changing the state: to the claims, to the time, to what the record says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.types.range import TimestamptzRange

from booking import rules
from booking.actions import (
    booking_checks,
    chosen_places,
    holds,
    links,
    requested_slots,
    resizing,
    therapy_changes,
    waiting_effects,
)
from booking.actions.booking_checks import BookingCheck
from booking.actions.ledger import where, where_to
from booking.actions.move_acts import Act
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability_checks
from booking.actions.suitability.suitable_places import claim_for, claim_preferring
from booking.actions.undo_effects import free, retake, undo
from booking.cancel_reasons import BY_PATIENT, CancelReason, DeclineReason
from booking.errors import HoldExpired, InThePast, MoveNotAllowed, SameTime
from booking.models import Appointment, Change, Hold, Patient, SuitabilityResponse
from booking.queries import awaits_proof, has_lapsed, reviews_of_visit, was_reviewed
from booking.rules import Broken, Decision
from booking.status import OCCUPYING, Move, Status
from booking.suitability.answers_by_link import is_asked, is_request, waits_for_answers
from booking.suitability.errors import LookedAtFirst
from booking.suitability.visits import place_needs_of_visit
from core.refusals import Invalid, Refusal
from scheduler import public as scheduler


class EarlierTimeGone(Refusal):
    """An appointment that was moved cannot go back: that time is taken or closed. Facts: `slot`, `alternatives`."""

    code = "earlier-time-gone"
    status = 409
    title = gettext_lazy(
        "The time before is taken or closed by now. The appointment stays where it is: move it to another time."
    )


def cancel(act: Act) -> None:
    """Note why; keep the time for an undo as long as the policy says, or free it at once."""
    visit, at, reason = act.appointment, act.at, _reason(act)
    kept_until = visit.kept_until
    visit.late_cancel = _leaves_late(act, reason)
    _call_off(act, reason)
    act.facts |= {"late": visit.late_cancel} | _heard(act)
    # Its claims are not given back: they end by themselves, so that the time comes free with every worker dead.
    if act.details.get("for_good"):
        _keep_for_undo(act, kept_until, until=at)
    elif rules.may_undo_cancel(act.before, reason):
        visit.undo_until = at + act.policy.undo
        _keep_for_undo(act, kept_until, until=visit.undo_until)
    else:
        scheduler.release(visit.allocation, at=at)


def _heard(act: Act) -> dict[str, object]:
    """Return whether its patient heard it from staff, or told them: nobody need call them about it."""
    return {"heard": True} if act.staff and act.details.get("heard") else {}


def _keep_for_undo(act: Act, kept_until: datetime | None, *, until: datetime) -> None:
    """Keep the time of what is cancelled for an undo; what waited is kept no longer than it would have been."""
    allocation = act.appointment.allocation
    if kept_until is None:
        scheduler.lapse(allocation, until=until)
    elif kept_until > act.at:
        act.facts["kept_until"] = kept_until.isoformat()
        scheduler.postpone(allocation, until=min(until, kept_until), at=act.at)


def expire(act: Act) -> None:
    """Call off what nobody approved or completed in time."""
    # Its claims have run out with it, and whoever needs their time retires them. They are not retired here: this is
    # done on the way to another visit, before the person is locked, and sheets come after the person, all at once.
    _call_off(act, CancelReason.EXPIRED)
    if act.appointment.suitability:  # what was answered with it alone goes with it
        SuitabilityResponse.objects.filter(only_for=act.appointment).delete()


def decline(act: Act) -> None:
    """Call off what a check declined, and say why."""
    act.facts["because"] = DeclineReason(act.details.get("because") or DeclineReason.CALL).value
    if instead := act.details.get("instead"):
        act.facts["instead"] = instead
    if kept_until := act.appointment.kept_until:
        act.facts["kept_until"] = kept_until.isoformat()
    _call_off(act, CancelReason.DECLINED)
    scheduler.release(act.appointment.allocation, at=act.at)


def reschedule(act: Act) -> None:
    """Take the new time and let the old one go, or change nothing at all.

    `propose`: whoever looks at a request offers its patient another time, and waits for their answer.
    Raises SlotTaken, HoldExpired, EarlierTimeGone, and what the rules refuse.
    """
    if act.undone is not None:
        _move_back(act, act.undone)
        return
    visit, details = act.appointment, act.details
    act.facts |= {"from": where(visit), "late": _leaves_late(act, None), "slot": visit.slot} | _heard(act)
    hold, slot = _hold(act), details.get("slot")
    if hold:
        slot = holds.slot_held(hold, by=act.by, at=act.at)
        booking_checks.refuse_closed(slot.key, by=act.by, at=act.at, moving=visit)
    elif slot is None:
        raise Invalid(_("Give a slot or a hold."), pointer="/slot")
    if hold and resizing.was_resized_since(visit, hold):
        raise HoldExpired(slot=hold.slot, alternatives=[])
    slot = slot.lasting(requested_slots.lengths_in(slot, visit))
    therapy_changes.check_what_for(act, slot)
    if slot.id == visit.slot and details.get("place") in {None, visit.place_id}:
        raise SameTime
    check = new_time_check(act, slot, hold=hold, reason=details.get("override_reason", ""))
    decision = _check_new_time(act, check)
    decision = decision.setting_aside(_swap(act, check, hold))
    if decision.overridden:
        visit.override_reason = check.override_reason
        act.facts["overrode"] = [rule.value for rule in decision.overridden]
    therapy_changes.note_who_treats(act, slot)
    therapy_changes.drop_lengths(act, slot)
    put_on(visit, slot)
    links.follow(visit, at=act.at)
    act.facts["to"] = where_to(slot)


def new_time_check(act: Act, slot: scheduler.Slot, *, hold: Hold | None = None, reason: str = "") -> BookingCheck:
    """Return the question whether a visit may move to a start, by what its patient answered; they are locked."""
    why = booking_checks.clean_line(reason, pointer="/override_reason")
    patient, visit = person_locks.lock_patient(act.appointment.patient), act.appointment
    check = BookingCheck(slot=slot, patient=patient, by=act.by, at=act.at, override_reason=why, moving=visit)
    return _with_answers(act, check.after(hold), patient)


def _with_answers(act: Act, check: BookingCheck, patient: Patient) -> BookingCheck:
    """Note why somebody looks at the visit, and what its place must have.

    For something else, done in another way, or by other rules, it is judged anew by the answers.

    What waits for somebody to look at it goes on waiting for them, wherever it moves. Raises LookedAtFirst for one that
    stands, and what judging refuses.
    """
    visit, waits_for = act.appointment, reviews_of_visit(act.appointment)
    alike = (check.slot.therapy, check.slot.technique) == (visit.therapy.key, visit.technique)
    if alike and suitability_checks.same_rules(check.slot.site.id, visit, at=act.at):
        return replace(check, reviews=waits_for, needs=place_needs_of_visit(visit, at=act.at))
    judged = suitability_checks.judge_booking(check, patient, by_link=waits_for_answers(visit))
    if judged.reviews and not is_request(visit):
        raise LookedAtFirst
    if (judged.reviews or not waits_for) and not is_asked(visit):
        judged.put_on(visit)
    return replace(check, reviews=judged.reviews or waits_for, needs=judged.needs)


def _check_new_time(act: Act, check: BookingCheck) -> Decision:
    """Ask the rules about a time; keep a request there until somebody has looked at it, or its patient answers."""
    visit, propose = act.appointment, bool(act.details.get("propose"))
    if propose and act.before is not Status.PROPOSED:
        raise MoveNotAllowed(stands=act.before.value, move=Move.RESCHEDULE.value)
    decision = booking_checks.check_move(check, visit, reviewed=propose or was_reviewed(visit))
    if propose:
        act.facts["proposed"] = True
    _keep_waiting(act, check.slot.start)
    return decision


def _keep_waiting(act: Act, start: datetime) -> None:
    """Keep a request that moves until as long before its new time as before the old one, or until it begins."""
    visit, until = act.appointment, booking_checks.review_of(act.appointment, start=start).until
    if until and not awaits_proof(visit):
        visit.kept_until = until if until > act.at else start
    elif visit.status == Status.PENDING and visit.awaits_referral:
        visit.kept_until = rules.referral_wait_ends(start, at=act.at)


def _move_back(act: Act, undone: Change) -> None:
    """Put the visit back onto the time that it was moved from: it was in time when it was booked, so no rule is asked.

    Raises EarlierTimeGone, InThePast.
    """
    visit = act.appointment
    act.facts |= {"from": where(visit), "late": False, "undoes": undone.version}
    patient = person_locks.lock_patient(visit.patient)
    therapy_changes.bring_lengths_back(act, undone)
    try:
        slot = earlier_slot(act)
        therapy_changes.put_therapy(visit, slot)
        if slot.start < act.at:
            raise InThePast
        _keep_waiting(act, slot.start)
        needs = place_needs_of_visit(visit, at=act.at)
        _swap(act, BookingCheck(slot=slot, patient=patient, by=act.by, at=act.at, needs=needs), None)
    except (scheduler.SlotTaken, scheduler.UnknownSlot, scheduler.NotOffered) as gone:
        raise EarlierTimeGone("", **_others(act)) from gone
    therapy_changes.note_who_treats(act, slot)
    put_on(visit, slot)
    links.follow(visit, at=act.at)
    act.facts["to"] = where_to(slot)


def _others(act: Act) -> dict[str, object]:
    """Return what is free near the time that a visit cannot go back to, of what whoever undoes it may book."""
    try:
        key = scheduler.SlotKey.decode(_earlier(act))
    except scheduler.UnknownSlot:
        return {}
    near = requested_slots.nearest_to(
        key, by=act.by, at=act.at, patient=act.appointment.patient, moving=act.appointment
    )
    return {"alternatives": near}


def _earlier(act: Act) -> str:
    return str(act.undone.facts.get("slot", "")) if act.undone else ""


def earlier_slot(act: Act) -> scheduler.Slot:
    """Return the start from which a visit was moved. Raises SlotTaken, UnknownSlot."""
    visit = act.appointment
    found = requested_slots.read_slot(_earlier(act), by=act.by, at=act.at, patient=visit.patient, moving=visit)
    return found.lasting(visit.lengths)


def put_on(visit: Appointment, slot: scheduler.Slot) -> None:
    """Write a slot's time, practitioner and site into an appointment."""
    visit.slot = slot.id
    visit.period = TimestamptzRange(slot.start, slot.end, "[)")
    therapy_changes.put_therapy(visit, slot)
    visit.practitioner_id = slot.practitioner.id
    visit.site_id = slot.site.id


def start(act: Act) -> None:
    """Note from when on they are treated."""
    act.appointment.started_at = act.at


def nothing_more(act: Act) -> None:
    """Leave the claims as they are: the state says it all."""


EFFECTS: Mapping[Move, Callable[[Act], None]] = {
    Move.APPROVE: waiting_effects.settle,
    Move.AWAIT: waiting_effects.wait,
    Move.COMPLETE: waiting_effects.settle,
    Move.EXPIRE: expire,
    Move.DECLINE: decline,
    Move.RESCHEDULE: reschedule,
    Move.RESIZE: resizing.resize,
    Move.ARRIVE: retake,
    Move.CHECK_IN: nothing_more,
    Move.START: start,
    Move.FULFIL: nothing_more,
    Move.NO_SHOW: free,
    Move.CANCEL: cancel,
    Move.UNDO: undo,
    Move.ENTER_IN_ERROR: free,
}


def _reason(act: Act) -> CancelReason:
    reason = act.details.get("reason")
    if reason is None or (not act.staff and reason not in BY_PATIENT):
        raise Invalid(_("Choose a reason."), pointer="/reason")
    return CancelReason(reason)


def _leaves_late(act: Act, reason: CancelReason | None) -> bool:
    """Whether the visit's time is left late by its patient.

    A time that the clinic took away is nobody's to be late, nor one that is not kept.
    """
    visit = act.appointment
    if act.before not in OCCUPYING or has_lapsed(visit, at=act.at):
        return False
    free_until, start = act.policy.free_until, visit.period.lower
    late = rules.leaves_late(start, at=act.at, free_until=free_until, reason=reason, staff=act.staff)
    return late and not scheduler.uncovered_allocations([visit.allocation], at=act.at)


def _call_off(act: Act, reason: CancelReason) -> None:
    visit = act.appointment
    visit.cancel_reason, visit.cancelled_at, visit.kept_until = reason, act.at, None
    act.facts["reason"] = reason.value
    if reason not in {CancelReason.DECLINED, CancelReason.TOGETHER}:  # taken back, they are asked still
        visit.asked_questions = ""


def _hold(act: Act) -> Hold | None:
    hold_id = act.details.get("hold_id")
    if hold_id is None:
        return None
    if act.details.get("slot"):
        raise Invalid(_("Give a slot or a hold."), pointer="/slot")
    hold = holds.own_hold(hold_id, by=act.by, at=act.at)
    if hold.moving_id != act.appointment.pk:
        raise Invalid(_("This time is kept for something else."), pointer="/hold")
    hold.moving = act.appointment  # at hand: not read once more
    return hold


def _swap(act: Act, check: BookingCheck, hold: Hold | None) -> list[Broken]:
    """Take the new time and retire the old claims; return what is set aside by that, if it is claimed here.

    What is awaited is awaited until the new time at most.
    """
    visit, until = act.appointment, act.appointment.kept_until
    if until is not None:
        visit.kept_until = until = min(until, check.slot.start)
    if hold is not None:
        holds.confirm(hold, at=act.at, until=until)
        # The hold's time is the visit's before its own is given back: nobody can come in between.
        scheduler.release(visit.allocation, at=act.at)
        visit.allocation, visit.place_id = hold.allocation, hold.place_id
        return []
    if taken := act.details.get("taken"):
        visit.allocation, visit.place_id = taken.allocation, taken.claimed.place_id
        if until is not None:
            scheduler.postpone(taken.allocation, until=until, at=act.at)
        return check.broken_by(taken.claimed.only_for)
    new = uuid4()
    wanted = scheduler.ClaimRequest(
        slot=check.slot,
        allocation=new,
        audience=check.audience.of_an_undo() if act.undone else check.audience,
        expires_at=until,
        replacing=visit.allocation,
        reviewed=was_reviewed(visit) or bool(act.details.get("propose")),
        place=chosen_places.chosen_place(act),
    )
    # Where it was before nobody asked for a place: what is put back may stand where it stood.
    claimed, lacking = claim_preferring(wanted, check) if act.undone else claim_for(wanted, check, moves=True)
    chosen_places.note_place(act, claimed.place_id)
    visit.allocation, visit.place_id = new, claimed.place_id
    return [*check.broken_by(claimed.only_for), *lacking]
