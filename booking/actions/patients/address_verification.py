"""Showing that an e-mail address is one's own: by the mailed code, or by the button on the page that the mail leads to.

An address that nobody has verified holds one visit ahead. The next is proposed, its time kept for a while, and
booked once the address is shown to be theirs; so is the first where many book from the same network. Opening a link
verifies nothing.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import F, Func, Value
from django.utils.crypto import constant_time_compare, salted_hmac

from booking import queries
from booking.actions import access_needs, appointments, as_seen, booking_checks, calls, limits, links
from booking.actions.ledger import record
from booking.actions.moves import locked
from booking.actions.patients.person_locks import lock_patient
from booking.actions.suitability import suitability_checks
from booking.cancel_reasons import CancelReason
from booking.errors import CodeTooSoon, MoveNotAllowed, RequestLapsed
from booking.limit_kinds import VerificationReason
from booking.models import Appointment, CallReason, ContactPoint, ManageLink, Patient, Proof
from booking.policies import BookingPolicy, booking_policy
from booking.rules import CODE_PAUSE
from booking.status import OCCUPYING, Move, Status
from core.database.transactions import unit
from core.doorbell import ring
from core.principal import Principal
from core.refusals import Missing
from core.sealing import keys
from scheduler import public as scheduler

PROVEN = Principal.system("proof")


class CodeResult(StrEnum):
    """What came of a code that was typed. SPENT: too many wrong ones, or it is too old: it is sent anew."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"


def reason_to_verify(
    patient: Patient, *, email: str, found: VerificationReason | None, policy: BookingPolicy, at: datetime
) -> VerificationReason | None:
    """Return why the address must be verified before the patient has the visit, None when it need not.

    `found`: what the limits found already, such as a network that has booked its share. The caller has locked the
    address.
    """
    if queries.is_verified(patient, email=email):
        return None
    if found is None and queries.unverified_ahead(email, at=at) >= policy.unverified_ahead:
        return VerificationReason.AHEAD
    return found


def ask_for_code(
    visit: Appointment, why: VerificationReason, *, by: Principal, at: datetime, address: str = ""
) -> Proof:
    """Ask for the first code, inside the caller's unit; its mail is planned once that is committed."""
    proof = Proof.objects.create(
        appointment=visit, made_by=by.key, issued_at=at, codes_at=[at], why=why, address=address
    )
    ring("notifications.tasks.dispatch")
    return proof


def awaited_proof(public_id: UUID, *, by: Principal) -> Proof:
    """Return what a visitor was asked to prove, with its visit. Raises Missing."""
    rows = Proof.objects.select_related("appointment__site", "appointment__patient", "appointment__practitioner")
    proof = rows.filter(appointment__public_id=public_id, made_by=by.key).first()
    if proof is None:
        raise Missing
    return proof


@unit
def type_code(public_id: UUID, code: str, *, by: Principal, at: datetime) -> CodeResult:
    """Compare a typed code; the right one verifies the address and books the visit. A wrong one stays counted.

    Raises Missing, RequestLapsed when the time is no longer kept.
    """
    visit, proof = _locked(public_id, at=at)
    if proof.made_by != by.key:
        raise Missing
    if proof.proven_at:
        return CodeResult.RIGHT
    policy = policy_at_issue(visit, proof.issued_at)
    if proof.tries >= policy.code_tries or at >= proof.issued_at + policy.code_life:
        return CodeResult.SPENT
    # Also by the keys before: a code that is in a mailbox stays good while the server's key changes.
    codes = [code_of(visit.public_id, proof.issue, key) for key in keys()]
    if not any(constant_time_compare(code, one) for one in codes):
        proof.tries += 1
        # Answered, not raised: a refusal would roll the count back, and guesses would cost nothing.
        proof.save(update_fields=["tries"])
        return CodeResult.SPENT if proof.tries >= policy.code_tries else CodeResult.WRONG
    _prove(visit, proof, by=PROVEN, at=at)
    return CodeResult.RIGHT


