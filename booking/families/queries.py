"""Reading family links: by entitlement, by a code, by the link in a mail."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.families.errors import FamilyCodeUnknown, FamilyPageClosed
from booking.families.status import FamilyState
from booking.models import FamilyLink, Patient
from booking.queries import mail_of
from core.principal import Principal
from core.refusals import Missing

SHOWN = ("patient", "relative", "site")
INVITED = Q(state=FamilyState.INVITED)
TAKEN_UP = Q(state__in=[FamilyState.CLAIMED, FamilyState.ACTIVE])


def family_links(by: Principal) -> QuerySet[FamilyLink]:
    """Return the family links that `by` may see, the newest first."""
    return FamilyLink.objects.visible_to(by).select_related(*SHOWN).order_by("-pk")


def links_of(patient: Patient) -> QuerySet[FamilyLink]:
    """Return the links that a patient has with members of their family, the newest first."""
    return FamilyLink.objects.filter(patient=patient).select_related(*SHOWN).order_by("-pk")


def link_of(patient: Patient, public_id: UUID) -> FamilyLink:
    """Return one of a patient's links. Raises Missing."""
    found = links_of(patient).filter(public_id=public_id).first()
    if found is None:
        raise Missing
    return found


def link_named(public_id: UUID) -> FamilyLink | None:
    """Return a link by its id, to whoever has shown already that it is theirs."""
    return FamilyLink.objects.select_related(*SHOWN).filter(public_id=public_id).first()


def invited_by_code(typed: str, *, at: datetime) -> FamilyLink:
    """Return the open invitation of a code. Raises FamilyCodeUnknown, alike for wrong, used and run out."""
    # Asked in each case, also for what cannot be a code, and what was used or ran out is not even read: the work that
    # an answer takes tells nothing.
    digests = codes.code_digests(codes.as_given_out(typed))
    return _opened(Q(code_digest__in=digests) & INVITED, at=at)


def opened_by_token(token: str, *, at: datetime) -> tuple[FamilyLink, LinkPurpose]:
    """Return what a mail's link opens: an invitation, or the way back. Raises FamilyCodeUnknown."""
    digest = codes.token_digest(token)
    link = _opened((Q(token_digest=digest) & INVITED) | (Q(way_back_digest=digest) & TAKEN_UP), at=at)
    return link, LinkPurpose.WAY_BACK if link.way_back_digest == digest else LinkPurpose.INVITATION


def opened_by_patient(token: str, *, at: datetime) -> FamilyLink:
    """Return the link that a patient was mailed about, until its end. Raises FamilyPageClosed."""
    digest = codes.token_digest(token)
    link = FamilyLink.objects.filter(patient_digest=digest, ends_at__gt=at).select_related(*SHOWN).first()
    # Good for the address alone to which it was mailed: who has read an old mailbox of theirs finds nothing.
    if link is None or not patients_token_again(link):
        raise FamilyPageClosed
    return link


def patients_token_again(link: FamilyLink) -> str:
    """Return the token that the patient was mailed, if it still opens: by their address, and a key that counts."""
    address = mail_of(link.patient)
    return codes.token_again(link.public_id, LinkPurpose.PATIENT, link.patient_digest, address=address)


def _opened(which: Q, *, at: datetime) -> FamilyLink:
    link = FamilyLink.objects.filter(which, ends_at__gt=at).select_related(*SHOWN).first()
    if link is None:
        raise FamilyCodeUnknown
    return link
