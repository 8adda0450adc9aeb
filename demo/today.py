"""The day on which the demo is opened: people who come today, and how each of them stands by now."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import cycle

from booking.actions import appointments, arrivals, call_requests
from booking.actions.patients import patients
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Patient
from booking.status import Move, Status
from core.models import Site
from core.principal import Principal
from demo import screening
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
EARLY, A_WHILE, AN_HOUR = timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1)
ENOUGH = 2
BY_PHONE = "Asked for by phone"
ASKED_FOR = ("acu_manual", "acu_auricular")
"""What is asked for by phone: the second, which is shorter, where there is no time for the first."""

CALLER, NUMBER = "Olga Reyes", "+13125550177"
OTHER_ADDRESS = "at.work@example.org"
MISSED_ONE_IN = 5
"""Of those whose time is over so many have come, and the next one has not."""


@dataclass(frozen=True, slots=True)
class Today:
    """What is done by somebody at the front desk of a site until `at`, to those who are booked for that day."""

    site: Site
    by: Principal
    at: datetime

    def lead(self) -> int:
        """Let everybody stand as they would by now; return how many come."""
        visits = list(self._visits())
        over = [visit for visit in visits if visit.period.upper <= self.at]
        here = [visit for visit in visits if visit.period.lower <= self.at < visit.period.upper]
        ahead = [visit for visit in visits if visit.period.lower > self.at]
        if len(over) < ENOUGH:  # early in the day: one was done sooner than planned, and one has not come
            early = [visit for visit in here if visit.period.lower <= self.at - A_WHILE][:ENOUGH]
            over, here = [*over, *early], [visit for visit in here if visit not in early]
        for number, visit in enumerate(over, start=1):
            self._is_over(visit, missed=number % MISSED_ONE_IN == 0 or number == len(over) > 1)
        for visit, (checked_in, begun) in zip(here, cycle(((True, False), (True, True), (False, False))), strict=False):
            self._is_here(visit, checked_in=checked_in)
            if begun:
                self._move(visit, Move.START, at=min(visit.period.lower + EARLY, self.at))
        self._comes(ahead)
        return len(visits)

    def _visits(self) -> "list[Appointment]":
        begins, ends = self._day
        rows = Appointment.objects.filter(site=self.site, status=Status.BOOKED).select_related("site", "patient")
        return list(rows.filter(period__startswith__gte=begins, period__startswith__lt=ends).order_by("period", "pk"))

    @property
    def _day(self) -> tuple[datetime, datetime]:
        today = self.at.astimezone(self.site.tz).date()
        begins, ends = (datetime.combine(day, time(), self.site.tz) for day in (today, today + A_DAY))
        return begins, ends

    def _query(self, therapy: str, *, starts_at: datetime, ends_at: datetime) -> scheduler.SearchQuery:
        return scheduler.SearchQuery(
            therapy=therapy,
            visit=scheduler.VisitType.FOLLOWUP,
            starts_at=starts_at,
            ends_at=ends_at,
            sites=frozenset({self.site.pk}),
            audience=scheduler.Audience.STAFF_WITH_REASON,
            limit=1,
        )

    def _is_over(self, visit: Appointment, *, missed: bool) -> None:
        if missed:
            self._move(visit, Move.NO_SHOW, at=min(visit.period.upper, self.at))
            return
        self._is_here(visit, checked_in=True)
        self._move(visit, Move.START, at=visit.period.lower + EARLY)
        self._move(visit, Move.FULFIL, at=min(visit.period.upper, self.at))

    def _is_here(self, visit: Appointment, *, checked_in: bool) -> None:
        came = max(visit.period.lower - EARLY, self._day[0])
        self._move(visit, Move.ARRIVE, at=came)
        if checked_in:
            if screening.asked_now(visit, at=came):
                screening.says_well(visit, at=came)
            arrivals.check_in(visit.public_id, by=self.by, at=visit.period.lower)

    def _comes(self, ahead: "list[Appointment]") -> None:
        """Let the next one be here already, one have called it off just now, and one wait for a paper."""
        for visit, what in zip(ahead, (Move.ARRIVE, Move.CANCEL, Move.AWAIT), strict=False):
            if what is Move.CANCEL:
                appointments.move(visit.public_id, what, by=self.by, at=self.at, reason=CancelReason.PATIENT)
            elif what is Move.AWAIT:
                until = visit.period.lower
                appointments.move(visit.public_id, what, by=self.by, at=self.at, until=until)
            else:
                self._move(visit, what, at=self.at)

    def _move(self, visit: Appointment, what: Move, *, at: datetime) -> None:
        appointments.move(visit.public_id, what, by=self.by, at=at)

    def ask_for_one(self, patient: Patient) -> bool:
        """Let somebody ask for what is still free today, so that a clinician has to decide; whether there was any."""
        ends_at = self._day[1]
        since = (self.at + AN_HOUR, self.at) if self.at + AN_HOUR < ends_at else (self.at,)  # late in the day: the next
        queries = (self._query(one, starts_at=begins, ends_at=ends_at) for begins in since for one in ASKED_FOR)
        free = next(filter(None, (scheduler.search(query, at=self.at) for query in queries)), [])
        for slot in free:
            appointments.book(
                slot=slot,
                patient=patient,
                by=self.by,
                at=self.at,
                until=slot.start,
                override_reason=BY_PHONE,
            )
        return bool(free)

    def leave_to_do(self) -> None:
        """Let somebody ask for a call, and the first who comes after today have a second record, made as a guest."""
        call_requests.ask(site=self.site.pk, name=CALLER, phone=NUMBER, by=self.by, at=self.at)
        ahead = Appointment.objects.filter(site=self.site, status=Status.BOOKED, period__startswith__gte=self._day[1])
        for visit in ahead.filter(patient__user=None).select_related("patient").order_by("period", "pk")[:1]:
            known = visit.patient
            patients.register(
                name=known.name,
                birth_date=known.birth_date,
                email=OTHER_ADDRESS,
                site=self.site,
                guest=True,
                by=self.by,
                at=self.at,
            )
