"""Figures of a report in words, and as the drawing and the table of a measure."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.reports.lines import ReportedMeasure, ReportLine
from booking.reports.measures import Better, Figure, Measure, MeasureUnit
from booking.web.desk.reports.chart import Chart, Point, drawn, top_of

NOTHING = "–"
QUARTERS = (0.0, 0.5, 1.0)
HUNDRED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A line of a measure's table, in words."""

    name: str
    part: str
    whole: str
    value: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMeasure:
    """A measure as its page shows it: with its meaning, its drawing and, beside that, its table."""

    key: str
    name: str
    meaning: str
    better: str
    part: str
    whole: str
    value: str
    high: str
    chart: Chart
    heard: str
    rows: Sequence[FigureRow]
    together: FigureRow


def shown(one: ReportedMeasure, labels: Sequence[str]) -> ShownMeasure:
    """Return a measure as its page shows it. `labels`: the names of its lines where there is little room."""
    measure = one.measure
    return ShownMeasure(
        key=measure.key,
        name=str(measure.name),
        meaning=str(measure.meaning),
        better=better_in_words(measure),
        part=str(measure.part),
        whole=str(measure.whole),
        value=_("Share") if measure.unit is MeasureUnit.SHARE else _("Median, days"),
        high="" if measure.unit is MeasureUnit.SHARE else _("Nine of ten within, days"),
        chart=chart_of(one, labels),
        heard=heard(one),
        rows=[_row(line.name, line.figure, measure) for line in one.lines],
        together=_row(_("All"), one.together, measure),
    )


def better_in_words(measure: Measure) -> str:
    """Return which way is better."""
    return _("Lower is better.") if measure.better is Better.LOWER else _("Higher is better.")


def _row(name: str, figure: Figure, measure: Measure) -> FigureRow:
    return FigureRow(
        name=name,
        part="" if figure.part is None else str(figure.part),
        whole=str(figure.whole),
        value=value_in_words(figure.value, measure),
        high=value_in_words(figure.high, measure),
    )


def value_in_words(value: float | None, measure: Measure) -> str:
    """Return a value for a table: a share in per cent to one place, a number of days to half a one."""
    if value is None:
        return NOTHING
    if measure.unit is MeasureUnit.SHARE:
        return _("%s %%") % f"{value * HUNDRED:.1f}"
    return f"{value:g}"


def heard(one: ReportedMeasure) -> str:
    """Return what the drawing shows in a sentence, for whoever does not see it."""
    known = [line for line in one.lines if line.figure.value is not None]
    if not known:
        return _("There is nothing to draw.")
    least, most = min(known, key=_value), max(known, key=_value)
    return _("From %(least)s (%(where_least)s) to %(most)s (%(where_most)s); the table has every one.") % {
        "least": _spoken(least.figure.value, one.measure),
        "where_least": least.name,
        "most": _spoken(most.figure.value, one.measure),
        "where_most": most.name,
    }


def _value(line: ReportLine) -> float:
    return line.figure.value or 0


def _spoken(value: float | None, measure: Measure) -> str:
    if value is not None and measure.unit is MeasureUnit.DAYS:
        return ngettext("%(days)s day", "%(days)s days", 1 if value == 1 else 2) % {"days": f"{value:g}"}
    return value_in_words(value, measure)


def chart_of(one: ReportedMeasure, labels: Sequence[str]) -> Chart:
    """Return the drawing of a measure."""
    values = [line.figure.value for line in one.lines]
    top = top_of([value for value in values if value is not None])
    points = [
        Point(value=value, label=label, says=f"{line.name}: {_spoken(value, one.measure)}")
        for value, label, line in zip(values, labels, one.lines, strict=True)
    ]
    return drawn(points, scale=[(top * part, _scale(top * part, one.measure)) for part in QUARTERS])


def _scale(value: float, measure: Measure) -> str:
    return _("%s %%") % f"{value * HUNDRED:g}" if measure.unit is MeasureUnit.SHARE else f"{value:g}"
