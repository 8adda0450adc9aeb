"""Who sees what follows from health answers: asked by every door that would tell it."""

from datetime import date, datetime

from booking.models import Appointment, CallReason
from booking.roles import is_system
from booking.screening.queries import NOT_ASKED, Screening, away_until
from booking.subjects import of_appointment
from core.principal import Principal
from core.rights import Action, may

CALLS_THAT_TELL = frozenset({CallReason.SCREENING, CallReason.SEEK_CARE, CallReason.FIND_TIME})
"""Why somebody is to be called, where that follows from their answers."""


def sees_outcome(by: Principal, visit: Appointment) -> bool:
    """Whether somebody sees how people stand for a visit. Needs its patient and practitioner, as rights do."""
    return is_system(by) or may(by, Action.SEE_SCREENING, of_appointment(visit, by))


def as_seen(found: Screening, visit: Appointment, *, by: Principal) -> Screening:
    """Return how somebody stands, to whoever sees that; to everybody else as if nobody were asked."""
    return found if sees_outcome(by, visit) else NOT_ASKED


def first_day_of(visit: Appointment, *, by: Principal, at: datetime) -> date | None:
    """Return the day before which a visit's patient is not to come, to its link and to whoever sees that; else None.

    Needs its site, and its patient and practitioner where somebody is signed in.
    """
    return away_until(visit, at=at) if by.anonymous or sees_outcome(by, visit) else None
