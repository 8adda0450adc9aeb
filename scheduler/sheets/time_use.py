"""How a site's time was used: worked, with hands taken, with anybody there; and its places, open and taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.models import Site
from scheduler.calendars.hours import Period
from scheduler.sheets.sql import USED_BY_PEOPLE, USED_PLACES
from scheduler.ticks import TICK, TICK_MINUTES, TICKS_A_WEEK, tick_of, weeks_between


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTimeUse:
    """Minutes of a practitioner (their number) in a part of some time (its number).

    `works`: hours less absences and closures. Of these, hands are taken in `hands`, and somebody is there in `anybody`.
    """

    part: int
    practitioner: int
    works: int
    hands: int
    anybody: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTimeUse:
    """Minutes of all places in a part of some time: in which the site is open, and in which they are taken."""

    part: int
    open: int
    taken: int


def people_time_use(site: Site, parts: Sequence[Period]) -> list[PersonTimeUse]:
    """Return how each practitioner's time was used in each part of some time."""
    with connection.cursor() as cursor:
        cursor.execute(USED_BY_PEOPLE, _asked(site, parts))
        return [
            PersonTimeUse(
                part=part,
                practitioner=who,
                works=int(works or 0) * TICK_MINUTES,
                hands=int(hands or 0) * TICK_MINUTES,
                anybody=int(anybody or 0) * TICK_MINUTES,
            )
            for part, who, works, hands, anybody in cursor.fetchall()
        ]


def places_time_use(site: Site, parts: Sequence[Period]) -> list[PlaceTimeUse]:
    """Return how the time of all places was used in each part of some time."""
    with connection.cursor() as cursor:
        cursor.execute(USED_PLACES, _asked(site, parts))
        return [
            PlaceTimeUse(part=part, open=int(opened) * TICK_MINUTES, taken=int(taken) * TICK_MINUTES)
            for part, opened, taken in cursor.fetchall()
        ]


def _asked(site: Site, parts: Sequence[Period]) -> dict[str, Any]:
    """Return the ticks of each part week by week, as the statements ask for them."""
    found = [(number, week, *_within(week, part)) for number, part in enumerate(parts) for week in weeks_between(*part)]
    columns = zip(*found, strict=True) if found else ((), (), (), ())
    numbers, weeks, firsts, many = (list(column) for column in columns)
    return {"site": site.pk, "parts": numbers, "weeks": weeks, "firsts": firsts, "many": many}


def _within(week: date, part: Period) -> tuple[int, int]:
    """Return the first tick of a part in a week, and how many of that week it has: a tick that is cut counts for it."""
    first = max(0, tick_of(part[0], origin=week))
    last = min(TICKS_A_WEEK, tick_of(part[1] + TICK - TICK.resolution, origin=week))
    return first, max(0, last - first)
