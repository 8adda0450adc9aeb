"""Linking a patient with members of their family, each of whom has a record of their own.

The patient is locked first, then the link: who counts how many a patient has sees what others have just made.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import connection

from booking.actions.booking_checks import clean_line
from booking.actions.families import family_grace, relatives
from booking.actions.families.relatives import RelativeDetails
from booking.actions.patients.person_locks import lock_patient
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.families.errors import (
    AlreadyLinked,
    FamilyActNotAllowed,
    FamilyCodeUnknown,
    NoFamilyTime,
    OwnInvitation,
    TooManyFamilyLinks,
    TooManyInvitations,
    TooSoonToRenew,
)
from booking.families.family_programs import family_sites
from booking.families.queries import opened_by_token
from booking.families.status import (
    INVITATION_LIFE,
    LINK_LIFE,
    LIVE,
    MOST_LIVE,
    RENEWABLE,
    RESULTS,
    FamilyAct,
    FamilyRelation,
    FamilyState,
    reached,
)
from booking.models import FamilyLink, FamilyLinkChange, Patient
from booking.patients import contacts
from booking.queries import mail_of
from core.database.transactions import unit
from core.doorbell import ring
from core.models import Site
from core.principal import Principal
from core.rates import Rate
from core.refusals import Invalid, Refusal

OF_A_PATIENT = Rate("family invitations of a patient", burst=8, pause=timedelta(hours=6))
"""An invitation is mailed wherever somebody says: so that nobody is written to without end."""

A_DAY = timedelta(days=1)
AT_ONCE = 500
TIDY = Principal.system("tidy")


WRITTEN = (
    "state", "ends_at", "closed_at", "mail_to", "vouched_by", "vouched_reason", "confirmed_at", "reminded_at",
    "grace_at", "ends_without_grace",
)  # fmt: skip
"""What an act on a link writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Whom a patient's family link is for.

    `public_id`: the same form sent twice makes one; `mail_to`: where the code is mailed, if it is; `reason`: why staff
    stand for whoever takes it up, so that the patient need not confirm them.
    """

    public_id: UUID
    relation: FamilyRelation
    mail_to: str = ""
    reason: str = ""


def invite(patient: Patient, invitation: Invitation, *, site: Site, by: Principal, at: datetime) -> FamilyLink:
    """Invite a member of a patient's family, at the site of their program; what is refused stays on record.

    Raises NoFamilyTime, TooManyFamilyLinks, TooManyInvitations, Invalid.
    """
    with refusals_on_record(FamilyAct.INVITE, patient, by=by, at=at):
        return _invite(patient, invitation, site=site, by=by, at=at)


@unit
def _invite(patient: Patient, invitation: Invitation, *, site: Site, by: Principal, at: datetime) -> FamilyLink:
    reason, mail_to = clean_line(invitation.reason, pointer="/reason"), _mail(invitation.mail_to)
    patient, public_id = lock_patient(patient), invitation.public_id
    made = FamilyLink.objects.filter(public_id=public_id).select_related("site").first()
    if made is not None and made.patient_id == patient.pk:
        return made
    if made is not None or site.pk not in family_sites(patient, at=at):
        raise NoFamilyTime
    number = free_number(patient, at=at)
    if again_at := OF_A_PATIENT.take(str(patient.pk), at=at):
        raise TooManyInvitations(retry_after=math.ceil((again_at - at).total_seconds()))
    link = FamilyLink.objects.create(
        public_id=public_id,
        patient=patient,
        site=site,
        relation=invitation.relation,
        number=number,
        code_digest=codes.code_digests(codes.code_of(public_id))[0],
        token_digest=codes.token_digest(codes.token_of(public_id, LinkPurpose.INVITATION)),
        way_back_digest=codes.token_digest(codes.token_of(public_id, LinkPurpose.WAY_BACK)),
        mail_to=mail_to,
        invited_by=by.key,
        vouched_by=by.key if reason else "",
        vouched_reason=reason,
        invited_at=at,
        ends_at=_end_of_day(at, INVITATION_LIFE, site),
    )
    record_act(link, FamilyAct.INVITE, before=None, reason=reason, by=by.key, at=at)
    return link


def _mail(typed: str) -> str:
    try:
        return contacts.email(typed) if typed.strip() else ""
    except contacts.Unusable as error:
        raise Invalid(str(error), pointer="/mail_to") from error


def free_number(patient: Patient, *, at: datetime) -> int:
    """Return the first free place among a locked patient's few links. Raises TooManyFamilyLinks."""
    # What ran out and was not tidied up yet stands in nobody's way: the writer tidies it up.
    for lapsed in patient.family_links.lapsed(at=at).select_for_update(no_key=True).order_by("pk"):
        let_lapse(lapsed, at=at)
    taken = set(patient.family_links.live(at=at).values_list("number", flat=True))
    free = sorted(set(range(1, MOST_LIVE + 1)) - taken)
    if not free:
        raise TooManyFamilyLinks(limit=MOST_LIVE)
    return free[0]


