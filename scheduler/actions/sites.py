"""Sites and their opening hours: what is added is on sale at once, what is taken away names the visits it touches.

With `dry_run` everything is done, told, and undone.
"""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack

from core.database.locking import wait_for
from core.database.transactions import rehearsal
from core.models import Site
from core.principal import Principal
from core.updates import write
from scheduler.actions import holidays, sheets
from scheduler.actions.calendar_edits import (
    delete,
    impact_of_lost_time,
    impact_on_visits,
    lock,
    lock_with_owner,
)
from scheduler.actions.setup_ledger import added, noted, opening_hours_of
from scheduler.catalogue.checks import check_minutes, check_opening, check_site, phone_of_site
from scheduler.models import OpeningHours
from scheduler.sheets.closed_hours import left_outside
from scheduler.sheets.edit_impact import Impact
from scheduler.sheets.sheet_rows import LostTicks
from scheduler.ticks import week_of


class OpeningFields(TypedDict, total=False):
    """What can be changed of opening hours."""

    weekday: int
    opens: time
    closes: time


@added
def add_site(
    *,
    opening: tuple[Collection[int], time, time] | None = None,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
    **fields: Any,  # noqa: ANN401  (what a site has)
) -> Impact[Site]:
    """Add a site with these fields, and suggest the holidays of its first year. Raises Invalid.

    `opening`: on which ISO weekdays it is open, from when until when.
    """
    with rehearsal(only=dry_run):
        # The key has no row yet that could be locked; the column is unique as well.
        wait_for("keys of sites")
        check_site(fields)
        check_minutes(fields)
        fields["phone"] = phone_of_site(fields["phone"], fields["zone"])
        site = Site.objects.create(**fields)
        holidays.suggest_year(site, at=at)
        if opening:
            weekdays, opens, closes = opening
            add_opening_hours(site, weekdays=weekdays, opens=opens, closes=closes, by=by, at=at)
        return impact_on_visits(site, (), by=by, at=at)


@noted(opening_hours_of, locking=lock)
def add_opening_hours(
    site: Site,
    *,
    weekdays: Collection[int],
    opens: time,
    closes: time,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[OpeningHours]:
    """Open a site's places and devices on ISO weekdays, in its wall time; the row told is the first. Raises Invalid."""
    with rehearsal(only=dry_run):
        lock(site)
        check_opening(site, weekdays, opens, closes, on=_today(site, at=at))
        rows = [OpeningHours(site=site, weekday=day, opens=opens, closes=closes) for day in sorted(set(weekdays))]
        OpeningHours.objects.bulk_create(rows)
        return impact_of_lost_time(rows[0], _reopen(site, at=at), by=by, at=at)


@noted(locking=lock_with_owner)
def change_opening_hours(
    hours: OpeningHours, *, by: Principal, at: datetime, dry_run: bool = False, **sent: Unpack[OpeningFields]
) -> Impact[OpeningHours]:
    """Change these fields of opening hours and leave the rest as it stands. Raises Missing, Invalid."""
    with rehearsal(only=dry_run):
        lock_with_owner(hours)
        before = hours.weekday
        opens, closes = sent.get("opens", hours.opens), sent.get("closes", hours.closes)
        today = _today(hours.site, at=at)
        check_opening(hours.site, [sent.get("weekday", hours.weekday)], opens, closes, on=today, instead_of=hours)
        write(hours, **sent)
        left = left_outside(hours.site, [before, hours.weekday], on=today)
        return impact_of_lost_time(hours, _reopen(hours.site, at=at), by=by, at=at, warnings=left)


@noted(locking=lock_with_owner)
def remove_opening_hours(
    hours: OpeningHours, *, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[OpeningHours]:
    """Take opening hours away. Raises Missing."""
    with rehearsal(only=dry_run):
        lock_with_owner(hours)
        delete(hours)
        left = left_outside(hours.site, [hours.weekday], on=_today(hours.site, at=at))
        return impact_of_lost_time(hours, _reopen(hours.site, at=at), by=by, at=at, warnings=left)


def _today(site: Site, *, at: datetime) -> date:
    return at.astimezone(site.tz).date()


def _reopen(site: Site, *, at: datetime) -> list[LostTicks]:
    """Open anew what a site's opening hours touch from now on; return what was lost."""
    # The past stays as it was open: what took place then had cover.
    return sheets.reopen(sites=[site.pk], first=week_of(at))
