"""Patients of one practitioner who would lie in two parts of the building at once, after a room was moved to another.

Nobody is booked so. But what is booked stays when a room is said to be elsewhere, and whoever set the needles would not
hear the bell.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Site
from core.text.languages import time_in_words, when_in_words
from scheduler.models import Practitioner
from scheduler.search.presence import CLAIMS
from scheduler.sheets.edit_impact import NAMED, EditWarning

CODE = "patients-in-two-suites"
# Longer than anybody books ahead, so that no appointment is left out.
AHEAD = timedelta(days=730)

# By allocation: from its first minute with the practitioner to the last, since in between they have to be near.
TOGETHER = f"""{CLAIMS}
SELECT mine.practitioner_id, min(lower(mine.period)) AS starts, max(upper(mine.period)) AS ends, min(there.suite)
FROM mine JOIN there USING (allocation)
WHERE there.site_id = %(site)s
GROUP BY mine.practitioner_id, mine.allocation
ORDER BY mine.practitioner_id, starts
"""  # noqa: S608  (of constants)


class VisitInSuite(NamedTuple):
    """When a practitioner is with a patient, or near, and in which suite."""

    practitioner: int
    start: datetime
    end: datetime
    suite: str


def parted_patients(site: Site, *, at: datetime) -> tuple[EditWarning, ...]:
    """Return a warning that names who would have patients ahead in two suites of a site at once, and when."""
    names = dict(Practitioner.objects.filter(resources__sites=site).values_list("pk", "name"))
    found = sorted(_parted(_visits(site, list(names), at=at)), key=lambda pair: pair[0].start)
    if not found:
        return ()
    more = [_("and %(count)d more") % {"count": len(found) - NAMED}] if len(found) > NAMED else []
    pairs = [
        _("%(name)s, %(when)s and %(then)s")
        % {
            "name": names[first.practitioner],
            "when": when_in_words(first.start, site.tz),
            "then": time_in_words(second.start, site.tz),
        }
        for first, second in found[:NAMED]
    ]
    detail = ngettext(
        "Two appointments overlap and would be in different parts of the building: %(pairs)s. They stay booked: please "
        "find another time for one of them.",
        "Appointments overlap and would be in different parts of the building, %(count)d times: %(pairs)s. They stay "
        "booked: please find other times.",
        len(found),
    )
    return (EditWarning(code=CODE, detail=detail % {"count": len(found), "pairs": "; ".join([*pairs, *more])}),)


def _visits(site: Site, practitioners: list[int], *, at: datetime) -> list[VisitInSuite]:
    asked: dict[str, Any] = {
        "practitioners": practitioners, "site": site.pk, "start": at, "end": at + AHEAD, "at": at, "without": [],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TOGETHER, asked)
        return [VisitInSuite(*row) for row in cursor.fetchall()]


def _parted(visits: list[VisitInSuite]) -> Iterator[tuple[VisitInSuite, VisitInSuite]]:
    for n, first in enumerate(visits):
        for second in visits[n + 1 :]:
            if second.practitioner != first.practitioner or second.start >= first.end:
                break  # in order of their starts: none that follows meets the first
            if second.suite != first.suite:
                yield first, second
