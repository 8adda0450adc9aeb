"""Why there is no time on a day: the clinic is closed, all of it is taken, or nobody gives it then."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.calendars.public_holidays import public_holidays
from scheduler.catalogue import Catalogue, catalogue
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.parts import parts
from scheduler.search.queries import plan_and_offers
from scheduler.search.reading import allowed, days_at
from scheduler.search.search_query import SearchQuery
from scheduler.ticks import weeks_between


class WhyEmpty(StrEnum):
    """Why there is no time on a day."""

    FULL = "full"
    CLOSED = "closed"
    NOT_OPEN = "not-open"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyDay:
    """A day without a time: `CLOSED` by a closure, `NOT_OPEN` as on each such weekday; `holiday`: its name, if any."""

    day: date
    why: WhyEmpty
    holiday: str = ""


def empty_days(query: SearchQuery, days: Collection[date], *, at: datetime) -> list[EmptyDay]:
    """Say of days on which a search finds nothing why that is, in order; by the clocks of the sites asked for.

    Fully booked is a day on which somebody works who gives it, as far as whoever asks may book: time that is kept for
    others does not count, so that nobody learns of it.
    """
    known = catalogue()
    _plan, offers = plan_and_offers(query, known, at=at)
    sites = {offer.site for offer in offers}
    opening = {day for day in days if any(known.business_days[site].opens_on(day) for site in sites)}
    full = {day for part, now in parts(query) for day in _worked(part, now, opening, at=at)} if opening else set()
    return [_why(day, sites, known, full=day in full, opens=day in opening) for day in sorted(days)]


def _why(day: date, sites: Collection[int], known: Catalogue, *, full: bool, opens: bool) -> EmptyDay:
    if full:
        return EmptyDay(day=day, why=WhyEmpty.FULL)
    if opens or not sites:
        return EmptyDay(day=day, why=WhyEmpty.NOBODY)
    if not any(known.business_days[site].is_weekday_open(day) for site in sites):
        return EmptyDay(day=day, why=WhyEmpty.NOT_OPEN, holiday=_holiday(day, sites, known))
    return EmptyDay(day=day, why=WhyEmpty.CLOSED, holiday=_holiday(day, sites, known))


def _holiday(day: date, sites: Collection[int], known: Catalogue) -> str:
    """Return the name of a public holiday on which a site is closed; what else staff call a closure is theirs."""
    closing = (one for site in sites for one in known.closed.get(site, ()) if one.in_sheets)
    names = {one.name for one in closing}
    states = {known.sites[site].state for site in sites}
    found = (public_holidays(state, day, day).get(day, "") for state in sorted(states))
    return next((name for name in found if name and name[:120] in names), "")


def _worked(query: SearchQuery, known: Catalogue, days: Collection[date], *, at: datetime) -> Iterator[date]:
    """Yield those of some days on which somebody works who gives it, for whoever asks, whether or not it is taken."""
    plan, offers = plan_and_offers(query, known, at=at)
    if not offers:
        return
    zones = [known.sites[offer.site].tz for offer in offers]
    first = min(datetime.combine(min(days), datetime.min.time(), zone) for zone in zones)
    last = max(datetime.combine(max(days) + timedelta(days=2), datetime.min.time(), zone) for zone in zones)
    moving = (query.moving,) if query.moving else ()
    frame = Frame(tuple(weeks_between(first, last)))
    available = Availability(known, plan, offers, at, frame, moving, query.audience)
    available.load(frame.weeks, presence=False)
    starts: dict[int, int] = {}
    for offer, hours in available.each_in_hours():
        starts[offer.site] = starts.get(offer.site, 0) | hours
    for site, worked in starts.items():
        open_then = worked & allowed(query, available, site)
        for one in known.closed_for(site, plan.therapy):
            if one.touches(*frame.period):
                open_then &= ~frame.between(*one.within(frame.period))
        yield from (day for day, since, until in days_at(available, site) if open_then & frame.between(since, until))
