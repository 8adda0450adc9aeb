"""The one way in which an appointment changes: lock, look into the table, guard, effect, version, ledger, ring."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Unpack
from uuid import UUID

from django.utils.translation import gettext as _

from booking import policies, rules
from booking.actions import approvals, as_seen, booking_checks, calls, check_in_checks, limits, misses
from booking.actions.families import linked_cancels, moved_beside
from booking.actions.families.linked_questions import LINKED
from booking.actions.holds import let_go, lock_holds_for
from booking.actions.ledger import next_version, record
from booking.actions.move_acts import Act, Details
from booking.actions.move_effects import EFFECTS
from booking.actions.patients import referral_terms
from booking.actions.patients.person_locks import lock_patient
from booking.actions.preparing import prepare_anew
from booking.actions.suitability import suitability_changes, suitability_checks
from booking.cancel_reasons import CancelReason
from booking.errors import MoveNotAllowed, NotYet, StartsLater, insist
from booking.models import Appointment, CallReason, Patient
from booking.queries import awaits_proof, is_own, lacks_cover, mail_of, move_context
from booking.refused_moves import CALL_US, not_yet_in_words
from booking.roles import acts_as_staff
from booking.status import BOOKS, OCCUPYING, Move, Status, after, last_not_undone
from booking.suitability.answers_by_link import is_request, is_to_be_talked_about, waits_for_answers
from core.database.compiled import Argument, CompiledQuery
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Missing
from core.text.languages import time_in_words
from scheduler import public as scheduler

LAPSED = Principal.system("lapsed")
REFERRALS = Principal.system("referrals")
NO_VISIT = 0

LAPSED_VISITS = CompiledQuery(
    lambda: (
        Appointment.objects.filter(patient=Argument("patient"))
        .lapsed(at=Argument("at"))
        .exclude(pk=Argument("but"))
        # Skipped, not waited for: the caller holds a visit already, and visits are locked in the order of their ids.
        .select_for_update(no_key=True, skip_locked=True)
        .order_by("pk")
        .values_list("public_id")
    )
)
LOCKED = CompiledQuery(
    lambda: Appointment.objects.filter(public_id=Argument("public_id")).select_for_update(no_key=True).values_list("pk")
)
WHOLE = CompiledQuery(
    lambda: Appointment.objects.select_related("patient", "practitioner", "site", "therapy").filter(
        public_id=Argument("public_id")
    )
)


@unit
def move(
    appointment_id: UUID,
    what: Move,
    *,
    by: Principal,
    at: datetime,
    **details: Unpack[Details],
) -> Appointment:
    """Make a move of the table, whole or not at all, and return the appointment as it is then.

    Raises Missing, AppointmentChanged, MoveNotAllowed, what a guard or rule refuses, and SlotTaken or PatientBusy when
    the time is not to be had.
    """
    if by != LINKED:  # who follows another was locked with it
        linked_cancels.lock_all(appointment_id, what)
    beside = moved_beside.lock_beside(appointment_id, what, details, at=at)
    visit = locked(appointment_id)
    as_seen.refuse_changed(visit, details.get("as_seen"))
    act = act_on(visit, what, by=by, at=at, details=details)
    reached = reached_by(act)
    if reached is None:
        # What comes first is for staff to do.
        raise MoveNotAllowed("" if act.staff else CALL_US, stands=visit.status, move=what.value)
    covered = what not in rules.NEEDS_COVER or _all_the_same(act) or not lacks_cover([visit], at=at)
    decides, undone = _decides(act), act.undone
    context = move_context(visit, staff=act.staff, policy=act.policy, covered=covered, decides=decides, undone=undone)
    if details.get("while_free") and (act.staff or visit.cancel_reason == CancelReason.ILLNESS):
        context = replace(context, undo_until=scheduler.FOREVER)
    _insist_on(what, act, context)
    if what is Move.CHECK_IN:
        check_in_checks.check_screening(visit, by=by, at=at)
        check_in_checks.check_day_questions(visit, at=at)
    # Not for a visit that was written down as missed by mistake: what has been is corrected, whatever is closed by now.
    if what in BOOKS or (reached in OCCUPYING and act.before not in OCCUPYING | {Status.NOSHOW}):
        key = scheduler.SlotKey.decode(visit.slot)
        booking_checks.refuse_closed(key, by=by, at=at, patient=visit.patient, moving=visit)
    made = _make(act, reached)
    moved_beside.follow_move(act, beside)
    linked_cancels.follow(act, move=move)
    return _wait_for_referral(made, at=at) if what in BOOKS and made.awaits_referral else made


def _insist_on(what: Move, act: Act, context: rules.MoveContext) -> None:
    """Raise what a guard refuses; where it is too early, with from when on it is not.

    `what`: as it was asked for; by now the act may be another one, since undoing a move is moving back.
    """
    broken = rules.guard(what, context, at=act.at)
    if broken is rules.Broken.NOT_YET:
        since = rules.possible_from(what, context)
        raise NotYet(not_yet_in_words(what, context.start, since, context.zone, at=act.at))
    insist(broken)
    _ask_whether_meant(act)


def _ask_whether_meant(act: Act) -> None:
    """Ask once about a start that is noted long before its time. Raises StartsLater."""
    start = act.appointment.period.lower
    if not act.details.get("all_the_same") and rules.begins_long_before(act.what, start, at=act.at):
        when = time_in_words(start, act.appointment.site.tz)
        raise StartsLater(_("Their appointment is at %s: are they treated already?") % when)


def _wait_for_referral(visit: Appointment, *, at: datetime) -> Appointment:
    """Let a visit that was approved wait for the referral that its program asks for, if that is not there by now."""
    patient, start = lock_patient(visit.patient), visit.period.lower
    found = referral_terms.usable(patient, visit.site_id, [visit.awaits_referral], start=start, at=at)
    if found is None:
        until = rules.referral_wait_ends(start, at=at)
        return move(visit.public_id, Move.AWAIT, by=REFERRALS, at=at, until=until)
    visit.referral, visit.awaits_referral = found, ""
    visit.save(update_fields=["referral", "awaits_referral"])
    return visit


def _decides(act: Act) -> bool:
    """Whether a clinician asks the patient of what they look at, or books it once they have asked."""
    asks = act.what is Move.AWAIT and bool(act.details.get("questions"))
    return (asks or act.what is Move.COMPLETE) and suitability_checks.may_decide(act.by, act.appointment)


def _all_the_same(act: Act) -> bool:
    """Whether somebody is here for a time that is not open any more, and whoever checks them in knows that."""
    return act.what is Move.CHECK_IN and act.details.get("all_the_same", False)


def reached_by(act: Act) -> Status | None:
    """Return the state to which an act leads; None where it leads nowhere. Of an undo, note what it takes back."""
    if act.what is Move.UNDO:
        act.undone = last_not_undone(act.appointment.changes.order_by("pk"))
        if act.undone is not None and act.undone.move in {Move.RESCHEDULE, Move.RESIZE}:
            act.what = Move(act.undone.move)  # undoing a move is moving back
    if act.what is Move.START and act.appointment.started_at is not None:
        return None  # the table knows the state alone, which stays as it is
    return after(act.before, act.what, before=_state_before(act))


def _state_before(act: Act) -> Status | None:
    """Return the state before what is undone; None where nothing is. Of what stands, an approval alone is undone."""
    undone = act.undone
    if undone is None or not undone.before:
        return None
    if act.before is Status.BOOKED and not (approvals.may_reopen(undone) and approvals.is_last(undone)):
        return None
    return Status(undone.before)


def locked(appointment_id: UUID) -> Appointment:
    """Lock an appointment's row, then return it with what belongs to it as it is now. Raises Missing."""
    # Two statements: while a join waits for its lock, another act may change the joined row, and PostgreSQL then drops
    # the row that we wait for, since it does not belong to that one any more. It would be 404 for a visit that exists.
    if not LOCKED.tuples(public_id=appointment_id):
        raise Missing
    return WHOLE.get(public_id=appointment_id)


