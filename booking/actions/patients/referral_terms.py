"""By which referral somebody has a time, where their program asks for one, and until when it waits for that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from booking import rules
from booking.actions.booking_checks import BookingCheck, reviewable
from booking.errors import ReferralUsedUp
from booking.models import Appointment, Patient, Referral
from booking.status import Status
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralTerms:
    """By which referral a visit is booked, and for whose it waits until when; neither where no program asks."""

    referral: Referral | None = None
    awaited: str = ""
    until: datetime | None = None

    def put_on(self, visit: Appointment) -> None:
        """Write it into a visit: one that nobody looks at first waits for the referral alone."""
        visit.referral, visit.awaits_referral = self.referral, self.awaited
        if self.awaited and visit.status == Status.BOOKED:
            visit.status, visit.kept_until = Status.PENDING, self.until


NO_TERMS = ReferralTerms()


def terms_of(check: BookingCheck, patient: Patient) -> ReferralTerms:
    """Say by which referral a patient, who is locked, has a time. Raises ReferralNeeded where one could not come yet.

    Read anew under that lock: another booking may have used it up. Staff need none to book; one there is used up.
    """
    site, therapy, start = check.slot.site.id, check.slot.therapy, check.slot.start
    if not any(one.referral_required for one in scheduler.programs_at(site)):
        return NO_TERMS
    asking = scheduler.programs_asking(site, therapy, audience=check.for_themselves)
    if not asking:
        return NO_TERMS
    found = usable(patient, site, asking, start=start, at=check.at)
    if found or check.audience.is_staff:
        return ReferralTerms(referral=found)
    if start < scheduler.referral_gap(check.held_at or check.at):
        raise scheduler.ReferralNeeded(alternatives=reviewable(check))
    return ReferralTerms(awaited=asking[0], until=rules.referral_wait_ends(start, at=check.at))


def use_again(visit: Appointment, *, at: datetime) -> None:
    """Let a visit that stands again use its referral up, or another one; its patient is locked. Raises ReferralUsedUp.

    Meanwhile another appointment may have been booked by it.
    """
    referral = visit.referral
    if referral is None or referral.used < referral.visits_allowed:
        return
    found = usable(visit.patient, visit.site_id, [referral.program], start=visit.period.lower, at=at)
    if found is None:
        raise ReferralUsedUp
    visit.referral = found


def usable(patient: Patient, site: int, programs: Collection[str], *, start: datetime, at: datetime) -> Referral | None:
    """Return the referral for a start that runs out first, of those with visits left."""
    rows = Referral.objects.usable(at=max(start, at)).filter(patient=patient, site=site, program__in=programs)
    return rows.order_by("expires_at", "pk").first()
