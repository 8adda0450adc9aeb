"""Seats for families: kept in one act, all of them or none; given back, had again, kept for longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from booking.actions import booking_checks
from booking.actions.booking_checks import BookingCheck
from booking.actions.families import seat_claims
from booking.actions.patients import person_locks
from booking.families.family_programs import refuse_beyond
from booking.models import Hold, Reservation, Seat, SeatAct, SeatState
from booking.models.holds import HoldState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.seats.seat_errors import SeatGone, SeatHeld, TooManySeats
from booking.seats.seat_queries import count_waiting
from booking.seats.seat_rules import (
    MOST_SEATS,
    MOST_WAITING,
    ReservationAnchor,
    are_in_a_row,
    are_side_by_side,
    usual_name_by,
)
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Forbidden, Invalid, Missing, refuse_invalid
from core.rights import Action, sites_for
from scheduler import public as scheduler


@unit
def keep(
    slots: Sequence[scheduler.Slot],
    *,
    by: Principal,
    at: datetime,
    program: str = scheduler.CANCER_PROGRAM,
    name_by: datetime | None = None,
    anchor: ReservationAnchor | None = None,
    reason: str = "",
) -> Reservation:
    """Keep up to six starts for families of a program, side by side or in a row: all of them, or none.

    Nobody else has them until `name_by` (three days before, where nothing is said): what nobody has booked by then is
    free, and no task has to run for that. Staff of the program see its own time as well; whose seat is which may be
    said later.
    Raises Forbidden, Invalid, TooManySeats, SlotTaken, and what the rules refuse.
    """
    ordered = sorted(slots, key=lambda one: (one.start, one.practitioner.name))
    _refuse_what_does_not_go_together(ordered, anchor)
    site = ordered[0].site.id
    if site not in sites_for(by, Action.RESERVE_SEATS):
        raise Forbidden
    refuse_beyond(program, ordered)
    until = name_by or usual_name_by(ordered, at=at)
    _refuse_name_by(until, ordered[0].start, at=at)
    wait_for_quota(by, wanted=len(ordered), at=at)
    for one in ordered:
        _refuse_by_rules(one, program, by=by, at=at)
    kept = Reservation.objects.create(
        program=program,
        site_id=site,
        made_by=by.key,
        reason=booking_checks.clean_line(reason, pointer="/reason"),
        in_a_row=len(ordered) > 1 and are_in_a_row(ordered),
        name_by=until,
        **_columns_of(anchor),
        created_at=at,
    )
    _claim(kept, ordered, by=by, at=at)
    return kept


def _columns_of(anchor: ReservationAnchor | None) -> dict[str, Any]:
    if anchor is None:
        return {}
    where = {"anchor_at": anchor.at, "anchor_site": anchor.site}
    return where | {"anchor_minutes": anchor.minutes, "anchor_before": anchor.before}


def _refuse_what_does_not_go_together(slots: Sequence[scheduler.Slot], anchor: ReservationAnchor | None) -> None:
    if not 0 < len(slots) <= MOST_SEATS:
        raise Invalid(_("Choose one to six times."), pointer="/slots")
    refuse_invalid(
        [
            ("slots", _("Choose each time once."), len({one.id for one in slots}) < len(slots)),
            ("slots", _("Choose times at one site."), len({one.site.id for one in slots}) > 1),
            (
                "slots",
                _("Choose times that are side by side, or one after the other."),
                len(slots) > 1 and not are_side_by_side(slots) and not are_in_a_row(slots),
            ),
            (
                "anchor",
                _("These times are not as near as you asked for. Choose others, or a longer way."),
                anchor is not None and not anchor.has_near(slots),
            ),
        ]
    )


def _refuse_name_by(until: datetime, start: datetime, *, at: datetime) -> None:
    refuse_invalid(
        [
            ("name_by", _("Choose a moment that is still to come."), until <= at),
            ("name_by", _("Choose a moment no later than the start of the first of these times."), until > start),
        ]
    )


def _refuse_by_rules(slot: scheduler.Slot, program: str, *, by: Principal, at: datetime) -> None:
    """Refuse what its family could not book, as staff look for it: by the family's rules. Raises what they refuse."""
    asking = audience_of(program, slot.site.id)
    booking_checks.check_hold(BookingCheck(slot=slot, patient=None, by=by, at=at, asking=asking), moving=None)


def wait_for_quota(by: Principal, *, wanted: int, at: datetime) -> None:
    """Refuse more seats than one member of staff keeps, counted while nobody else acts as them. Raises TooManySeats."""
    person_locks.wait_for_others_of(by)
    waiting = count_waiting(by, at=at)
    if waiting + wanted > MOST_WAITING:
        raise TooManySeats(limit=MOST_WAITING, waiting=waiting)


def _claim(kept: Reservation, slots: Sequence[scheduler.Slot], *, by: Principal, at: datetime) -> None:
    """Claim what a reservation keeps, and write it down seat by seat."""
    wanted = [_wanted(one, kept) for one in slots]
    for number, claimed in enumerate(scheduler.claim(wanted, at=at), start=1):
        seat = Seat(reservation=kept, number=number, allocation=wanted[number - 1].allocation)
        seat_claims.put_on(seat, claimed.slot)
        seat.place_id, seat.only_for = claimed.place_id, claimed.only_for
        seat.save(force_insert=True)
        seat_claims.record(seat, SeatAct.KEPT, by=by, at=at, facts={"name_by": kept.name_by.isoformat()})