def expire_lapsed(patient: Patient, *, at: datetime, but: Appointment | None = None) -> None:
    """Let a patient's visits expire that nobody approved or completed in time, before another takes their place.

    One that somebody else is just changing is left to them: nobody waits here, so the order of locks is not broken.
    """
    for (public_id,) in LAPSED_VISITS.tuples(patient=patient.pk, at=at, but=but.pk if but else NO_VISIT):
        move(public_id, Move.EXPIRE, by=LAPSED, at=at)


def act_on(visit: Appointment, what: Move, *, by: Principal, at: datetime, details: Details) -> Act:
    """Return an act on an appointment that is locked."""
    own = is_own(visit.patient, by)
    return Act(
        appointment=visit,
        what=what,
        before=Status(visit.status),
        by=by,
        at=at,
        staff=acts_as_staff(by, site_id=visit.site_id, own_record=own),
        policy=policies.booking_policy(visit.site_id, at=at),
        details=details,
    )


def _make(act: Act, reached: Status) -> Appointment:
    visit = act.appointment
    again = reached in OCCUPYING and act.before not in OCCUPYING
    takes_time = again or act.what in {Move.RESCHEDULE, Move.RESIZE}
    leaves = act.what is Move.RESCHEDULE or reached not in OCCUPYING
    # The one order of locks: the appointment, what is kept for moving it, people, sheets.
    # What is kept for moving it is as long as it was.
    kept = lock_holds_for(visit) if leaves or act.what is Move.RESIZE else []
    # First what has lapsed goes, since it stands in the constraint's way; then whoever books with the same address or
    # for the same person is waited for; only then are sheets locked, by the effect.
    if takes_time:
        expire_lapsed(visit.patient, but=visit, at=act.at)
    back = act.what is Move.UNDO and act.before is Status.CANCELLED and not act.staff
    if back:
        limits.wait_for_contact(mail_of(visit.patient))
    _lock_person(act, again=again)
    if back:
        booking_checks.check_undo(visit, act.policy, at=act.at)
    ran_out = _why_it_ran_out(visit) if act.what is Move.EXPIRE else None
    was = (visit.therapy_id, visit.technique, visit.site_id)
    _take_effect(act)
    visit.status = reached
    visit.version = next_version(act)
    visit.updated_at = act.at
    # Saved as a whole: the effect has written into it what the move changes, and its row is locked.
    with booking_checks.one_place_at_a_time(visit, by=act.by, at=act.at, takes_time=takes_time):
        visit.save()
    _look_again(act, otherwise=was != (visit.therapy_id, visit.technique, visit.site_id))
    if kept:
        let_go((one for one in kept if one.public_id != act.details.get("hold_id")), at=act.at)
    for reason in _settled_calls(act, reached, leaves=leaves):
        calls.end([visit.pk], reason, at=act.at)
    record(visit, act.what, before=act.before, by=act.by, at=act.at, facts=act.facts)
    misses.follow(act, reached)
    if ran_out:
        calls.raise_for([visit.pk], ran_out, at=act.at)
    if act.what is Move.RESCHEDULE:
        prepare_anew(visit, at=act.at)
    return visit


