"""What somebody answers who was offered a time: they have it, do not want it, or wait no more."""

from datetime import datetime, timedelta

from django.db.models import Q

from booking.access_needs import AskedFor
from booking.actions import access_needs, appointments, guest_flow, holds, links
from booking.actions.moves import locked as locked_appointment
from booking.actions.waiting.list_entries import (
    OFFERS,
    TASK,
    end,
    lock_hold,
    locked,
    open_offer,
    principal_of,
)
from booking.actions.waiting.offers import AT_ONCE, close, open_offers
from booking.models import Appointment, Hold, WaitingListEntry, WaitingListOffer
from booking.models.holds import HoldState
from booking.status import OCCUPYING, Move, Status
from booking.waiting.errors import JustTaken, OfferOver
from booking.waiting.status import WAITS, EntryAct, EntryStatus, OfferStatus
from core.database.transactions import unit
from core.doorbell import ring
from core.models import Site
from core.principal import Principal

CONFIRMED_WITHIN = timedelta(days=7)
"""So long a guest has time to press the button in the first mail."""

GIVEN_UP = frozenset({Status.CANCELLED, Status.ENTERED_IN_ERROR})
"""Whose later appointment is like this has none any more, and waits on without it."""


@unit
def accept(offer_id: int, *, by: Principal | None = None, at: datetime) -> Appointment:
    """Book the time that somebody was offered, or move their later appointment there; the others hear that it is taken.

    `by`: who has signed in and accepts, for themselves or as staff; without one, whoever has the mail's link. Pressed
    twice, it is booked once. Raises OfferOver, JustTaken, and what booking refuses.
    """
    named = WaitingListOffer.objects.select_related("entry").get(pk=offer_id)
    # The one order of locks: the appointment that moves, what is kept, the offer, its entry, people, sheets.
    later = _later_of(named.entry)
    hold = lock_hold(named)
    offer, entry = _lock(named)
    if offer.status == OfferStatus.ACCEPTED and offer.appointment is not None:
        return offer.appointment
    _insist_on(offer, entry, hold, at=at)
    visit = _move(later, hold, by=by, at=at) if later else _book(entry, hold, by=by, at=at)
    access_needs.bring_along(visit, AskedFor.of_visit_alone(entry), by=by or principal_of(entry), at=at)
    offer.appointment = visit
    offer.status, offer.answered_at = OfferStatus.ACCEPTED, at
    offer.save(update_fields=["status", "answered_at", "appointment"])
    end(entry, EntryAct.ACCEPT, offer=offer, by=by or principal_of(entry), at=at)
    for other in open_offers(hold):
        close(other, OfferStatus.TAKEN, EntryAct.LOSE, at=at)
    return visit


def _later_of(entry: WaitingListEntry) -> Appointment | None:
    """Lock and return the later appointment that is to move; None of whoever has none, or has it no more."""
    if entry.instead_of is None:
        return None
    visit = locked_appointment(entry.instead_of.public_id)
    return visit if visit.status in OCCUPYING else None


def _lock(named: WaitingListOffer) -> tuple[WaitingListOffer, WaitingListEntry]:
    offer = WaitingListOffer.objects.select_for_update(no_key=True).get(pk=named.pk)
    offer.entry = locked(offer.entry_id)
    return offer, offer.entry


def _insist_on(offer: WaitingListOffer, entry: WaitingListEntry, hold: Hold, *, at: datetime) -> None:
    if offer.status == OfferStatus.TAKEN or hold.state == HoldState.CONFIRMED:
        raise JustTaken(has_another=entry.later is not None)
    if not offer.stands(at=at) or entry.status not in WAITS:
        raise OfferOver
    if hold.state != HoldState.OPEN or hold.expires_at <= at:
        raise JustTaken(has_another=entry.later is not None)


