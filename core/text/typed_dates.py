"""Dates as people type them, and as programs and addresses of pages write them."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache

from babel import Locale
from django.utils.translation import gettext as _

from core.text.folding import fold
from core.text.languages import month_in_words

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "pl", "ru", "uk", "cs", "nl", "sv", "ro", "tr", "el")
"""Those in which months may be written: of the patients that the clinic expects, whatever its pages are in."""

YEARS = range(1000, 9000)
"""A date of another year is none: with those at the end of what can be counted, nobody can reckon on."""

SHORTEST_MONTH = 3
MONTHS = 12
FILLERS = frozenset({"st", "nd", "rd", "th", "of", "the", "de", "del", "\u0433", "\u5e74", "\u6708", "\u65e5"})
YEAR = re.compile(r"\d{4}")
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DOTTED = re.compile(r"\s*\d{1,2}\s*\.\s*\d{1,2}\s*\.\s*\d{4}\s*")
"""Where people part numbers by points, they write the day before the month: 1.12.2026 is the first of December."""
TOGETHER = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)|(\d\d)(\d\d)(\d{4})")


def iso_date(text: str) -> date:
    """Return the date that a program or an address names: 2026-11-26, and no other spelling. Raises ValueError."""
    # Python's own reader takes 20261126 and 2026-W48-4 as well, which look like other things.
    if not ISO.fullmatch(text) or int(text[:4]) not in YEARS:
        raise ValueError(text)
    return date.fromisoformat(text)


def is_far(text: str) -> bool:
    """Whether a text names a date, rightly written, of a year that is none of ours."""
    return bool(ISO.fullmatch(text)) and int(text[:4]) not in YEARS and _is_date(text)


def _is_date(text: str) -> bool:
    with suppress(ValueError):
        return bool(date.fromisoformat(text))
    return False


def date_typed(text: str) -> date | None:
    """Return the date that somebody typed, or None when it is none or could be two.

    Taken are 3/27/1961, 03-27-1961, 3 27 1961, March 27, 1961, 27th of March 1961, 1961-03-27 and 03271961.
    The month comes before the day, but where points part them, as in 27.3.1961; the other order is read where that
    one makes no date. Years have four digits.
    """
    days = _days(text)
    return days[0] if days else None


def what_is_impossible(text: str) -> str:
    """Say what makes a date impossible that was rightly written, such as February 31; empty where it is not that."""
    words = _words(text)
    if any(YEAR.fullmatch(word) and int(word) not in YEARS for word in words):
        return _("Check the year.")
    readings = [one for one in _readings(words) if 1 <= one[1] <= MONTHS]
    if readings and not _days(text):
        year, month, _day = readings[0]
        last = monthrange(year, month)[1]
        facts = {"month": month_in_words(date(year, month, 1)), "year": year, "days": last}
        return _("%(month)s %(year)d has %(days)d days. Check the day.") % facts
    return _("There are twelve months. Check the month.") if list(_readings(words)) and not _days(text) else ""


A_WHOLE_DATE = re.compile(
    r"\d{1,2}\D+\d{1,2}\D+\d{4}|\d{4}\D+\d{1,2}\D+\d{1,2}|\D+\W\d{1,2}\D+\d{4}|\d{1,2}\W+\w+\D+\d{4}"
)
"""What looks like a date with its year, and like no number of a phone."""


def no_such_day(text: str) -> str:
    """Say of what somebody looks for that it is a date that never was, such as 2/30/1961; empty where it is none."""
    return what_is_impossible(text) if A_WHOLE_DATE.fullmatch(text.strip()) else ""


def coming_day_typed(text: str, *, today: date) -> date | None:
    """Return the day that somebody typed of days to come: without a year it is the next such day, today included."""
    if found := date_typed(text):
        return found
    this_year = date_typed(f"{text} {today.year}")
    return this_year if this_year is None or this_year >= today else date_typed(f"{text} {today.year + 1}")


def dates_typed(text: str) -> list[date]:
    """Return all days that somebody may mean who looks for one: both orders, and years of two digits as well."""
    words = _words(text)
    days = _days(text)
    for written in ([f"19{words[-1]}", *words[:-1]], [f"20{words[-1]}", *words[:-1]]) if words else ():
        if re.fullmatch(r"(?:19|20)\d\d", written[0]):
            days += _dates(written)
    return list(dict.fromkeys(days))


def _days(text: str) -> list[date]:
    """Return the days that a text may be, in the orders of which it can be read, the likeliest first."""
    found = _dates(_words(text))
    return found[::-1] if DOTTED.fullmatch(unicodedata.normalize("NFKC", text)) else found


def _dates(words: list[str]) -> list[date]:
    days: list[date] = []
    for year, month, day in _readings(words):
        with suppress(ValueError):
            days.append(date(year, month, day))
    return days


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\d+|[^\W\d_]+", fold(text)) if word not in FILLERS]


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Return which month a folded word is, written out or begun with three letters, in any of the languages."""
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        widths = Locale(language).months
        for forms in (widths[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")):
            for month, name in forms.items():
                word = fold(name)
                for length in range(SHORTEST_MONTH, len(word) + 1):
                    found.setdefault(word[:length], set()).add(month)
    # "jui" begins June and July: what may be two months is none.
    return {word: months.pop() for word, months in found.items() if len(months) == 1}


def _readings(words: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield (year, month, day) in the orders that the words allow, the likeliest first."""
    if len(words) == 1:
        for digits in TOGETHER.finditer(words[0] if len(words[0]) == len("03271961") else ""):
            words = [part for part in digits.groups() if part]
    years = [word for word in words if YEAR.fullmatch(word)]
    rest = [word for word in words if not YEAR.fullmatch(word)]
    if len(years) != 1 or int(years[0]) not in YEARS or len(rest) != len(("month", "day")):
        return
    named = [month for word in rest if word.isalpha() and (month := _months().get(word))]
    numbers = [int(word) for word in rest if word.isdecimal()]
    if len(named) == 1 and len(numbers) == 1:
        yield int(years[0]), named[0], numbers[0]
    elif not named and len(numbers) == len(rest):
        yield int(years[0]), numbers[0], numbers[1]
        yield int(years[0]), numbers[1], numbers[0]
