"""Measures of family time at the desk, in words and as a table to take along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.families.family_measures import BY, FamilyMeasure, held_time, measures
from booking.web.desk.shell import Desk, desk_page
from core.accounts.principals import principal_of
from core.http.csv_download import csv_download
from core.rights import Action
from core.text.languages import date_in_words
from core.text.typed_dates import iso_date

WEEKS = (4, 8, 13, 26)
USUAL_WEEKS, USUAL_BY = 8, "block"
NAMES = {"block": gettext_lazy("Block"), "practitioner": gettext_lazy("Practitioner"), "week": gettext_lazy("Week")}
CHOICES = {
    "block": gettext_lazy("by block"),
    "practitioner": gettext_lazy("by practitioner"),
    "week": gettext_lazy("by week"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """A line of the table, in words."""

    name: str
    times: int
    held: str
    claimed: str
    claim_rate: str
    wasted: str
    hold_waste: str
    to_claim: str


@desk_page(Action.RESERVE_SEATS)
def page(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show what became of kept time in the last weeks."""
    weeks, by = _weeks(request), _by(request)
    context = {
        "desk": desk,
        "rows": [_row(one, by) for one in _found(request, desk, at=at)],
        "first": NAMES[by],
        "since": date_in_words(_since(desk, weeks, at=at).date()),
        "links": [(_address(request, by=one), words, one == by) for one, words in CHOICES.items()],
        "spans": [(_address(request, weeks=one), _weeks_in_words(one), one == weeks) for one in WEEKS],
        "csv": f"{reverse('desk-family-measures-csv')}?{_query(request, {})}",
    }
    return render(request, "booking/desk/family_measures.html", context)


@desk_page(Action.RESERVE_SEATS)
def as_csv(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Give the same table out, with plain numbers."""
    by = _by(request)
    heading = (
        str(NAMES[by]), _("Times"), _("Held minutes"), _("Claimed minutes"), _("Claim rate"),
        _("Minutes released and never booked"), _("Hold waste"), _("Median hours to claim"),
    )  # fmt: skip
    rows = [_cells(one) for one in _found(request, desk, at=at)]
    return csv_download(f"family-time-{desk.site.key}-{by}-{desk.today:%Y-%m-%d}.csv", heading, rows)


def _cells(one: FamilyMeasure) -> Sequence[str | int | float | date | None]:
    hours = None if one.time_to_claim is None else round(one.time_to_claim / timedelta(hours=1), 1)
    rates = [None if rate is None else round(rate, 4) for rate in (one.claim_rate, one.hold_waste)]
    return one.name or _("All"), one.times, one.held, one.claimed, rates[0], one.wasted, rates[1], hours


def _found(request: HttpRequest, desk: Desk, *, at: datetime) -> list[FamilyMeasure]:
    since = _since(desk, _weeks(request), at=at)
    by = principal_of(request)
    return measures(held_time(desk.site, since, by=by, at=at, single=_("Times kept by themselves")), _by(request))


def _since(desk: Desk, weeks: int, *, at: datetime) -> datetime:
    """Return the Monday so many weeks ago, by the clock of the site: whole weeks are compared."""
    monday = desk.today - timedelta(days=desk.today.weekday(), weeks=weeks)
    return datetime.combine(monday, at.min.time(), desk.site.tz)


def _weeks(request: HttpRequest) -> int:
    asked = request.GET.get("weeks", "")
    return int(asked) if asked in map(str, WEEKS) else USUAL_WEEKS


def _by(request: HttpRequest) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in BY else USUAL_BY


def _address(request: HttpRequest, **other: object) -> str:
    return f"{reverse('desk-family-measures')}?{_query(request, other)}"


def _query(request: HttpRequest, other: dict[str, Any]) -> str:
    site = {"site": request.GET["site"]} if "site" in request.GET else {}
    return urlencode(site | {"by": _by(request), "weeks": _weeks(request)} | other)


def _weeks_in_words(weeks: int) -> str:
    return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}


def _row(one: FamilyMeasure, by: str) -> MeasureRow:
    name = date_in_words(iso_date(one.name)) if by == "week" and one.name else one.name
    return MeasureRow(
        name=name or _("All"),
        times=one.times,
        held=_minutes(one.held),
        claimed=_minutes(one.claimed),
        claim_rate=_percent(one.claim_rate),
        wasted=_minutes(one.wasted),
        hold_waste=_percent(one.hold_waste),
        to_claim=_wait(one.time_to_claim),
    )


def _minutes(minutes: int) -> str:
    return _("%(hours)d\u00a0h\u00a0%(minutes)02d\u00a0min") % {"hours": minutes // 60, "minutes": minutes % 60}


def _percent(rate: float | None) -> str:
    return "–" if rate is None else _("%d\u00a0%%") % round(rate * 100)


def _wait(wait: timedelta | None) -> str:
    if wait is None:
        return "–"
    hours = round(wait / timedelta(hours=1))
    if hours < 48:  # noqa: PLR2004  (two days)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", round(hours / 24)) % {"count": round(hours / 24)}
