"""What stands in a cell, as people and spreadsheets write it. No database, no clock."""

import re
from datetime import date, time
from enum import StrEnum

from core.text.typed_dates import date_typed
from core.text.typed_times import time_typed

ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
NUMBERS = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4})")
AT_MIDNIGHT = re.compile(r"(?:\s+|t)0?0:00(?::00(?:[.]0+)?)?z?$|\s+12:00(?::00)?\s?a[.]?m[.]?$", re.IGNORECASE)
"""What a spreadsheet, or a database, may write after a day."""

CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.]00)?\s?([ap])?\.?(?:m\.?)?")
HOUR = re.compile(r"(\d{1,2})\s?([ap])\.?m\.?")
HOUR_ALONE = re.compile(r"\d{1,2}")
YEARS = range(1870, 2099)
"""In which people were born, or come."""

WHOLE = re.compile(r"[-+]?\d{1,6}")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORTEST_DAY, NOON, LAST_HOUR, A_DAY = 2, 12, 23, 24
PARTED = re.compile(r"[;|\n,]")


class DateOrder(StrEnum):
    """What comes first in dates that are written as three numbers."""

    MONTH_FIRST = "month"
    DAY_FIRST = "day"


class EitherDate(ValueError):  # noqa: N818  (an answer, not an error)
    """A date that could be two: whoever wrote it is asked. `month_first`, `day_first`: what it would be."""

    def __init__(self, text: str, *, month_first: date, day_first: date) -> None:
        super().__init__(text)
        self.text, self.month_first, self.day_first = text, month_first, day_first


def read_date(text: str, order: DateOrder | None) -> date | None:
    """Return the date in a cell, None where it is none. Raises EitherDate where nobody has said what comes first."""
    bare = AT_MIDNIGHT.sub("", text.strip())
    if found := ISO.fullmatch(bare):
        year, month, day = map(int, found.groups())
        return _date(year, month, day)
    if found := NUMBERS.fullmatch(bare):
        first, second, year = map(int, found.groups())
        return _of_numbers(bare, _date(year, first, second), _date(year, second, first), order)
    # With a month that is written out there is one reading; of digits that run together there may be two.
    return date_typed(bare) if any(letter.isalpha() for letter in bare) else None


def _of_numbers(text: str, month_first: date | None, day_first: date | None, order: DateOrder | None) -> date | None:
    if order is not None:
        return month_first if order is DateOrder.MONTH_FIRST else day_first
    if month_first and day_first and month_first != day_first:
        raise EitherDate(text, month_first=month_first, day_first=day_first)
    return month_first or day_first


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """Return the time of day in a cell: 9:00, 09:00:00, 14.30, 2:30 PM, 2 pm, 9, 24:00; None where it is none."""
    bare = text.strip().casefold().replace("noon", "12:00 pm")
    if found := CLOCK.fullmatch(bare):
        return _time(int(found[1]), int(found[2]), found[3])
    if found := HOUR.fullmatch(bare):
        return _time(int(found[1]), 0, found[2])
    if HOUR_ALONE.fullmatch(bare):
        # Nobody's spreadsheet writes it so: somebody typed it, as they do at the desk.
        return time() if int(bare) == A_DAY else time_typed(bare)
    return None


def _time(hour: int, minute: int, half: str | None) -> time | None:
    if half:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half == "p" else 0)
    if (hour, minute) == (A_DAY, 0):
        return time()
    try:
        return time(hour, minute)
    except ValueError:
        return None


def read_number(text: str) -> int | None:
    """Return the whole number in a cell, None where it is none."""
    return int(text) if WHOLE.fullmatch(text) else None


def read_days(text: str) -> list[int] | None:
    """Return ISO weekdays: "Mon", "Mon, Wed", "Mon-Fri"; None where something else stands there."""
    found: list[int] = []
    for part in re.split(r"[;|,/+&\n]|\band\b", text.casefold()):
        first, _dash, last = re.sub(r"\s(?:to|–)\s|–", "-", part).partition("-")
        one, other = _day(first), _day(last) if last.strip() else _day(first)
        if one is None or other is None:
            return None
        found += [(day % 7) + 1 for day in range(one - 1, other if other >= one else other + 7)]
    return list(dict.fromkeys(found))


def _day(word: str) -> int | None:
    bare = word.strip().rstrip(".")
    named = [number for number, day in enumerate(DAYS, start=1) if len(bare) >= SHORTEST_DAY and day.startswith(bare)]
    return named[0] if named else None


def parts(text: str) -> list[str]:
    """Return what stands in a cell with several things, parted by commas, semicolons, bars or lines."""
    return [part.strip() for part in PARTED.split(text) if part.strip()]


def without_mark(text: str) -> str:
    """Return a cell without the mark by which we keep a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text