def _wanted(slot: scheduler.Slot, kept: Reservation) -> scheduler.ClaimRequest:
    return scheduler.ClaimRequest(
        slot=slot, allocation=uuid4(), audience=audience_of(kept.program, kept.site_id), expires_at=kept.name_by
    )


def audience_of(program: str, site: int) -> scheduler.Audience:
    """Return as whom staff of a program keep seats: its own time is open to them, and that of no other."""
    return scheduler.Audience.of_program_staff(program, site)


@unit
def release(seat_ids: Sequence[UUID], *, by: Principal, at: datetime) -> list[Seat]:
    """Give seats back at once; pressed twice it is the same as once. Raises Missing, SeatBooked, SeatHeld."""
    seats = lock_seats(seat_ids, by=by)
    for seat in seats:
        _refuse_if_in_use(seat, at=at)
        if seat.state == SeatState.RELEASED:
            continue
        scheduler.release(seat.allocation, at=at)
        seat.state = SeatState.RELEASED
        seat.save(update_fields=["state"])
        seat_claims.record(seat, SeatAct.RELEASED, by=by, at=at)
    return seats


@unit
def keep_again(seat_ids: Sequence[UUID], *, by: Principal, at: datetime) -> list[Seat]:
    """Undo that seats were given back, all of them or none, as long as their times are free.

    Raises Missing, SeatGone where the name-by date is over, TooManySeats, SlotTaken.
    """
    person_locks.wait_for_others_of(by)  # before the seats, as whoever takes one does
    seats = [one for one in lock_seats(seat_ids, by=by) if one.state == SeatState.RELEASED]
    if any(one.reservation.name_by <= at for one in seats):
        raise SeatGone(_("Its name-by date is over. Look for another time."))
    wait_for_quota(by, wanted=len(seats), at=at)
    wanted = [_wanted(scheduler.slot(one.slot), one.reservation) for one in seats]
    for seat, request, claimed in zip(seats, wanted, scheduler.claim(wanted, at=at) if wanted else (), strict=True):
        seat.allocation, seat.place_id = request.allocation, claimed.place_id
        seat.state = SeatState.NAMED if seat.named_for_id else SeatState.OPEN
        seat.save(update_fields=["allocation", "place", "state"])
        seat_claims.record(seat, SeatAct.KEPT_AGAIN, by=by, at=at)
    return seats


@unit
def postpone(reservation_id: UUID, name_by: datetime, *, by: Principal, at: datetime) -> Reservation:
    """Keep what is left of a reservation until another moment, at most until it begins. Raises Missing, SeatGone."""
    seats = _locked_of(reservation_id, by=by)
    kept, waiting = seats[0].reservation, [one for one in seats if one.state in WAITING_FOR_SOMEBODY]
    if kept.name_by <= at or not waiting:
        raise SeatGone
    _refuse_name_by(name_by, min(one.period.lower for one in waiting), at=at)
    kept.name_by, kept.reminded_at = name_by, None
    kept.save(update_fields=["name_by", "reminded_at"])
    ends = {hold.seat_id: hold.expires_at for hold in _holds(waiting, at=at)}
    for seat in waiting:
        # Whoever is booking one just now has the time that they were promised.
        scheduler.postpone(seat.allocation, until=max(name_by, ends.get(seat.pk, name_by)), at=at)
        seat_claims.record(seat, SeatAct.POSTPONED, by=by, at=at, facts={"name_by": name_by.isoformat()})
    return kept


def lock_seats(seat_ids: Sequence[UUID], *, by: Principal) -> list[Seat]:
    """Lock and return seats that somebody keeps or may keep, in one order. Raises Missing."""
    return _lock(Seat.objects.visible_to(by).filter(public_id__in=seat_ids), expected=len(set(seat_ids)))


def _locked_of(reservation_id: UUID, *, by: Principal) -> list[Seat]:
    return _lock(Seat.objects.visible_to(by).filter(reservation__public_id=reservation_id), expected=1)


def _lock(found: QuerySet[Seat], *, expected: int) -> list[Seat]:
    # What joins is asked first, and what is locked is asked by number alone.
    numbers = list(found.order_by().values_list("pk", flat=True))
    if len(numbers) < max(expected, 1):
        raise Missing
    # Those who hold a seat lock their hold first.
    list(Hold.objects.filter(seat__in=numbers, state=HoldState.OPEN).select_for_update(no_key=True).order_by("pk"))
    seats = list(Seat.objects.filter(pk__in=numbers).select_for_update(no_key=True).order_by("pk"))
    known = Reservation.objects.select_related("site").in_bulk({one.reservation_id for one in seats})
    for seat in seats:
        seat.reservation = known[seat.reservation_id]
    return seats


def _holds(seats: Sequence[Seat], *, at: datetime) -> list[Hold]:
    """Return the holds of whoever is booking one of these seats at this moment."""
    return list(Hold.objects.filter(seat__in=seats, state=HoldState.OPEN, expires_at__gt=at))


def _refuse_if_in_use(seat: Seat, *, at: datetime) -> None:
    seat_claims.refuse_booked(seat, at=at, instead=_("Cancel or move the appointment instead."))
    refuse_if_held(seat, at=at)


def refuse_if_held(seat: Seat, *, at: datetime) -> None:
    """Refuse to change a locked seat under the hands of whoever is booking it. Raises SeatHeld."""
    for hold in _holds([seat], at=at):
        raise SeatHeld(until=hold.expires_at, zone=seat.reservation.site.tz)
