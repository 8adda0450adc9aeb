"""Who sees what follows from health answers: asked by every door that would tell it."""

from datetime import date, datetime

from booking.models import Appointment, CallReason
from booking.queries import is_own
from booking.roles import acts_as_staff, is_system
from booking.screening.queries import NOT_ASKED, Screening, away
from booking.subjects import of_appointment
from core.principal import Principal
from core.rights import Action, may

CALLS_THAT_TELL = frozenset({
    CallReason.SCREENING, CallReason.SEEK_CARE, CallReason.FIND_TIME, CallReason.RULES_CHANGED,
    CallReason.ANSWERS_CHANGED, CallReason.NOT_BOOKABLE, CallReason.HELP_HERE,
})  # fmt: skip
"""Why somebody is to be called, where that follows from their answers."""


def sees_outcome(by: Principal, visit: Appointment) -> bool:
    """Whether somebody sees how people stand for a visit. Needs its patient and practitioner, as rights do."""
    return is_system(by) or may(by, Action.SEE_SCREENING, of_appointment(visit, by))


def sees_why(visit: Appointment, by: Principal) -> bool:
    """Whether somebody may know why an appointment was called off: it may follow from what its patient answered."""
    return may(by, Action.SEE_THERAPY, of_appointment(visit, by)) and sees_outcome(by, visit)


def as_seen(found: Screening, visit: Appointment, *, by: Principal) -> Screening:
    """Return how somebody stands, to whoever sees that; to everybody else as if nobody were asked."""
    return found if sees_outcome(by, visit) else NOT_ASKED


def first_day_of(visit: Appointment, *, by: Principal, at: datetime) -> date | None:
    """Return the day before which a visit's patient is not to come, to its link and to whoever sees that; else None.

    `date.max` to patients where nobody knows it yet; staff talk with them, and may know. Needs the visit's site, and
    its patient and practitioner where somebody is signed in.
    """
    if not by.anonymous and not sees_outcome(by, visit):
        return None
    stays_away, first_day = away(visit, at=at)
    known_to_staff = acts_as_staff(by, site_id=visit.site_id, own_record=is_own(visit.patient, by))
    return first_day or (date.max if stays_away and not known_to_staff else None)
