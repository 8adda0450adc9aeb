"""Booking: an appointment comes to be from a hold or from a free slot, at once or as a request."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from booking.access_needs import NOT_ASKED, NOTHING_ASKED, AskedAsBooked, AskedFor
from booking.actions import access_needs, booking_checks, holds
from booking.actions.booking_checks import BookingCheck
from booking.actions.families import meeting_links, seat_claims
from booking.actions.ledger import record, where_to
from booking.actions.move_effects import put_on
from booking.actions.moves import expire_lapsed, move
from booking.actions.patients import person_locks, referral_terms
from booking.actions.preparing import prepare_anew
from booking.actions.suitability import hidden_needs, suitability_checks
from booking.actions.suitability.suitable_places import claim_for
from booking.models import Appointment, Hold, Patient
from booking.rules import Broken, Decision
from booking.status import MOVES, OCCUPYING, Move, Status
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.answers_by_link import QUESTIONS_BY_LINK, waits_for_answers
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid
from scheduler import public as scheduler

__all__ = ["book", "move"]


@unit
def book(
    *,
    patient: Patient,
    by: Principal,
    at: datetime,
    slot: scheduler.Slot | None = None,
    hold_id: UUID | None = None,
    until: datetime | None = None,
    override_reason: str = "",
    note: str = "",
    replaces: UUID | None = None,
    replacing: UUID | None = None,
    told_at_desk: bool = False,
    answers: SuitabilityAnswers | None = None,
    set_aside: str = "",
    unverified: bool = False,
    questions_by_link: bool = False,
    asked_for: AskedAsBooked = NOT_ASKED,
) -> Appointment:
    """Book a held or a free time for a patient; request it where a check is awaited `until` then, or by the rules.

    `replaces`: the called-off appointment that this one stands for. `replacing`: an allocation of a hold that has run
    out. `told_at_desk`: nobody writes to them. `answers`: to what is asked before, for this alone where its guest is
    `unverified`; `set_aside`: why a clinician books it anyhow; `questions_by_link`: staff let it wait for answers;
    `asked_for`: what helps them to come.
    Raises HoldExpired, HoldUsed, SlotTaken, ClosedThen, UnknownSlot, PatientBusy, and what rules and answers refuse.
    """
    # The one order of locks: hold, what is offered to them, lapsed visits (none is waited for), person, then sheets.
    hold = _held(hold_id, patient, answers, asked_for, by=by, at=at) if hold_id and slot is None else None
    slot = _slot_of(hold, patient, by=by, at=at) if hold else _insist_on(slot, hold_id)
    offered = meeting_links.lock_offered(patient, slot, at=at)
    expire_lapsed(patient, at=at)
    patient = access_needs.put_with_booking(person_locks.lock_patient(patient), asked_for, by=by, at=at)
    check = asked(slot, patient, override_reason, by=by, at=at, alone=asked_for.alone).after(hold)
    given = GivenAnswers(answers, set_aside=set_aside, apart=unverified, by_link=questions_by_link)
    ready = prepare(check, patient, given, until=until, note=note, replaces=replaces)
    decision = ready.decision.setting_aside(_take_time(ready, hold, replacing=replacing))
    visit = write(ready.visit, ready.check, decision, hold=hold, told_at_desk=told_at_desk, asked_for=asked_for.said)
    meeting_links.join(visit, offered, by=by, at=at)
    return suitability_checks.save_apart(visit, answers, by=by, at=at) if answers and unverified else visit


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """What somebody answers as they are booked. `apart`: it counts for that alone, as long as nobody knows them.

    `set_aside`: why a clinician books it whatever it is; `by_link`: where it is lacking, it is asked by link.
    """

    answers: SuitabilityAnswers | None = None
    set_aside: str = ""
    apart: bool = False
    by_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBooking:
    """A visit that may be booked, or requested, once its time is claimed: as it was checked, and on what terms."""

    visit: Appointment
    check: BookingCheck
    decision: Decision

    def wanted(self, *, replacing: UUID | None = None) -> scheduler.ClaimRequest:
        """Return what claims its time, under an allocation of its own."""
        self.visit.allocation = uuid4()
        return scheduler.ClaimRequest(
            slot=self.check.slot,
            allocation=self.visit.allocation,
            audience=self.check.audience,
            expires_at=self.visit.kept_until,
            replacing=replacing,
        )


def prepare(
    check: BookingCheck,
    patient: Patient,
    given: GivenAnswers,
    *,
    until: datetime | None = None,
    note: str = "",
    replaces: UUID | None = None,
) -> PreparedBooking:
    """Judge a booking by its patient, who is locked: by what they answer, and by their other visits.

    Raises what rules and answers refuse.
    """
    judged = suitability_checks.judge_booking(
        check,
        patient,
        answers=given.answers,
        set_aside=given.set_aside,
        apart=given.apart,
        by_link=given.by_link,
    )
    hides = hidden_needs.tells_of_record(judged, check, patient, given.answers)
    check = replace(check, reviews=judged.reviews, needs=judged.needs, hides_needs=hides)
    decision = booking_checks.check_booking(check)
    terms = referral_terms.terms_of(check, patient)
    visit = judged.put_on(_unsaved(check, patient, until=until or decision.until, note=note, replaces=replaces))
    terms.put_on(visit)
    return PreparedBooking(visit=visit, check=check, decision=decision)


def asked(
    slot: scheduler.Slot, patient: Patient, reason: str, *, by: Principal, at: datetime, alone: AskedFor | None = None
) -> BookingCheck:
    """Return the question whether a patient may have a start. `alone`: what a guest asks for whom nobody knows."""
    why = booking_checks.clean_line(reason, pointer="/override_reason")
    return BookingCheck(slot=slot, patient=patient, by=by, at=at, override_reason=why, alone=alone)


def _insist_on(slot: scheduler.Slot | None, hold_id: UUID | None) -> scheduler.Slot:
    if slot is None or hold_id:
        raise Invalid(_("Give a slot or a hold."), pointer="/slot")
    return slot


def _slot_of(hold: Hold, patient: Patient, *, by: Principal, at: datetime) -> scheduler.Slot:
    """Return the start that is held, unless the site or the therapy is closed by now."""
    slot = holds.slot_held(hold, by=by, at=at)
    booking_checks.refuse_closed(slot.key, by=by, at=at, patient=patient)
    return slot


def _unsaved(
    check: BookingCheck, patient: Patient, *, until: datetime | None, note: str, replaces: UUID | None
) -> Appointment:
    slot = check.slot
    if until is not None:
        if until <= check.at:
            raise Invalid(_("Say until when the time is kept."), pointer="/until")
        booking_checks.check_until(until, slot.start)
    visit = Appointment(
        patient=patient,
        therapy_id=scheduler.booking_terms(slot.therapy).therapy_id,
        visit=slot.visit,
        status=MOVES[None, Move.REQUEST if until else Move.BOOK],
        kept_until=until,
        note=booking_checks.clean_line(note, pointer="/note"),
        replaces=_replaced(replaces, patient),
        booked_by_id=check.by.user_id,
        created_at=check.at,
        updated_at=check.at,
    )
    put_on(visit, slot)
    access_needs.keep_alone(visit, check.alone or NOTHING_ASKED)
    return visit


def _take_time(ready: PreparedBooking, hold: Hold | None, *, replacing: UUID | None) -> list[Broken]:
    """Take the visit's time before it is written; return what is set aside for it.

    Only the claim knows which place the visit has, and for whom alone its time is open.
    """
    return _take_over(ready, hold) if hold else _claim(ready, replacing=replacing)


def _take_over(ready: PreparedBooking, hold: Hold) -> list[Broken]:
    """Let the visit take over what is held for it. Whom its time is open to alone was asked when it was held.

    Where the place that is held has not what its person needs, by what they answered since, it has another one then.
    """
    visit, check = ready.visit, ready.check
    if not scheduler.place_has(hold.place_id, check.needs):
        aside = _claim(ready, replacing=hold.allocation)
        holds.note_confirmed(hold)
        return aside
    # The claims stay the same rows under the same allocation: for no moment is the time anybody else's.
    holds.confirm(hold, at=check.at, until=visit.kept_until)
    visit.allocation, visit.place_id = hold.allocation, hold.place_id
    return []


def _claim(ready: PreparedBooking, *, replacing: UUID | None) -> list[Broken]:
    """Claim the visit's time; return what is set aside by that."""
    visit, check = ready.visit, ready.check
    claimed, lacking = claim_for(ready.wanted(replacing=replacing), check)
    visit.place_id = claimed.place_id
    return [*check.broken_by(claimed.only_for), *lacking]


