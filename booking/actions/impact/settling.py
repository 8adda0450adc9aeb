"""An edit of calendars and what becomes of each appointment that it touches, as one act; tried first, and undone."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from booking import queries
from booking.actions import appointments, closures, holds, proposals, uncovered_visits
from booking.actions.as_seen import mark_of
from booking.actions.impact import as_previewed
from booking.actions.impact.alternatives import alternatives
from booking.actions.impact.choices import (
    WITH_A_TIME,
    ChangedSince,
    EditImpact,
    OtherTime,
    SettlingChoice,
    Suggested,
    Wanted,
    possible,
    without_a_time,
)
from booking.actions.impact.planned_edits import PlannedEdit, ahead_of
from booking.actions.impact.settling_locks import lock_settled
from booking.actions.nearest_times import sooner_at_the_desk
from booking.actions.requested_slots import slot_for
from booking.actions.screening.suggested_absences import SettledColleagues
from booking.cancel_reasons import CancelReason
from booking.closures import to_be_called
from booking.models import Appointment, CalendarEdit, EditKind, Hold
from booking.models.appointments import UNPROVEN
from booking.models.holds import HoldState
from booking.screening.rights import first_day_of
from booking.status import Move
from booking.subjects import of_appointment, of_slot
from core.database.transactions import read_anew, rehearsal, unit
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden, Invalid, Refusal
from core.rights import Action, may
from scheduler import public as scheduler

AT_ONCE = 25
"""So many appointments one press settles, the soonest: the others follow with the next one."""

OTHERS = 3
"""How many times can be chosen beside the one that was tried."""

WHY = {
    EditKind.ABSENCE: CancelReason.PRACTITIONER,
    EditKind.HOURS: CancelReason.PRACTITIONER,
    EditKind.CLOSURE: CancelReason.CLOSURE,
    EditKind.PLACES: CancelReason.ROOM,
    EditKind.OPENING: CancelReason.CLOSURE,
    EditKind.SET_UP: CancelReason.NOT_GIVEN,
}
"""What a cancel says of why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The appointments without cover that whoever acts settles, the soonest first; others by site; who was asked."""

    mine: Sequence[Appointment]
    elsewhere: dict[int, int]
    waiting: int

    @property
    def now(self) -> Sequence[Appointment]:
        """Those that one press settles."""
        return self.mine[:AT_ONCE]


@unit
def plan(edit: PlannedEdit, *, by: Principal, at: datetime) -> EditImpact:
    """Return what would become of the appointments, all of it tried and undone, so that it fits together.

    Raises Forbidden, Invalid.
    """
    with rehearsal(only=True):
        _lock(edit, by=by, at=at)
        written = edit.write(by=by, at=at)
        read_anew()
        left, settled = left_by(edit, by=by, at=at), SettledColleagues(at)
        first = [_suggest(visit, edit, settled, by=by, at=at) for visit in left.now]
        # Once each has its own: what is offered beside it is free beside the first of all others, too.
        found = [_with_others(one, edit, settled, by=by, at=at) for one in first]
    read_anew()
    later = len(left.mine) - len(found)
    return EditImpact(
        suggested=found,
        elsewhere=left.elsewhere,
        later=later,
        waiting=left.waiting,
        warnings=written.warnings,
        mark=as_previewed.mark_of(written.made, at=at),
    )


@unit
def count(edit: PlannedEdit, *, by: Principal, at: datetime) -> int:
    """Return for how many appointments `plan` looks for times; none where it would refuse the edit."""
    with suppress(Refusal), rehearsal(only=True):
        edit.write(by=by, at=at)
        read_anew()
        return len(left_by(edit, by=by, at=at).now)
    return 0


@unit
def save(
    edit: PlannedEdit, wanted: Sequence[Wanted], *, site: Site, by: Principal, at: datetime, seen: str | None = None
) -> CalendarEdit:
    """Write an edit and do what was chosen about each appointment, all of it or nothing.

    `seen`: the mark of what the plan would have written; None where nobody has seen that.
    Raises ChangedSince, Forbidden, Invalid.
    """
    chosen = {one.appointment: one for one in wanted}
    _lock(edit, by=by, at=at, wanted=chosen)
    written = edit.write(by=by, at=at)
    as_previewed.refuse_other(edit, written.made, seen, site=site, at=at)
    read_anew()
    left = left_by(edit, by=by, at=at)
    if {one.public_id for one in left.now} != set(chosen):
        raise ChangedSince(_("Which appointments it touches has changed."))
    pairs = [(visit, chosen[visit.public_id]) for visit in left.now]
    done = [_done(visit, one, edit, pairs[:n], by=by, at=at) for n, (visit, one) in enumerate(pairs)]
    uncovered_visits.review(at=at)
    _note_calls(left.now, chosen, done)
    return CalendarEdit.objects.create(
        kind=edit.kind,
        practitioner=edit.practitioner,
        name=edit.name,
        site=site,
        starts_at=edit.starts_at,
        ends_at=edit.ends_at,
        made=list(written.made),
        done=done,
        by=by.key,
        at=at,
    )


def _lock(edit: PlannedEdit, *, by: Principal, at: datetime, wanted: Mapping[UUID, Wanted] | None = None) -> None:
    """Lock what will be settled, in the one order: appointments, what is kept for moving them, people; then calendars.

    Which those are is known once the edit is written: it is, and undone. Raises Forbidden, Invalid.
    """
    if edit.starts_at >= edit.ends_at:
        raise Invalid(_("The end must be later than the start."), pointer="/last")
    if edit.ends_at <= at:
        raise Invalid(_("This is over already: it takes nothing away any more. Is the year right?"), pointer="/last")
    edit.check(by=by)
    with rehearsal(only=True):
        edit.write(by=by, at=at)
        read_anew()
        ids = sorted(one.pk for one in left_by(edit, by=by, at=at).now)
    read_anew()
    lock_settled(ids, wanted or {}, at=at)


def left_by(edit: PlannedEdit, *, by: Principal, at: datetime) -> Left:
    """Return which appointments are without cover, once an edit is written."""
    rows = queries.uncovered_visits(ahead_of(edit, at=at).exclude(UNPROVEN), at=at)
    found = list(rows.select_related(*queries.LISTED).order_by("period", "pk"))
    answering = closures.waiting([one.pk for one in found], at=at)
    open_ones = [one for one in found if one.pk not in answering]
    mine = [one for one in open_ones if may(by, Action.MOVE, of_appointment(one, by))]
    elsewhere: dict[int, int] = {}
    for one in open_ones:
        if one not in mine:
            elsewhere[one.site_id] = elsewhere.get(one.site_id, 0) + 1
    return Left(mine=mine, elsewhere=elsewhere, waiting=len(answering))


def _suggest(
    visit: Appointment, edit: PlannedEdit, settled: SettledColleagues, *, by: Principal, at: datetime
) -> Suggested:
    """Try what fits, the nearest first, and keep it as if it were done: the next appointment finds what is left."""
    choices, seen = possible(visit), mark_of(visit)
    first_day = _comes_from(visit, by=by, at=at)
    found = alternatives(visit, settled, comes_from=first_day, keeps_people=edit.keeps_people, by=by, at=at)
    tried = (one for one in found if _can_be_done(visit, one, edit, by=by, at=at))
    fits = next(tried, None) if SettlingChoice.MOVE in choices else None
    if fits is None:
        return without_a_time(visit, comes_from=first_day)
    return Suggested(visit=visit, choice=fits.choice, choices=choices, seen=seen, found=fits, comes_from=first_day)


def _with_others(
    one: Suggested, edit: PlannedEdit, settled: SettledColleagues, *, by: Principal, at: datetime
) -> Suggested:
    """Return the same with the next nearest times, where it has a first one, and what staff alone may give."""
    if SettlingChoice.MOVE not in possible(one.visit):
        return one
    with rehearsal(only=True):
        _give_up(one, at=at)
        if one.found:
            since, keeps_people = one.comes_from, edit.keeps_people
            times = alternatives(one.visit, settled, comes_from=since, keeps_people=keeps_people, by=by, at=at)
            one = replace(one, others=_few(time for time in times if time != one.found))
        with suppress(Refusal):
            listed = [time.slot for time in one.times]
            one = replace(one, sooner=sooner_at_the_desk(one.visit, listed, by=by, at=at, settled=settled))
    return one


def _give_up(one: Suggested, *, at: datetime) -> None:
    """Give back the time that was tried for an appointment: nothing of its own stands in the way of another one."""
    if one.choice is SettlingChoice.MOVE:
        scheduler.release(Appointment.objects.values_list("allocation", flat=True).get(pk=one.visit.pk), at=at)
    elif one.choice is SettlingChoice.PROPOSE:
        for hold in Hold.objects.filter(moving=one.visit, state=HoldState.OPEN):
            holds.give_back(hold, at=at)


def _few(times: Iterable[OtherTime]) -> list[OtherTime]:
    """Return the next few: one to which it can move, and the nearest about which its patient can be asked."""
    moves, asked = list[OtherTime](), list[OtherTime]()
    for one in times:
        (moves if one.choice is SettlingChoice.MOVE else asked).append(one)
        if len(asked) == OTHERS:
            break
    asked = asked[: OTHERS - 1] if moves else asked
    return [*moves[: OTHERS - len(asked)], *asked]


def _can_be_done(visit: Appointment, time: OtherTime, edit: PlannedEdit, *, by: Principal, at: datetime) -> bool:
    """Do what a time suggests; whether that was possible. What is refused leaves the rest as it is."""
    with suppress(Refusal), transaction.atomic():
        _do(visit, time.choice, time, edit, by=by, at=at)
        return True
    return False


def _comes_from(visit: Appointment, *, by: Principal, at: datetime) -> date | None:
    """Return the day before which a patient is not to come, if that is a day to come and whoever asks may know."""
    day = first_day_of(visit, by=by, at=at)
    return day if day and day > visit.period.lower.astimezone(visit.site.tz).date() else None


def _done(
    visit: Appointment,
    wanted: Wanted,
    edit: PlannedEdit,
    before: Sequence[tuple[Appointment, Wanted]],
    *,
    by: Principal,
    at: datetime,
) -> dict[str, Any]:
    """Do what was chosen; say of which it could not be done. `before`: what was done already. Raises ChangedSince."""
    choice, chosen = wanted.choice, None
    try:
        if wanted.seen != mark_of(visit):
            raise ChangedSince(_("It was changed meanwhile."))
        if wanted.slot and choice in WITH_A_TIME:
            slot = slot_for(visit, wanted.slot, by=by, at=at)
            chosen = OtherTime(choice=choice, slot=slot, place=wanted.place)
        _do(visit, choice, chosen, edit, by=by, at=at)
    except Refusal as refusal:
        why = str(refusal.detail or refusal.title)
        if isinstance(refusal, scheduler.SlotTaken):
            why = f"{why} {_also_chosen(visit, wanted, before, by)}"
        raise ChangedSince(f"{_who(visit, by)}: {why}") from refusal
    return {"appointment": str(visit.public_id), "choice": choice.value}


def _also_chosen(
    visit: Appointment, wanted: Wanted, before: Sequence[tuple[Appointment, Wanted]], by: Principal
) -> str:
    """Say for whom else in the same press a time is chosen that cannot be had twice."""
    key, length = scheduler.SlotKey.decode(wanted.slot), visit.period.upper - visit.period.lower
    for other, one in before:
        theirs = scheduler.SlotKey.decode(one.slot) if one.slot and one.choice in WITH_A_TIME else None
        if theirs and theirs.practitioner == key.practitioner and abs(theirs.start - key.start) < length:
            return _("It meets what is chosen for %s here. Choose another time for one of them.") % _who(other, by)
    return _("Is it chosen for somebody else here as well? Choose another one for one of them.")


def _note_calls(visits: Sequence[Appointment], chosen: Mapping[UUID, Wanted], done: Sequence[dict[str, Any]]) -> None:
    """Note beside what was done whose patients staff are to call about it."""
    untold = {pk for pk, one in chosen.items() if one.choice is SettlingChoice.KEEP or one.place}
    written_to = [one for one in visits if one.public_id not in untold]
    called = to_be_called(written_to, [one for one in visits if one.public_id in untold])
    for visit, row in zip(visits, done, strict=True):
        row["called"] = visit.pk in called


def _who(visit: Appointment, by: Principal) -> str:
    return visit.patient.name if may(by, Action.SEE_NAMES, of_appointment(visit, by)) else visit.reference


def _do(
    visit: Appointment,
    choice: SettlingChoice,
    chosen: OtherTime | None,
    edit: PlannedEdit,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Do one thing to an appointment, as its own door does it. Raises what that refuses."""
    right = Action.CANCEL if choice is SettlingChoice.CANCEL else Action.MOVE
    if choice is not SettlingChoice.KEEP and not may(by, right, of_appointment(visit, by)):
        raise Forbidden
    if choice is SettlingChoice.CANCEL:
        appointments.move(visit.public_id, Move.CANCEL, by=by, at=at, reason=WHY[edit.kind])
    if choice not in WITH_A_TIME:
        return
    if chosen is None:
        raise Invalid(pointer="/slot")
    if choice is SettlingChoice.PROPOSE:
        proposals.propose(visit.public_id, by=by, at=at, slot=chosen.slot)
        return
    if not may(by, Action.MOVE, of_slot(chosen.slot, visit.patient, by)):
        raise Forbidden
    appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=at, slot=chosen.slot, place=chosen.place)
