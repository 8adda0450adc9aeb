"""Who came by the link of their own appointment and typed their birth date: noted, and asked anew at each request.

For booking alone: nobody is signed in by it.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.http import HttpRequest

from booking.models import Patient
from booking.patients.known_by_link import patient_known, refuse_who_died, went_to_its_patient
from booking.patients.record_errors import AskByPhone, LinkNotTheirs
from booking.web import came_by_link
from booking.web.birth_date_proof import BirthDateProof
from core import clock
from core.text.typed_dates import iso_date

LASTS = timedelta(hours=2)
"""After this long the link and the birth date are needed again: phones and computers are shared."""

FOUND = "_patient_noted"
"""Where a request keeps whom it has found: the next one asks anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSession:
    """The link that was opened here, and the birth date that was typed behind it (ISO).

    `mailed`: it was opened by the token that is mailed alone.
    """

    link: str
    born: str
    since: str
    mailed: bool = False

    @classmethod
    def of(cls, request: HttpRequest, *, at: datetime) -> Self | None:
        """Return what was noted in this browser, unless that was long ago."""
        found = came_by_link.noted(request, came_by_link.OWN, lasts=LASTS, at=at)
        return cls(**found) if found else None


def remember(request: HttpRequest, proof: BirthDateProof, *, at: datetime) -> Patient | None:
    """Note whose link was opened here, whose birth date was typed; return them, None where the link shows nothing.

    Nor is anybody noted beside whoever is signed in. Raises AskByPhone.
    """
    visit, link = proof.access.visit, proof.access.link
    refuse_who_died(visit)
    if request.user.is_authenticated:
        return None
    # Whoever came last counts, also where their link shows nobody: else they would book for who came before.
    came_by_link.forget(request)
    if not went_to_its_patient(link):
        return None
    request.session.cycle_key()
    noted = PatientSession(
        link=str(link.public_id), born=proof.born.isoformat(), since=at.isoformat(), mailed=link.mailed
    )
    came_by_link.note(request, came_by_link.OWN, asdict(noted))
    return visit.patient


def is_noted(request: HttpRequest) -> bool:
    """Whether whoever sits here came by their own appointment's link, and not signed in."""
    return not request.user.is_authenticated and PatientSession.of(request, at=clock.now()) is not None


def patient_noted(request: HttpRequest) -> Patient | None:
    """Return the patient who was noted here, as long as the link shows it. Raises LinkNotTheirs, AskByPhone, once."""
    at = clock.now()
    noted = PatientSession.of(request, at=at)
    if noted is None:
        return None
    found: Patient | None = vars(request).get(FOUND)
    if found is None:
        try:
            found = patient_known(UUID(noted.link), mailed=noted.mailed, born=iso_date(noted.born), at=at)
        except (LinkNotTheirs, AskByPhone):
            came_by_link.forget(request)  # said once: from then on they are a visitor
            raise
        vars(request)[FOUND] = found
    return found
