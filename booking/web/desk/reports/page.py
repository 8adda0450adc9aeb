"""The page of reports: measures of a site over some days, drawn, in tables, and to take along as CSV."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.reports.lines import ReportedMeasure, visits_report
from booking.reports.periods import LAST_WEEKS, ReportDays, UnusableDates, last_weeks, typed_days
from booking.web.desk.reports.words import shown
from booking.web.desk.shell import Desk, desk_page
from core.accounts.principals import principal_of
from core.http.csv_download import Cell, csv_download
from core.rights import Action
from core.text.languages import date_in_words, short_date_in_words


@desk_page(Action.SEE_REPORTS)
def reports(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show the measures of a site over some days."""
    wrong, days = "", last_weeks(LAST_WEEKS[0], today=desk.today)
    try:
        days = days_asked(request, desk)
    except UnusableDates as unusable:
        wrong = unusable.words
    found = [] if wrong else visits_report(desk.site, days, by=principal_of(request), at=at)
    labels = [short_date_in_words(monday) for monday in days.mondays]
    context = {
        "desk": desk,
        "wrong": wrong,
        "measures": [shown(one, labels) for one in found],
        "nothing": not any(one.together.whole for one in found),
        "first": date_in_words(days.first_on),
        "last": date_in_words(days.last_on),
        "spans": list(_spans(request, desk)),
        "typed": {name: request.GET.get(name, "") for name in ("from", "until")},
        "csv": f"{reverse('desk-reports-csv')}?{_query(request, desk, **_asked(request))}",
    }
    return render(
        request, "booking/desk/reports.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else 200
    )


@desk_page(Action.SEE_REPORTS)
def as_csv(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Give the same measures out as one table with plain numbers."""
    try:
        days = days_asked(request, desk)
    except UnusableDates:
        return reports(request)
    found = visits_report(desk.site, days, by=principal_of(request), at=at)
    heading = (
        _("Measure"), _("From"), _("Until"), _("Week"), _("Counted"), _("Of"), _("Value"), _("Nine of ten within"),
        _("Unit"), _("Meaning"),
    )  # fmt: skip
    rows = [row for one in found for row in _cells(one, days)]
    name = f"reports-{desk.site.key}-{days.first_on}-{days.last_on}.csv"
    return csv_download(name, heading, rows)


def _cells(one: ReportedMeasure, days: ReportDays) -> Iterator[Sequence[Cell]]:
    for key, figure in [*((line.key, line.figure) for line in one.lines), (_("All"), one.together)]:
        value, high = (None if number is None else round(number, 4) for number in (figure.value, figure.high))
        counted = (key, figure.part, figure.whole, value, high)
        yield str(one.measure.name), days.first_on, days.last_on, *counted, one.measure.unit, str(one.measure.meaning)


def days_asked(request: HttpRequest, desk: Desk) -> ReportDays:
    """Return the days in the address: the last four weeks where none are named. Raises UnusableDates."""
    first, last = (request.GET.get(name, "") for name in ("from", "until"))
    if first.strip() or last.strip():
        return typed_days(first, last, today=desk.today)
    asked = request.GET.get("weeks", "")
    weeks = int(asked) if asked in map(str, LAST_WEEKS) else LAST_WEEKS[0]
    return last_weeks(weeks, today=desk.today)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("from", "until", "weeks") if request.GET.get(name)}


def _spans(request: HttpRequest, desk: Desk) -> Iterator[tuple[str, str, bool]]:
    asked = _asked(request)
    chosen = asked.get("weeks", str(LAST_WEEKS[0])) if not {"from", "until"} & asked.keys() else ""
    for weeks in LAST_WEEKS:
        words = ngettext("Last %(count)d week", "Last %(count)d weeks", weeks) % {"count": weeks}
        yield f"{reverse('desk-reports')}?{_query(request, desk, weeks=str(weeks))}", words, chosen == str(weeks)


def _query(request: HttpRequest, desk: Desk, **other: str) -> str:
    site = {"site": desk.site.key} if "site" in request.GET else {}
    return urlencode(site | other)
