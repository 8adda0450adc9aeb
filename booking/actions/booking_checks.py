"""Whether somebody may have a time: the rules, asked with what the database knows of the person."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from booking import policies, rules
from booking.access_needs import AskedFor
from booking.actions import requested_slots
from booking.audiences import as_patient, audience_for
from booking.errors import BY_RULE, CallToBook, CallToUndo, PatientBusy, database_refusals, insist, refuse
from booking.limit_words import limit_in_words
from booking.models import Appointment, Hold, Patient
from booking.patients import contacts
from booking.policies import BookingPolicy
from booking.queries import (
    is_elsewhere,
    is_own,
    is_verified,
    mail_of,
    others_of,
    reviews_of_visit,
    unverified_ahead,
    was_reviewed,
)
from booking.roles import acts_as_staff, may_override
from booking.rules import Broken, Decision, RequestedTime
from booking.screening.errors import FirstDayUnknown, TooSoonToCome
from booking.screening.rights import first_day_of
from booking.status import OCCUPYING, Status
from booking.suitability.answers_by_link import is_request
from core.database.transactions import one_reading
from core.principal import Principal
from core.refusals import Invalid, Refusal
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCheck:
    """Who asks for a slot, for whom, when, and why a soft rule should be set aside.

    `only_for`: to whom alone the time is open that is held already; `proposed_by`: who of the clinic proposes it, where
    somebody does: what they must not know of the patient does not stand against it; `reviews`: why somebody looks at
    what this person books, because of what they answered; `needs`: what the place must have for them; `alone`: what a
    guest asks for who has not shown who they are, None of anybody else; `hides_needs`: some of what the place must have
    is not theirs to know; `asking`: as
    whom they ask, where that is not who they are: staff for a family that is not named yet.
    """

    slot: scheduler.Slot
    patient: Patient | None
    by: Principal
    at: datetime
    override_reason: str = ""
    held_at: datetime | None = None
    only_for: str = ""
    proposed_by: Principal | None = None
    reviews: frozenset[scheduler.ReviewReason] = frozenset()
    needs: frozenset[str] = frozenset()
    alone: AskedFor | None = None
    hides_needs: bool = False
    moving: Appointment | None = None
    asking: scheduler.Audience | None = None

    def after(self, hold: Hold | None) -> "BookingCheck":
        """Return the same question for a time that is held: what was in time when it was held still is."""
        if hold is None:
            return self
        reason = self.override_reason or hold.override_reason
        return replace(self, held_at=hold.created_at, override_reason=reason, only_for=hold.only_for)

    @property
    def own_record(self) -> bool:
        """Whether the person asks for themselves."""
        return is_own(self.patient, self.by)

    @property
    def audience(self) -> scheduler.Audience:
        """As whom the person asks: as staff only at the slot's site, and not for themselves."""
        return self._audience(reason=self.override_reason)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From when to when they may book without a reason, as it was when the time was held."""
        since = self.held_at or self.at
        return scheduler.window(self.slot.site.id, audience=self._audience(reason=""), at=since, start=self.slot.start)

    def _audience(self, *, reason: str) -> scheduler.Audience:
        if self.asking is not None:
            return self.asking
        site, patient = self.slot.site.id, self.patient
        return audience_for(
            self.by,
            site_id=site,
            at=self.at,
            patient=patient,
            reason=reason,
            reviews=self.reviews,
            needs=self.needs,
            moving=self.moving,
        )

    @property
    def for_themselves(self) -> scheduler.Audience:
        """As whom the person would ask by themselves."""
        return as_patient(self.patient, at=self.at)

    def broken_by_referral(self) -> list[Broken]:
        """Return whether the time is too soon for a referral to come that the person needs and has not."""
        site, start, since = self.slot.site.id, self.slot.start, self.held_at or self.at
        lacking = scheduler.no_time_for_referral(site, self.slot.therapy, audience=self.audience, start=start, at=since)
        return [Broken.REFERRAL] if lacking and start >= self.at else []

    def broken_by(self, only_for: str) -> list[Broken]:
        """Return whether time that is open to one audience alone, or to everyone, is not open to the person."""
        open_to_them = not only_for or self._audience(reason="").may_use(self.slot.site.id, only_for)
        return [] if open_to_them else [Broken.NOT_OPEN]

    @property
    def requested(self) -> RequestedTime:
        """The question for the rules."""
        site, therapy = self.slot.site.id, self.slot.therapy
        return RequestedTime(
            start=self.slot.start,
            visit=self.slot.visit,
            therapy=therapy,
            days=scheduler.business_days(site),
            offered=scheduler.booking_terms(therapy).active,
            online=scheduler.self_bookable(therapy, site, at=self.at),
            audience=self.audience,
            known=self.patient is not None and not self.patient.guest,
        )


def check_hold(check: BookingCheck, *, moving: Appointment | None) -> Decision:
    """Say on what terms a time may be held. Raises what the rules refuse.

    What staff booked, its patient may move, although nobody books it online.
    """
    if moving is not None:
        _refuse_too_soon(check, moving)
    offered = _broken_there(check, moving) if moving else rules.broken_by_offer(check.requested)
    found = offered + rules.broken_by_time(check.slot.start, check.window, at=check.at)
    found += check.broken_by_referral()
    return _insist(check, found, reviewed=was_reviewed(moving))


def check_booking(check: BookingCheck) -> Decision:
    """Say whether a visit is booked, or proposed until somebody has looked at it. Raises what the rules refuse."""
    requested, others = check.requested, others_of(check.patient, at=check.at)
    found = rules.broken_by_offer(requested) + rules.broken_by_time(requested.start, check.window, at=check.at)
    found += rules.broken_by_others(requested, others, _limits(check), at=check.at)
    return _insist(check, found + check.broken_by(check.only_for))


def check_others(check: BookingCheck) -> None:
    """Refuse a time, not held yet, as its booking would. Raises what the rules refuse, PatientBusy, CallToBook."""
    others = others_of(check.patient, at=check.at)
    _insist(check, rules.broken_by_others(check.requested, others, _limits(check), at=check.at), reviewed=True)
    if any(rules.overlaps(one, check.slot.start, check.slot.end) for one in others):
        raise CallToBook if check.by.visitor else PatientBusy


def check_move(check: BookingCheck, moved: Appointment, *, reviewed: bool) -> Decision:
    """Say whether a visit may be moved to a time; one that is still looked at goes on being. Raises what is refused."""
    _refuse_too_soon(check, moved)
    requested, policy = check.requested, _limits(check)
    stays = requested.audience.is_staff and requested.start == moved.period.lower
    found = _broken_there(check, moved)
    found += rules.broken_by_time(requested.start, check.window, at=check.at, stays=stays)
    others = others_of(check.patient, at=check.at, but=moved)
    found += rules.broken_by_week(requested, others, policy) + check.broken_by_referral()
    return _insist(check, found + check.broken_by(check.only_for), reviewed=reviewed)


def _broken_there(check: BookingCheck, moved: Appointment) -> list[Broken]:
    """Return why a visit that people book themselves where it is may not move to a site where they do not.

    One that is for something else from now on may not be for what nobody offers.
    """
    there, here = check.requested, scheduler.self_bookable(check.slot.therapy, moved.site_id, at=check.at)
    elsewhere, otherwise = check.slot.site.id != moved.site_id, check.slot.therapy != moved.therapy.key
    return rules.broken_by_offer(there) if otherwise or (elsewhere and here and not there.online) else []


def _refuse_too_soon(check: BookingCheck, moving: Appointment) -> None:
    """Refuse a day before the first on which a visit's patient may come. Raises TooSoonToCome, FirstDayUnknown."""
    if why := too_soon(check.slot, moving, by=check.proposed_by or check.by, at=check.at):
        raise why


