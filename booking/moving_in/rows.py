"""A row of a table on its way in: read cell by cell, with what is wrong in which column; and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from booking.moving_in import cells
from booking.moving_in.cells import DateOrder, EitherDate
from booking.moving_in.tables import Table, TableRow, column_letters
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.text import clean
from core.text.folding import fold

Words = str | Promise


class RowResult(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    """It is there already."""
    ASKED = "asked"
    """Somebody has to say whether it is the same person; until then nothing is made of it."""
    CLASH = "clash"
    WRONG = "wrong"

    @property
    def stays_out(self) -> bool:
        """Whether nothing is made of it, although the table wants it."""
        return self in {RowResult.ASKED, RowResult.CLASH, RowResult.WRONG}

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self in {RowResult.NEW, RowResult.CHANGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its heading, what stands in it, an example; `also`: other headings it is known by."""

    key: str
    title: Words
    says: Words
    example: str = ""
    needed: bool = False
    is_date: bool = False
    also: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The folded headings by which it is known, whatever language the page is in."""
        return frozenset(fold(name) for name in (str(self.title), self.key.replace("_", " "), *self.also))


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong, and where: the column as a spreadsheet calls it, with its heading; empty for the whole row."""

    where: str
    words: str

    @property
    def in_words(self) -> str:
        """What is wrong, after where."""
        return f"{self.where[:1].upper()}{self.where[1:]}: {self.words}" if self.where else self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChoice:
    """One of the answers to what is asked of a row."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What becomes of a row: what it is called, what would be done, what is wrong with it, what is asked of it."""

    result: RowResult
    name: str = ""
    says: tuple[str, ...] = ()
    problems: tuple[CellProblem, ...] = ()
    choices: tuple[RowChoice, ...] = ()
    number: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said of it: what is wrong, where, and what it does."""
        return (*(one.in_words for one in self.problems), *self.says)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who imports a table where. `sites`: which they may fill; `order`: of dates; `answers`: to what rows ask.

    `tell`: those are written to whom the table gives an appointment.
    """

    by: Principal
    at: datetime
    site: Site
    sites: tuple[Site, ...]
    order: DateOrder | None = None
    answers: Mapping[int, str] = field(default_factory=dict)
    tell: bool = False

    def sites_named(self, words: Sequence[str]) -> tuple[list[Site], list[str]]:
        """Return the sites of these names or keys, and the words that name none of theirs; without words, their own."""
        if not words:
            return [self.site], []
        named = {fold(word): site for site in self.sites for word in (site.key, *site.name.values())}
        found = [named[fold(word)] for word in words if fold(word) in named]
        return list(dict.fromkeys(found)), [word for word in words if fold(word) not in named]


