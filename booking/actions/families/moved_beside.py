"""Whoever moves beside a time that was offered to their family is linked with it, as who books there is; and back."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from booking.actions.families.link_ledger import followers, note
from booking.actions.families.meeting_links import join, offer_to_move
from booking.actions.move_acts import Act, Details
from booking.families.meeting_times import BESIDE
from booking.models import Appointment, Hold, LinkAct, LinkedVisits, LinkedVisitsChange, MeetingTime
from booking.status import Move
from core.database.compiled import Argument, CompiledQuery

LAST_LINKED = CompiledQuery(
    lambda: (
        LinkedVisitsChange.objects.filter(appointment__public_id=Argument("public_id"))
        .order_by("-pk")
        .values_list("linked_id", "act")[:1]
    )
)
BOTH = 2
"""A move notes two things at most: that somebody is no more beside one offer, and is beside another."""


def lock_beside(appointment_id: UUID, what: Move, details: Details, *, at: datetime) -> MeetingTime | None:
    """Lock an appointment that moves with what is offered beside its new time, or with those to whom it may come back.

    In the one order: a cancel of what is offered comes before the move, or finds who came beside it. Return the offer
    as it is then, if it is still.
    """
    if what is Move.UNDO:
        for link, act in LAST_LINKED.tuples(public_id=appointment_id):
            if act == LinkAct.UNLINKED:
                _lock(Q(public_id=appointment_id) | Q(linked=link))
        return None
    wanted = _wanted(details) if what is Move.RESCHEDULE and "taken" not in details else None
    found = offer_to_move(appointment_id, *wanted, at=at) if wanted else None
    if wanted is None or found is None:
        return None
    _lock(Q(public_id=appointment_id) | Q(pk=found.appointment_id))
    still = offer_to_move(appointment_id, *wanted, at=at)
    return still if still == found else None


def follow_move(act: Act, offered: MeetingTime | None) -> None:
    """Link a visit that has moved with the offer beside which it is, and with none that it has left; undone, as before.

    What was booked together as a set stays that, wherever one of it moves.
    """
    visit = act.appointment
    if act.what is not Move.RESCHEDULE or "taken" in act.details:
        return
    if act.undone is not None:
        _as_before(act, since=act.undone.at)
        return
    link = visit.linked
    if link is None:
        join(visit, offered, by=act.by, at=act.at)
    elif visit.pk in followers(link.pk):
        other = offered is not None and offered.appointment.linked_id != link.pk
        if other or (offered is None and not _is_beside(visit, link.pk, at=act.at)):
            _leave(act)
        if other:
            join(visit, offered, by=act.by, at=act.at)


def _wanted(details: Details) -> tuple[int, datetime] | None:
    """Return the site (its id) and the start to which somebody moves."""
    if slot := details.get("slot"):
        return slot.site.id, slot.start
    hold_id = details.get("hold_id")
    hold = Hold.objects.filter(public_id=hold_id).first() if hold_id else None
    return (hold.site_id, hold.period.lower) if hold else None


def _lock(rows: Q) -> None:
    list(Appointment.objects.filter(rows).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _is_beside(visit: Appointment, link: int, *, at: datetime) -> bool:
    """Whether a visit is beside one of a link that goes by no other, and that takes place."""
    start = visit.period.lower
    rows = Appointment.objects.taking_time(at=at).filter(linked=link, site=visit.site_id)
    near = rows.filter(period__startswith__gte=start - BESIDE, period__startswith__lte=start + BESIDE)
    return near.exclude(pk__in={visit.pk, *followers(link)}).exists()


def _leave(act: Act) -> None:
    visit = act.appointment
    if visit.linked is not None:
        note([visit], visit.linked, LinkAct.UNLINKED, by=act.by, at=act.at)
        _put(visit, None)


def _put(visit: Appointment, link: LinkedVisits | None) -> None:
    Appointment.objects.filter(pk=visit.pk).update(linked=link)
    visit.linked = link


def _as_before(act: Act, *, since: datetime) -> None:
    """Take back what the move that is undone did to what links the visit, as far as that is so still."""
    visit = act.appointment
    rows = LinkedVisitsChange.objects.filter(appointment=visit).order_by("-pk").select_related("linked")
    made = [row for row in rows[:BOTH] if row.at == since]
    if made and made[0].act == LinkAct.JOINED and visit.linked_id == made[0].linked_id:
        if _is_beside(visit, made[0].linked_id, at=act.at):
            return
        _leave(act)
        made = made[1:]
    for row in made[:1]:
        if row.act == LinkAct.UNLINKED and visit.linked is None and _is_beside(visit, row.linked_id, at=act.at):
            note([visit], row.linked, LinkAct.JOINED, by=act.by, at=act.at)
            _put(visit, row.linked)
