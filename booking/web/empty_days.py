"""What a page of times says of days without any: closed, fully booked or nothing then, and what to do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from booking.web.times_list import Day, Listing, Span
from booking.web.times_query import AHEAD, TimesQuery
from core.text.languages import near_day_in_words
from scheduler import public as scheduler
from scheduler.public import EmptyDay, Offered, WhyEmpty

ONE_DAY = timedelta(days=1)
LONGEST_GAP = timedelta(days=45)
"""Before the first day that has times, so many are looked at: past that, nobody asks for each of them."""

STRONGEST_FIRST = (WhyEmpty.FULL, WhyEmpty.NOBODY, WhyEmpty.CLOSED, WhyEmpty.NOT_OPEN)
"""Where a day is full at one site and closed at another, it is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTimes:
    """Where somebody goes on who found no time."""

    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTimes:
    """What is said where there is no time at all, or none on the one day; the first way on is the likeliest."""

    heading: str
    text: str
    ways: Sequence[OtherTimes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDays:
    """The days that have times, each with why those before it have none; `passed_over`: why the first is a later one.

    `none`: what is said where there is no such day.
    """

    days: Sequence[Day]
    passed_over: str
    none: NoTimes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLinks:
    """Where the same page is with other choices: with none, on all days, at all places; `waiting`: the waiting list.

    Empty where that is no other page.
    """

    cleared: str
    all_days: str
    all_places: str
    waiting: str


@dataclass(frozen=True, slots=True)
class EmptyDays:
    """The days on which a search finds nothing, of whoever offers what it is for."""

    times_query: TimesQuery
    offered: Sequence[Offered]
    at: datetime

    def listed(self, found: Listing, span: Span, links: FilterLinks) -> ListedDays:
        """Return what a page lists, with what it says of days that have no times."""
        days, none = self._days(found, span), self._none(found, span, links)
        return ListedDays(days=days, passed_over=self._passed_over(found), none=none)

    def _days(self, found: Listing, span: Span) -> list[Day]:
        shown = [day.on for day in found.days if day.on]
        if not shown or span.only:
            return list(found.days)
        since = max(shown[0] - LONGEST_GAP, span.start + ONE_DAY if span.start else self._today)
        gaps = [day for day in self._asked_for(since, shown[-1]) if day not in shown]
        why, edges = self._why(gaps), [date.min, *shown]
        return [
            replace(day, before=list(self._lines(one for one in why if edges[n] < one.day < shown[n])))
            for n, day in enumerate(found.days)
        ]

    def _passed_over(self, found: Listing) -> str:
        """Say why times are listed from a later day on than was asked for; nothing where they are not."""
        if found.passed_over is None:
            return ""
        return " ".join([*self._of_day(found.passed_over), _("These are the next free times.")])

    def _none(self, found: Listing, span: Span, links: FilterLinks) -> NoTimes | None:
        if found.days:
            return None
        moves = self.times_query.visit_now is not None
        opens = _("Tell me when an earlier time opens") if moves else _("Tell me when a time opens")
        waiting = [OtherTimes(words=opens, url=links.waiting)] if links.waiting else []
        if span.only and found.full:
            heading, *more = self._of_day(span.only)
            others = OtherTimes(words=_("See the other days"), url=links.all_days)
            text = " ".join([*more, _("There are free times on other days.")])
            return NoTimes(heading=heading.rstrip("."), text=text, ways=[others, *waiting])
        cleared = [OtherTimes(words=_("Show times without my choices"), url=links.cleared)] if self._narrowed else []
        places = [OtherTimes(words=_("Look at all our places"), url=links.all_places)] if links.all_places else []
        full = found.earlier is None and self._all_taken()
        heading = _("Everything is fully booked") if full and not self._narrowed else _("No free times here")
        return NoTimes(heading=heading, text=self._nothing(found, full=full), ways=[*cleared, *places, *waiting])

    def _nothing(self, found: Listing, *, full: bool) -> str:
        if found.earlier is not None:
            return _("Nothing can be booked on these days or later. Look at earlier days, or call us.")
        if full and self._narrowed:
            return _("With these choices, all times in the next weeks are taken. Try fewer choices.")
        if full:
            return _("All times in the next weeks are taken. Please call us: we know of times that open up.")
        if self._narrowed:
            return _("Nothing is free with these choices in the next weeks. Try fewer choices.")
        return _("Nothing is free in the next weeks. Please call us: we know of times that open up.")

    def _all_taken(self) -> bool:
        days = self._asked_for(self._today, self._today + AHEAD)
        return any(one.why is WhyEmpty.FULL for one in self._why(days))

    def _asked_for(self, first: date, last: date) -> Iterator[date]:
        """Yield the days from one to another that are of the weekday that was asked for, if one was."""
        weekday = self.times_query.chosen.get("weekday")
        days = (first + n * ONE_DAY for n in range((last - first).days + 1))
        return (day for day in days if weekday in (None, "", str(day.weekday())))

    def _why(self, days: Iterable[date]) -> list[EmptyDay]:
        """Return why each of some days is empty, of all the searches together."""
        asked = sorted(days)
        queries = self.times_query.search_queries(self.offered, at=self.at) if asked else []
        answers = [scheduler.empty_days(query, asked, at=self.at) for query in queries]
        return [min(of_day, key=lambda one: STRONGEST_FIRST.index(one.why)) for of_day in zip(*answers, strict=True)]

    @property
    def _narrowed(self) -> bool:
        """Whether somebody chose with whom, where or when: what is taken then may be free without that."""
        return bool(self.times_query.chosen)

    @property
    def _today(self) -> date:
        return self.at.astimezone(self.offered[0].site.tz).date()

    def _of_day(self, on: date) -> list[str]:
        """Return why a day has no times, and which holiday it is, as sentences."""
        (one,) = self._why([on])
        day = {"day": near_day_in_words(one.day)}
        taken = _("Nothing suits your choices on %(day)s.") if self._narrowed else _("%(day)s is fully booked.")
        sentences = {
            WhyEmpty.FULL: taken,
            WhyEmpty.NOBODY: _("No free times on %(day)s."),
            WhyEmpty.CLOSED: _("We are closed on %(day)s."),
            WhyEmpty.NOT_OPEN: _("We are closed on %(day)s."),
        }
        holiday = [_("It is %(holiday)s.") % {"holiday": one.holiday}] if one.holiday else []
        return [sentences[one.why] % day, *holiday]

    def _lines(self, days: Iterable[EmptyDay]) -> Iterator[str]:
        """Yield what is said of empty days in a row: those that are full together, and when we are closed."""
        taken = _("Nothing that suits your choices: %(days)s") if self._narrowed else _("Fully booked: %(days)s")
        # That it is Sunday goes without saying.
        worth = (one for one in days if one.why is not WhyEmpty.NOT_OPEN or one.holiday)
        for (why, holiday), alike in groupby(worth, key=lambda one: (one.why, one.holiday)):
            first, *more = alike
            if why is WhyEmpty.NOBODY:
                continue
            names = {"day": near_day_in_words(first.day), "last": near_day_in_words((more or [first])[-1].day)}
            span = (_("%(day)s to %(last)s") if more else "%(day)s") % names
            if why is WhyEmpty.FULL:
                yield taken % {"days": span}
            elif holiday:
                yield _("Closed for %(holiday)s: %(days)s") % {"days": span, "holiday": holiday}
            else:
                yield _("Closed: %(days)s") % {"days": span}
