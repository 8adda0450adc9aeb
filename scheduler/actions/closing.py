"""Closing a site or a therapy there from a day on, and opening it again, as the desk does it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Missing
from scheduler.actions import calendars
from scheduler.calendars.closed_times import ClosedTime, of_closure
from scheduler.models import Closure, Therapy

A_DAY = timedelta(days=1)


@unit
def close_from(
    site: Site,
    *,
    therapy: str,
    first_on: date,
    last_on: date | None,
    name: str,
    by: Principal,
    at: datetime,
    starts: time | None = None,
    ends: time | None = None,
) -> ClosedTime:
    """Close a site, or one therapy (its key) there, until a day or further notice. Raises Invalid, ClosureClash.

    From `starts` on the first day, until `ends` on the last, or all of these days.
    """
    given = Therapy.objects.filter(key=therapy).first() if therapy else None
    if therapy and given is None:
        raise Invalid(_("There is no such therapy."), pointer="/therapy")
    times: dict[str, Any] = {"first_on": first_on, "last_on": last_on, "starts": starts, "ends": ends}
    made = calendars.add_closure(site, therapy=given, name=name, by=by, at=at, **times)
    return of_closure(made.row, site.tz)


@unit
def open_from(closure: UUID, site: Site, *, day: date, by: Principal, at: datetime) -> None:
    """Let a closure of a site end before a day: one that begins later is taken away. Raises Missing, Invalid."""
    row = Closure.objects.select_related("site", "therapy").filter(public_id=closure, site=site).first()
    if row is None:
        raise Missing
    if row.last_on is not None and day > row.last_on:
        raise Invalid(_("It is open from that day on already."), pointer="/day")
    if day <= row.first_on:
        calendars.remove_closure(row, by=by, at=at)
    else:
        calendars.change_closure(row, last_on=day - A_DAY, ends=None, by=by, at=at)
