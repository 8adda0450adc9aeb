"""From which day on somebody may come whom a clinician lets stay away."""

from datetime import date, datetime, timedelta
from itertools import takewhile

from booking.models import ScreeningResponse
from booking.screening.queries import PATIENT, response_of
from booking.screening.questionnaire import Outcome
from booking.screening.state import keeps_away


def earliest_day_of(row: ScreeningResponse, *, at: datetime) -> date | None:
    """Return from which day on they may come where nobody says otherwise: by the policy, or after the visit's day.

    None where a patient was to stay at home already and nobody knows until when: whoever decides says it, or tomorrow
    would be promised. Needs the answers' visit and its site.
    """
    zone = row.appointment.site.tz
    today = at.astimezone(zone).date()
    if row.earliest_day is not None and row.earliest_day > today:
        return row.earliest_day
    if row.companion == PATIENT and not _is_looked_at_alone(row):
        return None
    visit_on: date = row.appointment.period.lower.astimezone(zone).date()
    return max(today, visit_on) + timedelta(days=1)


def _is_looked_at_alone(row: ScreeningResponse) -> bool:
    """Whether it is for a clinician alone to say that somebody stays away: nothing else that they answered does."""
    if row.outcome != Outcome.REVIEW:
        return False
    visit = row.appointment
    older = visit.screenings.filter(companion=row.companion, answered_at__lte=row.answered_at).exclude(pk=row.pk)
    before = takewhile(keeps_away, (response_of(one, visit) for one in older))  # the newest first
    return all(one.outcome is Outcome.REVIEW for one in before)
