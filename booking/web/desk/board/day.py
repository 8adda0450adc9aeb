"""A day on the board: a row for each quarter of an hour, a column for each practitioner or place, and what is there."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from booking.web.desk.board.grid import TICK, TICKS_A_ROW, TimeRow, rows_of, side_by_side, spot, time_rows
from booking.web.desk.board.items import BoardItem, PlacedItem, items_by_person, items_by_place, of_visit, span_in_words
from booking.web.desk.board.reading import BoardReading, Period
from core.text.languages import date_in_words, time_in_words
from scheduler import public as scheduler

FIRST_HOUR, LAST_HOUR = time(8), time(17)
"""What is shown of a day on which nobody works."""

CLOSED, OPEN, TAKEN, FAMILY = "c", "f", "b", "k"
PARTLY = "p"
GONE = "a"
"""What is said beside that it is taken: whoever would treat then is away."""
EVERYBODY = "everyone"
"""How far a block is open that keeps nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardColumn:
    """A practitioner or a place. `key`: its public id; `closed`: what is said of when it is not open.

    `shut`: of a place that cannot be used that day, from when until when and why. `away`: when somebody is away who
    would work then; `gone`: that in words.
    """

    id: int | None
    key: str
    name: str
    open: Sequence[Period]
    closed: Callable[[TimeRow], str]
    family: Sequence[Period] = ()
    shut: str = ""
    away: Sequence[Period] = ()
    gone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCell:
    """A quarter of an hour in a column: whether it is free, in a word, which is shown where it begins to hold."""

    kind: str
    word: str
    shown: bool
    items: Sequence[PlacedItem]

    @property
    def text(self) -> SafeString:
        """Its word, seen or heard."""
        return _word(self.word, self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRun:
    """Cells beside one another: those in which nothing begins, written out, and the one after them in which it does."""

    empty: SafeString
    last: BoardCell | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A quarter of an hour across all columns. `now`: how many ticks of it are over, empty where it is not now."""

    time: TimeRow
    words: str
    cells: Sequence[BoardCell]
    now: str = ""

    @property
    def starts_at(self) -> str:
        """When it begins, as programs read it."""
        return self.time.start.strftime("%Y-%m-%dT%H:%MZ")

    @property
    def runs(self) -> Iterator[CellRun]:
        """Its cells for the template, which would take far longer to write out each: on a board most are empty."""
        empty: list[SafeString] = []
        for cell in self.cells:
            if cell.items:
                yield CellRun(empty=SafeString("".join(empty)), last=cell)
                empty = []
            else:
                empty.append(_empty_cell(cell.kind, cell.word, cell.shown))
        yield CellRun(empty=SafeString("".join(empty)), last=None)


@dataclass(frozen=True)
class BoardDay:
    """A day at a site as its board shows it."""

    read: BoardReading
    by_place: bool

    @property
    def shows_now(self) -> bool:
        """Whether one of its rows is now."""
        return any(row.start <= self.read.at < row.end for row in self._times)

    @cached_property
    def columns(self) -> list[BoardColumn]:
        """The practitioners who work on the day, or have somebody; or all places."""
        used = {item.column for item in self._items}
        if self.by_place:
            places = [self._place(one) for one in self.read.time.places]
            known = {column.id for column in places}
            return [*places, *([self._without_place()] if used - known else [])]
        mine = [one for one in self.read.time.people if self.read.whole or one.user_id == self.read.by.user_id]
        return [self._person(one) for one in mine if one.open or one.beyond or one.away or one.id in used]

    @property
    def not_here(self) -> str:
        """Who else treats at the site, and does not work on the day."""
        if self.by_place or not self.read.whole:
            return ""
        here = {column.id for column in self.columns}
        return ", ".join(one.name for one in self.read.time.people if one.id not in here)

    @cached_property
    def rows(self) -> list[BoardRow]:
        """The rows of the day, from the hour when the first thing happens to the end of the last."""
        columns = [self._cells(column) for column in self.columns]
        return [
            BoardRow(
                time=row,
                words=self._words(row),
                cells=[cells[n] for cells in columns],
                now=str((self.read.at - row.start) // TICK) if row.start <= self.read.at < row.end else "",
            )
            for n, row in enumerate(self._times)
        ]

    @cached_property
    def called_off(self) -> list[BoardItem]:
        """What was cancelled of the day, and takes no time."""
        return [of_visit(visit, self.read, by_place=True) for visit in self.read.called_off]

    @property
    def hours(self) -> int:
        """How many hours are shown."""
        return -(-len(self._times) // 4)

    @property
    def shut(self) -> list[str]:
        """What the site is closed for on the day, in words."""
        zone = self.read.site.tz
        return [f"{one.name}: {span_in_words((one.start, one.end), zone)}" for one in self.read.time.closed]

    def _words(self, row: TimeRow) -> str:
        said = time_in_words(row.start, self.read.site.tz)
        return f"{said} {row.start.astimezone(self.read.site.tz):%Z}" if row.twice else said

    @cached_property
    def _items(self) -> list[BoardItem]:
        return (items_by_place if self.by_place else items_by_person)(self.read)

    @cached_property
    def _times(self) -> list[TimeRow]:
        read = self.read
        opened = [*read.time.open, *(period for one in read.time.people for period in (*one.open, *one.beyond))]
        known = [*opened, *(item.shown for item in self._items)]
        usual = tuple(datetime.combine(read.first_on, hour, read.site.tz) for hour in (FIRST_HOUR, LAST_HOUR))
        start = min((start for start, _end in known), default=usual[0])
        end = max((end for _start, end in known), default=usual[1])
        return time_rows(start, end, zone=read.site.tz)

    @cached_property
    def _by_column(self) -> Mapping[int | None, list[BoardItem]]:
        known = {column.id for column in self.columns}
        found: dict[int | None, list[BoardItem]] = defaultdict(list)
        for item in self._items:
            found[item.column if item.column in known else None].append(item)
        return found

    def _cells(self, column: BoardColumn) -> list[BoardCell]:
        placed, kinds = self._placed(column), self._kinds(column)
        covered = {row for here in placed.values() for one in here for row in rows_of(one.spot)}
        cells: list[BoardCell] = []
        told = ""
        for n, row in enumerate(self._times):
            kind = _together(kinds[n * TICKS_A_ROW : (n + 1) * TICKS_A_ROW])
            gone = kind == TAKEN and _meet(column.away, row)
            word = _("Away") if gone else column.closed(row) if kind == CLOSED else WORDS[kind]()
            told = told if word == told else ""
            # Where it begins to hold, or the first that nothing stands in front of.
            shown = (gone or kind in (CLOSED, FAMILY)) and not told and n not in covered
            told = word if shown else told
            cells.append(
                BoardCell(kind=f"{kind} {GONE}" if gone else kind, word=word, shown=shown, items=placed.get(n, ()))
            )
        return cells

    def _placed(self, column: BoardColumn) -> dict[int, list[PlacedItem]]:
        """Return what begins in each row."""
        found = [(item, spot(*item.shown, rows=self._times)) for item in self._by_column[column.id]]
        lying = [(item, place) for item, place in found if place is not None]
        lanes = side_by_side([place for _item, place in lying])
        cells: dict[int, list[PlacedItem]] = defaultdict(list)
        for (item, place), lane in zip(lying, lanes, strict=True):
            cells[place.row].append(PlacedItem(item=item, spot=place, lane=lane))
        return cells

    def _kinds(self, column: BoardColumn) -> str:
        """Return a sign for each tick from the first row on: taken goes before family time, that before open."""
        ticks = [CLOSED] * (len(self._times) * TICKS_A_ROW)
        self._mark(ticks, column.open, OPEN)
        family = [(max(a, c), min(b, d)) for a, b in column.family for c, d in column.open]
        self._mark(ticks, family, FAMILY)
        self._mark(ticks, self._taken[column.id], TAKEN)
        return "".join(ticks)

    def _mark(self, ticks: list[str], periods: Iterable[Period], kind: str) -> None:
        for period in periods:
            if place := spot(*period, rows=self._times):
                first = place.row * TICKS_A_ROW + place.offset
                ticks[first : first + place.length] = [kind] * place.length

    @cached_property
    def _taken(self) -> Mapping[int | None, list[Period]]:
        """By column when nothing else fits: somebody has the practitioner's hands, or the place."""
        found: dict[int | None, list[Period]] = defaultdict(list)
        for claim in self.read.time.claims:
            who = claim.place if self.by_place else claim.practitioner
            if claim.live and who is not None and claim.kind != "lane":
                found[who].append((claim.start, claim.end))
        return found

    def _place(self, one: scheduler.OpenPlace) -> BoardColumn:
        def closed(row: TimeRow) -> str:
            why = next((c.name for c in one.closed if c.start < row.end and row.start < c.end), "")
            return _("Closed: %s") % why if why else self._site_closed(row)

        return BoardColumn(
            id=one.id,
            key=str(one.public_id),
            name=one.name,
            open=one.open,
            closed=closed,
            shut=closed_in_words(one),
        )

    def _without_place(self) -> BoardColumn:
        return BoardColumn(id=None, key="", name=_("No place"), open=self.read.time.open, closed=self._site_closed)

    def _person(self, one: scheduler.WorkingPerson) -> BoardColumn:
        def closed(row: TimeRow) -> str:
            otherwise = _("Site closed") if _meet(one.beyond, row) else _("Not working")
            return _("Away") if _meet(one.away, row) else self._site_closed(row, otherwise=otherwise)

        kept = [b for b in self.read.blocks if b.practitioner == one.public_id and b.stage != EVERYBODY]
        family = [(b.start, b.end) for b in kept]
        return BoardColumn(
            id=one.id,
            key=str(one.public_id),
            name=one.name,
            open=one.open,
            closed=closed,
            family=family,
            away=one.away,
            gone=away_in_words(one, self.read.site.tz),
        )

    def _site_closed(self, row: TimeRow, otherwise: str = "") -> str:
        shut = (c.name for c in self.read.time.closed if c.start < row.end and row.start < c.end)
        name = next(shut, "")
        return _("Closed: %s") % name if name else otherwise or _("Closed")


def _meet(periods: Iterable[Period], row: TimeRow) -> bool:
    return any(start < row.end and row.start < end for start, end in periods)


def away_in_words(who: scheduler.WorkingPerson, zone: ZoneInfo) -> str:
    """Return when of a day somebody is away who would work then; nothing where they are there."""
    if who.away and not who.open:
        return _("Away all day")
    ends = [moment for period in (*who.open, *who.away) for moment in period]
    said = []
    for start, end in _across_breaks(who):
        if start == min(ends):
            said.append(_("Away until %s") % time_in_words(end, zone))
        elif end == max(ends):
            said.append(_("Away from %s") % time_in_words(start, zone))
        else:
            said.append(_("Away %s") % span_in_words((start, end), zone))
    return ", ".join(said)


def _across_breaks(who: scheduler.WorkingPerson) -> list[Period]:
    """Return when somebody is away, as one stretch where nothing but breaks lies between."""
    found: list[Period] = []
    for start, end in sorted(who.away):
        works = found and any(found[-1][1] <= opens < start for opens, _closes in who.open)
        if found and not works:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def closed_in_words(place: scheduler.OpenPlace) -> str:
    """Return from when until when a place is closed, and why; nothing where it is open."""
    if place.first_on is None:
        return ""
    why = ", ".join(dict.fromkeys(one.name for one in place.closed))
    facts = {"why": why, "first": date_in_words(place.first_on)}
    if place.last_on is None:
        return _("Closed since %(first)s, until further notice: %(why)s") % facts
    return _("Closed from %(first)s until %(last)s: %(why)s") % (facts | {"last": date_in_words(place.last_on)})


WORDS: Mapping[str, Callable[[], str]] = {
    OPEN: lambda: _("free"),
    TAKEN: lambda: _("taken"),
    FAMILY: lambda: _("Family time"),
    PARTLY: lambda: _("partly free"),
}


@lru_cache(maxsize=256)
def _word(word: str, shown: bool) -> SafeString:  # noqa: FBT001  (what is remembered has no names)
    return format_html("{}" if shown else "<i>{}</i>", word)


@lru_cache(maxsize=256)
def _empty_cell(kind: str, word: str, shown: bool) -> SafeString:  # noqa: FBT001  (what is remembered has no names)
    return format_html('<td class="{}">{}</td>', kind, _word(word, shown))


def _together(ticks: str) -> str:
    """Return what a quarter of an hour is whose ticks may differ."""
    kinds = set(ticks)
    if len(kinds) == 1:
        return ticks[0]
    if kinds & {OPEN, FAMILY}:
        return FAMILY if kinds == {OPEN, FAMILY} else PARTLY
    return TAKEN
