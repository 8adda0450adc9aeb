"""What can be done to an appointment now, as far as its life cycle and its guards go: what is offered is then done."""

from datetime import datetime

from booking import rules
from booking.actions.moves import act_on, reached_by
from booking.closures import undo_until
from booking.models import Appointment, Change
from booking.queries import is_own, lacks_cover, move_context
from booking.roles import acts_as_staff
from booking.status import Move, Status, last_not_undone
from core.principal import Principal

ASKED_WHEN_PRESSED = frozenset({Move.CHECK_IN})
"""What is done all the same for a time that is not open any more, once whoever presses says so."""


def is_possible(visit: Appointment, what: Move, *, by: Principal, at: datetime) -> bool:
    """Whether the life cycle has this move from here, and its guard lets it pass. Needs site, patient, practitioner."""
    act = act_on(visit, what, by=by, at=at, details={})
    if reached_by(act) is None or (what is Move.RESIZE and at >= visit.period.upper):
        return False
    needs_cover = what in rules.NEEDS_COVER - ASKED_WHEN_PRESSED
    covered = not needs_cover or not lacks_cover([visit], at=at)
    context = move_context(visit, staff=act.staff, policy=act.policy, covered=covered, undone=act.undone)
    if rules.guard(what, context, at=at) is not None:
        return False
    # Back to a time that is closed nobody comes.
    cancelled = what is Move.UNDO and act.before is Status.CANCELLED
    return not cancelled or visit.undo_until is None or undo_until(visit, staff=True) is not None


def undone_next(visit: Appointment) -> Change | None:
    """Return what an undo would take back."""
    return last_not_undone(visit.changes.order_by("pk"))


def undo_until_for(visit: Appointment, by: Principal) -> datetime | None:
    """Return until when somebody can take a cancel back; None where it is not theirs. Needs its patient."""
    staff = acts_as_staff(by, site_id=visit.site_id, own_record=is_own(visit.patient, by))
    return undo_until(visit, staff=staff)
