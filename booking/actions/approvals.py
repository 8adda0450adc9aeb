"""An approval is undone: what a clinician booked by mistake waits to be looked at again, as long as it was kept."""

from datetime import datetime
from zoneinfo import ZoneInfo

from booking.actions.move_acts import Act
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability_changes, suitability_checks
from booking.errors import UndoOver, insist
from booking.models import Change, Clearance
from booking.queries import in_review, is_own
from booking.rules import Broken
from booking.status import BOOKS, Move, Status
from booking.suitability.answers_by_link import CLINICIAN_ASKS, waits_for_answers
from scheduler import public as scheduler

REOPENS_UNTIL, REOPENED = "reopens_until", "reopened"
"""The facts of an approval by which it is undone (until when its time was kept), and of that undo."""

APPROVED_AGAIN = "approved_again"
"""The fact of an approval before which there was one that was undone."""


def note(act: Act) -> None:
    """Note what undoing an approval needs to know; nothing of what its patient or a code makes firm."""
    visit = act.appointment
    if not (act.staff and visit.kept_until and in_review(visit)) or waits_for_answers(visit):
        return
    act.facts[REOPENS_UNTIL] = visit.kept_until.isoformat()
    if visit.changes.filter(**{"move": Move.UNDO, f"facts__{REOPENED}": True}).exists():
        act.facts[APPROVED_AGAIN] = True


def may_reopen(undone: Change) -> bool:
    """Whether what is undone booked what a clinician had looked at, after asking its patient again or not."""
    return undone.move in BOOKS and REOPENS_UNTIL in undone.facts


def is_last(undone: Change) -> bool:
    """Whether nothing was done since: else a second press on any other undo would undo the approval before it."""
    return not Change.objects.filter(appointment=undone.appointment_id, pk__gt=undone.pk).exists()


def may_reopen_today(undone: Change, *, at: datetime, zone: ZoneInfo) -> bool:
    """Whether an approval can be undone still: on its day, and as long as its time would have been kept."""
    if not may_reopen(undone) or undone.at.astimezone(zone).date() != at.astimezone(zone).date():
        return False
    return at < datetime.fromisoformat(undone.facts[REOPENS_UNTIL])


def reopen(act: Act) -> None:
    """Let what was approved wait for a clinician again, as long as it was kept before.

    What was cleared with it is not cleared any more. Raises UndoOver, StaffOnly.
    """
    visit, undone = act.appointment, act.undone
    until = datetime.fromisoformat(undone.facts[REOPENS_UNTIL]) if undone else act.at
    if undone is None or until <= act.at:
        raise UndoOver
    own = is_own(visit.patient, act.by)
    if not suitability_checks.may_set_aside(act.by, site_id=visit.site_id, own_record=own):
        insist(Broken.STAFF_ONLY)
    scheduler.lapse(visit.allocation, until=until)
    visit.kept_until = until
    if undone.before == Status.PENDING:
        visit.suitability = CLINICIAN_ASKS
    patient = person_locks.lock_patient(visit.patient)
    given = Clearance.objects.filter(appointment=visit, given_at=undone.at, withdrawn_at=None)
    if given.update(withdrawn_at=act.at, withdrawn_by=act.by.key):
        suitability_changes.look_again(patient, at=act.at)
    if undone.facts.get(suitability_checks.ANSWERS_SET_ASIDE):
        visit.set_aside_reason = ""
    act.facts[REOPENED] = True
