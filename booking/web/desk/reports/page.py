"""The pages of reports: measures of a site over some days, drawn, in tables, and to take along as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.reports.groups import GROUPS, NEXT, dimensions_of
from booking.reports.lines import ReportedMeasure, measured
from booking.reports.periods import LAST_WEEKS, ReportDays, UnusableDates, ended_quarters
from booking.reports.report_query import Dimension, ReportQuery
from booking.web.desk.reports import words
from booking.web.desk.reports.asked import QUARTERS, ReportAddress, address_of
from booking.web.desk.reports.shown import shown
from booking.web.desk.shell import Desk, desk_page
from core.accounts.principals import principal_of
from core.http.csv_download import Cell, csv_download
from core.rights import Action
from core.text.languages import date_in_words, month_in_words

Link = tuple[str, str, bool]
"""Where it leads, what it says, and whether that is what is shown."""


@desk_page(Action.SEE_REPORTS)
def reports(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show the measures of a site over some days."""
    asked, wrong = address_of(request.GET), ""
    context: dict[str, Any] = {"desk": desk, "asked": asked, "now": asked.about == NEXT}
    try:
        query = asked.query(desk.site, by=principal_of(request), at=at)
    except UnusableDates as unusable:
        wrong = unusable.words
    else:
        context |= _found(query, asked, desk)
    context |= {
        "wrong": wrong,
        "groups": _groups(asked, desk),
        "parts": _parts(asked, desk),
        "spans": list(_spans(asked, desk)),
        "csv": f"{reverse('desk-reports-csv')}?{_parameters(asked, desk)}",
    }
    return render(
        request, "booking/desk/reports.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else 200
    )


def _found(query: ReportQuery, asked: ReportAddress, desk: Desk) -> dict[str, Any]:
    found = measured(asked.about, query, sites=desk.sites)
    return {
        "measures": [shown(one, _dimension(asked)) for one in found],
        "nothing": not any(one.together.whole if one.together else one.lines for one in found),
        "first": date_in_words(query.days.first_on),
        "last": date_in_words(query.days.last_on),
    }


@desk_page(Action.SEE_REPORTS)
def as_csv(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Give the same measures out as one table with plain numbers."""
    asked = address_of(request.GET)
    try:
        query = asked.query(desk.site, by=principal_of(request), at=at)
    except UnusableDates:
        return reports(request)
    when = _as_of(desk) if asked.about == NEXT else _over(query.days)
    heading = (
        _("Measure"), *when, str(words.PART_NAMES[_dimension(asked)]), _("Name"), _("Counted"), _("Of"),
        _("Value"), _("Nine of ten within"), _("Unit"), _("Meaning"),
    )  # fmt: skip
    days = tuple(when.values())
    rows = [row for one in measured(asked.about, query, sites=desk.sites) for row in _cells(one, days)]
    name = "-".join(["reports", asked.about, desk.site.key, *map(str, days)])
    return csv_download(f"{name}.csv", heading, rows)


def _dimension(asked: ReportAddress) -> Dimension:
    """Return by what the lines of a table are told apart."""
    return Dimension.THERAPY if asked.about == NEXT else asked.dimension


def _over(days: ReportDays) -> dict[str, date]:
    """Return which days a measure is of, by the headings of their columns."""
    return {_("From"): days.first_on, _("Until"): days.last_on}


def _as_of(desk: Desk) -> dict[str, date]:
    """Return the day of which what holds now is true: it is of no other, whichever the page showed before."""
    return {_("As of"): desk.today}


def _cells(one: ReportedMeasure, days: Sequence[date]) -> Iterator[Sequence[Cell]]:
    lines = [(line.part.key, line.part.name, line.figure) for line in one.lines]
    together = [("all", _("All"), one.together)] if one.together or one.few else []
    for key, name, figure in [*lines, *together]:
        about: tuple[Cell, ...] = (str(one.measure.name), *days, key, name)
        unit = (one.measure.unit.value, str(one.measure.meaning))
        if figure is None:
            yield *about, None, None, _("not shown"), None, *unit
        else:
            value, high = (None if number is None else round(number, 4) for number in (figure.value, figure.high))
            yield *about, figure.part, figure.whole, value, high, *unit


def _address(asked: ReportAddress, desk: Desk) -> str:
    return f"{reverse('desk-reports')}?{_parameters(asked, desk)}"


def _parameters(asked: ReportAddress, desk: Desk) -> str:
    return urlencode({"site": desk.site.key} | asked.parameters())


def _groups(asked: ReportAddress, desk: Desk) -> list[Link]:
    named = [(one.key, str(one.name)) for one in GROUPS.values()] + [(NEXT, _("Third next available"))]
    return [
        (_address(address_of(asked.parameters() | {"about": key}), desk), name, key == asked.about)
        for key, name in named
    ]


def _parts(asked: ReportAddress, desk: Desk) -> list[Link]:
    found = [one for one in dimensions_of(asked.about) if one is not Dimension.SITE or len(desk.sites) > 1]
    return [
        (_address(replace(asked, dimension=one), desk), str(words.TOLD_APART[one]), one is asked.dimension)
        for one in found
    ]


def _spans(asked: ReportAddress, desk: Desk) -> Iterator[Link]:
    if asked.of_people:
        for number, days in enumerate(ended_quarters(QUARTERS, today=desk.today)):
            said = _("%(first)s to %(last)s %(year)d") % {
                "first": month_in_words(days.first_on),
                "last": month_in_words(days.last_on),
                "year": days.last_on.year,
            }
            yield _address(replace(asked, quarter=number), desk), said, number == asked.quarter
        return
    for weeks in LAST_WEEKS:
        said = ngettext("Last %(count)d week", "Last %(count)d weeks", weeks) % {"count": weeks}
        yield _address(replace(asked, weeks=weeks, first="", last=""), desk), said, weeks == asked.weeks