def too_soon(slot: scheduler.Slot, moving: Appointment, *, by: Principal, at: datetime) -> Refusal | None:
    """Return why a visit's patient may not come then, to patients and staff; None where they may.

    Where nobody knows the first day, to patients alone. Whoever must not know how somebody stands is answered alike
    whatever was answered: they are told at the door.
    """
    first = first_day_of(moving, by=by, at=at)
    if first == date.max:
        return FirstDayUnknown()
    if first is None or requested_slots.day_of(slot) >= first:
        return None
    near = requested_slots.nearest_to(slot.key, by=by, at=at, patient=moving.patient, moving=moving)
    return TooSoonToCome(first, alternatives=near)


def refuse_closed(
    key: scheduler.SlotKey,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    moving: Appointment | None = None,
) -> None:
    """Refuse a start at which the site, or the therapy there, is closed. Raises ClosedThen, with others to choose.

    For what has its claims already: whoever claims is refused by the claim. Of what is called off it is said that it
    stays so.
    """
    if closed := scheduler.closed_in_words(key):
        near = requested_slots.nearest_to(key, by=by, at=at, patient=patient, moving=moving)
        stays = _("It stays cancelled: book another time.") if moving and moving.status == Status.CANCELLED else ""
        raise scheduler.ClosedThen(f"{closed} {stays}".strip(), alternatives=near)