def write(
    visit: Appointment,
    check: BookingCheck,
    decision: Decision,
    *,
    hold: Hold | None = None,
    told_at_desk: bool = False,
    asked_for: AskedFor | None = None,
) -> Appointment:
    """Write the visit and its row of the ledger: which rules were set aside, and why somebody looks at it first.

    `asked_for`: what they need so that they can come, where they said so with it.
    """
    by, at, takes_time = check.by, check.at, visit.status in OCCUPYING
    visit.override_reason = check.override_reason if decision.overridden else ""
    with booking_checks.one_place_at_a_time(visit, by=by, at=at, takes_time=takes_time):
        visit.save(force_insert=True)
    reasons = {"overrode": decision.overridden, "review": decision.reviews}
    facts: dict[str, object] = {name: [reason.value for reason in found] for name, found in reasons.items() if found}
    said = {"told_at_desk": told_at_desk, suitability_checks.ANSWERS_SET_ASIDE: bool(visit.set_aside_reason)}
    said |= {QUESTIONS_BY_LINK: waits_for_answers(visit)}
    facts |= {name: True for name, one in said.items() if one}
    what = {Status.PROPOSED: Move.REQUEST, Status.PENDING: Move.AWAIT}.get(Status(visit.status), Move.BOOK)
    if what is Move.AWAIT and visit.kept_until:
        facts["until"] = visit.kept_until.isoformat()
    record(visit, what, before=None, by=by, at=at, facts={"to": where_to(check.slot)} | facts)
    seat_claims.note_booked(hold, visit, by=by, at=at)
    access_needs.note_with_booking(visit, asked_for, by=by, at=at)
    prepare_anew(visit, at=at)
    return visit


def _held(
    hold_id: UUID,
    patient: Patient,
    answers: SuitabilityAnswers | None,
    asked_for: AskedAsBooked,
    *,
    by: Principal,
    at: datetime,
) -> Hold:
    said = asked_for.said or NOTHING_ASKED
    hold = holds.own_hold(hold_id, by=by, at=at, patient=patient, answers=answers, asked=said.features)
    seat_claims.refuse_ended(hold, patient, by=by, at=at)
    if hold.moving_id is not None or hold.patient_id not in {None, patient.pk}:
        raise Invalid(_("This time is kept for something else."), pointer="/hold")
    hold.patient = patient if hold.patient_id else None  # at hand: not read once more
    return hold


def _replaced(public_id: UUID | None, patient: Patient) -> Appointment | None:
    if public_id is None:
        return None
    old = Appointment.objects.filter(public_id=public_id, patient=patient).first()
    if old is None:
        raise Invalid(_("There is no such appointment of this patient."), pointer="/replaces")
    if old.status in OCCUPYING:  # they would be expected at both times
        raise Invalid(_("This appointment still stands. Move it to the new time instead."), pointer="/replaces")
    return old
