"""The next free times of a therapy, small enough for a frame on the hospital's own pages.

Each day leads to where its times are chosen, in the whole window. What the frame is told (site, kind of appointment,
language, `source`) goes along. Nothing is kept and nobody is known here: a frame on another website has no cookies.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from booking.web.labels import therapy_in_words
from booking.web.link_language import LANG, LANGUAGE, of_link
from booking.web.responses import refusals_as_pages
from booking.web.times_list import address
from booking.web.times_query import audience_of_patient
from core import clock
from core.http.embedding import framed, source_of
from core.text.languages import near_day_in_words, time_in_words, zone_in_words
from scheduler import public as scheduler
from scheduler.public import DayLoad, NotOffered, SearchQuery, SiteCard, TherapyCard

AHEAD = timedelta(days=28)
MOST_DAYS = 4
FRESH_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDay:
    """A day with its first time and how many there are; `url` leads to them."""

    day: str
    first: str
    count: str
    url: str


@framed
@cache_control(max_age=FRESH_SECONDS, public=True)
@require_safe
@refusals_as_pages
def next_times(request: HttpRequest, therapy: str) -> HttpResponse:
    """Show the next days with free times, each with the first of them."""
    at = clock.now()
    card = _card(therapy, at=at)
    visit, technique = _way(card, request.GET.get("visit", ""), request.GET.get("technique", ""))
    site = next((one for one in scheduler.sites().values() if one.key == request.GET.get("site")), None)
    asked = {"visit": visit, "technique": technique, "site": site.key if site else ""}
    asked |= {"source": source_of(request), LANG: of_link(request.GET, LANG, LANGUAGE)}
    query = SearchQuery(
        therapy=therapy,
        visit=visit,
        technique=technique,
        starts_at=at,
        ends_at=at + AHEAD,
        audience=audience_of_patient(None, at=at),
        sites=frozenset({site.id}) if site else None,
    )
    place = reverse("times", args=[therapy])
    context = {
        "name": therapy_in_words(card.name, technique),
        "days": list(_days(scheduler.days(query, at=at)[:MOST_DAYS], place, asked, site)),
        "all": address(place, asked),
    }
    return render(request, "booking/next_times.html", context)


def _card(therapy: str, *, at: datetime) -> TherapyCard:
    """Return a therapy that patients book themselves. Raises NotOffered."""
    found = next((one for one in scheduler.therapies(at=at) if one.key == therapy and one.self_bookable), None)
    if found is None or not found.minutes:
        raise NotOffered
    return found


def _way(card: TherapyCard, visit: str, technique: str) -> tuple[str, str]:
    """Return the kind of appointment and the technique that are asked for, or those that come first."""
    ways = [one for one in card.minutes if visit in ("", one[0]) and technique in ("", one[1])]
    return (ways or list(card.minutes))[0]


def _days(loads: Iterable[DayLoad], place: str, asked: dict[str, str], site: SiteCard | None) -> Iterable[NextDay]:
    zones = {one.zone: one.tz for one in scheduler.sites().values()}
    zone = site.tz if site else next(iter(zones.values()))
    for load in loads:
        count = ngettext("%(count)d time", "%(count)d times", load.starts) % {"count": load.starts}
        first = time_in_words(load.first, zone)
        yield NextDay(
            day=near_day_in_words(load.day),
            first=first if len(zones) == 1 or site else f"{first}, {zone_in_words(zone)}",
            count=count,
            url=address(place, asked | {"day": load.day.isoformat()}),
        )
