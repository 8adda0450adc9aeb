"""The work of the weeks before today: most came, some began late, some did not come, some cancelled, late or early."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import Enum, auto
from itertools import cycle, islice

from booking.actions import appointments, arrivals
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Patient
from booking.status import Move
from core.models import Site, User
from core.principal import Principal
from demo import people, screening
from scheduler import public as scheduler

A_DAY, AN_HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WEEKS, PEOPLE, SEED = 4, 14, 1_996
NORMAL = Decimal("97.9")
TIMES = (time(9), time(13))
THERAPIES = ("acu_manual", "acupressure", "acu_auricular")
AHEAD = (2, 6, 11, 3, 17)
"""How many days before somebody booked, one after the other."""


class HowItEnded(Enum):
    """What became of an appointment."""

    CAME = auto()
    BEGAN_LATE = auto()
    MISSED = auto()
    CANCELLED_LATE = auto()
    CANCELLED_EARLY = auto()


OUTCOMES = (
    HowItEnded.CAME, HowItEnded.CAME, HowItEnded.BEGAN_LATE, HowItEnded.CAME, HowItEnded.CANCELLED_EARLY,
    HowItEnded.CAME, HowItEnded.MISSED, HowItEnded.CAME, HowItEnded.CANCELLED_LATE, HowItEnded.CAME, HowItEnded.CAME,
)  # fmt: skip
"""What became of one after the other, over and over."""


@dataclass(frozen=True, slots=True)
class PastWeeks:
    """The work of a site until `at`, written down by somebody at its desk."""

    site: Site
    user: User
    at: datetime

    def fill(self) -> int:
        """Book for each working day of the last weeks, and let each appointment end as it did; return how many."""
        chance, since = random.Random(SEED), self.at - (WEEKS * 7 + max(AHEAD)) * A_DAY  # noqa: S311  (the same clinic)
        registered = people.others(chance, self.site, by=self._by(since), at=since)
        whose = cycle(list(islice(registered, PEOPLE)))
        plans = zip(self._starts(), cycle(THERAPIES), cycle(AHEAD), cycle(OUTCOMES), strict=False)
        return sum(self._one(start, therapy, start - days * A_DAY, how, whose) for start, therapy, days, how in plans)

    def _starts(self) -> Iterator[datetime]:
        today = self.at.astimezone(self.site.tz).date()
        for back in range(WEEKS * 7, 0, -1):
            day = today - back * A_DAY
            if day.isoweekday() <= 5:  # noqa: PLR2004  (weekdays)
                yield from (datetime.combine(day, wall, self.site.tz) for wall in TIMES)

    def _by(self, at: datetime) -> Principal:
        return Principal.of(self.user, at=at)

    def _one(
        self, start: datetime, therapy: str, booked_at: datetime, how: HowItEnded, whose: Iterator[Patient]
    ) -> int:
        query = scheduler.SearchQuery(
            therapy=therapy, visit=scheduler.VisitType.FOLLOWUP, starts_at=start, ends_at=start + 3 * AN_HOUR,
            sites=frozenset({self.site.pk}), audience=scheduler.Audience.STAFF, limit=1,
        )  # fmt: skip
        for slot in scheduler.search(query, at=booked_at):
            visit = self._book(slot, next(whose), booked_at)
            self._end(visit, how)
            if how is HowItEnded.CANCELLED_EARLY:
                self._end(self._book(slot, next(whose), visit.period.lower - 30 * AN_HOUR), HowItEnded.CAME)
            return 1
        return 0

    def _book(self, slot: scheduler.Slot, patient: Patient, at: datetime) -> Appointment:
        return appointments.book(slot=slot, patient=patient, by=self._by(at), at=at)

    def _end(self, visit: Appointment, how: HowItEnded) -> None:
        start, end = visit.period.lower, visit.period.upper
        if how is HowItEnded.MISSED:
            self._move(visit, Move.NO_SHOW, at=start + 30 * MINUTE)
        elif how in {HowItEnded.CANCELLED_EARLY, HowItEnded.CANCELLED_LATE}:
            before = 32 if how is HowItEnded.CANCELLED_EARLY else 3
            self._move(visit, Move.CANCEL, at=start - before * AN_HOUR, reason=CancelReason.PATIENT)
        else:
            screening.says_well(visit, at=start - (26 if how is HowItEnded.CAME else 1) * AN_HOUR)
            came = start - 5 * MINUTE
            arrivals.check_in(visit.public_id, by=self._by(came), at=came, temperature_f=NORMAL)
            self._move(visit, Move.START, at=start + (25 if how is HowItEnded.BEGAN_LATE else 2) * MINUTE)
            self._move(visit, Move.FULFIL, at=end)

    def _move(self, visit: Appointment, what: Move, *, at: datetime, reason: CancelReason | None = None) -> None:
        appointments.move(visit.public_id, what, by=self._by(at), at=at, reason=reason)


def fill(users: Mapping[str, User], site: Site, *, at: datetime) -> int:
    """Fill the weeks before today; return how many appointments."""
    return PastWeeks(site, users["scheduler"], at).fill()
