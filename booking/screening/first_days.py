"""From which day on somebody may come whom a clinician lets stay away."""

from datetime import date, datetime, timedelta

from booking.models import ScreeningResponse
from booking.screening.queries import PATIENT
from booking.screening.questionnaire import Outcome


def earliest_day_of(row: ScreeningResponse, *, at: datetime) -> date | None:
    """Return from which day on they may come where nobody says otherwise: by the policy, or after the visit's day.

    None where a patient was to stay at home already and nobody knows until when: whoever decides says it, or tomorrow
    would be promised. Needs the answers' visit and its site.
    """
    zone = row.appointment.site.tz
    today = at.astimezone(zone).date()
    if row.earliest_day is not None and row.earliest_day > today:
        return row.earliest_day
    # Where it is not for a clinician alone to say that they stay away: something else that they answered does as well.
    looked_at_alone = row.outcome == Outcome.REVIEW and row.earliest_day is None and not row.until_unknown
    if row.companion == PATIENT and not looked_at_alone:
        return None
    visit_on: date = row.appointment.period.lower.astimezone(zone).date()
    return max(today, visit_on) + timedelta(days=1)
