"""How a visit stands with its screening questions: one word for pages, mails, the door and the check-in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.screening.outcomes import LONGEST_ISOLATION
from booking.screening.policies import ScreeningPolicy
from booking.screening.questionnaire import Outcome

EVENING = time(18)
"""Notices that would go out at night go out the evening before: what is answered then counts."""

A_DAY = timedelta(days=1)
ASKED_THE_DAY_BEFORE = A_DAY
COUNTS_FOR = LONGEST_ISOLATION + A_DAY
"""For so long before a visit what was answered elsewhere may keep somebody from it, where no day is known."""

AT_ANY_TIME = datetime.min.replace(tzinfo=UTC)


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

    @property
    def to_settle(self) -> bool:
        """Whether something that follows from answers has to be settled first: nobody awaits them as it stands."""
        return self in (ScreeningState.IN_REVIEW, ScreeningState.STAY_AWAY, ScreeningState.SEEK_CARE)


APPROVED = "approved"
DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What is kept of one set of answers. `decision`: of whoever looked at them, if anybody has.

    `until_unknown`: they are to stay at home, and nobody knows until when, whatever else is looked at; `visit_moved`:
    the visit is not as it was when they answered; `reviewed`: somebody looks at them; `policy_version`: what they
    answered.
    """

    outcome: Outcome
    answered_at: datetime
    decision: str = ""
    decided_at: datetime | None = None
    earliest_day: date | None = None
    until_unknown: bool = False
    visit_moved: bool = False
    reviewed: bool = False
    policy_version: int = 0

    @property
    def settled_at(self) -> datetime:
        """When what holds of them was said: by whoever decided, or by themselves."""
        return self.decided_at or self.answered_at

    @property
    def away_until(self) -> date:
        """Until which day they stay at home by these: `date.min` if they need not, `date.max` if nobody knows."""
        if not keeps_away(self):
            return date.min
        unknown = self.until_unknown or self.outcome is Outcome.REBOOK or self.decision == DECLINED
        return self.earliest_day or (date.max if unknown else date.min)

    def keeps_away_on(self, on: date) -> bool:
        """Whether they stay away on a day; where nobody knows until when, as long as anybody is told to."""
        until = self.away_until
        return on < ((self.answered_at + LONGEST_ISOLATION).date() if until == date.max else until)


def answers_count_from(policy: ScreeningPolicy, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """Return from when on answers count for a visit: as long before it as they are valid, or from the evening before.

    Without the evening, whoever answers a notice that was brought forward out of the night would be asked again.
    """
    on = (starts_at - policy.valid_for).astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(on, EVENING, zone)


def counting(
    policy: ScreeningPolicy,
    responses: Iterable[Response],
    *,
    starts_at: datetime,
    zone: ZoneInfo,
    is_here: bool = False,
) -> list[Response]:
    """Return those of somebody's answers about a visit that count under a policy; in their order.

    Answers to what another policy asks do not: those people are asked anew, unless they are here already. But whoever
    was to stay away by what they said last, or is looked at, is so until they say otherwise; and what a clinician
    decided of it stands.
    """
    since = AT_ANY_TIME if is_here else answers_count_from(policy, starts_at, zone)
    valid = [one for one in responses if one.answered_at >= since]
    last = newest(valid, since=since)
    stays = last is not None and (is_here or outlasts_policy(last))
    return [one for one in valid if one.policy_version == policy.version or (stays and one is last)]


def counts_from(starts_at: datetime) -> tuple[date, datetime]:
    """Return after which first day, and from when on, answers for others may keep somebody from a visit."""
    # Of which clock does not matter: a day more than can be.
    return starts_at.date() - A_DAY, starts_at - COUNTS_FOR


def outlasts_policy(response: Response) -> bool:
    """Whether what follows from answers stays when another policy asks: they keep somebody away, or it was decided."""
    return keeps_away(response) or response.decision != ""


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
    is_here: bool = False,
) -> ScreeningState:
    """Return how somebody stands with the questions of a policy for a visit.

    `is_here`: they are checked in. By what they last said they came in, and the policy of that time counted it:
    nobody asks them anew.
    """
    if policy is None:
        return ScreeningState.NOT_ASKED
    since = answers_count_from(policy, starts_at, zone)
    found = newest(responses, since=AT_ANY_TIME if is_here else since)
    if found is None and is_here:
        return ScreeningState.NOT_ASKED
    if found is None:
        return ScreeningState.NOT_YET if at < since else ScreeningState.UNANSWERED
    return _of(found, on=starts_at.astimezone(zone).date())


