"""An edit of calendars is taken back on its day: the calendar is as before, and so is everybody who can be put back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from booking import queries
from booking.actions import appointments, closures
from booking.actions.impact import absences, closing, hours, opening, places, setting_up
from booking.actions.impact.choices import SettlingChoice
from booking.actions.impact.settling_locks import lock_settled
from booking.models import Appointment, CalendarEdit, Change, EditKind
from booking.status import Move
from core.database.transactions import read_anew, unit
from core.models import Site
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.rights import Action, Subject, may

A_DAY = timedelta(days=1)
UNDOABLE = frozenset({SettlingChoice.MOVE.value, SettlingChoice.CANCEL.value})
OF_SET_UP = frozenset({EditKind.OPENING.value, EditKind.SET_UP.value})
"""What whoever sets up a clinic takes back."""

TAKE_AWAY: Mapping[EditKind, Callable[..., None]] = {
    EditKind.ABSENCE: absences.take_away,
    EditKind.HOURS: hours.take_away,
    EditKind.CLOSURE: closing.take_away,
    EditKind.PLACES: places.take_away,
    EditKind.OPENING: opening.take_away,
    EditKind.SET_UP: setting_up.take_away,
}
"""What takes out of the calendar again what an edit of a kind has written."""


class NotTakenBack(Refusal):
    """An edit of calendars at the desk is taken back on its day, once."""

    code = "edit-not-taken-back"
    title = gettext_lazy("This can no longer be taken back here. Change the calendar, and move whom you want to.")


@unit
def take_back(public_id: UUID, *, by: Principal, at: datetime) -> list[Appointment]:
    """Take back, on its day, what was edited; return the appointments that are not where they were, as they stand.

    Of those some were moved since, to what was proposed to them, too. Whoever had been told that another time is
    proposed hears that theirs takes place. Raises Missing, NotTakenBack.
    """
    edit = _locked(public_id)
    if not may_take_back(edit, by):
        raise Missing
    if edit.taken_back_at is not None or not is_of_today(edit, at=at):
        raise NotTakenBack
    whole = [*_gone_on_with(edit, by=by), edit]
    ids = sorted(UUID(done["appointment"]) for one in whole for done in one.done)
    touched = Appointment.objects.filter(public_id__in=ids).order_by("pk")
    lock_settled(touched.values_list("pk", flat=True), {}, at=at)
    TAKE_AWAY[EditKind(edit.kind)](edit, by=by, at=at)
    read_anew()
    closures.review_reopened(at=at)  # what was proposed is let go before whoever was there goes back to it
    left = [pk for one in whole for pk in _not_put_back(one, by=by, at=at)]
    CalendarEdit.objects.filter(pk__in=[one.pk for one in whole]).update(taken_back_at=at, taken_back_by=by.key)
    absences.look_again(at=at)
    return list(touched.filter(public_id__in=left).select_related(*queries.LISTED))


def without_cover_since(public_id: UUID, *, by: Principal, at: datetime) -> int:
    """Return how many appointments ahead, of those edited that somebody sees, stand on time that is not open."""
    edit = CalendarEdit.objects.get(public_id=public_id)
    whose: dict[str, Any] = {"practitioner": edit.practitioner} if edit.practitioner else {"site": edit.site}
    if edit.kind == EditKind.SET_UP:  # whoever else is without cover at the site has nothing to do with it
        whose = {"public_id__in": [UUID(one["appointment"]) for one in edit.done]}
    return queries.uncovered_visits(Appointment.objects.visible_to(by).filter(**whose), at=at).count()


def edit_of_suggestion(suggestion: UUID) -> CalendarEdit | None:
    """Return the edit that entered a suggested absence and stands; None where there is none."""
    rows = CalendarEdit.objects.filter(kind=EditKind.ABSENCE, taken_back_at=None)
    return rows.filter(made__contains=[{absences.SUGGESTED: str(suggestion)}]).order_by("-pk").first()


def may_take_back(edit: CalendarEdit, by: Principal) -> bool:
    """Whether somebody keeps the calendar that was edited."""
    if edit.practitioner is not None:
        decides = Action.DECIDE_ABSENCE if absences.is_suggested(edit) else Action.EDIT_CALENDAR
        return may(by, decides, absences.subject_of(edit.practitioner))
    right = Action.EDIT_CATALOGUE if edit.kind in OF_SET_UP else Action.CLOSE
    return may(by, right, Subject(sites=frozenset({edit.site_id})))


def _gone_on_with(edit: CalendarEdit, *, by: Principal) -> list[CalendarEdit]:
    """Return what settled later what an edit had left over, the newest first: it is taken back with it."""
    if edit.kind != EditKind.SET_UP:
        return []
    later = [one.public_id for one in setting_up.gone_on_with(edit) if may_take_back(one, by)]
    return [one for one in map(_locked, later) if one.taken_back_at is None]


def _not_put_back(edit: CalendarEdit, *, by: Principal, at: datetime) -> list[UUID]:
    """Put back whom an edit moved or cancelled; return who could not be, and who was moved since."""
    changed = [UUID(one["appointment"]) for one in reversed(edit.done) if one["choice"] in UNDOABLE]
    return [one for one in changed if not _put_back(one, edit, by=by, at=at)] + _moved_since(edit)


def _put_back(appointment: UUID, edit: CalendarEdit, *, by: Principal, at: datetime) -> bool:
    """Undo what was done to an appointment, unless anything was done to it since, or its time is taken."""
    last = Change.objects.filter(appointment__public_id=appointment).order_by("-pk").first()
    if last is None or (last.at, last.by) != (edit.at, edit.by):
        return False
    try:
        with transaction.atomic():  # a savepoint: one whose time is taken leaves the others as they are
            appointments.move(appointment, Move.UNDO, by=by, at=at, while_free=True)
    except Refusal:
        return False
    return True


def _moved_since(edit: CalendarEdit) -> list[UUID]:
    """Return those who have taken the time that an edit proposed to them, or were moved otherwise since."""
    asked = [UUID(one["appointment"]) for one in edit.done if one["choice"] == SettlingChoice.PROPOSE.value]
    moves = Change.objects.filter(appointment__public_id__in=asked, move=Move.RESCHEDULE, at__gt=edit.at)
    return list(moves.order_by().values_list("appointment__public_id", flat=True).distinct())


def edited_today(site: Site, *kinds: EditKind, at: datetime) -> Sequence[CalendarEdit]:
    """Return what was edited at a site today and stands, the newest first."""
    rows = CalendarEdit.objects.filter(site=site, kind__in=kinds, taken_back_at=None, at__gt=at - A_DAY)
    return [one for one in rows.select_related("practitioner", "site") if is_of_today(one, at=at)]


def is_of_today(edit: CalendarEdit, *, at: datetime) -> bool:
    """Whether something was edited on this day, by the clock of its site."""
    zone = edit.site.tz
    return edit.at.astimezone(zone).date() == at.astimezone(zone).date()


def _locked(public_id: UUID) -> CalendarEdit:
    rows = CalendarEdit.objects.filter(public_id=public_id).select_for_update(no_key=True)
    if not list(rows.values_list("pk")):
        raise Missing
    return CalendarEdit.objects.select_related("practitioner", "site").get(public_id=public_id)
