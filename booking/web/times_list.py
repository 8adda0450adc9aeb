"""The list of free times, day by day."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.web.slot_ids import sealed
from booking.web.times_query import TimesQuery
from booking.web.weeks_ahead import WeekLine, weeks_ahead
from core.refusals import Refusal
from core.text.languages import language_in_words, localized, near_day_in_words, time_in_words
from scheduler import public as scheduler
from scheduler.public import DayLoad, Offered, SearchQuery, Slot

DAYS_A_PAGE = 5
TIMES_A_DAY = 6
EACH_START = 2
"""One of those who have a time is shown; a second one says that there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One time to choose; `id` is sealed. `lead` is said before the name to people who listen.

    `for_whom`: of whoever looks, where the time is not everyone's; `word`: what staff read beside the name; `at`: the
    moment, for whoever keeps another clock than the clinic.
    """

    id: str
    time: str
    day: str
    lead: str = ""
    with_whom: str = ""
    where: str = ""
    for_whom: str = ""
    word: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Times under one heading, or under none."""

    slots: Sequence[Button]
    heading: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day with its times; `more` leads to all of them. `before`: why the days before it have none, in words."""

    id: str
    heading: str
    groups: Sequence[Group]
    more: str = ""
    url: str = ""
    on: date | None = None
    before: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which days of the calendar to show: those from `start` on, or the day `only`."""

    start: date | None = None
    only: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of days, and the days before and after it. `full`: the one day, where it has no times and others have.

    `passed_over`: the day from which on times were asked for, where it has none; `weeks`: all of those ahead.
    """

    days: Sequence[Day]
    full: date | None = None
    passed_over: date | None = None
    weeks: Sequence[WeekLine] = ()
    earlier: date | None = None
    later: date | None = None


def listing(times_query: TimesQuery, offered: Sequence[Offered], span: Span, *, here: str, at: datetime) -> Listing:
    """Return the free times: some of each of the next days, or all of one day. `here`: this page's address."""
    queries, zones, only = times_query.search_queries(offered, at=at), {one.site.tz for one in offered}, span.only
    # Days first, in numbers alone: the starts are asked for of those days only that are shown.
    loads = _on_weekday(_days_of(queries, at=at), times_query.chosen.get("weekday"))
    first = next((n for n, load in enumerate(loads) if load.day >= (only or span.start or load.day)), len(loads))
    shown = [load for load in loads[first:] if load.day == only] if only else loads[first : first + DAYS_A_PAGE]
    before, after = max(0, first - DAYS_A_PAGE), first + len(shown)
    queries = queries if only else [replace(query, each_start=EACH_START) for query in queries]
    days = [_between(query, shown[0].day, shown[-1].day, zones) for query in queries] if shown else []
    found = sorted((slot for query in days for slot in scheduler.search(query, at=at)), key=lambda slot: slot.start)
    slots = (
        without_therapy_ids(s for s in found if s.id != times_query.visit_now.slot) if times_query.visit_now else found
    )
    return Listing(
        days=_days(slots, shown, whole=only is not None, here=here, said=_labels_of(times_query, offered)),
        full=only if not slots and any(load.day != only for load in loads) else None,
        passed_over=_passed_over(span, shown, times_query.chosen.get("weekday")),
        weeks=weeks_ahead([load.day for load in loads], here=here) if not only else (),
        earlier=loads[before].day if first and not only else None,
        later=loads[after].day if after < len(loads) and not only else None,
    )


def _days_of(queries: Iterable[SearchQuery], *, at: datetime) -> list[DayLoad]:
    """Return the days that have starts, of all the searches together."""
    by_day: dict[date, list[DayLoad]] = defaultdict(list)
    for query in queries:
        for load in scheduler.days(query, at=at):
            by_day[load.day].append(load)
    return [
        DayLoad(day=day, starts=sum(one.starts for one in found), first=min(one.first for one in found))
        for day, found in sorted(by_day.items())
    ]


