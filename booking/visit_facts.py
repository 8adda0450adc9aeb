"""A visit as other apps know it, and how they see that it has not changed since: values, and SQL of one module."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from booking.cancel_reasons import CancelReason, DeclineReason
from booking.models.patients import ContactSystem
from booking.screening.notices import COME_ALONE
from booking.screening.policies import ScreeningPolicy
from booking.screening.questionnaire import QUESTIONNAIRE
from booking.screening.state import COUNTS_FOR, Response, ScreeningState, answers_count_from, state_and_answers
from booking.status import Status
from booking.status_display import Awaited, Stage, StatusDisplay, phase_of, stage_of, status_display

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

SAME_ANSWERS = """
    coalesce((
        SELECT string_agg(concat_ws(' ', given.id, outcome, decision, earliest_day), ';' ORDER BY given.id)
        FROM booking_screeningresponse AS given JOIN booking_appointment AS about ON about.id = given.appointment_id
        WHERE about.patient_id IN (SELECT patient_id FROM booking_appointment WHERE id = ANY(%(asked)s))
        AND companion = 0 AND about.status <> %(mistake)s AND NOT EXISTS (
            SELECT FROM booking_screeningresponse AS newer
            WHERE newer.appointment_id = about.id AND newer.companion = 0 AND newer.id > given.id
        ) AND EXISTS (
            SELECT FROM booking_appointment AS asked
            WHERE asked.id = ANY(%(asked)s) AND asked.patient_id = about.patient_id AND (
                asked.id = about.id OR given.answered_at > lower(asked.period) - %(counts_for)s
                OR given.earliest_day > (lower(asked.period) AT TIME ZONE 'UTC')::date - 1
            )
        )
    ), '') = %(answers_read)s
"""
"""Their patients stand with the health questions, of whichever of their appointments, as they did then.

