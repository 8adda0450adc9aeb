"""What a preview shows: how many rows do what, which need a hand, and what is asked about a date."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.moving_in.actions.importing import ImportReport
from booking.moving_in.cells import DateOrder
from booking.moving_in.rows import RowChoice, RowOutcome, RowResult
from core.text.languages import date_in_words

MOST_SHOWN = 200
"""Rows of a preview: beyond them it is counted, since nobody reads on. Those that need a hand come first."""

MOST_MISREAD = 100
"""Rows with cells that cannot be read that are listed of a long table; of all it is said how many there are."""

MOST_IN_WORDS = 5
"""Rows that were left out that are named with the reason in what is said of an import."""

MANY: dict[RowResult, str | Promise] = {
    RowResult.CHANGED: gettext_lazy("are filled up"),
    RowResult.SAME: gettext_lazy("are there already"),
    RowResult.CLASH: gettext_lazy("do not fit"),
}
"""What is said of several rows, where it is not what is said of one."""

WORDS: dict[RowResult, str | Promise] = {
    RowResult.NEW: gettext_lazy("new"),
    RowResult.CHANGED: gettext_lazy("is filled up"),
    RowResult.SAME: gettext_lazy("is there already"),
    RowResult.ASKED: gettext_lazy("to be answered"),
    RowResult.CLASH: gettext_lazy("does not fit"),
    RowResult.WRONG: gettext_lazy("to be mended"),
}
FIRST = (RowResult.WRONG, RowResult.CLASH, RowResult.ASKED, RowResult.CHANGED, RowResult.NEW, RowResult.SAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row of the preview. `lines`: what it does, or what is wrong with it, where."""

    number: int
    name: str
    result: str
    words: str | Promise
    lines: tuple[str, ...]
    choices: tuple[RowChoice, ...]


def shown_rows(report: ImportReport, *, asks: bool) -> list[ShownRow]:
    """Return the rows to show, those first that need a hand; `asks`: whether they can be answered here."""
    rows = sorted(report.outcomes, key=lambda one: (FIRST.index(one.result), one.number))
    return [_row(one, asks=asks) for one in rows[:MOST_SHOWN]]


def left_out_in_words(report: ImportReport) -> list[str]:
    """Return of each row that was left out its number and why, and how many there are beyond the first of them."""
    out = [one for one in report.outcomes if one.result.stays_out]
    said = []
    for one in out[:MOST_IN_WORDS]:
        why = " ".join(_row(one, asks=False).lines).rstrip(".")
        named = _("row %(number)d") % {"number": one.number}
        said.append(f"{named} ({why})" if why else named)
    if beyond := len(out) - len(said):
        said.append(ngettext("%(count)d more", "%(count)d more", beyond) % {"count": beyond})
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class MisreadRows:
    """The rows of a long table with cells that cannot be read: how many, by column, and the first of them."""

    count: int
    by_column: Sequence[tuple[str, int]]
    rows: Sequence[ShownRow]
    beyond: int


def misread_rows(found: Sequence[RowOutcome]) -> MisreadRows:
    """Return what is said of the rows with cells that cannot be read."""
    columns = Counter(where for one in found for where in {problem.where for problem in one.problems})
    return MisreadRows(
        count=len(found),
        by_column=[(where[:1].upper() + where[1:], count) for where, count in columns.most_common()],
        rows=[_row(one, asks=False) for one in found[:MOST_MISREAD]],
        beyond=max(len(found) - MOST_MISREAD, 0),
    )


def _row(one: RowOutcome, *, asks: bool) -> ShownRow:
    return ShownRow(
        number=one.number,
        name=one.name,
        result=one.result.value,
        words=WORDS[one.result],
        lines=one.lines,
        choices=one.choices if asks else (),
    )


def summary(report: ImportReport) -> Sequence[tuple[str, int, str | Promise]]:
    """Return how many rows do what, without what none does."""
    counts = report.counts
    found = [(one, counts[one]) for one in reversed(FIRST) if counts.get(one)]
    return [(one.value, count, WORDS[one] if count == 1 else MANY.get(one, WORDS[one])) for one, count in found]


def question_rows(report: ImportReport) -> dict[str, Any] | None:
    """Return what is asked about a date that could be two, None where none could."""
    if (either := report.either) is None:
        return None
    return {
        "text": either.text,
        "choices": [
            (DateOrder.MONTH_FIRST.value, _("Month first: %(day)s") % {"day": date_in_words(either.month_first)}),
            (DateOrder.DAY_FIRST.value, _("Day first: %(day)s") % {"day": date_in_words(either.day_first)}),
        ],
    }
