"""A measure as its page shows it: with its meaning, its drawing and, beside that, its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking.reports.chart import MOST_BARS, Chart, DrawnPoint, bars, columns, top_of
from booking.reports.lines import ReportedMeasure, ReportLine
from booking.reports.measures import Figure, Measure, MeasureUnit
from booking.reports.report_query import Dimension
from booking.web.desk.reports import words

HALVES = (0.0, 0.5, 1.0)
PER_HOUR = (
    (2 * words.MINUTES_A_DAY, words.MINUTES_A_DAY, "d"),
    (2 * words.MINUTES_AN_HOUR, words.MINUTES_AN_HOUR, "h"),
)
"""From how many minutes on a drawing counts in longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A line of a measure's table, in words. `few`: it is of too few people to be shown."""

    name: str
    cells: Sequence[str] = ()
    few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMeasure:
    """A measure in words. `apart`: it can be told apart as was asked; `few`: some of it is not shown."""

    key: str
    name: str
    meaning: str
    headings: Sequence[str]
    chart: Chart | None
    heard: str
    rows: Sequence[FigureRow]
    together: FigureRow | None
    apart: bool
    few: bool


def shown(one: ReportedMeasure, dimension: Dimension) -> ShownMeasure:
    """Return a measure as its page shows it."""
    measure = one.measure
    rows = [_row(line.part.name, line.figure, measure) for line in one.lines]
    part = [str(measure.part)] if measure.part else []
    high = [_("Nine of ten within")] if measure.median else []
    together = _row(_("All"), one.together, measure) if one.together or one.few else None
    return ShownMeasure(
        key=measure.key,
        name=str(measure.name),
        meaning=f"{measure.meaning} {words.BETTER[measure.better]}",
        headings=[str(words.PART_NAMES[dimension]), *part, str(measure.whole), words.value_heading(measure), *high],
        chart=_chart(one, dimension),
        heard=_heard(one),
        rows=rows,
        together=together,
        apart=one.apart,
        few=any(row.few for row in rows),
    )


def _row(name: str, figure: Figure | None, measure: Measure) -> FigureRow:
    if figure is None:
        return FigureRow(name=name, few=True)
    part = [words.part_in_words(figure, measure)] if measure.part else []
    high = [words.value_in_words(figure.high, measure)] if measure.median else []
    whole, value = words.counted_in_words(figure.whole, measure), words.value_in_words(figure.value, measure)
    return FigureRow(name=name, cells=[*part, whole, value, *high])


def _value(line: ReportLine) -> float | None:
    return line.figure.value if line.figure else None


def _heard(one: ReportedMeasure) -> str:
    """Return what the drawing shows in a sentence, for whoever does not see it."""
    known = [(value, line.part.name) for line in one.lines if (value := _value(line)) is not None]
    if not known:
        return _("There is nothing to draw.")
    least, most = min(known), max(known)
    return _("From %(least)s (%(where_least)s) to %(most)s (%(where_most)s); the table has every one.") % {
        "least": words.spoken(least[0], one.measure),
        "where_least": least[1],
        "most": words.spoken(most[0], one.measure),
        "where_most": most[1],
    }


def _chart(one: ReportedMeasure, dimension: Dimension) -> Chart | None:
    values = [value for line in one.lines if (value := _value(line)) is not None]
    if not values or (dimension is not Dimension.WEEK and len(one.lines) > MOST_BARS):
        return None
    unit, letter = _drawn_in(values, one.measure)
    top = top_of([value / unit for value in values])
    points = [
        DrawnPoint(
            value=None if (value := _value(line)) is None else value / unit,
            label=line.part.short or line.part.name,
            says=f"{line.part.name}: {words.spoken(value, one.measure)}",
        )
        for line in one.lines
    ]
    scale = [(top * part, f"{words.on_the_scale(top * part, one.measure)}{letter}") for part in HALVES]
    return columns(points, scale=scale) if dimension is Dimension.WEEK else bars(points, scale=scale)


def _drawn_in(values: Sequence[float], measure: Measure) -> tuple[int, str]:
    """Return by how much numbers are divided for a drawing, and what stands behind each."""
    if measure.unit is not MeasureUnit.MINUTES:
        return 1, ""
    longest = max(values)
    return next(((unit, f" {letter}") for least, unit, letter in PER_HOUR if longest >= least), (1, " min"))
