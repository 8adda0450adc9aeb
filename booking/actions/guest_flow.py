"""What a visitor does with a time that they chose: book it without an account, or move there by a mail's link."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from booking import queries
from booking.access_needs import NOT_ASKED, AskedAsBooked, AskedFor
from booking.actions import appointments, booking_checks, holds, limits, links, requested_slots
from booking.actions.booking_checks import BookingCheck
from booking.actions.families import seats
from booking.actions.patients import address_verification, patients, person_locks
from booking.actions.suitability import suitability_checks
from booking.errors import CallToBook, HoldUsed, SameTime, TooManyThisWeek, TooManyVisits
from booking.limit_kinds import LimitKind, VerificationReason
from booking.models import Appointment, Hold, Patient
from booking.models.holds import HoldState
from booking.policies import booking_policy
from booking.rules import PRESSED_TWICE
from booking.status import OCCUPYING, Move
from booking.suitability.answers import SuitabilityAnswers
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.text.languages import BASE
from core.text.names import is_same_name
from scheduler import public as scheduler

if TYPE_CHECKING:
    from booking.actions.move_acts import Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """What somebody without an account says of themselves."""

    name: str
    email: str
    birth_date: date
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingExtras:
    """What comes along with a booking: which page led there (`source`), and what they need so that they can come.

    `needs_seen`: the mark of what was on record when they said so, where they saw it; `language`: what they read, for a
    record that is made anew.
    """

    source: str = ""
    asked_for: AskedFor | None = None
    needs_seen: str | None = None
    language: str = BASE


NO_EXTRAS = BookingExtras()


def refuse_full(slot: scheduler.Slot, patient: Patient, *, by: Principal, at: datetime, known: bool) -> None:
    """Refuse whoever is known here a time that could not be booked beside their other appointments, before it is held.

    Of whoever types who they are, the booking alone says so: else anybody could ask when somebody is here. `known`: by
    their link. Raises CallToBook, PatientBusy, and what the rules refuse.
    """
    with _limits_in_words(known=known):
        booking_checks.check_others(BookingCheck(slot=slot, patient=patient, by=by, at=at))


@limits.note_refusals
@unit
def book(
    hold_id: UUID,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None,
    guest: Guest | None,
    address: str = "",
    answers: SuitabilityAnswers | None = None,
    known: bool = False,
    extras: BookingExtras = NO_EXTRAS,
) -> Appointment:
    """Book what the visitor held. The same hold gives the same person the same visit, however often it is sent.

    `address`: the keyed hash of the network from which an anonymous visitor books, perhaps not where they chose.
    `answers`: to what is asked before; of a refused booking nothing is kept. `known`: by their link.

    A guest whose address must be verified first has it proposed, and is sent a code. Only visits with an address that
    nobody verified count for their network.
    A hold that has run out is as good, as long as its time is still free. Raises Missing, HoldUsed when it became
    somebody else's visit, TooManyBookings, SlotTaken, and what the rules refuse.
    """
    person_locks.wait_for_others_of(by)
    hold = Hold.objects.visible_to(by).select_for_update(no_key=True).filter(public_id=hold_id).first()
    if hold is None:
        raise Missing
    if hold.state == HoldState.CONFIRMED and (booked := _booked(hold, patient or guest)):
        return booked
    # Counted where they book from: a time chosen on the bus and booked on the ward's Wi-Fi is one of the ward's.
    if address:
        _count_for(hold, address)
    relative = _as_guest(patient) if patient else None
    with _limits_in_words(known=known):
        if patient and relative is None:
            _count_for(hold, "")
            asked = AskedAsBooked(said=extras.asked_for, seen=extras.needs_seen)
            visit = _book_or_propose(hold, patient, by=by, at=at, until=None, answers=answers, asked=asked)
        else:
            visit = _book_for(relative or guest, hold, record=patient, by=by, at=at, answers=answers, extras=extras)
    return _noted(visit, extras)


def _noted(visit: Appointment, extras: BookingExtras) -> Appointment:
    """Note with a visit which page led there, where one did."""
    if extras.source:
        visit.source = extras.source
        visit.save(update_fields=["source"])
    return visit


def _booked(hold: Hold, who: Patient | Guest | None) -> Appointment | None:
    """Return the visit that a hold became for the same person. Raises HoldUsed."""
    booked = Appointment.objects.filter(allocation=hold.allocation).first()
    if booked and not (_is(who, booked.patient) if isinstance(who, Guest) else who == booked.patient):
        raise HoldUsed
    return booked


@contextmanager
def _limits_in_words(*, known: bool) -> Iterator[None]:
    """Say which number of appointments stands in the way to whoever has shown that the record is theirs.

    Not at which time another one is, nor whether they came to one: a link may be read by others as well.
    """
    try:
        yield
    except CallToBook as refusal:
        if known and isinstance(refusal.__cause__, TooManyVisits | TooManyThisWeek):
            raise refusal.__cause__ from None
        raise


def _count_for(hold: Hold, address: str) -> None:
    """Let a booking count for a network, or for none: whoever is known has taken nothing from the others of it."""
    if hold.address != address:
        hold.address = address
        hold.save(update_fields=["address"])


def _as_guest(patient: Patient) -> Guest | None:
    """Return what a member of a family said of themselves when they came by a code; None of whoever is known to us.

    That the patient has confirmed them shows nothing of their address.
    """
    email = queries.mail_of(patient) if patient.guest and patient.user_id is None else ""
    return Guest(name=patient.name, email=email, birth_date=patient.birth_date) if email else None


def _book_for(
    guest: Guest | None,
    hold: Hold,
    *,
    record: Patient | None,
    by: Principal,
    at: datetime,
    answers: SuitabilityAnswers | None,
    extras: BookingExtras,
) -> Appointment:
    """Book for a guest, or propose it until their address is verified; what is not booked unseen is counted apart.

    `record`: theirs, where they came by one.
    """
    if guest is None:
        raise Missing
    found, network = limits.may_book(hold, email=guest.email, by=by, at=at), hold.address
    who, policy = (
        record or record_of(guest, hold.site, language=extras.language, by=by, at=at),
        booking_policy(hold.site_id, at=at),
    )
    why = address_verification.reason_to_verify(who, email=guest.email, found=found, policy=policy, at=at)
    if why:
        limits.may_propose(hold, email=guest.email, at=at)
    # Whoever shows an address, or will, has taken nothing from the others of their network. The proof keeps the
    # network: requests that wait are limited by it.
    verified = queries.is_verified(who, email=guest.email)
    # Of whoever has not shown who they are nothing comes onto the record: that its person once showed whose the address
    # is shows nothing of whoever types it.
    asked = AskedAsBooked(said=extras.asked_for, proven=record is not None and verified, seen=extras.needs_seen)
    if why or verified:
        _count_for(hold, "")
    until = at + policy.code_wait if why else None
    # Whoever they are, they take nothing of what is on record from its person.
    apart = bool(answers) and not verified and (bool(why) or suitability_checks.is_overlaid(who))
    visit = _book_or_propose(hold, who, by=by, at=at, until=until, answers=answers, unverified=apart, asked=asked)
    if why:
        _note_slowed(why, hold, network=network, email=guest.email, at=at)
        address_verification.ask_for_code(visit, why, by=by, at=at, address=network)
    return visit


def _note_slowed(why: VerificationReason, hold: Hold, *, network: str, email: str, at: datetime) -> None:
    """Note which limit asks for a code, where one does."""
    if why is VerificationReason.NETWORK:
        limits.note_slowed(LimitKind.NETWORK, network, site_id=hold.site_id, at=at)
    if why is VerificationReason.CONTACT:
        limits.note_slowed(LimitKind.CONTACT, limits.digest_of(email), site_id=hold.site_id, at=at)


def _is(guest: Guest, patient: Patient) -> bool:
    """Whether a record is what this guest said of themselves."""
    alike = guest.birth_date == patient.birth_date and is_same_name(guest.name, patient.name)
    return alike and patient.contacts.mail(guest.email).exists()


def _book_or_propose(
    hold: Hold,
    patient: Patient,
    *,
    by: Principal,
    at: datetime,
    until: datetime | None,
    answers: SuitabilityAnswers | None,
    unverified: bool = False,
    asked: AskedAsBooked = NOT_ASKED,
) -> Appointment:
    """Book what was held, or propose it until `until`. A hold that has run out says so to whoever sends it again."""
    # One that was tidied up and one that was not are the same to whoever comes late: the time is theirs while it is
    # free.
    lapsed = hold.state == HoldState.LAPSED or (hold.state == HoldState.OPEN and hold.expires_at <= at)
    if lapsed and hold.seat_id:
        hold, lapsed = seats.take_again(hold, by=by, at=at), False  # the seat may still be kept for them
    book_it = partial(
        appointments.book,
        patient=patient,
        by=by,
        at=at,
        until=until,
        answers=answers,
        unverified=unverified,
        asked_for=asked,
    )
    if not lapsed:
        return book_it(hold_id=hold.public_id)
    visit = book_it(slot=holds.slot_of(hold, by=by, at=at), replacing=hold.allocation)
    hold.allocation, hold.state, hold.created_at = visit.allocation, HoldState.CONFIRMED, at
    hold.save(update_fields=["allocation", "state", "created_at"])
    return visit


def record_of(guest: Guest, site: Site, *, by: Principal, at: datetime, language: str = BASE) -> Patient:
    """Return the record that the guest made before, or make one, and tell nobody which.

    Whether the person has a record beside those of guests is for staff to find out.
    """
    # Two first bookings of one guest at once would else make two records, each with limits of its own.
    person_locks.wait_for_person(name=guest.name, birth_date=guest.birth_date)
    had = queries.guest_record(name=guest.name, birth_date=guest.birth_date, email=guest.email)
    if had is None:
        about: patients.Facts = {
            "name": guest.name,
            "birth_date": guest.birth_date,
            "email": guest.email,
            "phone": guest.phone,
            "site": site,
            "language": language,
        }
        return patients.register(**about, by=by, at=at, guest=True)
    if guest.phone:
        patients.add_typed_phone(had, guest.phone, at=at)
    return had


@unit
def move(token: str, slot_id: str, *, at: datetime) -> Appointment:
    """Move a visit by its link, to a time that was kept for it or is free. The same again gives the same visit.

    The id is read for this visit, so that it need not name a therapy, and tells nothing when it names one.
    Raises LinkUnknown, LinkMoved, LinkExpired, SameTime, SlotTaken, and what the rules refuse.
    """
    link = links.open_link(token, at=at)
    by, which = links.principal_of(link), link.appointment
    slot = requested_slots.slot_for(which, slot_id, by=by, at=at)
    held = holds.open_hold_for(which, slot, by=by, at=at)
    to: Details = {"hold_id": held.public_id} if held else {"slot": slot}
    try:
        with transaction.atomic():
            return appointments.move(which.public_id, Move.RESCHEDULE, by=by, at=at, **to)
    except (HoldUsed, SameTime) as refusal:
        return _moved_already(which.pk, slot, by=by, at=at, otherwise=refusal)


def _moved_already(pk: int, slot: scheduler.Slot, *, by: Principal, at: datetime, otherwise: Refusal) -> Appointment:
    """Return the visit when this very link moved it to this very time a moment ago: the button was pressed twice.

    Raises `otherwise`.
    """
    visit = Appointment.objects.select_related("practitioner").get(pk=pk)
    last = visit.changes.last()
    mine = last is not None and last.by == by.key and last.at > at - PRESSED_TWICE
    there = (visit.period.lower, visit.practitioner_id) == (slot.start, slot.practitioner.id)
    if mine and there and visit.status in OCCUPYING:  # a request moves like a visit that is booked
        return visit
    raise otherwise
