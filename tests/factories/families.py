"""Family links in any state."""

from datetime import date, datetime
from uuid import uuid4

from booking.actions.families import family_links
from booking.actions.families.family_links import Invitation
from booking.actions.families.relatives import RelativeDetails
from booking.families.status import FamilyRelation
from booking.models import FamilyLink, Patient
from core.principal import Principal
from tests.factories.booking import SYSTEM, visitor
from tests.factories.scheduler import AT

BEN = RelativeDetails(name="Ben Adams", email="ben@example.test", birth_date=date(1968, 2, 3), language="en")


def invited(
    patient: Patient, *, by: Principal = SYSTEM, at: datetime = AT, mail_to: str = "", reason: str = ""
) -> FamilyLink:
    """Invite the patient's husband."""
    wanted = Invitation(public_id=uuid4(), relation=FamilyRelation.SPOUSE, mail_to=mail_to, reason=reason)
    return family_links.invite(patient, wanted, site=patient.site, by=by, at=at)


def claimed(patient: Patient, *, details: RelativeDetails = BEN, at: datetime = AT, reason: str = "") -> FamilyLink:
    """Let him take the invitation up."""
    return family_links.claim(invited(patient, at=at, reason=reason), details=details, by=visitor("ben"), at=at)


def confirmed(patient: Patient, *, details: RelativeDetails = BEN, at: datetime = AT) -> FamilyLink:
    """Let the patient confirm him."""
    return family_links.confirm(claimed(patient, details=details, at=at), by=SYSTEM, at=at)