@unit
def prove_by_link(token: str, *, at: datetime) -> Appointment:
    """Verify the address to which a visit's link was mailed, and book the visit; pressed twice, it is booked once.

    Raises LinkUnknown, LinkMoved, LinkExpired, RequestLapsed, and Missing for a visit that waits for no proof.
    """
    visit, proof = _locked(links.open_link(token, at=at).appointment.public_id, at=at)
    links.open_link(token, at=at)  # until the visit was locked, the address may have changed: this would verify it
    if proof.proven_at is None:
        _prove(visit, proof, by=PROVEN, at=at)
    return visit


@unit
def read_in_mail(link: ManageLink, *, at: datetime) -> None:
    """Verify the address to which a link was mailed that somebody opened, and sent their birth date behind it."""
    visit = locked(link.appointment.public_id)
    patient = lock_patient(visit.patient)
    # Another address ends the link first: it is this one's mailbox that they read as long as the link lives.
    if ManageLink.objects.filter(pk=link.pk, revoked_at=None).exists():
        mails = ContactPoint.objects.filter(patient=patient, value=queries.mail_of(patient))
        mails.unverified().update(verified_at=at)
        access_needs.let_hold_for_all(visit, by=links.principal_of(link), at=at)


@unit
def vouch(public_id: UUID, *, by: Principal, at: datetime, seen: str | None = None) -> None:
    """Book for whoever told staff by phone that it is theirs, without a code; the address stays unproven.

    What a clinician looks at first waits for them, as it does once a code was typed. Raises Missing, RequestLapsed,
    AppointmentChanged, and MoveNotAllowed for what waits for no code.
    """
    visit, proof = _wait_for(public_id)
    as_seen.refuse_changed(visit, seen)
    if visit.status != Status.PROPOSED or proof.proven_at:
        raise MoveNotAllowed("", stands=visit.status, move=Move.APPROVE.value)
    if not may_be_proven(visit, at=at):
        raise RequestLapsed
    _prove(visit, proof, by=by, at=at)


@unit
def send_again(public_id: UUID, *, by: Principal, at: datetime) -> None:
    """Send a new code, which ends the one before; none when it is not needed any more.

    Raises Missing, RequestLapsed, CodeTooSoon.
    """
    visit, proof = _locked(public_id, at=at)
    if proof.made_by != by.key:
        raise Missing
    if proof.proven_at:
        return
    policy, email = booking_policy(visit.site_id, at=at), mail_of(proof)
    limits.wait_for_contact(email)
    more = proof.issue < policy.code_issues and limits.code_again_at(email, policy, at=at) is None
    if not more or at < proof.issued_at + CODE_PAUSE:
        raise CodeTooSoon(again=more)
    proof.issue, proof.issued_at, proof.tries, proof.relayed_at = proof.issue + 1, at, 0, None
    proof.codes_at = [*proof.codes_at, at]
    proof.save(update_fields=["issue", "issued_at", "tries", "relayed_at", "codes_at"])
    ring("notifications.tasks.dispatch")


@unit
def give_up(public_id: UUID, *, by: Principal, at: datetime) -> bool:
    """Give the time back that waits for a proof: the address was wrong. Raises Missing.

    Return False, with nothing done, when the visit is booked: the address was shown to be theirs meanwhile, or staff
    approved it without.
    """
    visit, proof = _wait_for(public_id)
    if proof.made_by != by.key:
        raise Missing
    if visit.status in OCCUPYING - {Status.PROPOSED}:
        return False
    if visit.status == Status.PROPOSED and proof.proven_at is None:
        appointments.move(public_id, Move.CANCEL, by=PROVEN, at=at, reason=CancelReason.ERROR)
    return proof.proven_at is None


def follow(patient: Patient, *, at: datetime) -> None:
    """End the codes that were mailed to a patient's old address, and send new ones to the new; the visits are locked.

    A code shows that somebody reads the mailbox it was sent to, and no other.
    """
    waiting = Appointment.objects.taking_time(at=at).filter(patient=patient, status=Status.PROPOSED)
    codes = Proof.objects.filter(appointment__in=waiting, proven_at=None)
    # In one statement for all visits: the caller has locked them, so nobody types one of these codes meanwhile.
    issued = Func(F("codes_at"), Value(at), function="array_append")
    codes.update(issue=F("issue") + 1, issued_at=at, codes_at=issued, tries=0, relayed_at=None)


