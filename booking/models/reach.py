"""Whom staff of a program know: when an enrolment counts, and when a family link does. Each said once, as a query."""

from datetime import datetime

from django.db.models import F, Q

from booking.families.status import FamilyState
from core.database.compiled import Argument


def in_force(at: datetime | Argument | None, *, of: str = "") -> Q:
    """Return which enrolments count at a time; without one, those that never end. `of`: the way to them, `rows__`."""
    endless = Q(**{f"{of}ends_at": None})
    return endless if at is None else endless | Q(**{f"{of}ends_at__gt": at})


def link_in_force(at: datetime | Argument | None, *, of: str = "") -> Q:
    """Return which family links open time for families; without a time none, as each has an end. `of`: as above."""
    if at is None:
        return Q(pk__in=[])
    return Q(**{f"{of}state": FamilyState.ACTIVE, f"{of}ends_at__gt": at})


def family_of_enrolled(at: datetime | Argument | None, *, links: str, enrolments: str = "") -> Q:
    """Return which links and enrolments, together, put a relative in reach of a program's staff.

    As long as the link is in force and the patient is enrolled; in a year of grace it lasts beyond the enrolment, if
    that had not ended before the patient had a family here. `links`, `enrolments`: the ways to either.
    """
    lasted = Q(**{f"{enrolments}ends_at__gte": F(f"{links}confirmed_at")})
    in_grace = Q(**{f"{links}grace_at__isnull": False}) & lasted
    return link_in_force(at, of=links) & (in_force(at, of=enrolments) | in_grace)
