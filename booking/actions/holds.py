"""Keeping a time for somebody while they decide."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from booking.actions import booking_checks, hold_limits, limits, requested_slots
from booking.actions.booking_checks import BookingCheck
from booking.actions.families import seat_claims
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability_checks
from booking.actions.suitability.suitable_places import claim_for
from booking.errors import (
    HoldExpired,
    HoldNotExtendable,
    HoldUsed,
    MoveNotAllowed,
    OverlapsOwnVisit,
    SameTime,
)
from booking.models import Appointment, Hold, Patient
from booking.models.holds import HoldState
from booking.policies import booking_policy
from booking.queries import was_reviewed
from booking.rules import Broken
from booking.status import Move, Status, after
from booking.suitability.answers import SuitabilityAnswers
from core.database.compiled import Argument, CompiledQuery
from core.database.transactions import unit
from core.principal import Principal
from scheduler import public as scheduler


@limits.note_refusals
@unit
def choose(
    slot: scheduler.Slot,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    instead_of: UUID | None = None,
    alone: bool = False,
    address: str = "",
    override_reason: str = "",
    reviews: frozenset[scheduler.ReviewReason] = frozenset(),
    needs: frozenset[str] = frozenset(),
) -> Hold:
    """Keep a time for whoever looks for one; the hold they had of it (`instead_of`) goes. Refused, they keep that one.

    `alone`: whichever they had for the patient goes; `reviews`: why somebody looks at it first, because of what they
    have answered on their way; `needs`: what the place must have for them, by the same. The same time chosen twice,
    also at once, is kept once: the second press waits for the first and gets its hold.
    Raises TooManyHolds, SlotTaken, and what the rules refuse.
    """
    # By the visitor, not by the hold: of two first presses at once neither finds a hold to lock.
    person_locks.wait_for_others_of(by)
    had = _open(by, at=at).select_for_update(no_key=True).filter(patient=patient, moving=None)
    held = _given_for_it(had, slot, instead_of, alone=alone)
    same = had.filter(slot=slot.id).first()
    if same is None:
        return take(
            slot,
            by=by,
            at=at,
            patient=patient,
            instead_of=held,
            address=address,
            override_reason=override_reason,
            reviews=reviews,
            needs=needs,
        )
    if held and held != same:
        give_back(held, at=at)
    return same


def _given_for_it(had: QuerySet[Hold], slot: scheduler.Slot, instead_of: UUID | None, *, alone: bool) -> Hold | None:
    if alone:
        return had.exclude(slot=slot.id).first()
    return had.filter(public_id=instead_of).first() if instead_of else None


@unit
def choose_for(
    appointment: Appointment,
    slot: scheduler.Slot,
    *,
    by: Principal,
    at: datetime,
    proposed_by: Principal | None = None,
) -> Hold | None:
    """Keep a time to which a visit may move; None when the visit's own time keeps it already.

    What was looked at before is given back, and not what the clinic proposes (`proposed_by`: the other way round).
    Raises SameTime, SlotTaken, and what the rules refuse.
    """
    _lock_as_it_stands(appointment)
    if appointment.slot == slot.id:
        raise SameTime
    person_locks.wait_for_others_of(by)
    kept = _open(by, at=at).select_for_update(no_key=True).filter(moving=appointment)
    if same := kept.filter(slot=slot.id).first():
        return same
    held = kept.filter(proposed=proposed_by is not None).first()
    try:
        with transaction.atomic():
            return take(slot, by=by, at=at, moving=appointment, instead_of=held, proposed_by=proposed_by)
    except OverlapsOwnVisit:
        # The refused take has let all its locks go, so that sheets may be locked again.
        if held:
            give_back(held, at=at)
        return None


@unit
def take(
    slot: scheduler.Slot,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    moving: Appointment | None = None,
    override_reason: str = "",
    instead_of: Hold | None = None,
    address: str = "",
    proposed_by: Principal | None = None,
    reviews: frozenset[scheduler.ReviewReason] = frozenset(),
    needs: frozenset[str] = frozenset(),
) -> Hold:
    """Keep a slot for as long as the policy says, for a patient or for whoever acts, or to move a visit there.

    Where many of one network keep times, it is kept for a shorter while for those who have none.
    `instead_of`: an open hold of one's own, its row locked, that gives its time back for this one; refused, it stands.
    `address`: the keyed hash of an anonymous visitor's network, by which their holds are counted too. `reviews`: why
    somebody looks at it first, `needs`: what the place must have, by what was answered and is on no record yet.
    Raises TooManyHolds, ManyFromNetwork, SlotTaken, NotOpenYet, NoSuitablePlace, and what the rules refuse.
    """
    patient = moving.patient if moving else patient
    reason = booking_checks.clean_line(override_reason, pointer="/override_reason")
    check = BookingCheck(
        slot=slot, patient=patient, by=by, at=at, override_reason=reason, proposed_by=proposed_by, moving=moving
    )
    if moving is not None:
        _may_move(slot, moving)
    check = suitability_checks.as_answered(check, moving, reviews=reviews, needs=needs)
    overrode = booking_checks.check_hold(check, moving=moving).overridden
    # Counted under the locks that it takes, and before the sheets: two takes at once see each other's hold.
    hold = unsaved(check, until=at + hold_limits.count(check, address=address, but=instead_of))
    hold.moving, hold.address = moving, address
    overrode += tuple(_claim(hold, check, instead_of=instead_of))
    _let_be_replaced(instead_of, at=at)
    overrode += tuple(check.broken_by(hold.only_for))
    hold.override_reason = reason if overrode else ""
    hold.save(force_insert=True)
    return hold


def _let_be_replaced(instead_of: Hold | None, *, at: datetime) -> None:
    """Note that a hold gave its time back for another one, whose claims have retired its own."""
    if instead_of is not None and instead_of.seat_id is None:
        _note(instead_of, HoldState.RELEASED)
    elif instead_of is not None:
        give_back(instead_of, at=at)  # the seat's claims are still there


def unsaved(check: BookingCheck, *, until: datetime) -> Hold:
    """Return a hold as it is written once its time is claimed."""
    slot = check.slot
    return Hold(
        allocation=uuid4(),
        slot=slot.id,
        made_by=check.by.key,
        patient=check.patient,
        practitioner_id=slot.practitioner.id,
        site_id=slot.site.id,
        period=TimestamptzRange(slot.start, slot.end, "[)"),
        expires_at=until,
        created_at=check.at,
    )


def _claim(hold: Hold, check: BookingCheck, *, instead_of: Hold | None) -> list[Broken]:
    """Claim the hold's time, and note its place and to whom alone it is open; return what is set aside by that."""
    wanted = scheduler.ClaimRequest(
        slot=check.slot,
        allocation=hold.allocation,
        audience=check.audience,
        expires_at=hold.expires_at,
        # A seat that was kept for families stays kept: its time is not this one's to take.
        replacing=instead_of.allocation if instead_of and instead_of.seat_id is None else None,
        reviewed=was_reviewed(hold.moving),
    )
    with _apart_from(hold.moving, check.slot):
        claimed, lacking = claim_for(wanted, check, moves=hold.moving is not None)
    hold.place_id, hold.only_for = claimed.place_id, claimed.only_for
    return lacking


