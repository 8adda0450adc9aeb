"""The weeks to come in words, so that somebody finds a later one without turning every page before it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.text.languages import short_date_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLine:
    """A week to come in words: from which day on, and on how many days there are times; no `url` where on none."""

    name: str
    said: str
    url: str = ""


def weeks_ahead(free: Iterable[date], *, here: str) -> list[WeekLine]:
    """Return the weeks from the first to the last that has times; nothing where that is one week.

    `free`: the days that have times; `here`: the page's address, which takes further parameters.
    """
    weeks = defaultdict[date, list[date]](list)
    for day in sorted(free):
        weeks[day - timedelta(days=day.weekday())].append(day)
    if len(weeks) < 2:  # noqa: PLR2004  (one is no choice)
        return []
    mondays = [min(weeks) + timedelta(weeks=n) for n in range((max(weeks) - min(weeks)).days // 7 + 1)]
    return [_week(monday, weeks.get(monday, []), here=here) for monday in mondays]


def _week(monday: date, days: Sequence[date], *, here: str) -> WeekLine:
    name = _("Week of %(day)s") % {"day": short_date_in_words(monday)}
    if not days:
        return WeekLine(name=name, said=_("no free times"))
    said = ngettext("free times on %(count)d day", "free times on %(count)d days", len(days)) % {"count": len(days)}
    # From the first day that has times: nobody asked for its Monday, which may be full, or over.
    return WeekLine(name=name, said=said, url=f"{here}&start={days[0].isoformat()}")
