"""When a site's staff have looked at something: by the time that the doors close on a day on which they open. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.wall_time import MIDNIGHT

DAY = timedelta(days=1)
MONDAY_TO_FRIDAY: Mapping[int, time] = dict.fromkeys(range(1, 6), MIDNIGHT)
LONGEST_CLOSURE = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessDays:
    """The days on which a site opens, as its wall time: by ISO weekday when it closes, and closures of whole days.

    `closed`: the first and the last day of each. A site that has not said when it opens does so from Monday to Friday.
    `later`: from which days on it opens otherwise, in order.
    """

    zone_name: str
    closes: Mapping[int, time] = field(default_factory=lambda: MONDAY_TO_FRIDAY)
    later: tuple[tuple[date, Mapping[int, time]], ...] = ()
    closed: frozenset[tuple[date, date]] = frozenset()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its clocks. Raises ZoneInfoNotFoundError: a zone that is gone costs no other site anything."""
        return ZoneInfo(self.zone_name)

    def end_after(self, days: int, *, at: datetime) -> datetime:
        """Return when the site closes on the last of so many business days after that of `at`, UTC."""
        day = at.astimezone(self.zone).date()
        for _ in range(days):
            day = self._next(day)
        ends = self._on(day).get(day.isoweekday(), MIDNIGHT)
        closes_at = datetime.combine(day + DAY, MIDNIGHT) if ends == MIDNIGHT else datetime.combine(day, ends)
        return closes_at.replace(tzinfo=self.zone).astimezone(UTC)

    def closed_throughout(self, since: datetime, until: datetime) -> bool:
        """Whether the site has closed by `since` and opens on no day before `until`."""
        day, last = since.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        if self.opens_on(day) and since < self.end_after(0, at=since):
            return False
        return not any(self.opens_on(day + DAY * n) for n in range(1, (last - day).days + 1))

    def opens_from(self, day: date) -> date:
        """Return the first day from `day` on that is a business day."""
        return day if self.opens_on(day) else self._next(day)

    def _next(self, day: date) -> date:
        following = day + DAY
        # Closed until further notice: whoever asks hears of a day all the same, and not of none for years.
        while not self.opens_on(following) and following - day <= LONGEST_CLOSURE:
            following += DAY
        while following.isoweekday() not in self._on(following) and following - day <= LONGEST_CLOSURE * 2:
            following += DAY
        return following

    def _on(self, day: date) -> Mapping[int, time]:
        """Return when it closes, by ISO weekday, as that holds on a day."""
        return next((closes for since, closes in reversed(self.later) if since <= day), self.closes)

    def opens_on(self, day: date) -> bool:
        """Whether the site opens on a day."""
        return self.is_weekday_open(day) and not any(first <= day <= last for first, last in self.closed)

    def is_weekday_open(self, day: date) -> bool:
        """Whether the site opens on such a weekday, as that holds on a day, where nothing closes it."""
        return day.isoweekday() in self._on(day)
