"""Weeks and months of a site: how full each day is, for each who treats or for all of them, in words."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.urls import reverse

from booking.models import Appointment
from booking.web.desk.board.items import span_in_words
from booking.web.desk.board.load import WORDS, Load, LoadOfTime, added, load_of
from booking.web.desk.board.reading import ON_THE_BOARD, Period, day_span, sees_all
from core.models import Site
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import near_day_in_words, short_day_in_words
from scheduler import public as scheduler

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLoadCell:
    """A day of somebody, or of all: how full it is as a class of colour and in words, and where it is free."""

    url: str
    day: str
    kind: Load
    word: str
    percent: int
    visits: int
    holes: Sequence[str] = ()
    today: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWeek:
    """The week of one who treats."""

    name: str
    days: Sequence[DayLoadCell]


@dataclass(frozen=True)
class CalendarDays:
    """Days [first_on, last_on] of a site, as far as somebody may see its calendar."""

    site: Site
    first_on: date
    last_on: date
    by: Principal
    at: datetime

    @cached_property
    def days(self) -> list[date]:
        """From first to last, both among them."""
        return [self.first_on + n * A_DAY for n in range((self.last_on - self.first_on).days + 1)]

    @property
    def headings(self) -> list[str]:
        """Short: weekday and day of the month."""
        return [short_day_in_words(day) for day in self.days]

    @cached_property
    def weeks(self) -> list[PersonWeek]:
        """The days of each who works on one of them, or has somebody."""
        rows = [(one, [self._load(one, day) for day in self.days]) for one in self._people]
        here = {who for who, _day in self._visits}
        return [
            PersonWeek(
                name=one.name,
                days=[self._cell(day, load, who=one) for day, load in zip(self.days, loads, strict=True)],
            )
            for one, loads in rows
            if any(load.open for load in loads) or one.away or one.id in here
        ]

    @cached_property
    def all_together(self) -> list[DayLoadCell]:
        """Each day of all who treat."""
        return [self._cell(day, added(self._load(one, day) for one in self._people)) for day in self.days]

    def _cell(self, day: date, load: LoadOfTime, who: scheduler.WorkingPerson | None = None) -> DayLoadCell:
        kind = Load.AWAY if who and not load.open and self._is_away(who, day) else load.load
        here = self._visits
        return DayLoadCell(
            url=f"{reverse('desk')}?site={self.site.key}&day={day}",
            day=near_day_in_words(day),
            kind=kind,
            word=str(WORDS[kind]),
            percent=load.percent,
            visits=here[who.id, day] if who else sum(count for (_who, on), count in here.items() if on == day),
            holes=[span_in_words(hole, self._zone) for hole in load.holes],
            today=day == self.at.astimezone(self._zone).date(),
        )

    def _is_away(self, who: scheduler.WorkingPerson, day: date) -> bool:
        begins, ends = day_span(self.site, day, day)
        return any(start < ends and begins < end for start, end in who.away)

    def _load(self, who: scheduler.WorkingPerson, day: date) -> LoadOfTime:
        begins, ends = day_span(self.site, day, day)
        opened = [(max(a, begins), min(b, ends)) for a, b in who.open if a < ends and begins < b]
        return load_of(opened, self._taken[who.id])

    @property
    def _zone(self) -> ZoneInfo:
        return self.site.tz

    @property
    def _people(self) -> list[scheduler.WorkingPerson]:
        whole = sees_all(self.by, self.site)
        return [one for one in self._time.people if whole or one.user_id == self.by.user_id]

    @cached_property
    def _time(self) -> scheduler.SiteDay:
        return scheduler.site_day(self.site, self.first_on, self.last_on, at=self.at)

    @cached_property
    def _taken(self) -> Mapping[int, list[Period]]:
        found: dict[int, list[Period]] = defaultdict(list)
        for claim in self._time.claims:
            if claim.live and claim.kind == "hands" and claim.practitioner is not None:
                found[claim.practitioner].append((claim.start, claim.end))
        return found

    @cached_property
    def _visits(self) -> Counter[tuple[int, date]]:
        """How many come, by who treats and day."""
        begins, ends = day_span(self.site, self.first_on, self.last_on)
        rows = Appointment.objects.visible_to(acting(self.by, Action.SEE_CALENDAR)).filter(
            site=self.site, period__startswith__gte=begins, period__startswith__lt=ends, status__in=ON_THE_BOARD
        )
        known = rows.order_by().values_list("practitioner_id", "period__startswith")
        return Counter((who, start.astimezone(self._zone).date()) for who, start in known)


def week_of(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of a day's week."""
    monday = day - day.weekday() * A_DAY
    return monday, monday + 6 * A_DAY


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + 31 * A_DAY).replace(day=1) - A_DAY


def calendar_rows(first: date, cells: Sequence[DayLoadCell]) -> list[list[DayLoadCell | None]]:
    """Return the days of a month in weeks from Monday on; None where there is no day of it."""
    known: list[DayLoadCell | None] = [None] * first.weekday() + list(cells)
    known += [None] * (-len(known) % 7)
    return [known[n : n + 7] for n in range(0, len(known), 7)]