def open_holds(*, by: Principal, at: datetime) -> QuerySet[Hold]:
    """Return the times that somebody keeps to book one of them, the soonest first, each with its site."""
    return _open(by, at=at).filter(moving=None).select_related("site").order_by("period")


def open_hold_for(appointment: Appointment, slot: scheduler.Slot, *, by: Principal, at: datetime) -> Hold | None:
    """Return the open hold of that time for moving a visit, if there is one."""
    return _open(by, at=at).filter(moving=appointment, slot=slot.id).first()


def offered_for(appointment: Appointment, *, by: Principal, at: datetime) -> Hold | None:
    """Return the time that the clinic proposes for a visit and still keeps, if there is one; with its site.

    A time that is not open any more, as where its practitioner is away since, is proposed to nobody.
    """
    held = _open(by, at=at).filter(moving=appointment, proposed=True).select_related("site").first()
    covered = held is not None and not scheduler.uncovered_allocations([held.allocation], at=at)
    return held if covered else None


def _open(by: Principal, *, at: datetime) -> QuerySet[Hold]:
    """Return the holds of one's own that still stand, the newest first."""
    return Hold.objects.visible_to(by).filter(state=HoldState.OPEN, expires_at__gt=at).order_by("-created_at")


@unit
def extend(hold_id: UUID, *, by: Principal, at: datetime) -> Hold:
    """Keep one's own hold for as long again from now; a few times at most. Raises HoldExpired, HoldNotExtendable."""
    hold = own_hold(hold_id, by=by, at=at)
    if hold.extended >= booking_policy(hold.site_id, at=at).extensions:
        raise HoldNotExtendable(
            _("So that others can have it too, we do so a few times only. Please go on with it now.")
        )
    hold.extended += 1
    hold.expires_at = max(hold.expires_at, at + limits.time_to_extend(hold, at=at))
    hold.save(update_fields=["extended", "expires_at"])
    scheduler.postpone(hold.allocation, until=seat_claims.until(hold), at=at)
    return hold


def keep_until(hold: Hold, until: datetime, *, proposed: bool = True, at: datetime) -> Hold:
    """Keep a hold that still stands until then, whatever is usual. Its row is locked.

    `proposed`: the clinic proposes its time; else it is its holder's own again.
    """
    hold.expires_at, hold.proposed = until, proposed
    hold.save(update_fields=["expires_at", "proposed"])
    scheduler.postpone(hold.allocation, until=until, at=at)
    return hold


def lock_holds_for(*visits: Appointment) -> list[Hold]:
    """Lock and return what is kept for moving visits, themselves locked: after appointments, before people, sheets."""
    kept = Hold.objects.filter(moving__in=visits, state=HoldState.OPEN)
    return list(kept.select_for_update(no_key=True).order_by("pk"))


