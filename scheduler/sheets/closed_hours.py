"""Working hours outside of a site's opening hours: they stand, and no place is free in them."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from core.models import Site
from scheduler.intervals_in_words import interval_in_words
from scheduler.models import OpeningHours, WorkingHours
from scheduler.models.calendars import Weekday
from scheduler.sheets.edit_impact import EditWarning
from scheduler.wall_time import Interval, outside

CODE = "outside-opening-hours"


def outside_opening_hours(hours: WorkingHours, *, on: date) -> tuple[EditWarning, ...]:
    """Return a warning when working hours lie outside of what the site is open on their weekday from a day on."""
    opened = _opened(hours.site_id, hours.weekday, on=max(on, hours.valid_from))
    left = outside((hours.starts, hours.ends), opened)
    if not left:
        return ()
    told = {"site": _name(hours.site), "day": Weekday(hours.weekday).label, "hours": _texts(left)}
    said = _(
        "%(site)s is not open on %(day)s %(hours)s: no appointment that needs a room can be booked then. "
        "Change these hours or the opening hours."
    )
    return (EditWarning(code=CODE, detail=said % told),)


def left_outside(site: Site, weekdays: Iterable[int], *, on: date) -> tuple[EditWarning, ...]:
    """Return a warning for each practitioner who from `on` works on these weekdays while the site is not open."""
    # Hours of the past need no warning.
    rows = WorkingHours.objects.filter(site=site, weekday__in=set(weekdays)).exclude(valid_to__lte=on)
    found = []
    for hours in rows.select_related("practitioner").order_by("weekday", "starts", "pk"):
        if left := outside((hours.starts, hours.ends), _opened(site.pk, hours.weekday, on=max(on, hours.valid_from))):
            told = {"name": hours.practitioner.name, "site": _name(site), "hours": _texts(left)}
            said = _(
                "%(name)s works at %(site)s on %(day)s %(hours)s, when it is not open: no appointment that needs a "
                "room can be booked then."
            )
            found.append(EditWarning(code=CODE, detail=said % {**told, "day": Weekday(hours.weekday).label}))
    return tuple(found)


def _opened(site: int, weekday: int, *, on: date) -> list[Interval]:
    rows = OpeningHours.objects.filter(site=site, weekday=weekday).exclude(valid_to__lte=on).exclude(valid_from__gt=on)
    return list(rows.values_list("opens", "closes"))


def _name(site: Site) -> str:
    return str(site.name.get("en", site.key))


def _texts(left: Iterable[Interval]) -> str:
    return ", ".join(interval_in_words(*one) for one in left)
