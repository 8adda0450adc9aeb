"""Referrals that programs ask for: entered and withdrawn by staff, who are told which are missing."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from booking.actions import calls, moves
from booking.actions.booking_checks import clean_line
from booking.actions.patients.person_locks import lock_patient
from booking.models import Appointment, CallReason, Patient, Referral
from booking.models.referrals import MOST_VISITS, ReferralStatus
from booking.status import WAITING, Move, Status
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid, Refusal, refuse_invalid
from scheduler import public as scheduler

LONGEST = timedelta(days=3660)


@unit
def enter(
    patient: Patient,
    *,
    program: str,
    site: Site,
    referred_by: str,
    visits_allowed: int,
    expires_on: date,
    by: Principal,
    at: datetime,
) -> Referral:
    """Write a referral down, and book what waits for it, the soonest first, as far as it goes. Raises Invalid."""
    sender = clean_line(referred_by, pointer="/referred_by")
    _check(program, site, sender, visits_allowed, expires_on, at=at)
    waiting = _waiting(patient, site, program, at=at)
    patient = lock_patient(patient)
    row = Referral.objects.create(
        patient=patient,
        site=site,
        program=program,
        referred_by=sender,
        visits_allowed=visits_allowed,
        expires_on=expires_on,
        expires_at=datetime.combine(expires_on, time(), site.tz),
        entered_by=by.key,
        entered_at=at,
    )
    covered = [visit for visit in waiting if visit.period.lower < row.expires_at][:visits_allowed]
    for visit in covered:
        # A therapy that is closed by now keeps the others from nothing: that one goes on waiting.
        with suppress(Refusal), transaction.atomic():
            _use(row, visit, by=by, at=at)
    return row


@unit
def revoke(referral: Referral, *, by: Principal, at: datetime) -> Referral:
    """Withdraw a referral: nothing more is booked by it; what is booked stands. Twice is the same as once."""
    lock_patient(referral.patient)
    row = Referral.objects.select_related("patient", "site").get(pk=referral.pk)
    if row.status == ReferralStatus.ACTIVE:
        row.status, row.revoked_by, row.revoked_at = ReferralStatus.REVOKED, by.key, at
        row.save(update_fields=["status", "revoked_by", "revoked_at"])
    return row


@unit
def call_about_missing(*, at: datetime, most: int) -> int:
    """Let staff call about what begins within five days and still waits for a referral; return how many are new."""
    soon = at + scheduler.REFERRAL_REMINDED_BEFORE
    rows = Appointment.objects.filter(status=Status.PENDING, kept_until__gt=at, period__startswith__lte=soon)
    asked = rows.exclude(awaits_referral="").exclude(calls__reason=CallReason.REFERRAL)
    return calls.raise_for(list(asked.order_by("pk").values_list("pk", flat=True)[:most]), CallReason.REFERRAL, at=at)


def _waiting(patient: Patient, site: Site, program: str, *, at: datetime) -> list[Appointment]:
    """Lock and return what of a patient waits for a program's referral, the soonest first."""
    rows = Appointment.objects.filter(patient=patient, site=site, awaits_referral=program, status__in=sorted(WAITING))
    locked = list(rows.filter(kept_until__gt=at).select_for_update(no_key=True).order_by("pk"))
    return sorted(locked, key=lambda visit: visit.period.lower)


def _use(row: Referral, visit: Appointment, *, by: Principal, at: datetime) -> None:
    Appointment.objects.filter(pk=visit.pk).update(referral=row, awaits_referral="")
    if visit.status == Status.PENDING and not visit.asked_questions:
        moves.move(visit.public_id, Move.COMPLETE, by=by, at=at)


def _check(program: str, site: Site, sender: str, visits_allowed: int, expires_on: date, *, at: datetime) -> None:
    if program not in {one.key for one in scheduler.programs_at(site.pk)}:
        raise Invalid(_("There is no such program at this site."), pointer="/program")
    today = at.astimezone(site.tz).date()
    refuse_invalid(
        [
            ("referred_by", _("Say who sends them, as it stands on the referral."), not sender),
            (
                "visits_allowed",
                _("Give a number of appointments between 1 and %(most)d.") % {"most": MOST_VISITS},
                not 1 <= visits_allowed <= MOST_VISITS,
            ),
            ("expires_on", _("Choose a day after today: from that day on it is of no use."), expires_on <= today),
            ("expires_on", _("Choose a day within ten years."), expires_on > today + LONGEST),
        ]
    )
