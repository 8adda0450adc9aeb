"""The pages of a week, for each who treats, and of a month, for all of them."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from booking.web.desk.board.stretch import CalendarDays, calendar_rows, month_of, week_of
from booking.web.desk.shell import A_DAY, Desk, desk_page
from core.accounts.principals import principal_of
from core.rights import Action
from core.text.languages import date_in_words, month_in_words, weekday_in_words


@desk_page(Action.SEE_CALENDAR)
def week(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show how full each day of a week is for each who treats, and where they are free."""
    first, last = week_of(desk.on)
    context = {
        "desk": desk,
        "stretch": CalendarDays(site=desk.site, first_on=first, last_on=last, by=principal_of(request), at=at),
        "first": date_in_words(first),
        "last": date_in_words(last),
        "links": _links(desk, "desk-week", before=first - A_DAY, after=last + A_DAY),
    }
    return render(request, "booking/desk/week.html", context)


@desk_page(Action.SEE_CALENDAR)
def month(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show how full each day of a month is."""
    first, last = month_of(desk.on)
    stretch = CalendarDays(site=desk.site, first_on=first, last_on=last, by=principal_of(request), at=at)
    monday = week_of(first)[0]
    context = {
        "desk": desk,
        "rows": calendar_rows(first, stretch.all_together),
        "weekdays": [weekday_in_words(monday + n * A_DAY) for n in range(7)],
        "month": f"{month_in_words(first)} {first.year}",
        "links": _links(desk, "desk-month", before=first - A_DAY, after=last + A_DAY),
    }
    return render(request, "booking/desk/month.html", context)


def _links(desk: Desk, page: str, *, before: date, after: date) -> dict[str, str]:
    site = f"?site={desk.site.key}"
    here = f"{reverse(page)}{site}"
    return {
        "before": f"{here}&day={before}",
        "now": here,
        "after": f"{here}&day={after}",
        "board": f"{reverse('desk')}{site}&day={desk.on}",
        "week": f"{reverse('desk-week')}{site}&day={desk.on}",
        "month": f"{reverse('desk-month')}{site}&day={desk.on}",
    }
