"""Absences that the health answers of those who treat suggest: schedulers enter or decline them, and take that back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from booking.actions import booking_checks, uncovered_visits
from booking.actions.screening.practitioner_screening import (
    A_DAY,
    absence_is_decided,
    away_until,
    newest_at,
    waited_for,
    waits_for_clinician,
)
from booking.models import AbsenceDecision, Appointment, PractitionerScreening
from booking.status import OCCUPYING
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from scheduler import public as scheduler

CHANGED_SINCE = _("The absence was changed in the calendar since. Please change it there.")
DECIDED = ["decision", "decided_at", "decided_by", "declined_because", "decisions", "absence"]


class AbsenceDecided(Refusal):
    """Somebody has decided about the suggested absence, or newer answers were given."""

    code = "absence-decided"
    title = _("Somebody has decided about this already, or they have answered anew.")


class AbsenceStands(Refusal):
    """What schedulers decided about an absence is taken back on its day, while the calendar is as they left it."""

    code = "absence-stands"
    title = _("This can no longer be taken back here.")


def suggested_absences(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return what is still to be decided at a site, the oldest first: of each person by their newest answers."""
    today = at.astimezone(site.tz).date()
    rows = newest_at(site).exclude(decision=AbsenceDecision.ENTERED).order_by("answered_at", "pk")
    waiting = (row for row in rows if not absence_is_decided(row))
    return [row for row in waiting if (until := away_until(row)) is not None and today < until]


def unsettled(site: Site, *, at: datetime) -> dict[int, date]:
    """Return of whom of a site (their ids) it is not settled whether they see patients, and from which day on it is.

    A clinician has yet to talk with them, or schedulers have yet to decide about their absence.
    """
    return {row.practitioner_id: _settled_from(row) for row in unsettled_rows(site, at=at)}


class SettledColleagues:
    """Says of times at whichever site whether it is settled that whoever treats sees patients then.

    Each site is asked once; `asks`: of which (ids) alone; `here`: one that has been read.
    """

    def __init__(
        self, at: datetime, *, asks: Callable[[int], bool] = lambda _site: True, here: Site | None = None
    ) -> None:
        self.at, self.asks, self.here = at, asks, here
        self.until: dict[int, dict[int, date]] = {}

    def __call__(self, slot: scheduler.Slot) -> bool:
        """Whether it is settled."""
        return self.on(slot.practitioner.id, slot.start.astimezone(slot.site.tz).date(), site=slot.site.id)

    def on(self, practitioner: int, day: date, *, site: int) -> bool:
        """Whether it is settled of a practitioner (by id) on a day at a site (by id)."""
        if site not in self.until:
            self.until[site] = unsettled(self._site(site), at=self.at) if self.asks(site) else {}
        until = self.until[site].get(practitioner)
        return until is None or day >= until

    def _site(self, site: int) -> Site:
        return self.here if self.here is not None and self.here.pk == site else Site.objects.get(pk=site)