def state_and_answers(
    policy: ScreeningPolicy | None,
    responses: Sequence[Response],
    elsewhere: Iterable[Response],
    *,
    starts_at: datetime,
    zone: ZoneInfo,
    at: datetime,
    is_here: bool = False,
) -> tuple[ScreeningState, Response | None]:
    """Return how somebody stands for a visit, and by which answers.

    `responses`: to the questions of this visit; `elsewhere`: of the same person to those of others. By the latter they
    stay away as well, until they answer here: who is ill is so wherever they have an appointment. So they do by what
    they answered here too early for this day, which a move may have made it.
    """
    if policy is None:
        return ScreeningState.NOT_ASKED, None
    count = counting(policy, responses, starts_at=starts_at, zone=zone, is_here=is_here)
    state = screening_state(policy, count, starts_at=starts_at, zone=zone, at=at, is_here=is_here)
    if state is ScreeningState.NOT_ASKED:
        return state, None
    mine, last = newest(count, since=AT_ANY_TIME), newest(responses, since=AT_ANY_TIME)
    since = last.settled_at if last else AT_ANY_TIME
    later = [one for one in elsewhere if one.settled_at > since]
    too_early = [last] if last is not None and last not in count else []
    on = starts_at.astimezone(zone).date()
    found = newest((one for one in [*too_early, *later] if one.keeps_away_on(on)), since=AT_ANY_TIME)
    if found is None or is_here or state in (ScreeningState.SEEK_CARE, ScreeningState.BY_CALL):
        return state, mine
    return ScreeningState.STAY_AWAY, found


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlierAnswers:
    """What holds of answers given before. `until`: away until this day, `date.max` where nobody knows until when.

    `asked_help`: they said that they need help, and nobody has said since that they may come.
    """

    until: date = date.min
    asked_help: bool = False


def _earlier_answers(before: Iterable[Response], *, on: date) -> _EarlierAnswers:
    """Return what holds on a day of what somebody answered before (the oldest first).

    That they may come ends it all, be it by their answers or a decision. A cry for help that nobody has decided about
    stays; one that was declined does until their first day is there.
    """
    until, asked_help = date.min, False
    for one in before:
        asked_help = asked_help or one.outcome is Outcome.SEEK_CARE
        until = _until(one, until)
        if not keeps_away(one):
            until, asked_help = date.min, False
        elif one.decision and until <= on:
            asked_help = False
    return _EarlierAnswers(until=until, asked_help=asked_help)


def _until(one: Response, until: date) -> date:
    return one.away_until if one.decision == DECLINED else max(until, one.away_until)


def beside_earlier(before: Sequence[Response], now: Response, *, on: date, visit_on: date) -> Response:
    """Return what new answers come to beside those given before (the oldest first).

    `on`: today; `visit_on`: the day of the visit; both by the site's clock. Nobody answers away what keeps them away:
    while a first day is still ahead, or somebody has yet to look, what is less is looked at (`reviewed`), and of two
    days the later one holds. Where nobody knew until when, a day that is said now is told. A cry for help stays one
    until somebody has decided about it. A visit that is a call keeps nobody away but for that.
    """
    if not before:
        return now
    last, earlier = before[-1], _earlier_answers(before, on=on)
    if now.outcome is Outcome.VIRTUAL and not earlier.asked_help:
        return now
    day = now.away_until
    less = day < earlier.until and _is_ahead(earlier.until, last, on=on, visit_on=visit_on)
    undecided = last.reviewed and not last.decision
    waits = undecided and _is_ahead(last.earliest_day or date.max, last, on=on, visit_on=visit_on)
    if less and (earlier.until < date.max or day == date.min):  # whoever now knows a day hears it
        day = earlier.until
    looked_at = earlier.asked_help or less or waits
    floor = Outcome.SEEK_CARE if earlier.asked_help else Outcome.REVIEW if looked_at else now.outcome
    return replace(
        now,
        outcome=max(now.outcome, floor, key=lambda one: one.rank),
        earliest_day=day if date.min < day < date.max else None,
        until_unknown=day == date.max,
        reviewed=now.reviewed or looked_at,
    )


def _is_ahead(first: date, last: Response, *, on: date, visit_on: date) -> bool:
    """Whether a first day is still to come. Of a visit that was moved there they are asked on the day before."""
    if last.visit_moved and first <= visit_on:
        return on < first - ASKED_THE_DAY_BEFORE
    return on < first
