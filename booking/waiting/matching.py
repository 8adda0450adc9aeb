"""Who is told of a time that has opened, and who first: values in, values out, without database or clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduler.public import PARTS_OF_DAY

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class OrderBy(StrEnum):
    """By what somebody comes before others."""

    CLINICAL_PRIORITY = "clinical-priority"
    SAME_DAY = "same-day"
    LEAST_NOTIFIED = "least-notified"
    WAITING_SINCE = "waiting-since"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTime:
    """How long an offer stands of a time that begins so much later or more."""

    ahead: timedelta
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRules:
    """How offers are made. `at_once`: how many are asked together; the first who accepts has the time.

    `quiet`: from when until when by the wall clock nobody is written to; it runs over midnight.
    """

    order: tuple[OrderBy, ...]
    at_once: int
    answer_times: tuple[AnswerTime, ...]
    min_notice: timedelta
    quiet: tuple[time, time]
    a_day: int
    a_week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who waits, and for what. `entry`: which row; empty preferences mean that anything will do.

    `notice`: how long before it they must know; `here_on`: the weekdays on which they are at the hospital anyway;
    `notified`: how often they were asked so far; `asked_at`: when within the last week, by whichever entry of theirs;
    `asked_of`: the starts that were offered already; `before`: the time they have now, where they want an earlier one;
    `not_before`, `not_after`: between which hours of a day they want to hear from us.
    """

    entry: int
    since: datetime
    practitioner: UUID | None = None
    part_of_day: str = ""
    weekdays: frozenset[int] = frozenset()
    language: str = ""
    earliest: date | None = None
    latest: date | None = None
    notice: timedelta = timedelta()
    priority: int = 0
    here_on: frozenset[int] = frozenset()
    notified: int = 0
    asked_at: tuple[datetime, ...] = ()
    asked_of: frozenset[datetime] = frozenset()
    before: datetime | None = None
    not_before: time | None = None
    not_after: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTime:
    """A time that is free: with whom, and in which zone it lies. `languages`: what they speak."""

    start: datetime
    practitioner: UUID
    languages: frozenset[str]
    zone: ZoneInfo

    @property
    def local(self) -> datetime:
        """When it begins by the site's clock."""
        return self.start.astimezone(self.zone)


