"""What moves do to an appointment that waits: for a document, for answers by link, for somebody to look at it."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actions import booking_checks, calls, requested_slots
from booking.actions.booking_checks import BookingCheck
from booking.actions.move_acts import Act
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability_checks
from booking.errors import UndoOver, insist
from booking.models import CallReason
from booking.queries import review_answer, reviews_of_visit
from booking.rules import Broken
from booking.status import Move, Status
from booking.suitability.answers_by_link import CLINICIAN_ASKS, QUESTIONS_BY_LINK, is_asked, seal_questions
from booking.suitability.content import Disposition
from booking.suitability.visits import place_needs_of_visit
from core.refusals import Invalid
from scheduler import public as scheduler


def wait(act: Act) -> None:
    """Keep the time until a document is there, or until `until`; or until the patient answers what a clinician asks."""
    visit, questions = act.appointment, act.details.get("questions")
    # Asked by link, they have as long as the time was kept for a clinician to look.
    until = visit.kept_until if questions else act.details.get("until")
    if until is None or until <= act.at:
        raise Invalid(_("Say until when the time is kept."), pointer="/until")
    booking_checks.check_until(until, visit.period.lower)
    if visit.kept_until:
        act.facts["kept_until"] = visit.kept_until.isoformat()
    if act.before is Status.BOOKED:
        scheduler.lapse(visit.allocation, until=until)
    else:
        scheduler.postpone(visit.allocation, until=until, at=act.at)
    visit.kept_until = until
    act.facts["until"] = until.isoformat()
    if questions:
        _ask(act, questions)


def _ask(act: Act, questions: tuple[str, ...]) -> None:
    """Let its patient be asked. What is asked follows from what was answered: it is sealed, and not in the ledger."""
    visit = act.appointment
    act.facts[QUESTIONS_BY_LINK] = True
    if visit.answered_at:
        act.facts["answered_at"] = visit.answered_at.isoformat()
    visit.suitability, visit.answered_at, visit.asked_questions = CLINICIAN_ASKS, None, seal_questions(questions)


def stop_waiting(act: Act) -> None:
    """Let an appointment be as it was before it had to wait. Raises UndoOver once its patient has answered."""
    visit, undone = act.appointment, act.undone
    facts, before = (undone.facts, undone.before) if undone else ({}, "")
    if is_asked(visit):
        _ask_no_more(act, before, answered_at=facts.get("answered_at"))
    if before == Status.BOOKED:
        scheduler.take_over(visit.allocation, at=act.at)
        visit.kept_until = None
        return
    until = datetime.fromisoformat(facts["kept_until"]) if "kept_until" in facts else visit.kept_until
    if until is None or until <= act.at:
        raise UndoOver
    scheduler.postpone(visit.allocation, until=until, at=act.at)
    visit.kept_until = until


def _ask_no_more(act: Act, before: str, *, answered_at: str | None) -> None:
    visit = act.appointment
    if visit.answered_at is not None:
        raise UndoOver
    if not suitability_checks.may_decide(act.by, visit):
        insist(Broken.STAFF_ONLY)
    visit.answered_at = datetime.fromisoformat(answered_at) if answered_at else None
    visit.suitability = CLINICIAN_ASKS if before == Status.PENDING else Disposition.CLINICIAN_REVIEW.value
    visit.asked_questions = ""
    calls.end([visit.pk], CallReason.NOT_REACHED, at=act.at)


def _set_aside(act: Act) -> None:
    """Note why a clinician books what by now is not bookable online. Raises Invalid where nobody says why."""
    visit = act.appointment
    # What waited for a document alone was decided before it had to wait.
    if act.what is Move.COMPLETE and not is_asked(visit):
        return
    if why := suitability_checks.why_all_the_same(visit, reason=act.details.get("set_aside", ""), at=act.at):
        visit.set_aside_reason = why
        act.facts[suitability_checks.ANSWERS_SET_ASIDE] = True


def settle(act: Act) -> None:
    """Make the time firm. Raises ClaimLapsed when it was kept until now at most."""
    visit = act.appointment
    looked_at = bool(reviews_of_visit(visit))
    if looked_at:
        # Answers are written down under this lock: what is looked at here is what it is booked by.
        person_locks.lock_patient(visit.patient)
        suitability_checks.check_answered(visit)
        if act.staff:
            suitability_checks.check_as_seen(visit, mark=act.details.get("mark"), at=act.at)
            _set_aside(act)
        suitability_checks.check_no_call_first(visit, at=act.at)
    # Whoever was offered this time answers with a press of their own, or has told staff.
    if act.what is Move.APPROVE and act.staff and review_answer(visit).offered:
        act.facts["heard"] = True
        calls.end([visit.pk], CallReason.NOT_REACHED, at=act.at)
    scheduler.take_over(visit.allocation, at=act.at)
    visit.kept_until = None
    if act.what is Move.COMPLETE and not is_asked(visit):
        visit.awaits_referral = ""  # whoever says that the papers are there has seen them
    if looked_at or visit.answered_at:
        _find_place(act)
    if is_asked(visit):
        visit.suitability, visit.asked_questions = Disposition.CLINICIAN_REVIEW.value, ""


def _find_place(act: Act) -> None:
    """Let it be at a place that has what its patient needs by what they have answered since its time was claimed.

    Where none is free then, or that time is offered no more, it stays where it is: the list at the door shows the need.
    """
    visit = act.appointment
    needs = place_needs_of_visit(visit, at=act.at)
    if scheduler.place_has(visit.place_id, needs):
        return
    try:
        slot = requested_slots.read_slot(visit.slot, by=act.by, at=act.at, patient=visit.patient, moving=visit)
        if slot.end != visit.period.upper:  # they were told when they leave
            return
        check = BookingCheck(slot=slot, patient=visit.patient, by=act.by, at=act.at, needs=needs)
        wanted = scheduler.ClaimRequest(
            slot=slot, allocation=uuid4(), audience=check.audience, replacing=visit.allocation, reviewed=True
        )
        with transaction.atomic():  # a savepoint: what is refused leaves its claims as they are
            (claimed,) = scheduler.claim([wanted], at=act.at)
    except (scheduler.SlotTaken, scheduler.UnknownSlot, scheduler.NotOffered):
        return
    visit.allocation, visit.place_id = wanted.allocation, claimed.place_id
