"""What was done with family links that somebody is to be told: to whom, and what there is to say.

Neither side is ever told the other's name, and nobody is written to once the patient has died.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from booking.actions import calls
from booking.actions.links import issue, live_tokens
from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.families.queries import patients_token_again
from booking.families.status import FamilyAct, FamilyState
from booking.models import Appointment, CallReason, FamilyLink, FamilyLinkChange, ManageLink, Patient, Seat
from booking.patients.contacts import greeting_name
from booking.patients.deaths import has_died
from booking.queries import mail_of
from core.models import Site
from core.principal import Principal

MAILS = Principal.system("mails")


class FamilySide(StrEnum):
    """Who is told: the patient, their relative, or whoever is invited and has no record yet."""

    PATIENT = "patient"
    RELATIVE = "relative"
    INVITED = "invited"


TOLD: dict[tuple[FamilyAct, FamilyState | None], tuple[FamilySide, ...]] = {
    (FamilyAct.INVITE, None): (FamilySide.INVITED,),
    (FamilyAct.CLAIM, FamilyState.INVITED): (FamilySide.PATIENT,),
    (FamilyAct.CONFIRM, FamilyState.CLAIMED): (FamilySide.RELATIVE,),
    (FamilyAct.VOUCH, FamilyState.CLAIMED): (FamilySide.RELATIVE, FamilySide.PATIENT),
    (FamilyAct.KEPT_FOR, FamilyState.ACTIVE): (FamilySide.RELATIVE,),
    (FamilyAct.REMIND, FamilyState.ACTIVE): (FamilySide.PATIENT, FamilySide.RELATIVE),
    (FamilyAct.END, FamilyState.ACTIVE): (FamilySide.PATIENT, FamilySide.RELATIVE),
    (FamilyAct.EXPIRE, FamilyState.CLAIMED): (FamilySide.RELATIVE,),
    (FamilyAct.REVOKE, FamilyState.CLAIMED): (FamilySide.RELATIVE,),
    (FamilyAct.REVOKE, FamilyState.ACTIVE): (FamilySide.RELATIVE,),
    (FamilyAct.LEAVE, FamilyState.ACTIVE): (FamilySide.PATIENT,),
}
"""Who is told of an act on a link that stood like this before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyNews:
    """One act on a link, and who is told of it."""

    id: int
    link_id: int
    act: str
    sides: tuple[FamilySide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedTime:
    """A time that is kept for somebody by name, until when they may book it, and where; never what for."""

    starts_at: datetime
    until: datetime
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyLinkFacts:
    """A link as one side is told of it now. `reserved`: the times that wait for them; the patient is told of none.

    `code` and `token`: what they need to go on; `manage`: a visit's link, by which a patient goes on who has one.
    """

    state: str
    active: bool
    silent: bool
    address: str
    greeting_name: str
    language: str
    code: str
    token: str
    manage: str
    ends_on: date
    phone: str
    reserved: tuple[ReservedTime, ...]


def unrelayed_family_acts(*, limit: int, beside: Collection[int] = ()) -> list[FamilyNews]:
    """Lock and return the oldest acts that nobody is relaying, until the caller's transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = FamilyLinkChange.objects.filter(relayed_at=None, link__isnull=False).exclude(pk__in=beside).order_by("pk")
    found = rows.select_for_update(skip_locked=True).values_list("pk", "link_id", "act", "before")[:limit]
    return [
        FamilyNews(id=pk, link_id=link, act=act, sides=TOLD.get((FamilyAct(act), _state(before)), ()))
        for pk, link, act, before in found
    ]


def _state(before: str) -> FamilyState | None:
    return FamilyState(before) if before else None


def mark_family_acts_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that acts have been taken up."""
    FamilyLinkChange.objects.filter(pk__in=ids).update(relayed_at=at)


def family_link_facts(link_id: int, side: FamilySide, *, at: datetime) -> FamilyLinkFacts | None:
    """Return what one side of a link is told, as it stands now; None where there is nobody on that side."""
    link = FamilyLink.objects.select_related("patient", "relative", "site").get(pk=link_id)
    person = {FamilySide.PATIENT: link.patient, FamilySide.RELATIVE: link.relative, FamilySide.INVITED: link.patient}[
        side
    ]
    if person is None:
        return None
    invited = side is FamilySide.INVITED
    manage = _manage(link.patient, at=at) if side is FamilySide.PATIENT else ""
    return FamilyLinkFacts(
        state=link.state_at(at).value,
        active=link.is_in_force(at=at),
        silent=link.grace_at is not None or has_died(link.patient),
        address=link.mail_to if invited else mail_of(person),
        # Whoever is invited is not greeted by the patient's name.
        greeting_name="" if invited else greeting_name(person.name),
        language=person.language,
        code=codes.in_groups(codes.code_again(link.public_id, link.code_digest)) if invited else "",
        token="" if manage else _token(link, side, at=at),
        manage=manage,
        ends_on=link.ends_on,
        phone=link.site.phone,
        reserved=() if side is FamilySide.PATIENT else _reserved_times(link, at=at),
    )


def _reserved_times(link: FamilyLink, *, at: datetime) -> tuple[ReservedTime, ...]:
    rows = Seat.objects.waiting(at=at).filter(named_for=link).select_related("reservation__site").order_by("period")
    return tuple(
        ReservedTime(starts_at=one.period.lower, until=one.reservation.name_by, site=one.reservation.site)
        for one in rows
    )


def note_unreached(link_id: int, side: FamilySide, *, at: datetime) -> None:
    """Let staff tell whom a mail about a link did not reach; of an invitation that is lost, they tell the patient.

    It stands with the link, and on the list of calls of whoever has an appointment to come.
    """
    link = FamilyLink.objects.select_related("patient", "relative").get(pk=link_id)
    person = link.relative if side is FamilySide.RELATIVE else link.patient
    if person is None or link.grace_at is not None or has_died(link.patient):
        return
    FamilyLinkChange.objects.create(
        link=link, patient=link.patient, act=FamilyAct.UNHEARD, after=link.state, by=MAILS.key, at=at, relayed_at=at
    )
    ahead = Appointment.objects.taking_time(at=at).filter(patient=person, period__startswith__gt=at).order_by("period")
    calls.raise_for(list(ahead.values_list("pk", flat=True)[:1]), CallReason.FAMILY_MAIL, at=at, again=True)


def _token(link: FamilyLink, side: FamilySide, *, at: datetime) -> str:
    if side is FamilySide.INVITED:
        return codes.token_again(link.public_id, LinkPurpose.INVITATION, link.token_digest)
    if side is FamilySide.RELATIVE:
        return codes.token_again(link.public_id, LinkPurpose.WAY_BACK, link.way_back_digest)
    return patients_token_again(link) or _patients_token(link, at=at)


def _patients_token(link: FamilyLink, *, at: datetime) -> str:
    """Return the token of the patient's page about their family, made for the address that they have now."""
    address = mail_of(link.patient)
    if not address or not link.is_live(at=at):
        return ""
    token = codes.token_of(link.public_id, LinkPurpose.PATIENT, address=address)
    FamilyLink.objects.filter(pk=link.pk).update(patient_digest=codes.token_digest(token))
    return token


def _manage(patient: Patient, *, at: datetime) -> str:
    """Return the token of a visit of the patient's, behind which their family's page is; empty where there is none.

    Of the next one ahead, whose link is made where nobody has mailed it yet; else of one that still opens.
    """
    ahead = Appointment.objects.taking_time(at=at).filter(patient=patient, period__endswith__gt=at).order_by("period")
    if visit := ahead.first():
        return issue(visit, at=at)
    links = ManageLink.objects.filter(appointment__patient=patient, revoked_at=None, expires_at__gt=at)
    newest = links.order_by("-expires_at").values_list("appointment_id", flat=True).first()
    return live_tokens([newest]).get(newest, "") if newest else ""