def unsettled_rows(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return their newest answers, by name."""
    today = at.astimezone(site.tz).date()
    rows = [row for row in newest_at(site) if today < _settled_from(row)]
    return sorted(rows, key=lambda row: row.practitioner.name)


def _settled_from(row: PractitionerScreening) -> date:
    until = away_until(row) or date.min
    if waits_for_clinician(row) and row.decision != AbsenceDecision.ENTERED:
        return max(until, row.on + A_DAY)
    return date.min if absence_is_decided(row) else until


def touched_visits(row: PractitionerScreening, *, at: datetime) -> int:
    """Return how many appointments lie in a suggested absence."""
    rows = Appointment.objects.filter(practitioner=row.practitioner, status__in=sorted(OCCUPYING))
    begins, ends = absence_of(row, at=at)
    return rows.filter(period__overlap=(begins, ends)).count()


def absence_of(row: PractitionerScreening, *, at: datetime) -> tuple[datetime, datetime]:
    """Return from when until when somebody would be away: from now until the day on which they may work again."""
    until = away_until(row)
    if until is None:
        raise Missing
    return at, datetime.combine(until, time(), row.site.tz)


@unit
def enter_absence(public_id: UUID, *, by: Principal, at: datetime) -> scheduler.Impact[Any]:
    """Enter a suggested absence. What becomes of the appointments in it is settled by whoever enters it.

    Raises Missing, AbsenceDecided, and AbsenceClash where they are away already.
    """
    row = _undecided(public_id)
    starts_at, ends_at = absence_of(row, at=at)
    # Not as an illness: whoever reads calendars learns nothing of why.
    impact = scheduler.add_absence(
        row.practitioner, starts_at=starts_at, ends_at=ends_at, by=by, at=at, reason=scheduler.AbsenceReason.OTHER
    )
    row.absence = impact.row
    _decide(row, AbsenceDecision.ENTERED, by=by, at=at)
    return impact


@unit
def decline_absence(public_id: UUID, because: str, *, by: Principal, at: datetime) -> PractitionerScreening:
    """Decline a suggested absence, with a reason. Raises Missing, AbsenceDecided, Invalid."""
    reason = booking_checks.clean_line(because, pointer="/because") if because.strip() else ""
    if not reason:
        raise Invalid(_("Say why, in a few words."), pointer="/because")
    row = _undecided(public_id)
    row.declined_because = reason
    _decide(row, AbsenceDecision.DECLINED, by=by, at=at)
    return row


def _undecided(public_id: UUID) -> PractitionerScreening:
    """Wait for others, then return what is to be decided. Raises Missing, AbsenceDecided."""
    row, newest = waited_for(public_id)
    if absence_is_decided(row) or not newest or away_until(row) is None:
        raise AbsenceDecided
    return row


@unit
def take_back(public_id: UUID, decision: AbsenceDecision, *, by: Principal, at: datetime) -> PractitionerScreening:
    """Take back, on its day, what schedulers decided: the suggestion is as it was before. Twice is the same as once.

    An absence that was entered goes, and whoever had lost cover by it has it again.
    Raises Missing, AbsenceDecided, AbsenceStands.
    """
    row, newest = waited_for(public_id)
    if not newest:
        raise AbsenceDecided
    if row.decision != decision:
        return row
    if why := _why_it_stands(row, at=at):
        raise AbsenceStands(why)
    absence, row.absence = row.absence, None
    log = row.decisions or []
    made = next(one for one in reversed(log) if not one.get("taken_back_at"))
    made |= {"taken_back_at": at.isoformat(), "taken_back_by": by.key}
    _put_back(row, next((one for one in reversed(log) if not one.get("taken_back_at")), None))
    row.save(update_fields=DECIDED)
    if absence is not None:
        scheduler.remove_absence(absence, by=by, at=at)
        uncovered_visits.review(at=at)
    return row


def _put_back(row: PractitionerScreening, before: dict[str, str] | None) -> None:
    """Let a suggestion stand as after an earlier decision, or as before any."""
    if before is None:
        row.decision, row.decided_at, row.decided_by, row.declined_because = "", None, "", ""
        return
    row.decision, row.decided_by, row.declined_because = before["decision"], before["by"], before["because"]
    row.decided_at = datetime.fromisoformat(before["at"])


def may_work(row: PractitionerScreening) -> bool:
    """Whether somebody may see patients by their newest answers, or by a clinician's word since."""
    return away_until(row) is None and not waits_for_clinician(row)


def entered_for(practitioner_id: int, *, at: datetime) -> PractitionerScreening | None:
    """Return by which suggestion somebody is still away, with its absence; None where none was entered, or it is over.

    It may be of answers before their newest ones.
    """
    rows = PractitionerScreening.objects.filter(practitioner=practitioner_id, absence__period__endswith__gt=at)
    return rows.select_related("absence", "site").first()


def absences_to_end(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return who of a site may see patients again, and is still away by what was entered: by their newest answers."""
    away = PractitionerScreening.objects.filter(absence__period__endswith__gt=at).values("practitioner")
    rows = newest_at(site).filter(practitioner__in=away).order_by("answered_at", "pk")
    return [row for row in rows if may_work(row)]


@unit
def end_absence(public_id: UUID, *, by: Principal, at: datetime) -> PractitionerScreening:
    """End the absence that was entered for somebody who may see patients again. Twice is the same as once.

    Whoever had lost cover by it has it again. Were they to stay away once more, that is suggested anew.
    Raises Missing, AbsenceDecided, and AbsenceStands where the calendar says something else by now, such as a holiday.
    """
    row, newest = waited_for(public_id)
    if not newest or not may_work(row):
        raise AbsenceDecided
    entered = entered_for(row.practitioner_id, at=at)
    if entered is None or entered.absence is None:
        return row
    absence = entered.absence
    if not is_as_entered(entered):
        raise AbsenceStands(CHANGED_SINCE)
    for one in PractitionerScreening.objects.filter(absence=absence):  # answers since then have it as well
        if one.decisions:
            one.decisions[-1] |= {"ended_at": at.isoformat(), "ended_by": by.key}
            one.save(update_fields=["decisions"])
    row.refresh_from_db(fields=["decisions"])
    if row.decision == AbsenceDecision.ENTERED:
        row.absence = None
        _put_back(row, None)
        row.save(update_fields=DECIDED)
    if absence.period.lower < at:
        scheduler.change_absence(absence, ends_at=at, by=by, at=at)
    else:
        scheduler.remove_absence(absence, by=by, at=at)
    uncovered_visits.review(at=at)
    return row


def decided_today(site: Site, *, at: datetime) -> list[PractitionerScreening]:
    """Return what schedulers of a site decided today and can take back, the newest first."""
    rows = newest_at(site).exclude(decision="").select_related("absence").order_by("-decided_at", "-pk")
    return [row for row in rows if absence_is_decided(row) and not _why_it_stands(row, at=at)]


def _why_it_stands(row: PractitionerScreening, *, at: datetime) -> str:
    """Return why a decision cannot be taken back, and what to do; empty where it can. Needs the row's site."""
    zone, decided_at = row.site.tz, row.decided_at
    if decided_at is None or decided_at.astimezone(zone).date() != at.astimezone(zone).date() or not row.decisions:
        return str(_("It was decided on another day. Change their absences in the calendar."))
    if row.absence is not None and not is_as_entered(row):
        return str(CHANGED_SINCE)
    return ""


def is_as_entered(row: PractitionerScreening) -> bool:
    """Whether the calendar has an absence as it was entered, and it has become nothing else, such as a holiday."""
    log = row.decisions or []
    return bool(log) and _period(row.absence) == log[-1].get("period")


def _period(absence: Any) -> list[str]:  # noqa: ANN401  (a row of the scheduler's)
    return [moment.astimezone(UTC).isoformat() for moment in (absence.period.lower, absence.period.upper)]


def _decide(row: PractitionerScreening, decision: AbsenceDecision, *, by: Principal, at: datetime) -> None:
    row.decision, row.decided_at, row.decided_by = decision, at, by.key
    made: dict[str, object] = {
        "decision": decision.value,
        "at": at.isoformat(),
        "by": by.key,
        "because": row.declined_because,
    }
    if row.absence is not None:
        made["period"] = _period(row.absence)
    row.decisions = [*(row.decisions or []), made]
    row.save(update_fields=DECIDED)