def _passed_over(span: Span, shown: Sequence[DayLoad], weekday: str | None) -> date | None:
    """Return the day from which on times were asked for where it has none, unless another weekday was asked for."""
    if not span.start or not shown or shown[0].day <= span.start:
        return None
    return span.start if not weekday or span.start.weekday() == int(weekday) else None


def _on_weekday(loads: Iterable[DayLoad], weekday: str | None) -> list[DayLoad]:
    return [load for load in loads if not weekday or load.day.weekday() == int(weekday)]


def without_therapy_ids(slots: Iterable[Slot]) -> list[Slot]:
    """Return slots as pages behind a link offer them: their ids do not tell what the visit is for."""
    return [replace(slot, id=slot.key.without_therapy) for slot in slots]


def _between(query: SearchQuery, first: date, last: date, zones: Iterable[ZoneInfo]) -> SearchQuery:
    """Return the search narrowed to whole days, by the clock of each site."""
    starts_at = min(datetime.combine(first, time(), zone) for zone in zones)
    ends_at = max(datetime.combine(last + timedelta(days=1), time(), zone) for zone in zones)
    return replace(query, starts_at=max(starts_at, query.starts_at), ends_at=ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLabels:
    """What is said of each time: `named`, its site; `staff`, it is staff who read it, about somebody else.

    `home`: the site (its key) at which an appointment is now, that moves: another one is another place.
    """

    named: bool = False
    staff: bool = False
    home: str = ""

    def where(self, slot: Slot) -> str:
        """Return where a time is, and that this is not where the appointment is now; nothing where that is clear."""
        elsewhere = bool(self.home) and slot.site.key != self.home
        name = localized(slot.site.name)
        return _("%(place)s, another place") % {"place": name} if elsewhere else name if self.named else ""


def _labels_of(times_query: TimesQuery, offered: Iterable[Offered]) -> TimeLabels:
    asking = (times_query.audience, *times_query.by_site.values())
    home = times_query.visit_now.site.key if times_query.visit_now else ""
    return TimeLabels(named=_at_several(times_query, offered), staff=any(one.is_staff for one in asking), home=home)


def _at_several(times_query: TimesQuery, offered: Iterable[Offered]) -> bool:
    """Whether a time may be at one site or another, also where all that are left are at the same."""
    return "site" not in times_query.chosen and len({one.site.id for one in offered}) > 1


def _days(slots: Iterable[Slot], loads: Iterable[DayLoad], *, whole: bool, here: str, said: TimeLabels) -> list[Day]:
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        by_day[slot.start.astimezone(slot.site.tz).date()].append(slot)
    return [_day(load.day, by_day[load.day], whole=whole, here=here, said=said) for load in loads if by_day[load.day]]


def _day(on: date, slots: list[Slot], *, whole: bool, here: str, said: TimeLabels) -> Day:
    heading = near_day_in_words(on)
    starts = len({slot.start for slot in slots})
    shown = spread(one_a_start(slots), TIMES_A_DAY)
    few = [Group(slots=[_button(slot, heading, said) for slot in shown])]
    more = ngettext("All %(count)d time", "All %(count)d times", starts) % {"count": starts}
    return Day(
        id=f"day-{on.isoformat()}",
        heading=heading,
        groups=_by_person(slots, heading, said) if whole else few,
        more="" if whole or len(slots) <= len(shown) else more,
        url=f"{here}&day={on.isoformat()}",
        on=on,
    )


def _by_person(slots: Iterable[Slot], day: str, said: TimeLabels) -> list[Group]:
    people: dict[tuple[int, int], list[Slot]] = defaultdict(list)
    for slot in slots:
        people[slot.practitioner.id, slot.site.id].append(slot)
    return [
        Group(
            heading=found[0].practitioner.name,
            hint=_spoken(found[0], said),
            slots=[
                Button(
                    id=sealed(s.id),
                    time=time_in_words(s.start, s.site.tz),
                    day=f"{day}, {s.practitioner.name}",
                    for_whom=_for_whom(s, said),
                    at=s.start.isoformat(),
                )
                for s in found
            ],
        )
        for found in people.values()
    ]


def _spoken(slot: Slot, said: TimeLabels) -> str:
    """Return where somebody works and what they speak besides English."""
    others = [language_in_words(tag) for tag in slot.practitioner.languages if tag != "en"]
    speaks = [_("also speaks %(languages)s") % {"languages": ", ".join(others)}] if others else []
    return " · ".join([said.where(slot) or localized(slot.site.name), *speaks])


def _button(slot: Slot, day: str, said: TimeLabels) -> Button:
    return Button(
        id=sealed(slot.id),
        time=time_in_words(slot.start, slot.site.tz),
        day=day,
        lead=_("with"),
        with_whom=slot.practitioner.name,
        where=said.where(slot),
        for_whom=_for_whom(slot, said),
        at=slot.start.isoformat(),
    )


def _for_whom(slot: Slot, said: TimeLabels) -> str:
    if scheduler.is_for_families(slot.only_for):
        return _("kept for families")
    if not scheduler.is_for_a_program(slot.only_for):
        return ""
    return _("for the patient's program") if said.staff else _("for your program")


def one_a_start(slots: Iterable[Slot]) -> list[Slot]:
    """Return one slot a start; whoever was shown least so far is shown."""
    starts: dict[datetime, list[Slot]] = defaultdict(list)
    for slot in slots:
        starts[slot.start].append(slot)
    shown: Counter[int] = Counter()
    chosen = []
    for start in sorted(starts):
        # Whoever is first by name would else be offered alone, and be full weeks before the others.
        one = min(starts[start], key=lambda slot: shown[slot.practitioner.id])
        shown[one.practitioner.id] += 1
        chosen.append(one)
    return chosen


def spread(slots: Sequence[Slot], most: int) -> list[Slot]:
    """Return at most `most` slots, the first and the last among them, evenly through the day."""
    if len(slots) <= most:
        return list(slots)
    # Evenly, first and last included: the first six would hide that there is time in the afternoon.
    return [slots[n * (len(slots) - 1) // (most - 1)] for n in range(most)]


def slots_instead(refusal: Refusal) -> list[Slot]:
    """Return the free times that a refusal offers in place of the one that was wanted."""
    found = refusal.facts.get("alternatives")
    return [one for one in found if isinstance(one, Slot)] if isinstance(found, list | tuple) else []


def nearest(
    slots: Sequence[Slot], *, home: str = "", named: bool = False, word: Callable[[Slot], str] | None = None
) -> list[Button]:
    """Return buttons for alternatives, each with its day, and its site where that is not the same for all.

    `home`: the site (its key) that whoever chooses has in mind; `named`: whether each names its site in any case;
    `word`: what staff read beside the name; given where it is staff who read.
    """
    named = named or len({slot.site.key for slot in slots} | ({home} - {""})) > 1
    days = [near_day_in_words(slot.start.astimezone(slot.site.tz).date()) for slot in slots]
    said = TimeLabels(named=named, staff=word is not None)
    return [
        replace(_button(slot, day, said), word=word(slot) if word else "")
        for slot, day in zip(slots, days, strict=True)
    ]


def address(path: str, query: dict[str, str]) -> str:
    """Return an address with what was asked; it can take further parameters."""
    told = QueryDict(mutable=True)
    told.update({name: value for name, value in query.items() if value})
    return f"{path}?{told.urlencode()}"


def times_like(slot_id: str) -> str:
    """Return where a time for the same as this one is chosen. Raises UnknownSlot."""
    wanted = scheduler.SlotKey.decode(slot_id)
    return address(reverse("times", args=[wanted.therapy]), {"visit": wanted.visit, "technique": wanted.technique})