@unit
def claim(
    link: FamilyLink, *, details: RelativeDetails | None = None, own: Patient | None = None, by: Principal, at: datetime
) -> FamilyLink:
    """Take an invitation up: with what somebody says of themselves, or with their own record when they sign in.

    Where staff stand for them already, time for families is open to them at once; else the patient confirms them.
    Raises FamilyCodeUnknown, OwnInvitation, AlreadyLinked, Invalid.
    """
    link = _locked(link)
    if not link.is_live(at=at) or link.state != FamilyState.INVITED:
        raise FamilyCodeUnknown
    # Nobody is asked here whether they are the patient: a word of its own would tell whoever tries names.
    link.relative = own or relatives.register(details, link, by=by, at=at)
    if link.relative.pk == link.patient_id:
        raise OwnInvitation
    if link.patient.family_links.live(at=at).filter(relative=link.relative).exists():
        raise AlreadyLinked
    link.state, link.claimed_at, link.ends_at = FamilyState.CLAIMED, at, _end_of_day(at, INVITATION_LIFE, link.site)
    link.mail_to = ""
    link.save(update_fields=["relative", "state", "claimed_at", "ends_at", "mail_to"])
    record_act(link, FamilyAct.CLAIM, before=FamilyState.INVITED, by=by.key, at=at)
    if link.vouched_by:
        _confirm(link, at=at)
        record_act(
            link, FamilyAct.VOUCH, before=FamilyState.CLAIMED, reason=link.vouched_reason, by=link.vouched_by, at=at
        )
    return link


@unit
def come_back(token: str, *, at: datetime) -> FamilyLink:
    """Let a relative come back by the link in their mail: who presses its button has shown that the address is theirs.

    Raises FamilyCodeUnknown.
    """
    link, purpose = opened_by_token(token, at=at)
    if purpose is LinkPurpose.WAY_BACK and link.relative:
        link.relative.contacts.unverified().filter(value=mail_of(link.relative)).update(verified_at=at)
    return link


def confirm(link: FamilyLink, *, by: Principal, at: datetime) -> FamilyLink:
    """Confirm, as the patient, who has taken an invitation up. Raises FamilyActNotAllowed, OwnInvitation."""
    return _act(link, FamilyAct.CONFIRM, by=by, at=at)


def vouch(link: FamilyLink, *, reason: str, by: Principal, at: datetime) -> FamilyLink:
    """Stand, as staff, for whoever takes an invitation up, or has.

    Raises FamilyActNotAllowed, OwnInvitation, Invalid.
    """
    return _act(link, FamilyAct.VOUCH, reason=_needed(reason), by=by, at=at)


def revoke(link: FamilyLink, *, by: Principal, at: datetime) -> FamilyLink:
    """Take a link back; the relative's next request is refused, what they have booked stands."""
    return _act(link, FamilyAct.REVOKE, by=by, at=at)


