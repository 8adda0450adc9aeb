"""Moving appointments that were booked together, as one act, and taking what links them apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from booking.actions import moves
from booking.actions.families import nearest_sets
from booking.actions.families.link_ledger import followers, note
from booking.actions.families.linked_cancels import lock_visits_of
from booking.actions.families.linked_visits import check_lie, whose
from booking.actions.holds import lock_holds_for
from booking.actions.move_acts import Act, TakenTime
from booking.actions.move_effects import EarlierTimeGone, earlier_slot, new_time_check
from booking.actions.patients import person_locks
from booking.actions.requested_slots import lengths_in
from booking.families.linked_errors import NothingToUndo, NotLinked, SetTaken
from booking.models import Appointment, Change, LinkAct, LinkedVisits, LinkedVisitsChange
from booking.queries import was_reviewed
from booking.status import WAITING, Move, Status, last_not_undone
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid
from scheduler import public as scheduler

PAIR = 2
MOVABLE = frozenset({Status.BOOKED, *WAITING})


@unit
def move_together(
    link: LinkedVisits, slots: Mapping[UUID, scheduler.Slot], *, by: Principal, at: datetime, override_reason: str = ""
) -> list[Appointment]:
    """Move several linked appointments (by their public ids) to new times, all or none; the others stay where they are.

    Raises Invalid, NotTogether, SetTaken, and what moving one of them refuses, with the fact `person` for staff.
    """
    acts = _acts(link, Move.RESCHEDULE, by=by, at=at, only=slots)
    if len(acts) != len(slots) or not acts:
        raise Invalid(pointer="/appointments")
    relation, within = scheduler.Relation(link.relation), timedelta(minutes=link.within_minutes)
    check_lie([slots[act.appointment.public_id] for act in acts], relation=relation, within=within)
    checks = []
    for n, act in enumerate(acts):
        slot = slots[act.appointment.public_id]
        slot = slot.lasting(lengths_in(slot, act.appointment))
        with whose(n, staff=act.staff):
            checks.append(new_time_check(act, slot, reason=override_reason))
    wanted = [_wanted(act, check.slot, check.audience) for act, check in zip(acts, checks, strict=True)]
    try:
        with transaction.atomic():  # a savepoint: other times are looked for once these are refused
            claimed = scheduler.claim(wanted, at=at)
    except scheduler.SlotTaken as refused:
        moving = [act.appointment.allocation for act in acts]
        near = nearest_sets.nearest_to(checks, relation=relation, within=within, at=at, moving=moving)
        raise SetTaken(refused.detail, because=refused.code, alternatives=near) from refused
    return [
        _put(n, act, Move.RESCHEDULE, TakenTime(one.allocation, got), slot=one.slot, override_reason=override_reason)
        for n, (act, one, got) in enumerate(zip(acts, wanted, claimed, strict=True))
    ]


@unit
def undo_together(link: LinkedVisits, *, by: Principal, at: datetime) -> list[Appointment]:
    """Put those back that were moved last by one act: all of them, or none.

    Raises NothingToUndo where none was moved, EarlierTimeGone, and what undoing refuses.
    """
    acts = _acts(link, Move.UNDO, by=by, at=at)
    last = {one.appointment_id: one for one in _moved_last(link, at=at)}
    moved = [act for act in acts if act.appointment.pk in last]
    if not moved:
        raise NothingToUndo
    for act in moved:
        act.undone = last[act.appointment.pk]
    wanted = [_wanted(act, earlier_slot(act), scheduler.Audience.STAFF_WITH_REASON) for act in moved]
    try:
        claimed = scheduler.claim(wanted, at=at)
    except scheduler.SlotTaken as gone:
        raise EarlierTimeGone from gone
    return [
        _put(n, act, Move.UNDO, TakenTime(one.allocation, got))
        for n, (act, one, got) in enumerate(zip(moved, wanted, claimed, strict=True))
    ]


def _acts(
    link: LinkedVisits, what: Move, *, by: Principal, at: datetime, only: Mapping[UUID, object] | None = None
) -> list[Act]:
    """Lock all that moves: appointments, what is kept for moving them, people; sheets come with the claim."""
    rows = [one for one in lock_visits_of(link.pk) if only is None or one.public_id in only]
    visits = [moves.locked(one.public_id) for one in rows]
    for visit in visits:
        lock_holds_for(visit)
    person_locks.lock_patients([visit.patient for visit in visits])
    return [moves.act_on(visit, what, by=by, at=at, details={}) for visit in visits]


def _wanted(act: Act, slot: scheduler.Slot, audience: scheduler.Audience) -> scheduler.ClaimRequest:
    visit = act.appointment
    return scheduler.ClaimRequest(
        slot=slot,
        allocation=uuid4(),
        audience=audience,
        expires_at=min(visit.kept_until, slot.start) if visit.kept_until else None,
        replacing=visit.allocation,
        reviewed=was_reviewed(visit),
    )


def _put(number: int, act: Act, what: Move, taken: TakenTime, **details: object) -> Appointment:
    visit = act.appointment
    with whose(number, staff=act.staff):
        return moves.move(visit.public_id, what, by=act.by, at=act.at, taken=taken, **details)  # type: ignore[arg-type]


@unit
def unlink(appointment: Appointment, *, by: Principal, at: datetime) -> LinkedVisits:
    """Take an appointment out of what it was booked together with; one that is left alone is taken out too.

    All stand as they stood. Raises NotLinked.
    """
    link, rows = _linked(appointment)
    going = [one for one in rows if one.pk == appointment.pk or len(rows) <= PAIR]
    Appointment.objects.filter(pk__in=[one.pk for one in going]).update(linked=None)
    note(going, link, LinkAct.UNLINKED, by=by, at=at)
    return link


@unit
def undo(link: LinkedVisits, *, by: Principal, at: datetime) -> None:
    """Undo what was done last to all of a link: a move of several, or that one was taken out. Raises NothingToUndo."""
    out = _taken_out_last(link)
    if out is None:
        undo_together(link, by=by, at=at)
    else:
        link_again(out, by=by, at=at)


def may_undo(link: LinkedVisits, *, at: datetime) -> bool:
    """Whether there is something that `undo` takes back."""
    return _taken_out_last(link) is not None or bool(_moved_last(link, at=at))


def _taken_out_last(link: LinkedVisits) -> Appointment | None:
    """Return which appointment was taken out, if nothing was done after that, and it is in no other link by now."""
    out = LinkedVisitsChange.objects.filter(linked=link).order_by("-pk").select_related("appointment").first()
    if out is None or out.act != LinkAct.UNLINKED or out.appointment.linked_id is not None:
        return None
    moved = Change.objects.filter(appointment__linked=link, move=Move.RESCHEDULE, at__gt=out.at)
    return None if moved.exists() else out.appointment


def _moved_last(link: LinkedVisits, *, at: datetime) -> list[Change]:
    """Return the moves of the last act by which some of a link were moved, where that can be undone still.

    That is the same day, before any of them begins, and with nothing done to them since.
    """
    rows = Change.objects.filter(appointment__linked=link).select_related("appointment__site").order_by("pk")
    histories: dict[int, list[Change]] = {}
    for row in rows:
        histories.setdefault(row.appointment_id, []).append(row)
    last = [one for one in map(last_not_undone, histories.values()) if one and one.move == Move.RESCHEDULE]
    newest = max((one.at for one in last), default=at)
    moved = [one for one in last if one.at == newest]
    return moved if all(_is_open(one, at=at) for one in moved) else []


def _is_open(moved: Change, *, at: datetime) -> bool:
    """Whether a move can be undone still: the visit has not changed otherwise, and it is the same day."""
    visit, zone = moved.appointment, moved.appointment.site.tz
    today = at.astimezone(zone).date()
    return visit.status in MOVABLE and visit.updated_at.astimezone(zone).date() == today and visit.period.lower > at


@unit
def link_again(appointment: Appointment, *, by: Principal, at: datetime) -> LinkedVisits:
    """Undo that an appointment was taken out: with those that were taken out by the same act. Raises NotLinked."""
    last = LinkedVisitsChange.objects.filter(appointment=appointment).order_by("-pk").select_related("linked").first()
    if last is None or last.act != LinkAct.UNLINKED:
        raise NotLinked
    same = LinkedVisitsChange.objects.filter(linked=last.linked, act=LinkAct.UNLINKED, at=last.at)
    ids = sorted(same.values_list("appointment_id", flat=True))
    rows = list(Appointment.objects.filter(pk__in=ids, linked=None).select_for_update(no_key=True).order_by("pk"))
    if appointment.pk not in {one.pk for one in rows}:
        raise NotLinked
    Appointment.objects.filter(pk__in=[one.pk for one in rows]).update(linked=last.linked)
    joined = followers(last.linked_id)
    for act in (LinkAct.LINKED, LinkAct.JOINED):
        note([one for one in rows if (one.pk in joined) == (act is LinkAct.JOINED)], last.linked, act, by=by, at=at)
    return last.linked


def _linked(appointment: Appointment) -> tuple[LinkedVisits, Sequence[Appointment]]:
    link = LinkedVisits.objects.filter(visits=appointment).first()
    rows = lock_visits_of(link.pk) if link else []
    if link is None or appointment.pk not in {one.pk for one in rows}:
        raise NotLinked
    return link, rows