def code_of(public_id: UUID, issue: int, key: str | None = None) -> str:
    """Return the six digits of an issue: made from the server's key, or one before it, whenever they are needed."""
    # 64 bits modulo a million: no code is likelier than another by more than one in 10**13.
    mac = salted_hmac("booking.proof.code", f"{public_id}:{issue}", secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(mac[:8], 'big') % 10**6:06}"


def open_proof(visit: Appointment, *, at: datetime) -> Proof | None:
    """Return what a visit waits for, as long as its time is kept."""
    if visit.status != Status.PROPOSED or visit.kept_until is None or visit.kept_until <= at:
        return None
    proof = Proof.objects.filter(appointment=visit, proven_at=None).first()
    if proof:
        proof.appointment = visit
    return proof


def is_news(proof: Proof, *, at: datetime) -> bool:
    """Whether an address was verified a short while ago, and mail still goes to it."""
    visit = proof.appointment
    recent = proof.proven_at is not None and at < proof.proven_at + policy_at_issue(visit, proof.issued_at).code_wait
    return recent and queries.is_verified(visit.patient, email=mail_of(proof))


def policy_at_issue(visit: Appointment, issued_at: datetime) -> BookingPolicy:
    """Return the policy that held when a code was issued: its mail says for how long it works."""
    return booking_policy(visit.site_id, at=issued_at)


def code_minutes(proof: Proof) -> int:
    """Return for how many minutes a code works that was issued."""
    return policy_at_issue(proof.appointment, proof.issued_at).code_life // timedelta(minutes=1)


def mail_of(proof: Proof) -> str:
    """Return the address to which the code goes."""
    return queries.mail_of(proof.appointment.patient)


def _wait_for(public_id: UUID) -> tuple[Appointment, Proof]:
    """Lock a visit, then what it waits for. Raises Missing."""
    visit = locked(public_id)
    # After the visit, as everywhere: a cancel at this moment holds the visit and would wait for this row.
    proof = Proof.objects.select_for_update().filter(appointment=visit).first()
    if proof is None:
        raise Missing
    return visit, proof


def _locked(public_id: UUID, *, at: datetime) -> tuple[Appointment, Proof]:
    """Lock a visit, then what it waits for. Raises Missing, RequestLapsed."""
    visit, proof = _wait_for(public_id)
    if proof.proven_at is None and not may_be_proven(visit, at=at):
        raise RequestLapsed
    return visit, proof


def may_be_proven(visit: Appointment, *, at: datetime) -> bool:
    """Whether the address of a visit can still be verified: its time is kept, or staff approved it without."""
    return visit.status in OCCUPYING and not queries.has_lapsed(visit, at=at)


def _prove(visit: Appointment, proof: Proof, *, by: Principal, at: datetime) -> None:
    """Note that the address is theirs, or that staff stand for them; then book, unless staff did."""
    review, spoken = booking_checks.review_of(visit), by != PROVEN
    if not spoken:
        mails = ContactPoint.objects.filter(patient=visit.patient, value=mail_of(proof))
        mails.unverified().update(verified_at=at)
    if not spoken or review.until:  # what was booked by phone alone is shown to be theirs by the code still
        proof.proven_at = at
        proof.save(update_fields=["proven_at"])
    suitability_checks.count_for_all(visit, at=at)
    access_needs.let_hold_for_all(visit, by=by, at=at)
    calls.end([visit.pk], CallReason.CODE, at=at)
    if visit.status != Status.PROPOSED:
        return
    if review.until:
        _keep_for_review(visit, until=review.until, at=at)
    else:
        appointments.move(visit.public_id, Move.APPROVE, by=by, at=at)


def _keep_for_review(visit: Appointment, *, until: datetime, at: datetime) -> None:
    """Let a visit whose address is theirs wait for whoever looks at it; only now can they be told so."""
    scheduler.postpone(visit.allocation, until=until, at=at)
    visit.kept_until, visit.updated_at = until, at
    visit.save(update_fields=["kept_until", "updated_at"])
    record(visit, Move.REQUEST, before=Status.PROPOSED, by=PROVEN, at=at, facts={})
