"""The code that is mailed to whoever has mistyped a birth date too often: it shows as well who has a link."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from booking import link_mails
from booking.actions.patients.address_verification import CodeResult
from booking.errors import CodeTooSoon
from booking.models import Appointment, ManageLink
from booking.patients.known_by_link import refuse_what_is_not_shown
from booking.policies import BookingPolicy, booking_policy
from booking.rules import CODE_PAUSE
from booking.status import OCCUPYING
from core.database.transactions import unit
from core.sealing import keys

A_DAY = timedelta(days=1)


def can_be_mailed(visit: Appointment, *, at: datetime) -> bool:
    """Whether mail goes out about an appointment still: of one that is over nothing is written any more."""
    return visit.status in OCCUPYING and visit.period.lower > at


@unit
def send(link: ManageLink, *, at: datetime) -> None:
    """Mail a new code to the address on file; the one before ends. Raises AskByPhone, NewestLinkNeeded, CodeTooSoon."""
    refuse_what_is_not_shown(link)
    locked = ManageLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    policy = booking_policy(link.appointment.site_id, at=at)
    today = [then for then in locked.codes_at if then > at - A_DAY]
    more = len(today) < policy.code_issues
    if not more or (today and at < today[-1] + CODE_PAUSE):
        raise CodeTooSoon(again=more)
    locked.codes_at, locked.code_tries = [*locked.codes_at, at], 0
    locked.save(update_fields=["codes_at", "code_tries"])
    link_mails.send_code(link.appointment_id, issue=len(locked.codes_at), at=at)


@unit
def type_code(link: ManageLink, code: str, *, at: datetime) -> CodeResult:
    """Compare a typed code with the one that was mailed last; a wrong one stays counted."""
    locked = ManageLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    if not locked.codes_at or locked.revoked_at is not None:
        return CodeResult.SPENT
    policy = _policy_at_issue(link, locked.codes_at[-1])
    if locked.code_tries >= policy.code_tries or at >= locked.codes_at[-1] + policy.code_life:
        return CodeResult.SPENT
    visit, issue = link.appointment, len(locked.codes_at)
    codes = [link_code(visit.public_id, visit.readdressed, issue, key) for key in keys()]
    if any(constant_time_compare(code, one) for one in codes):
        return CodeResult.RIGHT
    locked.code_tries += 1
    locked.save(update_fields=["code_tries"])
    return CodeResult.SPENT if locked.code_tries >= policy.code_tries else CodeResult.WRONG


def link_code(visit: UUID, readdressed: int, issue: int, key: str | None = None) -> str:
    """Return the six digits of an issue, made from the server's key: another address has codes of its own."""
    mac = salted_hmac("booking.link.code", f"{visit}:{readdressed}:{issue}", secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(mac[:8], 'big') % 10**6:06}"


def code_minutes(visit: Appointment, *, at: datetime) -> int:
    """Return for how many minutes a code works that is mailed now."""
    return booking_policy(visit.site_id, at=at).code_life // timedelta(minutes=1)


def _policy_at_issue(link: ManageLink, issued_at: datetime) -> BookingPolicy:
    """Return the policy that held when a code was mailed: its mail says for how long it works."""
    return booking_policy(link.appointment.site_id, at=issued_at)
