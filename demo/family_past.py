"""The weeks before today in which time was kept for families: some of it they had, some others had, some nobody."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle

from booking.actions import appointments
from booking.models import Appointment, Patient
from booking.status import Move
from core.models import Site, User
from core.principal import Principal
from demo import people
from scheduler import public as scheduler
from scheduler.actions import sheets
from scheduler.models import Practitioner

PROGRAM = "cancer-integrative-medicine"
BLOCKS = {"ramirez": (1, 3, 5), "haddad": (2, 4)}
"""On which weekdays (ISO) somebody's afternoon is kept: on any day some of it is open to each kind of people."""

WITH_A_PLACE = "haddad"
"""Beside whose afternoons a place is kept as well."""

STARTS, ENDS = time(15), time(17)
SINCE = timedelta(weeks=6)
SEED = 1_995
OVERRIDE = "As agreed with the family"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseOfTime:
    """Who had a kept time: of the family or somebody else, or nobody; and how long before it was booked."""

    family: bool = False
    before: timedelta | None = None


USES = (
    UseOfTime(family=True, before=timedelta(days=9)),
    UseOfTime(before=timedelta(hours=15)),
    UseOfTime(family=True, before=timedelta(days=4)),
    UseOfTime(),
    UseOfTime(family=True, before=timedelta(days=12)),
    UseOfTime(before=timedelta(hours=6)),
)
"""What becomes of one after the other, over and over."""


def fill(
    users: Mapping[str, User],
    known: Mapping[str, Patient],
    staff: Mapping[str, Practitioner],
    site: Site,
    *,
    at: datetime,
) -> None:
    """Keep blocks since some weeks ago as Frank of the program, and let them be used as in any clinic."""
    past = at - SINCE
    sheets.extend(at=past, days=SINCE.days)
    frank = Principal.of(users["program"], at=past)
    _keep_blocks(staff, site, by=frank, at=past)
    chance = random.Random(SEED)  # noqa: S311  (the same clinic every time is wanted)
    strangers = people.others(chance, site, by=frank, at=past)
    relatives = cycle([known["relative"], known["patient2"]])
    kept = scheduler.block_occurrences(site.pk, past, at, at=at)
    over = [one for one in kept if one.end <= at and one.kept_since <= one.start]
    for one, outcome in zip(over, cycle(USES), strict=False):
        if outcome.before is not None:
            whose = relatives if outcome.family else strangers
            _use(one, whose, users["scheduler"], booked_at=max(past, one.start - outcome.before))


def _keep_blocks(staff: Mapping[str, Practitioner], site: Site, *, by: Principal, at: datetime) -> None:
    today = at.astimezone(site.tz).date()
    places = tuple(place for place, _name in scheduler.keepable_places(site)[:1])
    for key, weekdays in BLOCKS.items():
        for weekday in weekdays:
            facts = scheduler.BlockFacts(
                program=PROGRAM,
                practitioner=staff[key].public_id,
                first_on=_next(today, weekday),
                every_weeks=1,
                starts=STARTS,
                ends=ENDS,
                reason="Beside infusion",
                places=places if key == WITH_A_PLACE else (),
            )
            scheduler.keep_time(facts, site=site, by=by, at=at)


def _next(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.isoweekday()) % 7)


def _use(one: scheduler.BlockOccurrence, whose: Iterator[Patient], user: User, *, booked_at: datetime) -> None:
    """Book the first time of what was kept, and let somebody come."""
    query = scheduler.SearchQuery(
        therapy="acu_manual",
        visit=scheduler.VisitType.FOLLOWUP,
        practitioner=one.practitioner,
        starts_at=one.start,
        ends_at=one.end,
        audience=scheduler.Audience.STAFF_WITH_REASON,
        limit=1,
    )
    for slot in scheduler.search(query, at=booked_at):
        by = Principal.of(user, at=booked_at)
        visit = appointments.book(slot=slot, patient=next(whose), by=by, at=booked_at, override_reason=OVERRIDE)
        _come(visit, user)


def _come(visit: Appointment, user: User) -> None:
    start, end = visit.period.lower, visit.period.upper
    appointments.move(visit.public_id, Move.ARRIVE, by=Principal.of(user, at=start), at=start)
    appointments.move(visit.public_id, Move.FULFIL, by=Principal.of(user, at=end), at=end)