def let_go(kept: Iterable[Hold], *, at: datetime) -> None:
    """Let holds run out now, whose rows are locked."""
    for held in kept:
        # By their end, and not given back: sheets are locked all at once, and may be already.
        # Of some the time is over, and nobody has tidied up since.
        with suppress(scheduler.ClaimLapsed), transaction.atomic():
            scheduler.postpone(held.allocation, until=at, at=at)
        _note(held, HoldState.RELEASED)


@unit
def release(hold_id: UUID, *, by: Principal, at: datetime) -> None:
    """Give one's own hold back; giving it back twice is the same as once. Raises HoldUsed."""
    hold = _locked(hold_id, by=by)
    if hold.state == HoldState.CONFIRMED:
        raise HoldUsed
    give_back(hold, at=at)


def own_hold(
    hold_id: UUID,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    answers: SuitabilityAnswers | None = None,
    asked: frozenset[str] = frozenset(),
) -> Hold:
    """Lock and return one's own hold that still stands. Raises Missing, HoldUsed, HoldExpired.

    `patient`: who is to have it, where it names nobody; `answers`, `asked`: what they answer, and what the place
    must have as they ask for it now. Other times go by all of it.
    """
    # Whether it still stands is told by its time, not by its state: the sweep that notes it may be dead.
    hold = _locked(hold_id, by=by)
    if hold.state == HoldState.CONFIRMED:
        raise HoldUsed
    if hold.state != HoldState.OPEN or hold.expires_at <= at:
        key, why, who = scheduler.SlotKey.decode(hold.slot), hold.override_reason, hold.patient or patient
        needs = suitability_checks.place_needs_at(key, hold.site, who, answers=answers, asked=asked, at=at)
        near = requested_slots.nearest_to(
            key, by=by, at=at, patient=hold.patient, moving=hold.moving, override_reason=why, needs=needs
        )
        raise HoldExpired(slot=hold.slot, alternatives=near)  # one of them is the lapsed hold's own while it is free
    return hold


def slot_of(hold: Hold, *, by: Principal, at: datetime) -> scheduler.Slot:
    """Return the start that a hold is for, as long as such visits are now. Raises SlotTaken, UnknownSlot."""
    patient, moving, reason = hold.patient, hold.moving, hold.override_reason
    return requested_slots.read_slot(hold.slot, by=by, at=at, patient=patient, moving=moving, override_reason=reason)


def slot_held(hold: Hold, *, by: Principal, at: datetime) -> scheduler.Slot:
    """Return the same as long as it was when it was kept: that is what is claimed. Raises SlotTaken, UnknownSlot."""
    return replace(slot_of(hold, by=by, at=at), end=hold.period.upper)


def confirm(hold: Hold, *, at: datetime, until: datetime | None = None) -> None:
    """Let an appointment take a hold's claims over, for good or until a review ends."""
    if until is None:
        scheduler.take_over(hold.allocation, at=at)
    else:
        scheduler.postpone(hold.allocation, until=until, at=at)
    note_confirmed(hold)


def note_confirmed(hold: Hold) -> None:
    """Note that an appointment came of a hold."""
    _note(hold, HoldState.CONFIRMED)


def give_back(hold: Hold, *, at: datetime, as_state: HoldState = HoldState.RELEASED) -> None:
    """Free a hold's time and note it; a seat that is kept for families stays kept."""
    if hold.seat_id is None:
        scheduler.release(hold.allocation, at=at)
    else:
        seat_claims.hand_back(hold, at=at)
    _note(hold, as_state)


def _note(hold: Hold, state: HoldState) -> None:
    hold.state = state
    hold.save(update_fields=["state"])


LOCKED_HOLD = CompiledQuery(
    lambda: Hold.objects.made_by(Argument("key")).select_for_update(no_key=True).filter(public_id=Argument("public_id"))
)


def _locked(hold_id: UUID, *, by: Principal) -> Hold:
    return LOCKED_HOLD.get(key=by.key, public_id=hold_id)


def _may_move(slot: scheduler.Slot, moving: Appointment) -> None:
    if after(Status(moving.status), Move.RESCHEDULE) is None:
        raise MoveNotAllowed(stands=moving.status, move=Move.RESCHEDULE.value)
    booking_checks.check_same_visit_type(slot, moving)


def _lock_as_it_stands(appointment: Appointment) -> None:
    """Lock an appointment that was read before, and read it again where it has changed since."""
    rows = Appointment.objects.filter(pk=appointment.pk).select_for_update(no_key=True)
    if (appointment.version, appointment.status) != rows.values_list("version", "status").get():
        appointment.refresh_from_db()


@contextmanager
def _apart_from(moving: Appointment | None, slot: scheduler.Slot) -> Iterator[None]:
    """Say of a time that a visit itself has, where it is to move, that it overlaps its own."""
    try:
        yield
    except scheduler.SlotTaken as error:
        if moving is not None and slot.start < moving.period.upper and moving.period.lower < slot.end:
            raise OverlapsOwnVisit(slot=slot.id) from error
        raise
