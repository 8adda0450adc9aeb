"""When something is said about a visit: values in, values out; no database, no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.public import Stage
from notifications.status import OF_A_CLOSURE, DeliveryReason, MessageKind

MINUTES_A_DAY = 24 * 60

# What follows is technique, not a clinic's to say: nobody sees it but by how soon a fault of minutes is over.
# How often it is asked whether the time of a visit is open again: staff mends a calendar within minutes.
UNCOVERED_PAUSE = timedelta(minutes=5)
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
MOST_DOUBLINGS = 10
"""Of the time between two pieces of news: far beyond any visit, and never beyond the calendar."""

BY_DAY = frozenset({MessageKind.REMINDER, MessageKind.HEALTH})
"""What never goes out at night."""

PAUSES = ((1, timedelta(seconds=30)), (30, timedelta(minutes=1)), (40, timedelta(minutes=5)))
"""How long to wait after so many attempts at most: a fault of minutes is over within two of them."""

LONGEST_PAUSE = timedelta(minutes=15)
# A try that begins at the very end would be judged too late before it is made.
LAST_TRY_BEFORE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPlan:
    """When reminders (whole days before the visit) and news may go out, by the wall clock and after one another.

    A change is told once nothing more has happened for `quiet`. After `unspaced` pieces of news in 24 hours, the next
    waits for `spacing` after the last one, the one after it twice as long, and so on; from `last_call` before the visit
    on, it waits for `closest` at most, and until `last_chance` in any case: the last state is always told.
    An address that was replaced is tried to be told so for `old_address`.
    `channels` by the minutes before the visit at which something is said, 0 for what is said at once.
    """

    version: int
    days_before: tuple[int, ...]
    channels: Mapping[int, tuple[str, ...]]
    quiet_ends: time
    quiet_begins: time
    evening_before: time
    quiet: timedelta
    unspaced: int
    spacing: timedelta
    last_call: timedelta
    closest: timedelta
    last_chance: timedelta
    old_address: timedelta

    def channels_for(self, offset_minutes: int) -> tuple[str, ...]:
        """Return the channels for what is said so long before a visit (0: at once), the first to be tried first."""
        return self.channels.get(offset_minutes, self.channels[0])

    def within(self, not_before: time | None, not_after: time | None) -> "ReminderPlan":
        """Return the plan as somebody wishes it: by day no earlier and no later than these, and never at night.

        Where the two leave no hour of the day, the plan stays as it is.
        """
        ends, begins = max(self.quiet_ends, not_before or time.min), min(self.quiet_begins, not_after or time.max)
        if ends >= begins or (ends, begins) == (self.quiet_ends, self.quiet_begins):
            return self
        hour_before = (datetime.combine(date.min + A_DAY, begins) - AN_HOUR).time()
        evening = max(ends, min(self.evening_before, hour_before)) if begins.hour else ends
        return replace(self, quiet_ends=ends, quiet_begins=begins, evening_before=evening)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitState:
    """A visit as it stands, as far as the plan needs to know. `covered`: its time is open, as it was when booked.

    `kept_until`: until when its time is kept for somebody who has to show something first, None where it is theirs.
    `asked`: health questions wait for an answer.
    """

    version: int
    stage: Stage
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    covered: bool = True
    kept_until: datetime | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One thing to say, and when; `offset_minutes` before the visit (0: at once)."""

    kind: MessageKind
    offset_minutes: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a due message: put it off until `later_at`, else drop it for `reason`, or (neither) send it."""

    reason: DeliveryReason | None = None
    later_at: datetime | None = None


SEND = Verdict()

BY_VERSION = OF_A_CLOSURE | {
    MessageKind.CONFIRMATION,
    MessageKind.REMINDER,
    MessageKind.MOVED,
    MessageKind.CANCELLED,
    MessageKind.HEALTH,
    MessageKind.REOPENED,
    MessageKind.REVIEWED,
    MessageKind.TOGETHER,
}
"""What is said of one version of a visit: the next version has words of its own. Nobody else plans the others anew."""


def reminders(starts_at: datetime, *, zone: ZoneInfo, plan: ReminderPlan) -> tuple[Planned, ...]:
    """Return the reminders of a visit, soonest last, due in UTC.

    A reminder "24 hours before" is due at the same wall-clock time of the day before, also across a change of the
    clocks. What would fall into the quiet hours is due at 20:00 before them: earlier, never later.
    """
    return tuple(
        Planned(
            kind=MessageKind.REMINDER,
            offset_minutes=days * MINUTES_A_DAY,
            due_at=_due_before(starts_at, days * MINUTES_A_DAY, zone=zone, plan=plan),
        )
        for days in sorted(plan.days_before, reverse=True)
    )


def due_before(visit: VisitState, offset_minutes: int, *, plan: ReminderPlan) -> datetime:
    """Return when what is said by day, so long before a visit, is due (UTC)."""
    return _due_before(visit.starts_at, offset_minutes, zone=visit.zone, plan=plan)


def _due_before(starts_at: datetime, offset_minutes: int, *, zone: ZoneInfo, plan: ReminderPlan) -> datetime:
    # Days are taken off the wall clock: 72 hours before noon would be eleven o'clock where the clocks went back
    # between.
    wall = starts_at.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=offset_minutes)
    return _out_of_quiet_hours(wall, plan).replace(tzinfo=zone).astimezone(UTC)


def health_notices(
    visit: VisitState, before: Iterable[timedelta], *, since: datetime, plan: ReminderPlan
) -> tuple[Planned, ...]:
    """Return the notices of health questions that no reminder brings along, due after `since`, by day.

    `before`: how long before the visit they go out. Where a reminder goes out that day, it leads to the questions.
    """
    reminded = {_day(planned, visit.zone) for planned in reminders(visit.starts_at, zone=visit.zone, plan=plan)}
    found = (
        Planned(
            kind=MessageKind.HEALTH,
            offset_minutes=int(ahead.total_seconds()) // 60,
            due_at=due_before(visit, int(ahead.total_seconds()) // 60, plan=plan),
        )
        for ahead in before
    )
    alone = (planned for planned in found if _day(planned, visit.zone) not in reminded)
    return tuple(planned for planned in alone if planned.due_at > since)


def referral_mails(
    visit: VisitState, before: timedelta, *, since: datetime, told: bool, plan: ReminderPlan
) -> tuple[Planned, ...]:
    """Return what is said of a referral that is not here yet: at once (`told`: not any more), and so long before."""
    minutes = int(before.total_seconds()) // 60
    due_at = due_before(visit, minutes, plan=plan)
    now = () if told else (Planned(kind=MessageKind.LINK, offset_minutes=0, due_at=since),)
    later = Planned(kind=MessageKind.LINK, offset_minutes=minutes, due_at=due_at)
    return (*now, later) if due_at > since else now


def _day(planned: Planned, zone: ZoneInfo) -> date:
    """Return the day on which something is said, where the visit is."""
    return planned.due_at.astimezone(zone).date()


def _out_of_quiet_hours(wall: datetime, plan: ReminderPlan) -> datetime:
    """Return `wall`, or 20:00 before the quiet hours that it falls into."""
    if plan.quiet_ends <= wall.time() < plan.quiet_begins:
        return wall
    # The evening before, and not the next morning: a reminder that is late may be too late to find a ride.
    evening = wall.date() if wall.time() >= plan.quiet_begins else wall.date() - timedelta(days=1)
    return datetime.combine(evening, plan.evening_before)


def news_starts_at(changed_at: datetime, *, untold_until: datetime | None, starts_at: datetime) -> datetime:
    """Return from when on a change may be told: once what it follows cannot be undone, if that is before the visit."""
    return untold_until if untold_until is not None and untold_until < starts_at else changed_at


def planned_messages(
    visit: VisitState, *, change: MessageKind | None, since: datetime, at_once: bool, plan: ReminderPlan
) -> tuple[Planned, ...]:
    """Return what is to be said about a visit as it is: the news, and the reminders due after it.

    `since` is when the visit was booked or last changed. The news goes out then (`at_once`) or once nothing more has
    happened for as long as the plan says; a reminder due by then is left out, because the news says the same.
    """
    # So close to the visit the minutes of quiet would be longer than the news is of use.
    sent_at = since if at_once or since + plan.quiet >= visit.starts_at else since + plan.quiet
    said = (Planned(kind=change, offset_minutes=0, due_at=sent_at),) if change else ()
    if visit.stage is not Stage.STANDS:
        return said
    ahead = reminders(visit.starts_at, zone=visit.zone, plan=plan)
    return said + tuple(planned for planned in ahead if planned.due_at > (sent_at if change else since))


def change_waits_until(
    sent_at: Iterable[datetime], *, starts_at: datetime, at: datetime, plan: ReminderPlan
) -> datetime | None:
    """Return until when news of a visit waits so that its mails do not flood a mailbox, or None when it may go now.

    `sent_at`: when earlier news of the visit went to the same person.
    """
    # A day that slides: at midnight a flood of mails would else begin anew.
    recent = sorted(then for then in sent_at if then > at - A_DAY)
    if len(recent) < plan.unspaced:
        return None
    until = recent[-1] + plan.spacing * 2 ** min(len(recent) - plan.unspaced, MOST_DOUBLINGS)
    last_call = starts_at - plan.last_call
    if until > last_call:
        until = min(max(last_call, recent[-1] + plan.closest), starts_at - plan.last_chance)
    return until if at < until else None


def judge(
    kind: MessageKind, visit: VisitState, *, version: int, offset_minutes: int, at: datetime, plan: ReminderPlan
) -> Verdict:
    """Say whether a message about `version` of a visit may go out at `at`."""
    if kind in BY_VERSION and version != visit.version:
        return Verdict(reason=DeliveryReason.SUPERSEDED)
    lapsed = visit.kept_until is not None and visit.kept_until <= at  # whether or not it is tidied up yet
    if lapsed or not _fits(kind, visit.stage):
        return Verdict(reason=DeliveryReason.NOT_STANDING)
    if kind is MessageKind.HEALTH and not visit.asked:
        return Verdict(reason=DeliveryReason.UNCHANGED)
    if kind in BY_DAY:
        verdict = _judge_by_day(kind, visit, offset_minutes=offset_minutes, at=at, plan=plan)
    else:
        verdict = Verdict(reason=DeliveryReason.TOO_LATE) if at >= visit.starts_at else SEND
    # What is said of a closed time is true as long as it is closed.
    if kind in OF_A_CLOSURE:
        return Verdict(reason=DeliveryReason.UNCHANGED) if visit.covered else verdict
    # That a visit is off is true whether or not its time would be open.
    if visit.covered or visit.stage is Stage.CALLED_OFF:
        return verdict
    later_at = at + UNCOVERED_PAUSE
    if kind in BY_DAY:
        later_at = quiet_until(later_at, zone=visit.zone, plan=plan) or later_at
    return _held_back(verdict, later_at=later_at)


def _held_back(verdict: Verdict, *, later_at: datetime) -> Verdict:
    """Say nothing of a visit whose time is not open: look again in a while, until it would be too late."""
    if verdict.reason is DeliveryReason.TOO_LATE:
        return Verdict(reason=DeliveryReason.WITHOUT_COVER)
    return verdict if verdict.later_at else Verdict(reason=DeliveryReason.WITHOUT_COVER, later_at=later_at)


def _fits(kind: MessageKind, stage: Stage) -> bool:
    """Say whether a message of this kind may be said of a visit at this stage."""
    if kind is MessageKind.CANCELLED:
        return stage is Stage.CALLED_OFF
    # Once it is booked or called off, a code shows nothing that anybody waits for.
    if kind is MessageKind.CODE:
        return stage is Stage.ASKED_FOR
    if kind in OF_A_CLOSURE | {MessageKind.MOVED, MessageKind.LINK, MessageKind.REOPENED, MessageKind.TOGETHER}:
        return stage in (Stage.STANDS, Stage.ASKED_FOR)
    return stage is Stage.STANDS


def _judge_by_day(
    kind: MessageKind, visit: VisitState, *, offset_minutes: int, at: datetime, plan: ReminderPlan
) -> Verdict:
    """Put a late reminder off until the quiet hours end, or drop it when the next one, or the visit, comes first."""
    may_go_at = quiet_until(at, zone=visit.zone, plan=plan) or at
    if may_go_at >= useful_until(kind, visit, offset_minutes=offset_minutes, plan=plan):
        return Verdict(reason=DeliveryReason.TOO_LATE)
    return SEND if may_go_at == at else Verdict(later_at=may_go_at)


def useful_until(kind: MessageKind, visit: VisitState, *, offset_minutes: int, plan: ReminderPlan) -> datetime:
    """Return when a message is of no use: when the visit begins, its time is not kept, or the next reminder is due."""
    # Two reminders in one hour say the same: the late one is dropped for the one that is due.
    planned = reminders(visit.starts_at, zone=visit.zone, plan=plan) if kind is MessageKind.REMINDER else ()
    ends = visit.kept_until or visit.starts_at
    return min([p.due_at for p in planned if p.offset_minutes < offset_minutes] + [ends, visit.starts_at])


def quiet_until(at: datetime, *, zone: ZoneInfo, plan: ReminderPlan) -> datetime | None:
    """Return when the quiet hours that `at` lies in end (UTC), or None by day."""
    wall = at.astimezone(zone)
    if plan.quiet_ends <= wall.time() < plan.quiet_begins:
        return None
    day = wall.date() + timedelta(days=1) if wall.time() >= plan.quiet_begins else wall.date()
    return datetime.combine(day, plan.quiet_ends, tzinfo=zone).astimezone(UTC)


def next_try_at(attempts: int, *, at: datetime, until: datetime) -> datetime:
    """Return when a message that the server put off is tried again: after 30 s, each minute, each 15 minutes.

    What would be too late then is tried a last time a minute before it is of no use any more, at `until`.
    """
    pause = next((pause for most, pause in PAUSES if attempts <= most), LONGEST_PAUSE)
    last = until - LAST_TRY_BEFORE
    return last if at < last < at + pause else at + pause
