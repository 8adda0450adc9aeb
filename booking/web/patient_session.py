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
from booking.web.birth_date_proof import BirthDateProof
from booking.web.families import family_session
from booking.web.families.family_session import KNOWN_BY_LINK
from core import clock
from core.text.typed_dates import iso_date

LASTS = timedelta(hours=2)
"""After this long the link and the birth date are needed again: phones and computers are shared."""


FOUND = "_patient_noted"
"""Where a request keeps whom it has found: the next one asks anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSession:
    """The link that was opened here, and the birth date that was typed behind it (ISO)."""

    link: str
    born: str
    since: str

    @classmethod
    def of(cls, request: HttpRequest, *, at: datetime) -> Self | None:
        """Return what was noted in this browser, unless that was long ago."""
        held = request.session.get(KNOWN_BY_LINK) if hasattr(request, "session") else None
        found = cls(**held) if held else None
        return found if found and at < datetime.fromisoformat(found.since) + LASTS else None


def remember(request: HttpRequest, proof: BirthDateProof, *, at: datetime) -> Patient | None:
    """Note whose link was opened here, whose birth date was typed; return them, None where the link shows nothing.

    Nor is anybody noted beside whoever is signed in. Raises AskByPhone.
    """
    visit, link = proof.access.visit, proof.access.link
    refuse_who_died(visit)
    if request.user.is_authenticated:
        return None
    # Whoever came last counts, also where their link shows nobody: else they would book for who came before.
    family_session.forget(request)
    forget(request)
    if not went_to_its_patient(visit):
        return None
    request.session.cycle_key()
    noted = PatientSession(link=str(link.public_id), born=proof.born.isoformat(), since=at.isoformat())
    request.session[KNOWN_BY_LINK] = asdict(noted)
    return visit.patient


def forget(request: HttpRequest) -> None:
    """Let whoever sits here be a visitor again."""
    request.session.pop(KNOWN_BY_LINK, None)


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
            found = patient_known(UUID(noted.link), born=iso_date(noted.born), at=at)
        except (LinkNotTheirs, AskByPhone):
            forget(request)  # said once: from then on they are a visitor
            raise
        vars(request)[FOUND] = found
    return found