def fitting(visit: Appointment, *, at: datetime) -> Callable[[scheduler.Slot], bool]:
    """Return what says of a time whether a visit may move there as far as its person's other visits go.

    They are in one place at a time, and come so often in a week at most. Needs the visit's site, its person.
    """
    others, requested = others_of(visit.patient, at=at, but=visit), _requested(visit)
    programs = as_patient(visit.patient, at=at).programs_at
    busy = [other for other in others if other.status in OCCUPYING]

    def fits(slot: scheduler.Slot) -> bool:
        if any(slot.start < other.end and other.start < slot.end for other in busy):
            return False
        here = slot.site.id
        policy = policies.booking_policy(here, at=at, programs=programs(here), start=slot.start)
        return not rules.broken_by_week(replace(requested, start=slot.start), others, policy)

    return fits


@one_reading
def within_limits(visit: Appointment, slots: Iterable[scheduler.Slot], *, at: datetime) -> list[scheduler.Slot]:
    """Keep those times to which a visit may move as far as its person's other visits go."""
    return list(filter(fitting(visit, at=at), slots))


def review_of(visit: Appointment, *, start: datetime | None = None) -> Decision:
    """Say whether a visit that waits is still to be looked at, by the policy in force when it was asked for.

    One that was asked for too late for that, by staff with a reason, is kept until it begins. `start`: where it goes
    back to. Needs its site.
    """
    if not is_request(visit):
        return Decision()
    requested, at = replace(_requested(visit), start=start or visit.period.lower), visit.known_at
    reviews = rules.review(requested, policies.booking_policy(visit.site_id, at=at))
    return rules.decide([], requested, reviews, override=True, at=at)


def check_undo(visit: Appointment, policy: BookingPolicy, *, at: datetime) -> None:
    """Refuse to take a cancel back when the person has booked as much since as one may have. Raises CallToUndo.

    Only the number counts: the visit was within the other rules when it was booked. Staff do not ask this.
    """
    programs, start = as_patient(visit.patient, at=at).programs_at(visit.site_id), visit.period.lower
    limits = policies.booking_policy(visit.site_id, at=at, programs=programs, start=start)
    many = rules.broken_by_number(_requested(visit), others_of(visit.patient, at=at, but=visit), limits, at=at)
    if many or (visit.patient.guest and _lacks_proof(visit, policy, at=at)):
        raise CallToUndo


def insist_on_staff(visit: Appointment, by: Principal) -> None:
    """Refuse whoever does not act as staff of a visit's site, or would on their own record. Raises StaffOnly."""
    if not acts_as_staff(by, site_id=visit.site_id, own_record=is_own(visit.patient, by)):
        insist(Broken.STAFF_ONLY)


def _requested(visit: Appointment) -> RequestedTime:
    return RequestedTime(
        start=visit.period.lower,
        days=scheduler.business_days(visit.site_id),
        visit=visit.visit,
        therapy=visit.therapy.key,
        audience=replace(scheduler.Audience.PATIENT, reviews=reviews_of_visit(visit)),
    )


def _lacks_proof(visit: Appointment, policy: BookingPolicy, *, at: datetime) -> bool:
    email = mail_of(visit.patient)
    if is_verified(visit.patient, email=email):
        return False
    return unverified_ahead(email, at=at, but=visit) >= policy.unverified_ahead


