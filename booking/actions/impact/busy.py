"""Somebody is busy elsewhere, as a calendar of theirs says: entered as absences."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from booking.actions.impact.absences import BUSY, subject_of
from booking.actions.impact.planned_edits import Written
from booking.models import Appointment, EditKind
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, may
from scheduler import public as scheduler

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyElsewhere:
    """Who is busy elsewhere, as was read at a moment: an edit that is planned."""

    practitioner: Any
    reading: scheduler.BusyReading
    read_at: datetime

    kind = EditKind.ABSENCE
    name = ""
    keeps_people = False

    @property
    def starts_at(self) -> datetime:
        """When the first busy time begins."""
        return min((start for start, _end in self.reading.stretches), default=self.read_at)

    @property
    def ends_at(self) -> datetime:
        """When the last one is over."""
        return max((end for _start, end in self.reading.stretches), default=self.read_at + A_DAY)

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not keep this calendar. Raises Forbidden."""
        if not may(by, Action.EDIT_CALENDAR, subject_of(self.practitioner)):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments with whoever is busy."""
        return Appointment.objects.filter(practitioner=self.practitioner)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Enter what the calendar says. Raises Invalid."""
        found = scheduler.enter_busy(self.practitioner, self.reading, by=by, at=at)
        return Written(made=[{BUSY: str(found.calendar.public_id)}])