def _lock_person(act: Act, *, again: bool) -> None:
    """Lock the patient of a visit that takes time again; one that was called off needs a referral as before.

    So of one that was missed: of two in a row, written down at once, each counts the other.
    """
    if again or act.what is Move.NO_SHOW:
        lock_patient(act.appointment.patient)
    if again and act.before is Status.CANCELLED:
        referral_terms.use_again(act.appointment, at=act.at)


def _take_effect(act: Act) -> None:
    if act.what in BOOKS:
        approvals.note(act)
    reopens = act.what is Move.UNDO and act.before is Status.BOOKED
    (approvals.reopen if reopens else EFFECTS[act.what])(act)


def _settled_calls(act: Act, reached: Status, *, leaves: bool) -> Iterator[CallReason]:
    """Yield why nobody need be called any more."""
    if leaves:
        yield CallReason.WITHOUT_COVER
        yield CallReason.OTHER_PRACTITIONER
        yield CallReason.BOOKED_TOGETHER
    if leaves or act.what in BOOKS:
        yield CallReason.REFERRAL
    if act.what in BOOKS or (reached not in OCCUPYING and act.what is not Move.EXPIRE):
        yield CallReason.CODE
    if reached not in OCCUPYING:  # what its patient must hear of that has a message of its own
        yield CallReason.NOT_REACHED
        yield CallReason.ACCESS
        if act.what is not Move.EXPIRE:
            yield CallReason.NOT_BOOKABLE


def _why_it_ran_out(visit: Appointment) -> CallReason | None:
    """Return why staff call about an appointment that runs out; None where there is no need, or a call stands."""
    if not is_request(visit) or awaits_proof(visit) or is_to_be_talked_about(visit):
        return None
    return CallReason.NO_ANSWERS if waits_for_answers(visit) else CallReason.UNANSWERED


def _look_again(act: Act, *, otherwise: bool) -> None:
    """Look at what an undo brings back: at what its patient has answered since, or for what it is again.

    `otherwise`: it was put back to another therapy, technique or site, where other answers matter.
    """
    visit, undone = act.appointment, act.undone
    if undone is None or visit.status not in OCCUPYING:
        return
    if act.before not in OCCUPYING:
        then = suitability_changes.reasons_known(visit.patient, at=act.at, since=undone.at)
        suitability_changes.look_again(visit.patient, at=act.at, then=then)
    elif otherwise:
        # Not since it was moved: it may have been moved because of what was known by then.
        suitability_changes.look_again(visit.patient, at=act.at)