def _be_free(visit: Appointment, *, takes_time: bool, at: datetime) -> None:
    """Refuse a visit that takes time while its person has another one, on another record."""
    if takes_time and is_elsewhere(visit, at=at):
        raise PatientBusy


@contextmanager
def one_place_at_a_time(visit: Appointment, *, by: Principal, at: datetime, takes_time: bool) -> Iterator[None]:
    """Let a visit be written unless its person has another one then; the caller has locked the person.

    The record's own visits are guarded by a constraint, those on the person's other records are looked at here.
    Raises PatientBusy; a visitor, who may be a stranger, hears CallToBook.
    """
    try:
        # The constraint sees one record; the others of the person are looked at while the person is locked.
        _be_free(visit, takes_time=takes_time, at=at)
        with database_refusals():
            yield
    except PatientBusy as error:
        if by.visitor:
            raise CallToBook from error
        raise


def check_same_visit_type(slot: scheduler.Slot, appointment: Appointment) -> None:
    """Refuse a slot that is another therapy or another kind of visit than the appointment."""
    if (slot.therapy, slot.visit) != (appointment.therapy.key, appointment.visit):
        raise Invalid(_("This time is for another kind of appointment."), pointer="/slot")


def check_until(until: datetime, start: datetime) -> None:
    """Refuse to wait for something beyond the start of the visit: until then at most. Raises Invalid."""
    if until > start:
        raise Invalid(_("Choose a date and time no later than the start of the appointment."), pointer="/until")


def clean_line(text: str, *, pointer: str) -> str:
    """Return a short text of staff's as one clean line. Raises Invalid."""
    try:
        return contacts.line(text)
    except contacts.Unusable as error:
        raise Invalid(str(error), pointer=pointer) from error


def _policy(check: BookingCheck) -> BookingPolicy:
    return policies.booking_policy(check.slot.site.id, at=check.at)


def _limits(check: BookingCheck) -> BookingPolicy:
    """Return how much the person may have booked, by the policy of their programs as it is when the visit begins."""
    site, start = check.slot.site.id, check.slot.start
    return policies.booking_policy(site, at=check.at, programs=check.audience.programs_at(site), start=start)


def _insist(check: BookingCheck, found: Iterable[Broken], *, reviewed: bool = False) -> Decision:
    """Return the decision, unless it is to refuse."""
    requested = check.requested
    reviews = {} if reviewed else rules.review(requested, _policy(check))
    allowed = may_override(check.by, site_id=check.slot.site.id, own_record=check.own_record)
    override = allowed and bool(check.override_reason)
    decision = rules.decide(found, requested, reviews, override=override, at=check.held_at or check.at)
    left = decision.refused
    why = _in_words(left[0], check) if left and not check.audience.is_staff else ""
    if check.by.visitor and rules.OF_THE_PERSON.intersection(left):
        raise CallToBook from BY_RULE[left[0]](why)
    overridable = allowed and not override and not set(left) - rules.SOFT
    later = left == (Broken.REFERRAL,) or (left == (Broken.NO_REVIEW,) and bool(check.reviews))
    near = {"alternatives": reviewable(check)} if later else {}
    refuse(left, why=why, staff=check.audience.is_staff, overridable=overridable, **near)
    return decision


def _in_words(broken: Broken, check: BookingCheck) -> str:
    """Return what a person can do about a rule that stands in the way, with its number: their program's own."""
    earliest, latest = check.window
    since, limits = check.held_at or check.at, _limits(check)
    numbers = {
        Broken.NOTICE: math.ceil((earliest - since) / timedelta(hours=1)),
        Broken.HORIZON: (latest - since).days,
        Broken.WEEK: limits.max_per_week,
        Broken.ACTIVE: limits.max_active,
    }
    return limit_in_words(broken, numbers[broken]) if broken in numbers else ""


def reviewable(check: BookingCheck) -> list[scheduler.Slot]:
    """Return the nearest times before which somebody can look at what this person answered, or a referral can come."""
    return requested_slots.nearest_to(
        check.slot.key,
        by=check.by,
        at=check.at,
        patient=check.patient,
        moving=check.moving,
        override_reason=check.override_reason,
        reviews=check.reviews,
        needs=check.needs,
    )