class RowReader:
    """Reads the cells of one row, and collects everything that is wrong with them."""

    def __init__(
        self, row: TableRow, positions: Mapping[str, int], columns: Sequence[Column], setting: Setting
    ) -> None:
        self.row_number, self.setting = row.number, setting
        self._row, self._positions, self._columns = row, positions, {one.key: one for one in columns}
        self.problems: list[CellProblem] = []

    def text(self, key: str) -> str:
        """Return a cell as one clean line, as far as it can be read; empty where there is none."""
        raw = self._raw(key)
        if "\n" in raw:
            self.complain(key, _("There are several lines in this cell. Write it on one line."))
        return self._cleaned(key, raw.replace("\n", " "))

    def joined(self, key: str) -> str:
        """Return the lines of a cell as one."""
        return self._cleaned(key, self._raw(key).replace("\n", "; "))

    def parts(self, key: str) -> list[str]:
        """Return the several things of a cell."""
        return cells.parts(self.joined(key))

    def _raw(self, key: str) -> str:
        at = self._positions.get(key)
        raw = self._row.cells[at] if at is not None and at < len(self._row.cells) else ""
        return cells.without_mark(raw.strip())

    def _cleaned(self, key: str, raw: str) -> str:
        try:
            told = clean.line(raw)
        except clean.UnusableText as error:
            # What can be read of it stands beside the row, so that whoever mends it knows whose it is.
            self.complain(key, str(error))
            return clean.readable(raw)
        if not told and self._columns[key].needed:
            self.complain(key, _("Fill this in: %(what)s") % {"what": self._columns[key].says})
        return told

    def date(self, key: str) -> date | None:
        """Return the date of a cell, None where it is empty or none, which is then noted. Raises EitherDate."""
        told = self.text(key)
        found = cells.read_date(told, self.setting.order) if told else None
        if told and found is None:
            self.complain(key, self._no_date(told))
        if found and found.year not in cells.YEARS:
            self.complain(key, _("“%(told)s” is no date of our time. Check the year.") % {"told": told})
            return None
        return found

    def _no_date(self, told: str) -> str:
        said = _("“%(told)s” is no date that could be read. Write it like 2026-04-03, or with the month in letters.")
        first = {
            DateOrder.MONTH_FIRST: _("With the month first, %(words)s"),
            DateOrder.DAY_FIRST: _("With the day first, %(words)s"),
        }
        words = said % {"told": told}
        return first[self.setting.order] % {"words": words} if self.setting.order and told[:1].isdigit() else words

    def time(self, key: str) -> time | None:
        """Return the time of day of a cell, None where it is empty or none, which is then noted."""
        told = self.text(key)
        found = cells.read_time(told) if told else None
        if told and found is None:
            said = _("“%(told)s” is no time of day. Write it like 09:00, 14:30 or 2:30 PM.")
            self.complain(key, said % {"told": told})
        return found

    def days(self, key: str) -> list[int]:
        """Return the weekdays of a cell, none where something else stands there, which is then noted."""
        told = self.text(key)
        found = cells.read_days(told) if told else []
        if found is None:
            said = _("“%(told)s” names no weekday. Write Mon, or Mon, Wed, or Mon-Fri.")
            self.complain(key, said % {"told": told})
        return found or []

    def whole_number(self, key: str) -> int | None:
        """Return the number of a cell, None where it is empty or none, which is noted. Its act knows the bounds."""
        told = self.text(key)
        found = cells.read_number(told)
        if told and found is None:
            said = _("“%(told)s” is no whole number. Write %(says)s.")
            self.complain(key, said % {"told": told, "says": self._columns[key].says})
        return found

    def site(self, key: str) -> Site:
        """Return the one site that a cell names, the one at hand where it is empty."""
        found = self.sites(key)
        if len(found) > 1:
            self.complain(key, _("Name one site alone."))
        return found[0] if found else self.setting.site

    def sites(self, key: str) -> list[Site]:
        """Return the sites that a cell names, the one at hand where it is empty."""
        found, unknown = self.setting.sites_named(self.parts(key))
        if unknown:
            said = _("You set up no site called %(names)s. Write the name as the desk shows it.")
            self.complain(key, said % {"names": ", ".join(unknown)})
        return found

    def complain(self, key: str, words: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(CellProblem(self.where(key), words))

    def where(self, key: str) -> str:
        """Return what a column is called: by its letter and its heading; by its heading alone where it is not there."""
        column, at = self._columns.get(key), self._positions.get(key)
        if column is None:
            return ""
        if at is None:
            return str(column.title)
        return _("column %(letter)s, %(title)s") % {"letter": column_letters(at), "title": column.title}

    def refused(self, refusal: Refusal, fields: Mapping[str, str]) -> RowOutcome:
        """Return what becomes of a row that an act refuses; `fields`: the columns by the fields that it names."""
        if isinstance(refusal, Invalid):
            errors: list[dict[str, str]] = refusal.facts["errors"]  # type: ignore[assignment]  # Invalid makes them
            for one in errors:
                name = one.get("pointer", "").strip("/").partition("/")[0]
                self.problems.append(CellProblem(self.where(fields.get(name, name)), one["detail"] or str(refusal)))
            return RowOutcome(result=RowResult.WRONG)
        words = " ".join(dict.fromkeys(str(one) for one in (refusal.title, refusal.detail) if one))
        return RowOutcome(result=RowResult.CLASH, says=(words,))

    def finish(self, outcome: RowOutcome) -> RowOutcome:
        """Return the outcome with its row, and as wrong where anything is."""
        wrong = tuple(dict.fromkeys(self.problems))
        result = RowResult.WRONG if wrong else outcome.result
        return replace(outcome, number=self.row_number, problems=wrong, result=result)


def positions_of(table: Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return where in a table each of these columns stands. Raises Invalid where one is lacking that is needed."""
    found: dict[str, int] = {}
    for column in columns:
        at = [n for n, heading in enumerate(table.headings) if heading and heading in column.names]
        if len(at) > 1:
            said = _("Two columns are called “%(title)s”. Take one of them out.")
            raise Invalid(said % {"title": column.title})
        if at:
            found[column.key] = at[0]
    lacking = [str(column.title) for column in columns if column.needed and column.key not in found]
    if lacking:
        said = _("These columns are missing: %(titles)s. The first row holds the headings, as in the template.")
        raise Invalid(said % {"titles": ", ".join(lacking)})
    return found


def unread(table: Table, positions: Mapping[str, int]) -> list[str]:
    """Return the headings of what is not read."""
    return [title for n, title in enumerate(table.titles) if title and n not in positions.values()]


def either_dates(error: EitherDate, reader: RowReader) -> dict[str, Any]:
    """Return what is asked about a date that could be two."""
    return {
        "text": error.text,
        "number": reader.row_number,
        "month_first": error.month_first,
        "day_first": error.day_first,
    }
