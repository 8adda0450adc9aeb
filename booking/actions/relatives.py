"""The record that a member of a family makes when they take an invitation up: new, and a guest's."""

from dataclasses import dataclass
from datetime import date, datetime

from booking.actions import patients
from booking.families.errors import FamilyCodeUnknown
from booking.models import FamilyLink, Patient
from core.principal import Principal
from core.text.names import is_same_name


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeDetails:
    """What a member of the family says of themselves."""

    name: str
    email: str
    birth_date: date
    language: str


def register(details: RelativeDetails | None, link: FamilyLink, *, by: Principal, at: datetime) -> Patient:
    """Return a record of their own for whoever takes a locked link up: whose it may be beside is for staff to find out.

    Raises FamilyCodeUnknown, Invalid.
    """
    # Never one that is there: whoever has a code and knows three facts of somebody would get at their answers.
    if details is None:
        raise FamilyCodeUnknown
    return patients.register(
        name=details.name,
        birth_date=details.birth_date,
        email=details.email,
        language=details.language,
        site=link.site,
        by=by,
        at=at,
        guest=True,
    )


def is_the_patient(details: RelativeDetails | None, patient: Patient) -> bool:
    """Whether what somebody says of themselves is what is on record of the patient who invites."""
    if details is None:
        return False
    return details.birth_date == patient.birth_date and is_same_name(details.name, patient.name)
