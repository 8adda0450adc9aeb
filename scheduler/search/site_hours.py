"""Whether a site is open for as long as a visit needs something of it, and else when it is, in words.

Places and devices are open when their site is: sheets are made from the same rows that are read here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.text.languages import localized, near_day_in_words, time_in_words
from scheduler.calendars.hours import days_filled
from scheduler.calendars.open_hours import Calendar, open_hours
from scheduler.calendars.site_opening import opening_periods
from scheduler.catalogue import Offer
from scheduler.search.availability import Availability
from scheduler.ticks import TICK, TICKS_A_WEEK, erode

LOOKED_AHEAD = timedelta(days=28)
"""How far ahead it is looked for when a site opens again by its weekly hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOpening:
    """That a site is not open as long as a visit needs it; `from_the_start`: it is closed when that would begin."""

    from_the_start: bool
    detail: str


def outside_opening(available: Availability, offer: Offer, begins: datetime) -> OutsideOpening | None:
    """Say that a site is closed for a part of what a visit needs of it, by its opening hours; None where it is not."""
    start, needed = available.frame.only(begins), _ticks_needed(available, offer)
    free = available.places(offer.site) & available.devices(offer.site)
    # Most starts have what they need: of these nothing more is read.
    if not needed or free & start:
        return None
    open_ticks = _open(available, offer.site)
    if erode(open_ticks, needed) & start:
        return None
    if not open_ticks & start:
        return OutsideOpening(from_the_start=True, detail=_closed_then(available, offer, begins))
    # The first tick is the highest bit: of those after the start that are closed, the highest is when it closes.
    closes = available.frame.at(available.frame.total - (~open_ticks & (start - 1)).bit_length())
    return OutsideOpening(from_the_start=False, detail=_too_long(available, offer, begins, closes))


def _ticks_needed(available: Availability, offer: Offer) -> int:
    """Return for how many ticks a visit needs a place, or a device until that one is clean; 0 where it needs none."""
    plan = available.plan
    cleaned = [
        min((unit.reprocess for unit in available.catalogue.units.get((offer.site, pool), ())), default=0)
        for pool in plan.pools
    ]
    return max([plan.tick_plan.place if plan.features else 0, *(plan.tick_plan.patient + one for one in cleaned)])


def _open(available: Availability, site: int) -> int:
    """Return the ticks in which a site is open, as the sheets of its places are made."""
    calendar, weeks = Calendar(site=site), available.frame.weeks
    known, found = open_hours([calendar], weeks), 0
    for week in weeks:
        found = found << TICKS_A_WEEK | known.ticks(calendar, week).all
    return found


def _closed_then(available: Availability, offer: Offer, begins: datetime) -> str:
    name, zone = _site(available, offer)
    day = begins.astimezone(zone).date()
    first, last = days_filled(day, day, zone=zone)
    if today := opening_periods(offer.site, at=first, until=last):
        stretches = [
            _("%(start)s to %(end)s") % {"start": time_in_words(start, zone), "end": time_in_words(end, zone)}
            for start, end in today
        ]
        said = _("%(site)s is closed at this time. On that day it is open %(hours)s.")
        return said % {"site": name, "hours": ", ".join(stretches)}
    facts = {"site": name, "day": near_day_in_words(day)}
    again = next(iter(opening_periods(offer.site, at=last, until=last + LOOKED_AHEAD)), None)
    if again is None:
        return _("%(site)s is closed on %(day)s, and in the weeks after.") % facts
    facts |= {"next": near_day_in_words(again[0].astimezone(zone).date()), "time": time_in_words(again[0], zone)}
    return _("%(site)s is closed on %(day)s. It opens again on %(next)s, %(time)s.") % facts


def _too_long(available: Availability, offer: Offer, begins: datetime, closes: datetime) -> str:
    name, zone = _site(available, offer)
    facts = {"site": name, "time": time_in_words(closes, zone)}
    if begins + available.plan.tick_plan.patient * TICK > closes:
        return _("This does not fit before %(time)s, when %(site)s closes.") % facts
    return _("%(site)s closes at %(time)s, and what is used has to be made ready again before.") % facts


def _site(available: Availability, offer: Offer) -> tuple[str, ZoneInfo]:
    card = available.catalogue.sites[offer.site]
    return localized(card.name), card.tz
