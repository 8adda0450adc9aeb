"""Whether somebody may be checked in, by what they answered: asked by the one move that does it."""

from datetime import datetime

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.screening.errors import RecheckNeeded, ScreeningNeeded
from booking.screening.queries import screening_of
from booking.screening.rights import sees_outcome
from booking.suitability.day_questions import DayState, day_questions
from booking.suitability.errors import ClinicianFirst, DayQuestionsNeeded, HelpFirst
from core.principal import Principal


def check_screening(visit: Appointment, *, by: Principal, at: datetime) -> None:
    """Refuse to check somebody in who has not answered the health questions, or must stay away. Needs its site.

    Nor is it done before what the policy asks at the door was asked, unless that day is over and it is written down
    late. Whoever must not know how people stand is told the same of everybody. Raises ScreeningNeeded, RecheckNeeded.
    """
    found = screening_of(visit, at=at)
    if found.policy is not None and not sees_outcome(by, visit):
        raise ScreeningNeeded(_("The front desk checks them in: it sees how people stand, and asks what is new."))
    if not found.state.lets_in:
        raise ScreeningNeeded(screening=found.state.value)
    if found.needs_recheck and is_today(visit, at=at):
        raise RecheckNeeded


def check_day_questions(visit: Appointment, *, at: datetime) -> None:
    """Refuse to check somebody in who was not asked today what the rules ask on the day, or whom that keeps out.

    Not once that day is over, and it is written down late. Needs its site, therapy and patient. Raises
    DayQuestionsNeeded, ClinicianFirst, HelpFirst.
    """
    found = day_questions([visit], at=at).get(visit.pk) if is_today(visit, at=at) else None
    if found is None or found.state is DayState.CLEAR:
        return
    if found.state is DayState.CALL:
        raise HelpFirst(visit.public_id, phone=visit.site.phone)
    raise (ClinicianFirst if found.state is DayState.LOOKED_AT else DayQuestionsNeeded)(visit.public_id)


def is_today(visit: Appointment, *, at: datetime) -> bool:
    """Whether a visit begins today by the clock of its site, which is needed."""
    zone = visit.site.tz
    return bool(visit.period.lower.astimezone(zone).date() == at.astimezone(zone).date())
