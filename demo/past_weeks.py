"""The work of the weeks before today: most came, some began late, some did not come, some cancelled, late or early.

So it was in the last weeks of the quarter that ended last: of it, reports tell groups of people apart.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, auto
from itertools import cycle, islice

from booking.actions import appointments, arrivals
from booking.actions.screening import screening_reviews
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Patient
from booking.reports.periods import ended_quarters
from booking.status import Move, Status
from core.models import Site, User
from core.principal import Principal
from demo import people, screening
from notifications.models import Message
from notifications.status import Delivery, MessageKind
from scheduler import public as scheduler
from scheduler.actions import sheets

A_DAY, AN_HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WEEKS, WEEKS_OF_A_QUARTER, PEOPLE, SEED = 4, 6, 28, 1_991
NORMAL = Decimal("97.9")
TIMES = (time(9), time(13))
THERAPIES = ("acu_manual", "acupressure", "acu_auricular")
AHEAD = (2, 6, 11, 3, 17)
"""How many days before somebody booked, one after the other."""


class HowItEnded(Enum):
    """What became of an appointment."""

    CAME = auto()
    LOOKED_AT = auto()
    BEGAN_LATE = auto()
    MISSED = auto()
    CANCELLED_LATE = auto()
    CANCELLED_EARLY = auto()


OUTCOMES = (
    HowItEnded.CAME, HowItEnded.CAME, HowItEnded.BEGAN_LATE, HowItEnded.CAME, HowItEnded.CANCELLED_EARLY,
    HowItEnded.CAME, HowItEnded.MISSED, HowItEnded.LOOKED_AT, HowItEnded.CANCELLED_LATE, HowItEnded.CAME,
    HowItEnded.CAME,
)  # fmt: skip
"""What became of one after the other, over and over."""

LOOKED_AFTER = (50 * MINUTE, 3 * AN_HOUR, 20 * MINUTE)
"""How long it took until a clinician had looked at answers, one after the other."""

REMINDED_BEFORE = 72 * AN_HOUR


@dataclass(frozen=True, slots=True)
class PastWeeks:
    """The work of a site on some days, written down by somebody at its desk; a clinician looks at answers."""

    site: Site
    user: User
    clinician: User
    days: Sequence[date]
    waits: Iterator[timedelta]

    def fill(self, whose: Iterator[Patient]) -> int:
        """Book for each working day, and let each appointment end as it did; return how many."""
        plans = zip(self._starts(), cycle(THERAPIES), cycle(AHEAD), cycle(OUTCOMES), strict=False)
        return sum(self._one(start, therapy, start - days * A_DAY, how, whose) for start, therapy, days, how in plans)

    def _starts(self) -> Iterator[datetime]:
        for day in self.days:
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
            self._answer(visit, how)
            came = start - 5 * MINUTE
            arrivals.check_in(visit.public_id, by=self._by(came), at=came, temperature_f=NORMAL)
            self._move(visit, Move.START, at=start + (25 if how is HowItEnded.BEGAN_LATE else 2) * MINUTE)
            self._move(visit, Move.FULFIL, at=end)

    def _answer(self, visit: Appointment, how: HowItEnded) -> None:
        at = visit.period.lower - (1 if how is HowItEnded.BEGAN_LATE else 26) * AN_HOUR
        if how is not HowItEnded.LOOKED_AT:
            screening.says_well(visit, at=at)
            return
        answers, looked = screening.coughs_as_usual(visit, at=at), at + next(self.waits)
        by = Principal.of(self.clinician, at=looked)
        screening_reviews.approve(answers.public_id, masked=False, by=by, at=looked)

    def _move(self, visit: Appointment, what: Move, *, at: datetime, reason: CancelReason | None = None) -> None:
        appointments.move(visit.public_id, what, by=self._by(at), at=at, reason=reason)


def fill(users: Mapping[str, User], site: Site, *, at: datetime) -> int:
    """Fill the weeks before today, and the last ones of a quarter before them; return how many appointments."""
    today = at.astimezone(site.tz).date()
    recent = [today - back * A_DAY for back in range(WEEKS * 7, 0, -1)]
    ended = ended_quarters(1, today=today)[0].last_on
    before = [ended - back * A_DAY for back in range(WEEKS_OF_A_QUARTER * 7, -1, -1)]
    days = [day for day in before if day < recent[0]]
    since = datetime.combine(before[0], time(), site.tz) - max(AHEAD) * A_DAY
    sheets.extend(at=since, days=(WEEKS_OF_A_QUARTER * 7) + max(AHEAD) + 1)
    chance = random.Random(SEED)  # noqa: S311  (the same clinic every time is wanted)
    registered = people.others(chance, site, by=Principal.of(users["scheduler"], at=since), at=since)
    whose, waits = cycle(list(islice(registered, PEOPLE))), cycle(LOOKED_AFTER)
    work = PastWeeks(site, users["scheduler"], users["clinician"], [*days, *recent], waits)
    made = work.fill(whose)
    _remind(site, at=at)
    return made


def _remind(site: Site, *, at: datetime) -> None:
    """Let those who came or did not have had a reminder, where they booked before it was due."""
    over = Appointment.objects.filter(site=site, status__in=[Status.FULFILLED, Status.NOSHOW], period__endswith__lt=at)
    known = [one for one in over.order_by("period", "pk") if one.created_at < one.period.lower - REMINDED_BEFORE]
    Message.objects.bulk_create(map(_reminder, known))


def _reminder(one: Appointment) -> Message:
    due = one.period.lower - REMINDED_BEFORE
    return Message(
        appointment=one, version=one.version, recipient_id=one.patient_id, kind=MessageKind.REMINDER,
        offset_minutes=REMINDED_BEFORE // MINUTE, due_at=due, settled_at=due, created_at=one.created_at, attempts=1,
        begun=1, status=Delivery.SENT,
    )  # fmt: skip
