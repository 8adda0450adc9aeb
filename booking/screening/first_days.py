"""From which day on somebody may come whom a clinician lets stay away."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from booking.models import ScreeningResponse
from booking.screening.queries import PATIENT, answered_elsewhere, rows_before
from booking.screening.questionnaire import Outcome


def earliest_day_of(
    row: ScreeningResponse, *, at: datetime, beside: Iterable[ScreeningResponse] | None = None
) -> date | None:
    """Return from which day on they may come where nobody says otherwise: by the policy, or after the visit's day.

    None where a patient was to stay at home already and nobody knows until when: whoever decides says it, or tomorrow
    would be promised. `beside`: what `rows_before` gives, where it has been read. Needs the visit and its site.
    """
    zone = row.appointment.site.tz
    today = at.astimezone(zone).date()
    beside = rows_before(row) if beside is None else beside
    until = max(row.earliest_day or date.min, _away_until_elsewhere(row, beside))
    if until > today:
        return None if until == date.max else until
    # Where it is not for a clinician alone to say that they stay away: something else that they answered does as well.
    looked_at_alone = row.outcome == Outcome.REVIEW and row.earliest_day is None and not row.until_unknown
    if row.companion == PATIENT and not looked_at_alone:
        return None
    visit_on: date = row.appointment.period.lower.astimezone(zone).date()
    return max(today, visit_on) + timedelta(days=1)


def _away_until_elsewhere(row: ScreeningResponse, beside: Iterable[ScreeningResponse]) -> date:
    """Return until when they stay away by what they said elsewhere since; `date.max` where nobody knows."""
    elsewhere = [answered_elsewhere(one) for one in beside if one.appointment_id != row.appointment_id]
    return max((one.away_until for one in elsewhere if one.settled_at > row.answered_at), default=date.min)