def _with_whom(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    return one.practitioner in {None, opening.practitioner}


def _part_of_day(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    first, last = PARTS_OF_DAY.get(one.part_of_day, (0, 24))
    return first <= opening.local.hour < last


def _weekday(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    return not one.weekdays or opening.local.isoweekday() in one.weekdays


def _language(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    return not one.language or one.language in opening.languages


def _dates(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    day = opening.local.date()
    return (one.earliest is None or one.earliest <= day) and (one.latest is None or day <= one.latest)


def _in_time(one: Waiting, opening: OpenTime, at: datetime) -> bool:
    return opening.start >= at + one.notice


def _earlier(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    return one.before is None or opening.start < one.before


def _new(one: Waiting, opening: OpenTime, _at: datetime) -> bool:
    return opening.start not in one.asked_of


PREFERENCES: Mapping[str, Callable[[Waiting, OpenTime, datetime], bool]] = {
    "with whom": _with_whom,
    "part of the day": _part_of_day,
    "weekday": _weekday,
    "language": _language,
    "dates": _dates,
    "notice": _in_time,
    "earlier than their own": _earlier,
    "not offered before": _new,
}
"""What a time must be for somebody. For what, and what the place must have, the search has asked already."""


def fits(one: Waiting, opening: OpenTime, rules: OfferRules, *, at: datetime) -> bool:
    """Whether somebody may be offered a time: it is as they would have it, and late enough for everybody."""
    return opening.start >= at + rules.min_notice and all(suits(one, opening, at) for suits in PREFERENCES.values())


def may_be_asked(one: Waiting, rules: OfferRules, *, at: datetime, zone: ZoneInfo) -> bool:
    """Whether one more offer may be mailed to them now: so many a day by the site's calendar, so many in seven days.

    And at an hour at which they want to hear from us, unless these leave nothing of the day.
    """
    if not in_their_hours(one, rules, at=at, zone=zone):
        return False
    today = at.astimezone(zone).date()
    on_this_day = sum(asked.astimezone(zone).date() == today for asked in one.asked_at)
    in_a_week = sum(asked > at - WEEK for asked in one.asked_at)
    return on_this_day < rules.a_day and in_a_week < rules.a_week


def in_their_hours(one: Waiting, rules: OfferRules, *, at: datetime, zone: ZoneInfo) -> bool:
    """Whether somebody wants to hear from us at this hour. Where they and the quiet hours leave none, any hour is."""
    begins, ends = rules.quiet
    first, last = one.not_before or time.min, one.not_after or time.max
    if begins > ends and max(first, ends) >= min(last, begins):
        return True
    return first <= at.astimezone(zone).time() < last


ORDERS: Mapping[OrderBy, Callable[[Waiting, OpenTime], float]] = {
    OrderBy.CLINICAL_PRIORITY: lambda one, _opening: -one.priority,
    OrderBy.SAME_DAY: lambda one, opening: opening.local.isoweekday() not in one.here_on,
    OrderBy.LEAST_NOTIFIED: lambda one, _opening: one.notified,
    OrderBy.WAITING_SINCE: lambda one, _opening: one.since.timestamp(),
}
"""Whoever has the least comes first."""


def in_order(waiting: Iterable[Waiting], opening: OpenTime, rules: OfferRules) -> list[Waiting]:
    """Return who is asked first; of two who are alike in all else, whoever is longer on the list."""
    return sorted(waiting, key=lambda one: (*(ORDERS[by](one, opening) for by in rules.order), one.since, one.entry))


@dataclass(frozen=True, slots=True)
class _Profile:
    """What times must be for several who wait alike, as far as that follows from the day, the hour and with whom."""

    practitioner: UUID | None
    part_of_day: str
    weekdays: frozenset[int]
    earliest: date | None
    latest: date | None

    def suits(self, day: date, hour: int, practitioner: UUID) -> bool:
        """Whether a time of that day and hour may suit them."""
        first, last = PARTS_OF_DAY.get(self.part_of_day, (0, 24))
        return (
            self.practitioner in {None, practitioner}
            and first <= hour < last
            and (not self.weekdays or day.isoweekday() in self.weekdays)
            and (self.earliest is None or self.earliest <= day)
            and (self.latest is None or day <= self.latest)
        )


class WaitingPeople:
    """Those who wait for the same, found by when and with whom a time is: what suits nobody is told at once.

    It answers what `fits` would of each of them, and leaves out nobody whom it would let in.
    """

    def __init__(self, waiting: Iterable[Waiting], *, zone: ZoneInfo, at: datetime) -> None:
        self._zone, self._at = zone, at
        self._alike: dict[_Profile, list[Waiting]] = {}
        self._known: dict[tuple[date, int, UUID], list[_Profile]] = {}
        for one in waiting:
            self._alike.setdefault(self._profile(one), []).append(one)

    def _profile(self, one: Waiting) -> _Profile:
        soonest = (self._at + one.notice).astimezone(self._zone).date() if one.notice else None
        before = one.before.astimezone(self._zone).date() if one.before else None
        return _Profile(
            practitioner=one.practitioner,
            part_of_day=one.part_of_day,
            weekdays=one.weekdays,
            earliest=max((day for day in (one.earliest, soonest) if day), default=None),
            latest=min((day for day in (one.latest, before) if day), default=None),
        )

    def able(self, opening: OpenTime, rules: OfferRules) -> list[Waiting]:
        """Return whom a time suits."""
        local = opening.local
        key = local.date(), local.hour, opening.practitioner
        if key not in self._known:
            self._known[key] = [one for one in self._alike if one.suits(*key)]
        alike = (one for profile in self._known[key] for one in self._alike[profile])
        return [one for one in alike if fits(one, opening, rules, at=self._at)]

    def without(self, entry: Waiting) -> None:
        """Let somebody be asked about nothing more."""
        profile = self._profile(entry)
        if profile in self._alike:
            self._alike[profile] = [one for one in self._alike[profile] if one.entry != entry.entry]


def asked_first(waiting: Iterable[Waiting], opening: OpenTime, rules: OfferRules, *, at: datetime) -> list[Waiting]:
    """Return whom a time may be offered now, whoever is asked first first."""
    if is_quiet(rules, at=at, zone=opening.zone):
        return []
    able = (one for one in waiting if fits(one, opening, rules, at=at))
    return in_order((one for one in able if may_be_asked(one, rules, at=at, zone=opening.zone)), opening, rules)


def is_quiet(rules: OfferRules, *, at: datetime, zone: ZoneInfo) -> bool:
    """Whether nobody is written to at this hour."""
    begins, ends = rules.quiet
    now = at.astimezone(zone).time()
    return now >= begins or now < ends if begins > ends else begins <= now < ends


def answer_by(start: datetime, rules: OfferRules, *, at: datetime, zone: ZoneInfo) -> datetime:
    """Return until when an offer of a time stands: by how near it is, and not over in the night, nor once it begins."""
    lasts = _lasts(start - at, rules.answer_times)
    until = at + lasts
    if is_quiet(rules, at=until, zone=zone):
        until = _morning(until, rules, zone=zone) + lasts
    return min(until, max(start - rules.min_notice, at + rules.answer_times[-1].lasts), start)


def _lasts(ahead: timedelta, answer_times: Sequence[AnswerTime]) -> timedelta:
    return next((one.lasts for one in answer_times if ahead >= one.ahead), answer_times[-1].lasts)


def _morning(until: datetime, rules: OfferRules, *, zone: ZoneInfo) -> datetime:
    """Return when the quiet hours end in which a moment lies."""
    local, ends = until.astimezone(zone), rules.quiet[1]
    day = local.date() if local.time() < ends else local.date() + DAY
    return datetime.combine(day, ends, zone)