def leave(link: FamilyLink, *, by: Principal, at: datetime) -> FamilyLink:
    """Give a link up, as the relative. Raises FamilyActNotAllowed."""
    return _act(link, FamilyAct.LEAVE, by=by, at=at)


def renew(link: FamilyLink, *, by: Principal, at: datetime) -> FamilyLink:
    """Let a link last for another year, in its last days. Raises TooSoonToRenew, FamilyActNotAllowed."""
    return _act(link, FamilyAct.RENEW, by=by, at=at)


def keep_in_grace(link: FamilyLink, *, reason: str, by: Principal, at: datetime) -> FamilyLink:
    """Keep a link for a year after the patient's death; neither side is written to from then on.

    Raises FamilyActNotAllowed, Invalid.
    """
    return _act(link, FamilyAct.GRACE, reason=_needed(reason), by=by, at=at)


def undo_grace(link: FamilyLink, *, by: Principal, at: datetime) -> FamilyLink:
    """Take one's own year of grace back on the same day: nobody has died. Raises FamilyActNotAllowed."""
    return _act(link, FamilyAct.UNGRACE, by=by, at=at)


def _needed(reason: str) -> str:
    """Return a reason in one line. Raises Invalid."""
    clean = clean_line(reason, pointer="/reason")
    if not clean:
        raise Invalid("Say why, in a few words.", pointer="/reason")
    return clean


def _act(link: FamilyLink, what: FamilyAct, *, reason: str = "", by: Principal, at: datetime) -> FamilyLink:
    with refusals_on_record(what, link, by=by, at=at):
        return _done(link, what, reason=reason, by=by, at=at)


@unit
def _done(link: FamilyLink, what: FamilyAct, *, reason: str, by: Principal, at: datetime) -> FamilyLink:
    link = _locked(link)
    before = FamilyState(link.state)
    after = reached(before, what) if link.is_live(at=at) else None
    if after is None:
        if before == RESULTS.get(what):  # pressed twice, or somebody else was quicker
            return link
        raise FamilyActNotAllowed(stands=link.state_at(at).value, act=what.value)
    if what in family_grace.stands_at_once(link):
        return link
    _write(link, what, after, reason=reason, by=by, at=at)
    record_act(link, what, before=before, reason=reason, by=by.key, at=at)
    return link


def _write(link: FamilyLink, what: FamilyAct, after: FamilyState, *, reason: str, by: Principal, at: datetime) -> None:
    if what is FamilyAct.VOUCH:
        link.vouched_by, link.vouched_reason = by.key, reason
    if after is FamilyState.ACTIVE and link.state != after:
        relatives.refuse_the_patient(link)
        _confirm(link, at=at)
    if what is FamilyAct.RENEW:
        _check_renewable(link, at=at)
        link.ends_at, link.reminded_at = _end_of_day(link.ends_at, LINK_LIFE, link.site), None
    if what is FamilyAct.GRACE:
        family_grace.give(link, until=_end_of_day(at, LINK_LIFE, link.site), at=at)
    if what is FamilyAct.UNGRACE:
        family_grace.take_back(link, by=by, at=at)
    if after not in (FamilyState.INVITED, FamilyState.CLAIMED, FamilyState.ACTIVE):
        link.closed_at, link.mail_to = at, ""
    link.state = after
    link.save(update_fields=WRITTEN)


def _check_renewable(link: FamilyLink, *, at: datetime) -> None:
    """Refuse to renew long before the end. Raises TooSoonToRenew, FamilyActNotAllowed."""
    if link.grace_at is not None:
        raise FamilyActNotAllowed(stands=link.state, act=FamilyAct.RENEW.value)
    if at < link.ends_at - RENEWABLE:
        raise TooSoonToRenew(earliest_day=(link.ends_at - RENEWABLE).astimezone(link.site.tz).date().isoformat())


