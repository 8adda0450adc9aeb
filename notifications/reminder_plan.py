"""The reminder plan: what a policy row's content says, and which one is in force."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.policies.keys import PolicyKey, content_of
from core.policies.meaning import Meaning, UnfitValueError
from core.text.languages import wall_time_in_words
from notifications.channels import channel_of
from notifications.plan import MINUTES_A_DAY, ReminderPlan
from scheduler import public as scheduler

KEY = "reminder-plan"
# Two ways to write it, since clinics do: of ISO 8601 durations ("-PT72H") nobody at a desk has heard.
DAYS, HOURS = re.compile(r"-(\d{1,2})d"), re.compile(r"-(\d{1,3})h")
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How changes of a visit are told, after one another."""

    channels: Annotated[tuple[str, ...], Meaning(_("by which changes are told: the first that reaches the person"))]
    quiet_minutes: Annotated[int, Meaning(_("minutes without another change until one is told"))]
    unspaced_a_day: Annotated[int, Meaning(_("pieces of news in a day that go out without waiting"))]
    spacing_minutes: Annotated[int, Meaning(_("minutes that the next waits then, and the one after twice that"))]
    last_call_minutes: Annotated[int, Meaning(_("minutes before an appointment from which it waits less"))]
    closest_minutes: Annotated[int, Meaning(_("minutes that it waits at most from then on"))]
    last_chance_minutes: Annotated[int, Meaning(_("minutes before an appointment by which it is told in any case"))]
    old_address_days: Annotated[
        int, Meaning(_("days for which an address that was replaced is tried to be told so"), least=1, most=30)
    ]

    def __post_init__(self) -> None:
        """Refuse a plan by which changes would reach nobody, or could not be counted."""
        _insist_on_channels(self.channels)
        if self.unspaced_a_day < 1:
            raise UnfitValueError(
                "unspaced_a_day", gettext("At least one piece of news a day goes out without waiting.")
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One reminder: how long before the visit ("-3d", "-72h"), by which channels."""

    at: Annotated[str, Meaning(_("so long before an appointment people are reminded"))]
    channels: Annotated[tuple[str, ...], Meaning(_("by which they are: the first that reaches the person"))]

    def __post_init__(self) -> None:
        """Refuse what is not whole days before: a reminder goes out at the visit's own hour."""
        _insist_on_channels(self.channels)
        if not self.days_before:
            raise UnfitValueError("at", gettext("Say how many whole days before the appointment, such as -3d or -72h."))

    @property
    def days_before(self) -> int:
        """How many days before the visit by the wall clock; 0 where that cannot be read."""
        if days := DAYS.fullmatch(self.at):
            return int(days[1])
        hours = HOURS.fullmatch(self.at)
        whole, left = divmod(int(hours[1]), HOURS_A_DAY) if hours else (0, 0)
        return 0 if left else whole


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When nobody is reminded; they run over midnight."""

    begin: Annotated[time, Meaning(_("from when on nobody is reminded"))]
    end: Annotated[time, Meaning(_("from when on people are reminded again"))]
    evening_before: Annotated[time, Meaning(_("when what would fall between them goes out, the evening before"))]

    def __post_init__(self) -> None:
        """Refuse hours by which there would be no day, or an evening that lies within them."""
        if not self.end <= self.evening_before < self.begin:
            raise UnfitValueError(
                "evening_before",
                gettext("The evening before lies between the end of the quiet hours and their beginning."),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContent:
    """Checked as it is made; raises UnfitValueError for two reminders on one day."""

    changes: Changes
    reminders: tuple[Reminder, ...]
    quiet_hours: QuietHours

    def __post_init__(self) -> None:
        """Refuse two reminders at the same time."""
        days = [reminder.days_before for reminder in self.reminders]
        for number, day in enumerate(days):
            if day in days[:number]:
                raise UnfitValueError(f"reminders/{number}/at", gettext("Two reminders go out on the same day."))


def wrong_with(content: PlanContent) -> Iterator[dict[str, str]]:
    """Yield what is refused when a plan is written: channels that are not in use, and minutes that hold mail back.

    A channel that goes out of use later leaves the plan readable: what only it would have said is for staff.
    """
    named = {"/changes/channels": content.changes.channels}
    named |= {f"/reminders/{number}/channels": reminder.channels for number, reminder in enumerate(content.reminders)}
    for at, channels in named.items():
        yield from (
            {"pointer": at, "detail": gettext("There is no channel %s.") % key}
            for key in channels
            if channel_of(key) is None
        )
    for name, value in asdict(content.changes).items():
        if name.endswith("_minutes") and value > MINUTES_A_DAY:
            yield {"pointer": f"/changes/{name}", "detail": gettext("Give at most 1440 minutes, which is a day.")}


def value_words(part: str, value: str) -> str:
    """Return what a value of a plan says: how long before, by what, at which time."""
    days, hours = DAYS.fullmatch(value), HOURS.fullmatch(value)
    if days or hours:
        count = days[1] if days else hours[1] if hours else ""
        return (gettext("%s days before") if days else gettext("%s hours before")) % count
    if part in {"begin", "end", "evening_before"}:
        return wall_time_in_words(time.fromisoformat(value))
    return gettext("e-mail") if value == "email" else value


REMINDER_PLAN = PolicyKey(
    key=KEY,
    content=PlanContent,
    begins_with=Path(__file__).parent / "fixtures" / "reminder-plan.yaml",
    wrong=wrong_with,
    came_later=("changes.old_address_days",),
    title=_("Reminders and news"),
    value_words=value_words,
)


def _insist_on_channels(channels: tuple[str, ...]) -> None:
    if not channels or len(set(channels)) < len(channels):
        raise UnfitValueError("channels", gettext("Name at least one channel, and each of them once."))


def reminder_plan(site: int, *, at: datetime) -> ReminderPlan:
    """Return the reminder plan in force at a site (its id) at `at`. Raises LookupError when none is."""
    policy = scheduler.policy(KEY, site, at=at)
    return as_reminder_plan(content_of(policy, PlanContent), version=policy.version)


def as_reminder_plan(content: PlanContent, *, version: int) -> ReminderPlan:
    """Return a content in the terms of the rules."""
    changes, quiet = content.changes, content.quiet_hours
    return ReminderPlan(
        version=version,
        days_before=tuple(sorted((reminder.days_before for reminder in content.reminders), reverse=True)),
        channels={0: changes.channels}
        | {reminder.days_before * MINUTES_A_DAY: reminder.channels for reminder in content.reminders},
        quiet_ends=quiet.end,
        quiet_begins=quiet.begin,
        evening_before=quiet.evening_before,
        quiet=timedelta(minutes=changes.quiet_minutes),
        unspaced=changes.unspaced_a_day,
        spacing=timedelta(minutes=changes.spacing_minutes),
        last_call=timedelta(minutes=changes.last_call_minutes),
        closest=timedelta(minutes=changes.closest_minutes),
        last_chance=timedelta(minutes=changes.last_chance_minutes),
        old_address=timedelta(days=changes.old_address_days),
    )
