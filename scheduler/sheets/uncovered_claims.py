"""Which live claims stand without cover now: on time that is not open, or on what is out of use.

This is the one judge of cover. An edit asks it what it has left without cover; lists and reminders ask it later.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from scheduler.calendars.closed_times import ClosedTimes, newly_read, read_last
from scheduler.models import CoverEdit
from scheduler.sheets.sql import UNCOVERED

NO_EDIT_SINCE = "NOT EXISTS (SELECT FROM scheduler_coveredit AS edit WHERE edit.id <> ALL(%(edits)s))"
"""Nothing that may take cover away was committed since `edits` was read: for statements that begin under a lock."""


def edits() -> tuple[int, ...]:
    """Return the ids of the latest edits that may have taken cover away. Read before cover is asked for."""
    # A set of ids, not the latest: of two edits at once the one with the smaller id may commit last.
    return tuple(CoverEdit.objects.order_by("pk").values_list("pk", flat=True))


def uncovered_allocations(allocations: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Return those of these allocations that stand, after `at`, without cover.

    That is: on time which is not open (hours, absences, closures of a site or of a therapy there), or with a
    practitioner, lane, place, device, site, therapy or offer that is out of use, or in a place that lacks what the
    visit needs.
    """
    known = read_last()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(UNCOVERED, {"allocations": list(allocations), "at": at, **_closed(known)})
            found = cursor.fetchall()
        # The statement saw one state of the catalogue, the closed times are of another: asked again, in the rare case.
        if (known.stamp, True) in found:
            return frozenset(allocation for allocation, is_stamp in found if not is_stamp)
        known = newly_read()


def _closed(known: ClosedTimes) -> dict[str, list[Any]]:
    """Return the closed times of which the sheets know nothing, as UNCOVERED takes them."""
    rows = [one for here in known.by_site.values() for one in here if not one.in_sheets]
    return {
        "closed_sites": [one.site for one in rows],
        "closed_therapies": [one.therapy for one in rows],
        "closed_from": [one.starts for one in rows],
        "closed_until": [one.ends for one in rows],
    }
