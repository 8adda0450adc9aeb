"""How a visit stands with its screening questions: one word for pages, mails, the door and the check-in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.screening.policies import ScreeningPolicy
from booking.screening.questionnaire import Outcome

EVENING = time(18)
"""Notices that would go out at night go out the evening before: what is answered then counts."""

ASKED_THE_DAY_BEFORE = timedelta(days=1)


class ScreeningState(StrEnum):
    """What is known of a person's health before a visit."""

    NOT_ASKED = "not-asked"
    NOT_YET = "not-yet"
    UNANSWERED = "unanswered"
    CLEAR = "clear"
    BY_CALL = "by-call"
    IN_REVIEW = "in-review"
    STAY_AWAY = "stay-away"
    SEEK_CARE = "seek-care"

    @property
    def lets_in(self) -> bool:
        """Whether somebody is checked in like this."""
        return self in (ScreeningState.NOT_ASKED, ScreeningState.CLEAR, ScreeningState.BY_CALL)


APPROVED = "approved"
DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What is kept of one set of answers. `decision`: of whoever looked at them, if anybody has.

    `visit_moved`: the visit is not as it was when they answered.
    """

    outcome: Outcome
    answered_at: datetime
    decision: str = ""
    earliest_day: date | None = None
    visit_moved: bool = False


def answers_count_from(policy: ScreeningPolicy, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """Return from when on answers count for a visit: as long before it as they are valid, or from the evening before.

    Without the evening, whoever answers a notice that was brought forward out of the night would be asked again.
    """
    on = (starts_at - policy.valid_for).astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(on, EVENING, zone)


def newest(responses: Iterable[Response], *, since: datetime) -> Response | None:
    """Return the answers that count: the last ones given since then."""
    return max((one for one in responses if one.answered_at >= since), key=lambda one: one.answered_at, default=None)


def screening_state(
    policy: ScreeningPolicy | None,
    responses: Iterable[Response],
    *,
    starts_at: datetime,
    zone: ZoneInfo,
    at: datetime,
) -> ScreeningState:
    """Return how somebody stands with the questions of a policy for a visit."""
    if policy is None:
        return ScreeningState.NOT_ASKED
    since = answers_count_from(policy, starts_at, zone)
    found = newest(responses, since=since)
    if found is None:
        return ScreeningState.NOT_YET if at < since else ScreeningState.UNANSWERED
    return _of(found, on=starts_at.astimezone(zone).date())


def _of(response: Response, *, on: date) -> ScreeningState:
    if response.outcome is Outcome.SEEK_CARE and response.decision != APPROVED:
        return ScreeningState.SEEK_CARE
    if response.decision == APPROVED or response.outcome in (Outcome.PROCEED, Outcome.PROCEED_MASKED):
        return ScreeningState.CLEAR
    if response.outcome is Outcome.VIRTUAL:
        return ScreeningState.BY_CALL
    if response.outcome is Outcome.REVIEW and response.decision != DECLINED:
        return ScreeningState.IN_REVIEW
    # A visit that has moved to a day on which they may come again is asked about once more.
    moved_on = response.visit_moved and response.earliest_day is not None and response.earliest_day <= on
    return ScreeningState.UNANSWERED if moved_on else ScreeningState.STAY_AWAY


def keeps_away(response: Response) -> bool:
    """Whether nobody comes by these answers unless somebody looks at them, and nobody has said that they may."""
    return response.outcome.rank >= Outcome.REVIEW.rank and response.decision != APPROVED


def is_taken_back(before: Response, now: Response, *, on: date, visit_on: date) -> bool:
    """Whether somebody who was to stay away, or is looked at, now answers that they may come.

    `on`: today; `visit_on`: the day of the visit; both by the site's clock. Once the first day is there on which they
    may come again, they are well as was expected, and the day before it for a visit that has moved there: it is then
    that they are asked anew. An approved answer asks nobody to look again. Whatever else has changed of the visit does.
    """
    well = now.outcome.rank < Outcome.VIRTUAL.rank
    return well and keeps_away(before) and _waits_still(before, on=on, visit_on=visit_on)


def _waits_still(before: Response, *, on: date, visit_on: date) -> bool:
    if (first := before.earliest_day) is None:
        return True
    return on < (first - ASKED_THE_DAY_BEFORE if visit_on >= first else first)
