"""Saying who is to have a seat: a member of a patient's family, by the link between them, also a new one."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from booking.actions.families import family_links
from booking.actions.families.family_links import Invitation
from booking.actions.families.reservations import lock_seats, refuse_if_held
from booking.actions.families.seat_claims import record, refuse_booked
from booking.families.status import FamilyAct, FamilyState
from booking.models import Appointment, FamilyLink, Patient, Seat, SeatAct, SeatState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.seats.seat_errors import NamedAtOnce, NotForSeats, SeatGone
from core.database.locking import wait_for
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Refusal


@unit
def name(seat_id: UUID, link: FamilyLink, *, by: Principal, at: datetime) -> Seat:
    """Say that a seat is for a member of a family; the same again changes nothing. Who books it is theirs to decide.

    Until the name-by date it waits for them. Raises Missing, SeatBooked, SeatGone, SeatHeld, NotForSeats,
    NamedAtOnce.
    """
    (seat,) = lock_seats([seat_id], by=by)
    _refuse_if_over(seat, at=at)
    # As it is now, and so until this is written: of two seats named at once, the second sees the first, also where it
    # is named by the link with another patient.
    if link.relative_id is not None:
        wait_for(f"seats of patient {link.relative_id}")
    link = FamilyLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    enrolled = link.patient.enrolments.live(at=at).filter(site=seat.reservation.site, program=seat.reservation.program)
    if not link.is_live(at=at) or not enrolled.exists():
        raise NotForSeats
    if seat.named_for_id != link.pk:
        _refuse_two_at_once(seat, link, at=at)
        _write(seat, link, SeatAct.NAMED, by=by, at=at)
        if link.is_in_force(at=at):
            # Whoever is still to take up an invitation reads of it in that mail, or in the one that they are confirmed.
            family_links.record_act(link, FamilyAct.KEPT_FOR, before=FamilyState(link.state), by=by.key, at=at)
    return seat


def invite(
    seat_id: UUID, patient: Patient, invitation: Invitation, *, site: Site, by: Principal, at: datetime
) -> FamilyLink:
    """Invite a member of a patient's family to a seat, or do neither: nobody is written to of a time that is not kept.

    What is refused stays on record. Raises what `name` and inviting somebody do.
    """
    try:
        return _invited(seat_id, patient, invitation, site=site, by=by, at=at)
    except Refusal as refusal:
        family_links.note_refusal(FamilyAct.INVITE, refusal, patient, by=by, at=at)
        raise


@unit
def _invited(
    seat_id: UUID, patient: Patient, invitation: Invitation, *, site: Site, by: Principal, at: datetime
) -> FamilyLink:
    lock_seats([seat_id], by=by)  # before the patient, as whoever books one does
    link = family_links.invite(patient, invitation, site=site, by=by, at=at)
    name(seat_id, link, by=by, at=at)
    return link


@unit
def unname(seat_id: UUID, *, by: Principal, at: datetime) -> Seat:
    """Take the name off a seat: it waits for somebody else. Raises Missing, SeatBooked, SeatGone, SeatHeld."""
    (seat,) = lock_seats([seat_id], by=by)
    _refuse_if_over(seat, at=at)
    if seat.named_for_id is not None:
        _write(seat, None, SeatAct.UNNAMED, by=by, at=at)
    return seat


def _refuse_if_over(seat: Seat, *, at: datetime) -> None:
    refuse_booked(seat, at=at)
    if seat.state not in WAITING_FOR_SOMEBODY or seat.reservation.name_by <= at:
        raise SeatGone


def _refuse_two_at_once(seat: Seat, link: FamilyLink, *, at: datetime) -> None:
    """Refuse a seat that overlaps another of the same person's, by whichever link. Raises NamedAtOnce."""
    theirs = Q(named_for=link) | Q(named_for__relative=link.relative_id, named_for__relative__isnull=False)
    booked = Q(state=SeatState.BOOKED, appointment__in=Appointment.objects.taking_time(at=at))
    waiting = Q(state__in=WAITING_FOR_SOMEBODY, reservation__name_by__gt=at)
    others = Seat.objects.filter(theirs, waiting | booked, period__overlap=seat.period).exclude(pk=seat.pk)
    other = others.select_related("reservation__site").order_by("period").first()
    if other is not None:
        raise NamedAtOnce(start=other.period.lower, zone=other.reservation.site.tz)


def _write(seat: Seat, link: FamilyLink | None, act: SeatAct, *, by: Principal, at: datetime) -> None:
    refuse_if_held(seat, at=at)
    seat.named_for, seat.state = link, SeatState.NAMED if link else SeatState.OPEN
    seat.save(update_fields=["named_for", "state"])
    record(seat, act, by=by, at=at, facts={"link": str(link.public_id)} if link else {})