For statements that follow LOCK_VISITS. Their patients first: by the rest alone the whole table would be read. What is
compared is what `counts_from` lets count for visits that are asked.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAddress:
    """One way to reach somebody: an e-mail address or a phone number (FHIR ContactPoint.system)."""

    system: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferredMessages:
    """Whether somebody wishes to be reminded, and between which times of the day; None: as at the site."""

    reminders: bool = True
    not_before: time | None = None
    not_after: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """A visit as it is now, without what it is for: mails know nothing of that.

    Times are UTC, `zone` is the site's; texts that people read are by language.
    `undo_until`: when a cancel by the patient can no longer be undone, None when it never could. `untold_until`: so
    long nobody is told that it is cancelled, since it follows a cancel that may be undone. `kept_until`: until
    when the time is kept for somebody who has to show something first, None where it is theirs. `where`: start,
    practitioner and site as the ledger tells them. `readdressed`: how often the patient's address has changed since.
    `offered`: they are asked whether another time than they asked for suits; `declined`: why their request was;
    `may_decline`: staff put another practitioner in, and they may say that they would rather not;
    `awaited`: what it waits for beside somebody to look at it; `answered_by`: until when we usually answer a request;
    `brings`: whom or what they are asked to bring along, in sentences.
    `screening`: the health questions that hold for it, if any; `responses`: what came of answers to them,
    `elsewhere`: to those of the patient's other visits;
    `companions`: how many may come along and answer as well, `companions_answered`: how many have; `answers_read`: how
    the patient's answers (ids) stood when it was read;
    `review_news`: by answers (ids), what is to be told of their review.
    """

    appointment_id: int
    public_id: UUID
    reference: str
    version: int
    status: str
    allocation: UUID
    cancel_reason: str
    undo_until: datetime | None
    untold_until: datetime | None = None
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
    preferences: PreferredMessages = PreferredMessages()
    awaits_code: bool = False
    offered: bool = False
    may_decline: bool = False
    declined: str = ""
    awaited: Awaited = Awaited.NOTHING
    brings: tuple[str | Promise, ...] = ()
    answered_by: datetime | None = None
    screening: ScreeningPolicy | None = None
    responses: tuple[Response, ...] = ()
    elsewhere: tuple[Response, ...] = ()
    companions: int = 0
    companions_answered: int = 0
    answers_read: Mapping[int, str] = field(default_factory=dict)
    review_news: Mapping[int, str] = field(default_factory=dict)
    readdressed: int
    where: Mapping[str, str]

    @property
    def suits_better(self) -> bool:
        """Whether it was declined, and something else was chosen for its patient instead."""
        return self.declined == DeclineReason.INSTEAD

    @property
    def stage(self) -> Stage:
        """What mails may say of it: what waits for somebody to look at it, or to hear, is asked for."""
        return Stage.ASKED_FOR if self.awaited is not Awaited.NOTHING else stage_of(self.status)

    @property
    def screened_from(self) -> datetime | None:
        """Since when health questions wait for an answer, None where none do."""
        if self.screening is None or self.screening_state is not ScreeningState.UNANSWERED:
            return None
        return answers_count_from(self.screening, self.starts_at, ZoneInfo(self.zone))

    @property
    def screening_state(self) -> ScreeningState:
        """How its patient stands with the health questions, as if it began now."""
        if self.screening is None:
            return ScreeningState.NOT_ASKED
        start, zone, is_here = self.starts_at, ZoneInfo(self.zone), self.status == Status.CHECKED_IN
        state, _by = state_and_answers(
            self.screening, self.responses, self.elsewhere, starts_at=start, zone=zone, at=start, is_here=is_here
        )
        return state

    @property
    def notices(self) -> tuple[Mapping[str, str], ...]:
        """What everybody who comes is told, by language."""
        return tuple(QUESTIONNAIRE.notices[key] for key in self.screening.notices) if self.screening else ()

    @property
    def tells_companions(self) -> bool:
        """Whether to say how many may come along, where no notice says that they come alone.

        Where fewer may than have answered so, or the patient has read what another policy allows.
        """
        if self.screening is None or COME_ALONE in self.screening.notices:
            return False
        otherwise = any(one.policy_version != self.screening.version for one in self.responses)
        return self.companions < self.companions_answered or otherwise

    @property
    def emails(self) -> tuple[str, ...]:
        """The patient's e-mail addresses, the one to be tried first at the front."""
        return tuple(contact.value for contact in self.contacts if contact.system == ContactSystem.EMAIL)

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The same as mailboxes are told apart: capital letters make no other one, whatever the standard allows."""
        return tuple(address.casefold() for address in self.emails)


def status_display_of(visit: VisitFacts, *, at: datetime, covered: bool = True) -> StatusDisplay:
    """Return how people are shown a visit. `covered`: its time is open, as it was when they booked."""
    phase, lapsed = phase_of(visit.starts_at, visit.ends_at, at=at), visit.cancel_reason == CancelReason.EXPIRED
    return status_display(
        visit.status,
        phase,
        covered=covered,
        lapsed=lapsed,
        offered=visit.offered,
        declined=visit.declined,
        to_settle=visit.screening_state.to_settle,
        awaited=visit.awaited,
    )


def as_read(visits: Collection[VisitFacts]) -> dict[str, Any]:
    """Return what the SQL of this module is asked with about visits as they were read."""
    in_order = sorted(visits, key=lambda visit: visit.appointment_id)
    contacts = {visit.patient_id: visit.contacts for visit in in_order}
    asked = [visit for visit in in_order if visit.screening]
    answers = {pk: text for visit in asked for pk, text in visit.answers_read.items()}
    return {
        "visits": [visit.appointment_id for visit in in_order],
        "as_read": ";".join(_as_one(visit) for visit in in_order),
        "contacts": ";".join(f"{pk} {each.system} {each.value}" for pk in sorted(contacts) for each in contacts[pk]),
        "asked": [visit.appointment_id for visit in asked],
        "counts_for": COUNTS_FOR,
        "mistake": Status.ENTERED_IN_ERROR.value,
        "answers_read": ";".join(answers[pk] for pk in sorted(answers)),
    }


def _as_one(visit: VisitFacts) -> str:
    facts = (visit.version, visit.status, visit.cancel_reason, visit.patient_id, visit.readdressed)
    return " ".join(map(str, (visit.appointment_id, *facts)))
