"""Figures of a report in words: as the tables, the drawings and the CSV say them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.reports.measures import Better, Figure, Measure, MeasureUnit
from booking.reports.report_query import Dimension

NOTHING = "–"
HUNDRED = 100
MINUTES_AN_HOUR, MINUTES_A_DAY = 60, 24 * 60

TOLD_APART = {
    Dimension.WEEK: gettext_lazy("by week"),
    Dimension.PRACTITIONER: gettext_lazy("by practitioner"),
    Dimension.THERAPY: gettext_lazy("by therapy"),
    Dimension.PROGRAM: gettext_lazy("by program"),
    Dimension.SITE: gettext_lazy("by site"),
    Dimension.LANGUAGE: gettext_lazy("by language"),
    Dimension.AGE: gettext_lazy("by age"),
    Dimension.FAMILY: gettext_lazy("by patient or family"),
}
PART_NAMES = {
    Dimension.WEEK: gettext_lazy("Week from"),
    Dimension.PRACTITIONER: gettext_lazy("Practitioner"),
    Dimension.THERAPY: gettext_lazy("Therapy"),
    Dimension.PROGRAM: gettext_lazy("Program"),
    Dimension.SITE: gettext_lazy("Site"),
    Dimension.LANGUAGE: gettext_lazy("Language"),
    Dimension.AGE: gettext_lazy("Age at the appointment"),
    Dimension.FAMILY: gettext_lazy("Who"),
}
VALUES = {
    MeasureUnit.SHARE: gettext_lazy("Share"),
    MeasureUnit.TIMES: gettext_lazy("At once"),
    MeasureUnit.DAYS: gettext_lazy("Days"),
    MeasureUnit.MINUTES: gettext_lazy("How long"),
}
BETTER = {
    Better.LOWER: gettext_lazy("Lower is better."),
    Better.HIGHER: gettext_lazy("Higher is better."),
    Better.NEITHER: "",
}


def value_heading(measure: Measure) -> str:
    """Return what stands above the values of a measure."""
    if not measure.median:
        return str(VALUES[measure.unit])
    return _("Median, days") if measure.unit is MeasureUnit.DAYS else _("Median")


def part_in_words(figure: Figure, measure: Measure) -> str:
    """Return what was counted."""
    return "" if figure.part is None else counted_in_words(figure.part, measure)


def counted_in_words(number: int, measure: Measure) -> str:
    """Return a count, or minutes as hours."""
    return f"{number / MINUTES_AN_HOUR:.1f}" if measure.in_minutes else str(number)


def value_in_words(value: float | None, measure: Measure) -> str:
    """Return a value for a table."""
    if value is None:
        return NOTHING
    if measure.unit is MeasureUnit.SHARE:
        return _("%s %%") % f"{value * HUNDRED:.1f}"
    if measure.unit is MeasureUnit.MINUTES:
        return length_in_words(round(value))
    return f"{value:.2f}" if measure.unit is MeasureUnit.TIMES else f"{value:g}"


def spoken(value: float | None, measure: Measure) -> str:
    """Return a value within a sentence."""
    if value is not None and measure.unit is MeasureUnit.DAYS:
        return ngettext("%(days)s day", "%(days)s days", 1 if value == 1 else 2) % {"days": f"{value:g}"}
    return _("nothing to measure") if value is None else value_in_words(value, measure)


def length_in_words(minutes: int) -> str:
    """Return a length of time in its two greatest parts."""
    if minutes < MINUTES_AN_HOUR:
        return _("%d min") % minutes
    if minutes < 2 * MINUTES_A_DAY:
        return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return _("%(days)d d %(hours)d h") % {"days": minutes // MINUTES_A_DAY, "hours": minutes % MINUTES_A_DAY // 60}


def on_the_scale(value: float, measure: Measure) -> str:
    """Return a number that stands beside a line of a drawing."""
    if measure.unit is MeasureUnit.SHARE:
        return _("%s %%") % f"{value * HUNDRED:g}"
    return f"{value:g}"
