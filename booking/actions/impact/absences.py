"""Somebody who treats is away: entered where the calendar does not say it yet, and ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from booking.actions import closures, leave_requests, uncovered_visits
from booking.actions.impact.planned_edits import Written
from booking.actions.screening import suggested_absences
from booking.models import AbsenceDecision, Appointment, CalendarEdit, EditKind, PractitionerScreening
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Forbidden, Missing
from core.rights import Action, Subject, may
from scheduler import public as scheduler

ABSENCE, BUSY, SUGGESTED = "absence", "busy-calendar", "suggested"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayPeriod:
    """Who is away from when until when: an edit that is planned."""

    practitioner: Any
    starts_at: datetime
    ends_at: datetime

    kind = EditKind.ABSENCE
    name = ""
    keeps_people = False

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not keep this calendar. Raises Forbidden."""
        if not may(by, Action.EDIT_CALENDAR, subject_of(self.practitioner)):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments with whoever is away."""
        return Appointment.objects.filter(practitioner=self.practitioner)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Enter what of it no absence says yet; leave that stands already stays as it is."""
        scheduler.lock_calendar(self.practitioner)  # what it says is read once nobody else edits it
        gaps = scheduler.not_yet_away(self.practitioner, self.starts_at, self.ends_at)
        # Not as an illness: whoever reads calendars learns nothing of why.
        why = scheduler.AbsenceReason.OTHER
        made = [
            scheduler.add_absence(self.practitioner, starts_at=start, ends_at=end, by=by, at=at, reason=why)
            for start, end in gaps
        ]
        return Written(made=[{ABSENCE: str(one.row.public_id)} for one in made])


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAway(AwayPeriod):
    """Leave that was asked for: entered while it is asked for still."""

    leave: UUID

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Enter it. Raises Missing, LeaveDecided."""
        leave_requests.refuse_decided(self.leave)
        return AwayPeriod.write(self, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedAway(AwayPeriod):
    """An absence that somebody's health answers suggest: entered, and decided about, by the same act."""

    suggestion: UUID

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not decide about their absence. Raises Forbidden."""
        if not may(by, Action.DECIDE_ABSENCE, subject_of(self.practitioner)):
            raise Forbidden

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Enter it. Raises Missing, AbsenceDecided, AbsenceClash."""
        scheduler.lock_calendar(self.practitioner)
        entered = suggested_absences.enter_absence(self.suggestion, by=by, at=at)
        return Written(made=[{ABSENCE: str(entered.row.public_id), SUGGESTED: str(self.suggestion)}])


def suggested_away(row: PractitionerScreening, *, at: datetime) -> SuggestedAway:
    """Return the absence that a row suggests, from now on, as an edit that is planned."""
    starts_at, ends_at = suggested_absences.absence_of(row, at=at)
    return SuggestedAway(practitioner=row.practitioner, starts_at=starts_at, ends_at=ends_at, suggestion=row.public_id)


def is_suggested(edit: CalendarEdit) -> bool:
    """Whether an edit entered an absence that health answers had suggested."""
    return any(SUGGESTED in one for one in edit.made)


def is_busy_elsewhere(edit: CalendarEdit) -> bool:
    """Whether an edit entered what somebody's own calendar says."""
    return any(BUSY in one for one in edit.made)


def subject_of(practitioner: Any) -> Subject:  # noqa: ANN401  (a row of the scheduler's)
    """Return somebody's calendar as a subject: the sites that miss them, and whose it is."""
    return Subject(sites=scheduler.sites_of(practitioner), practitioner=practitioner.user_id)


def take_away(edit: CalendarEdit, *, by: Principal, at: datetime) -> None:
    """Take away the absences that were entered, as far as they are there still; a busy calendar with all of its.

    What was suggested is to be decided again. Raises AbsenceDecided, AbsenceStands.
    """
    for suggestion in [UUID(one[SUGGESTED]) for one in edit.made if SUGGESTED in one]:
        suggested_absences.take_back(suggestion, AbsenceDecision.ENTERED, by=by, at=at)
    for absence in scheduler.absences_named([one[ABSENCE] for one in edit.made if ABSENCE in one]):
        scheduler.remove_absence(absence, by=by, at=at)
    taken_in = {one[BUSY] for one in edit.made if BUSY in one}
    known = scheduler.busy_calendars_of([edit.practitioner]) if taken_in and edit.practitioner else ()
    for calendar in known:
        if str(calendar.public_id) in taken_in:
            scheduler.remove_busy_calendar(calendar, by=by, at=at)


@unit
def end(absence_id: UUID, *, by: Principal, at: datetime) -> None:
    """End an absence: they are back now, and whoever was told that it does not take place hears that it does.

    Raises Missing, Forbidden.
    """
    found = scheduler.absences_named([str(absence_id)])
    if not found:
        raise Missing
    (absence,) = found
    if not may(by, Action.EDIT_CALENDAR, subject_of(absence.practitioner)):
        raise Forbidden
    if absence.period.lower < at < absence.period.upper:
        scheduler.change_absence(absence, ends_at=at, by=by, at=at)
    elif at <= absence.period.lower:
        scheduler.remove_absence(absence, by=by, at=at)
    look_again(at=at)


def look_again(*, at: datetime) -> None:
    """Let nobody be called about what takes place, and those be told who heard otherwise."""
    uncovered_visits.review(at=at)
    closures.review_reopened(at=at)