def _confirm(link: FamilyLink, *, at: datetime) -> None:
    link.state, link.confirmed_at, link.ends_at = FamilyState.ACTIVE, at, _end_of_day(at, LINK_LIFE, link.site)
    link.save(update_fields=["state", "confirmed_at", "ends_at"])


def _end_of_day(moment: datetime, after: timedelta | relativedelta, site: Site) -> datetime:
    """Return the end of the day so long after a moment, by the clock of a site: on the day that is named it counts."""
    last = (moment - timedelta(microseconds=1)).astimezone(site.tz).date() + after
    return datetime.combine(last + A_DAY, time(), site.tz)


def let_lapse(link: FamilyLink, *, at: datetime) -> None:
    """Note of a locked link that is past its end how it has ended."""
    before = FamilyState(link.state)
    what = FamilyAct.END if before is FamilyState.ACTIVE else FamilyAct.EXPIRE
    after = reached(before, what)
    link.state, link.closed_at, link.mail_to = after or before, at, ""
    link.save(update_fields=["state", "closed_at", "mail_to"])
    record_act(link, what, before=before, by=TIDY.key, at=at)


def _locked(link: FamilyLink) -> FamilyLink:
    """Lock a link's patient, then the link, and return it as it stands."""
    patient = lock_patient(Patient.objects.get(family_links=link.pk))
    locked = FamilyLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    locked.patient, locked.site = patient, link.site
    return locked


def record_act(
    link: FamilyLink,
    what: FamilyAct,
    *,
    before: FamilyState | None,
    reason: str = "",
    by: str,
    at: datetime,
) -> None:
    """Write an act down, and ring: it may be worth telling."""
    FamilyLinkChange.objects.create(
        link=link,
        patient_id=link.patient_id,
        act=what,
        before=before or "",
        after=link.state,
        reason=reason,
        by=by,
        at=at,
    )
    ring("notifications.tasks.dispatch")


@contextmanager
def refusals_on_record(what: FamilyAct, of: FamilyLink | Patient, *, by: Principal, at: datetime) -> Iterator[None]:
    """Write down what is refused inside, `of` a link or of a patient, once all else that it wrote is undone."""
    try:
        yield
    except Refusal as refusal:
        # Inside a larger unit the refusal undoes that as a whole; whoever opened it writes it down.
        if getattr(connection, "in_unit", None) is None:
            note_refusal(what, refusal, of, by=by, at=at)
        raise


@unit
def note_refusal(what: FamilyAct, refusal: Refusal, of: FamilyLink | Patient, *, by: Principal, at: datetime) -> None:
    """Write down that an act was refused, on the record of the patient's links."""
    link, patient = (of, of.patient) if isinstance(of, FamilyLink) else (None, of)
    FamilyLinkChange.objects.create(
        link=link, patient=patient, act=what, refused=refusal.code, by=by.key, at=at, relayed_at=at
    )


def tidy(*, at: datetime) -> int:
    """Tell both of links that end soon, once, and note which have ended; return how many links were looked at."""
    soon = FamilyLink.objects.in_force(at=at).filter(ends_at__lte=at + RENEWABLE, reminded_at=None, grace_at=None)
    due = [*soon.values_list("pk", flat=True)[:AT_ONCE], *FamilyLink.objects.lapsed(at=at).values_list("pk", flat=True)]
    for pk in due[:AT_ONCE]:
        _tidied(pk, at=at)
    return len(due)


@unit
def _tidied(pk: int, *, at: datetime) -> None:
    # What somebody is just doing something with is looked at next time.
    link = FamilyLink.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
    if link is None or link.state not in LIVE:
        return
    if link.ends_at <= at:
        let_lapse(link, at=at)
    elif link.reminded_at is None:
        link.reminded_at = at
        link.save(update_fields=["reminded_at"])
        record_act(link, FamilyAct.REMIND, before=FamilyState(link.state), by=TIDY.key, at=at)