def _book(entry: WaitingListEntry, hold: Hold, *, by: Principal | None, at: datetime) -> Appointment:
    """Book as whoever holds a time on a page books it, or as staff do: by the same limits, rules and answers."""
    if by is not None:
        _hand_over(hold, by)
        return appointments.book(patient=entry.patient, by=by, at=at, hold_id=hold.public_id)
    link = _hand_over(hold, principal_of(entry))
    return guest_flow.book(hold.public_id, by=link, at=at, patient=entry.patient, guest=None, known=True)


def _move(later: Appointment, hold: Hold, *, by: Principal | None, at: datetime) -> Appointment:
    """Book the new time and give the old one back, or neither."""
    who = _hand_over(hold, by or links.principal_of(links.live_link(later, at=at)), moving=later)
    return appointments.move(later.public_id, Move.RESCHEDULE, by=who, at=at, hold_id=hold.public_id)


def _hand_over(hold: Hold, by: Principal, *, moving: Appointment | None = None) -> Principal:
    """Let what was kept for several be the one's who has accepted; all of it in the transaction that books."""
    hold.made_by, hold.moving, hold.proposed = by.key, moving, False
    hold.patient = moving.patient if moving else None
    hold.save(update_fields=["made_by", "moving", "proposed", "patient"])
    return by


@unit
def decline(offer_id: int, *, by: Principal | None = None, at: datetime) -> None:
    """Note that somebody does not want a time; whoever is next is asked, once nobody is left who is. Twice is once."""
    _settle_without(offer_id, OfferStatus.DECLINED, by=by, at=at)


@unit
def not_reached(offer_id: int, *, by: Principal, at: datetime) -> None:
    """Note that staff have called in vain: whoever is next has the time, and they stay on the list. Twice is once."""
    _settle_without(offer_id, OfferStatus.EXPIRED, by=by, at=at)


def _settle_without(offer_id: int, ends_as: OfferStatus, *, by: Principal | None, at: datetime) -> None:
    named = WaitingListOffer.objects.select_related("entry").get(pk=offer_id)
    hold = lock_hold(named)
    offer, entry = _lock(named)
    if offer.status == OfferStatus.NEEDS_ACTION:
        _free(offer, hold, ends_as, by=by or principal_of(entry), at=at)


@unit
def leave(entry: WaitingListEntry, *, by: Principal, at: datetime, act: EntryAct = EntryAct.LEAVE) -> WaitingListEntry:
    """Take somebody off the list, by their own act or by staff (`END`); what is kept for them is free."""
    if known := open_offer(entry):
        lock_hold(known)
    entry = locked(entry.pk)
    # Looked for again: one may have been answered, or made, until the entry was locked.
    if offer := open_offer(entry):
        offer.entry = entry
        _free(offer, lock_hold(offer), OfferStatus.DECLINED, by=by, at=at)
    if entry.status in WAITS:
        end(entry, act, by=by, at=at)
    return entry


def _free(offer: WaitingListOffer, hold: Hold, ends_as: OfferStatus, *, by: Principal, at: datetime) -> None:
    act = EntryAct.DECLINE if ends_as is OfferStatus.DECLINED else EntryAct.EXPIRE
    close(offer, ends_as, act, by=by, at=at)
    if hold.state == HoldState.OPEN and not open_offers(hold):
        holds.give_back(hold, at=at)
    ring(TASK)


def tidy(*, at: datetime) -> int:
    """Take those off the list who never confirmed, whose last day is over, or whose own appointment has begun."""
    over = Q(status=EntryStatus.DRAFT, waiting_since__lte=at - CONFIRMED_WITHIN)
    over |= Q(instead_of__period__startswith__lte=at) & ~Q(instead_of__status__in=sorted(GIVEN_UP))
    for site in Site.objects.all():  # a day is over by the clock of the site
        over |= Q(site=site, latest_on__lt=at.astimezone(site.tz).date())
    waiting = WaitingListEntry.objects.filter(over, status__in=sorted(WAITS)).order_by("pk")
    found = list(waiting[:AT_ONCE])
    for one in found:
        leave(one, by=OFFERS, at=at, act=EntryAct.END)
    return len(found)
