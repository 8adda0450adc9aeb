"""A visit as other apps know it, and how they see that it has not changed since: values, and SQL of one module."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.models.patients import ContactSystem
from booking.screening.policies import ScreeningPolicy
from booking.screening.questionnaire import QUESTIONNAIRE
from booking.screening.state import answers_count_from

# Written out: they are sent together with the statement that marks a message, in one round trip.
LOCK_VISITS = "SELECT FROM booking_appointment WHERE id = ANY(%(visits)s) ORDER BY id FOR NO KEY UPDATE"
"""Lock visits in the order that everybody keeps."""

AS_READ = """
    coalesce((
        SELECT string_agg(
            concat_ws(' ', visit.id, version, status, cancel_reason, visit.patient_id, readdressed), ';'
            ORDER BY visit.id
        ) FROM booking_appointment AS visit WHERE visit.id = ANY(%(visits)s)
    ), '') = %(as_read)s
"""
"""Visits stand as they did when they were read: for statements that follow LOCK_VISITS."""

SAME_CONTACTS = """
    coalesce((
        SELECT string_agg(
            concat_ws(' ', contact.patient_id, contact.system, contact.value), ';'
            ORDER BY contact.patient_id, contact.rank, contact.id
        ) FROM booking_contactpoint AS contact
        WHERE contact.patient_id IN (SELECT patient_id FROM booking_appointment WHERE id = ANY(%(visits)s))
    ), '') = %(contacts)s
"""
"""Their patients are reached as they were then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAddress:
    """One way to reach somebody: an e-mail address or a phone number (FHIR ContactPoint.system)."""

    system: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """A visit as it is now, without what it is for: mails know nothing of that.

    Times are UTC, `zone` is the site's; texts that people read are by language.
    `undo_until`: when a cancel by the patient can no longer be undone, None when it never could. `kept_until`: until
    when the time is kept for somebody who has to show something first, None where it is theirs. `where`: start,
    practitioner and site as the ledger tells them. `readdressed`: how often the patient's address has changed since.
    `offered`: they are asked whether another time than they asked for suits; `declined`: why their request was.
    `screening`: the health questions that hold for it, if any; `screened_at`: when they were answered last;
    `companions`: how many may come along and answer as well;
    `review_news`: by answers (ids), what is to be told of their review.
    """

    appointment_id: int
    public_id: UUID
    version: int
    status: str
    allocation: UUID
    cancel_reason: str
    undo_until: datetime | None
    kept_until: datetime | None
    starts_at: datetime
    ends_at: datetime
    site_id: int
    zone: str
    site_name: Mapping[str, str]
    site_address: str
    phone: str
    directions: Mapping[str, str]
    parking: Mapping[str, str]
    arrive_early_minutes: int
    practitioner_name: str
    bring_and_wear: Mapping[str, str]
    patient_id: int
    greeting_name: str
    language: str
    contacts: tuple[ContactAddress, ...]
    awaits_code: bool = False
    offered: bool = False
    declined: str = ""
    screening: ScreeningPolicy | None = None
    screened_at: datetime | None = None
    companions: int = 0
    review_news: Mapping[int, str] = field(default_factory=dict)
    readdressed: int
    where: Mapping[str, str]

    @property
    def screened_from(self) -> datetime | None:
        """Since when health questions wait for an answer, None where none do."""
        if self.screening is None:
            return None
        since = answers_count_from(self.screening, self.starts_at, ZoneInfo(self.zone))
        return None if self.screened_at is not None and self.screened_at >= since else since

    @property
    def notices(self) -> tuple[Mapping[str, str], ...]:
        """What everybody who comes is told, by language."""
        return tuple(QUESTIONNAIRE.notices[key] for key in self.screening.notices) if self.screening else ()

    @property
    def emails(self) -> tuple[str, ...]:
        """The patient's e-mail addresses, the one to be tried first at the front."""
        return tuple(contact.value for contact in self.contacts if contact.system == ContactSystem.EMAIL)

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The same as mailboxes are told apart: capital letters make no other one, whatever the standard allows."""
        return tuple(address.casefold() for address in self.emails)


def as_read(visits: Collection[VisitFacts]) -> dict[str, Any]:
    """Return what LOCK_VISITS, AS_READ and SAME_CONTACTS are asked with about visits as they were read."""
    in_order = sorted(visits, key=lambda visit: visit.appointment_id)
    contacts = {visit.patient_id: visit.contacts for visit in in_order}
    return {
        "visits": [visit.appointment_id for visit in in_order],
        "as_read": ";".join(_as_one(visit) for visit in in_order),
        "contacts": ";".join(f"{pk} {each.system} {each.value}" for pk in sorted(contacts) for each in contacts[pk]),
    }


def _as_one(visit: VisitFacts) -> str:
    facts = (visit.version, visit.status, visit.cancel_reason, visit.patient_id, visit.readdressed)
    return " ".join(map(str, (visit.appointment_id, *facts)))
