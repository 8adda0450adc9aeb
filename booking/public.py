"""What other apps may use of booking: the facts of visits and the ledger of what was done to them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from booking import queries
from booking.actions import calls
from booking.actions.booking_checks import review_of
from booking.actions.calls import heard_in_person, made_since
from booking.actions.closure_news import (
    ClosureNoticeFacts,
    mark_closure_notices_relayed,
    unrelayed_closure_notices,
)
from booking.actions.families.family_news import (
    FamilyLinkFacts,
    FamilyNews,
    FamilySide,
    family_link_facts,
    mark_family_acts_relayed,
    note_unreached,
    unrelayed_family_acts,
)
from booking.actions.families.linked_questions import mark_linked_questions_relayed, unrelayed_linked_questions
from booking.actions.ledger import where
from booking.actions.link_codes import link_code
from booking.actions.links import issue_all, live_tokens, mailed_token
from booking.actions.patients import preference_news as message_preferences
from booking.actions.patients.address_verification import code_of
from booking.actions.patients.code_news import CodeWanted, codes_wanted, mark_codes_relayed
from booking.actions.patients.contact_news import (
    ContactChangeFacts,
    mark_contact_changes_relayed,
    readdressed_at,
    unrelayed_contact_changes,
)
from booking.actions.uncovered_visits import call as call_uncovered
from booking.actions.waiting import waiting_news as waiting_list
from booking.cancel_reasons import CancelReason
from booking.closures import undo_times
from booking.errors import PatientBusy
from booking.models import Appointment, CallReason, CallTask, Change, MessagePreferences, Patient, Proof, ReviewNews
from booking.models.patients import ContactSystem
from booking.patients.contacts import Unusable, greeting_name
from booking.patients.contacts import email as email_address
from booking.relay_queues import QUEUES_WAITING, RelayQueue, oldest_unrelayed
from booking.reports import registry as reports
from booking.screening import queries as screening
from booking.screening.asked_anew import AskedAnew, asked_anew
from booking.screening.notices import companions_at_most
from booking.screening.review_news import AS_DECIDED, ReviewedAnswers, mark_reviews_planned, reviewed_answers
from booking.status import OCCUPYING, Move, Status
from booking.status_display import TO_SETTLE, Awaited, Stage, StatusDisplay, entry_title, stage_of
from booking.suitability.answers_by_link import awaited_of
from booking.suitability.brought_along import brought_along
from booking.suitability.due_questions import due_ids
from booking.visit_facts import (
    AS_READ,
    LOCK_VISITS,
    SAME_ANSWERS,
    SAME_CONTACTS,
    ContactAddress,
    PreferredMessages,
    VisitFacts,
    as_read,
    status_display_of,
)
from booking.visit_rows import contacts_of, rows_of_visits
from core.database.transactions import one_reading
from scheduler.public import REFERRAL_REMINDED_BEFORE

__all__ = [
    "AS_DECIDED",
    "AS_READ",
    "LOCK_VISITS",
    "QUEUES_WAITING",
    "REFERRAL_REMINDED_BEFORE",
    "SAME_ANSWERS",
    "SAME_CONTACTS",
    "TO_SETTLE",
    "AskedAnew",
    "Awaited",
    "CallReason",
    "ChangeFacts",
    "ClosureNoticeFacts",
    "CodeWanted",
    "ContactAddress",
    "ContactChangeFacts",
    "FamilyLinkFacts",
    "FamilyNews",
    "FamilySide",
    "Move",
    "OpenCall",
    "PatientBusy",
    "RelayQueue",
    "ReviewNews",
    "ReviewedAnswers",
    "Stage",
    "Status",
    "StatusDisplay",
    "Unusable",
    "VisitFacts",
    "as_read",
    "asked_anew",
    "call_uncovered",
    "code_of",
    "codes_wanted",
    "companions_at_most",
    "email_address",
    "end_calls",
    "entry_title",
    "family_link_facts",
    "heard_in_person",
    "link_code",
    "made_since",
    "manage_tokens",
    "mark_closure_notices_relayed",
    "mark_codes_relayed",
    "mark_contact_changes_relayed",
    "mark_family_acts_relayed",
    "mark_linked_questions_relayed",
    "mark_relayed",
    "mark_reviews_planned",
    "message_preferences",
    "note_unreached",
    "oldest_unrelayed",
    "open_calls",
    "raise_calls",
    "readdressed_at",
    "reports",
    "reviewed_answers",
    "stage_of",
    "starts_ahead",
    "status_display_of",
    "uncovered_visits",
    "unrelayed",
    "unrelayed_closure_notices",
    "unrelayed_contact_changes",
    "unrelayed_family_acts",
    "unrelayed_linked_questions",
    "visits",
    "visits_ahead",
    "visits_of",
    "waiting_list",
    "was_called_without_cover",
    "was_cancelled",
    "where_at",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """One row of the ledger. `before` is empty when the appointment came to be."""

    id: int
    appointment_id: int
    version: int
    move: str
    before: str
    after: str
    at: datetime
    facts: dict[str, object]


def visits_of(patient_id: int, *, ahead_at: datetime | None = None) -> list[int]:
    """Return the ids of a patient's visits, or of those ahead at a time: the soonest first."""
    rows = Appointment.objects.filter(patient=patient_id).order_by("period", "pk")
    if ahead_at:
        rows = rows.filter(period__startswith__gt=ahead_at) & Appointment.objects.taking_time(at=ahead_at)
    return list(rows.values_list("pk", flat=True))


def unrelayed(*, limit: int, beside: Collection[int] = ()) -> list[ChangeFacts]:
    """Lock and return the oldest ledger rows that nobody else is relaying, until the caller's transaction ends.

    `beside`: appointments (ids) whose rows are left for later.
    """
    rows = Change.objects.filter(relayed_at=None).exclude(appointment__in=beside)
    rows = rows.select_for_update(skip_locked=True).order_by("pk")
    return [
        ChangeFacts(
            id=row.pk,
            appointment_id=row.appointment_id,
            version=row.version,
            move=row.move,
            before=row.before,
            after=row.after,
            at=row.at,
            facts=row.facts,
        )
        for row in rows[:limit]
    ]


def mark_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that ledger rows have been taken up."""
    Change.objects.filter(pk__in=ids, relayed_at=None).update(relayed_at=at)


@one_reading
def visits(appointment_ids: Collection[int], *, lock: bool = False) -> dict[int, VisitFacts]:
    """Return visits by id, in six queries: what many have in common (site, practitioner, therapy) is read once.

    Of a single one it is read with it, in three. One more where some were looked at before they were booked, or are to
    be; one where health questions hold, and one where a cancel can be undone.

    With `lock` nobody can change them before the caller's transaction ends: their rows alone are locked first, in one
    order, and then read as they are.
    """
    if not appointment_ids:
        return {}
    found = rows_of_visits(list(appointment_ids), lock=lock)
    contacts = contacts_of({row.patient_id for row in found})
    answers = queries.review_answers(found)
    asked, brings = screening.patient_screenings(found), brought_along(found)
    return {
        row.pk: replace(
            _facts(row, contacts[row.patient_id], answers.get(row.pk, queries.NOT_ANSWERED), asked[row.pk]),
            brings=brings.get(row.pk, ()),
            answered_by=review_of(row).due_at,
        )
        for row in found
    }


def uncovered_visits(visits: Iterable[VisitFacts], *, at: datetime) -> frozenset[int]:
    """Return the ids of those visits that stand on time which is not open any more, in one query."""
    ahead = {visit.appointment_id: visit.allocation for visit in visits if visit.status in OCCUPYING}
    return queries.uncovered_ids(ahead, at=at)


def visits_with_questions(visits: Iterable[VisitFacts], *, at: datetime) -> frozenset[int]:
    """Return the ids of those visits before which something is to be asked now; none is read where no rules ask."""
    return due_ids({one.appointment_id: one.site_id for one in visits}, at=at)


def was_cancelled(visit: VisitFacts) -> bool:
    """Whether somebody cancelled a visit: else it ran out, was declined, was a mistake, or waits for another time."""
    return visit.status == Status.CANCELLED and visit.cancel_reason not in {CancelReason.EXPIRED, CancelReason.DECLINED}


def where_at(versions: Mapping[int, int]) -> dict[int, Mapping[str, str]]:
    """Return start, end, practitioner and site of visits as they were at a version of theirs, by id, in one query."""
    found, left = dict[int, Mapping[str, str]](), dict[int, Mapping[str, str]]()
    # The last `to` up to the version says where it was, and so does the first `from` after it: in full, also of a visit
    # that is older than the ledger, or than the end in it.
    rows = Change.objects.filter(appointment_id__in=versions).filter(Q(facts__has_key="to") | Q(facts__has_key="from"))
    for visit_id, version, facts in rows.order_by("version", "pk").values_list("appointment_id", "version", "facts"):
        if version <= versions[visit_id]:
            found[visit_id] = facts["to"]
        elif "from" in facts:
            left.setdefault(visit_id, facts["from"])
    return found | left


def visits_ahead(*, email: str, birth_date: date, at: datetime) -> list[int]:
    """Return the ids of the visits ahead of whoever has this address and birth date: the soonest first, ten at most."""
    rows = Appointment.objects.taking_time(at=at).filter(period__endswith__gt=at, patient__birth_date=birth_date)
    theirs = rows.filter(patient__contacts__system=ContactSystem.EMAIL, patient__contacts__value__iexact=email)
    return list(theirs.values_list("pk", flat=True)[:10])


def starts_ahead(sites: Collection[int], *, at: datetime) -> list[tuple[datetime, ZoneInfo]]:
    """Return when the visits ahead at sites (ids) begin, each with the zone of its site."""
    ahead = Appointment.objects.taking_time(at=at).filter(site__in=sites, period__startswith__gt=at)
    found = ahead.order_by().values_list("period", "site__zone")
    return [(period.lower, ZoneInfo(zone)) for period, zone in found]


def manage_tokens(appointment_ids: Collection[int], *, at: datetime) -> dict[int, str]:
    """Return the tokens of several visits by id, for mails alone: they show that whoever has one reads the mailbox."""
    known = live_tokens(appointment_ids)
    unknown = set(appointment_ids) - known.keys()
    known |= issue_all(Appointment.objects.filter(pk__in=unknown), at=at) if unknown else {}
    return {pk: mailed_token(token) for pk, token in known.items()}


def was_called_without_cover(appointment_id: int) -> bool:
    """Whether staff told a visit's patient in a call that its time, as it is now, is not open."""
    return calls.made_without_cover().filter(appointment=appointment_id).exists()


def raise_calls(appointment_ids: Collection[int], reason: CallReason, *, at: datetime, again: bool = False) -> int:
    """Let staff call the patients of visits, once for each version and reason; return how many calls are new.

    `again`: also those about whom such a call was made already.
    """
    return calls.raise_for(appointment_ids, reason, at=at, again=again)


def end_calls(appointment_ids: Collection[int], reason: CallReason, *, at: datetime) -> int:
    """End the open calls of visits, because there is nothing to call about any more; return how many there were."""
    return calls.end(appointment_ids, reason, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call that nobody has made yet, about a version of a visit."""

    appointment_id: int
    patient_id: int
    version: int
    raised_at: datetime


def open_calls(reason: CallReason) -> list[OpenCall]:
    """Return the calls that staff have still to make for this reason."""
    rows = CallTask.objects.filter(reason=reason, done_at=None).select_related("appointment")
    return [
        OpenCall(
            appointment_id=call.appointment_id,
            patient_id=call.appointment.patient_id,
            version=call.version,
            raised_at=call.raised_at,
        )
        for call in rows
    ]


def _facts(
    row: Appointment, contacts: list[ContactAddress], answer: queries.ReviewAnswer, asked: screening.PatientScreening
) -> VisitFacts:
    site, practitioner, therapy, patient = row.site, row.practitioner, row.therapy, row.patient
    return VisitFacts(
        appointment_id=row.pk,
        public_id=row.public_id,
        reference=row.reference,
        version=row.version,
        status=row.status,
        allocation=row.allocation,
        cancel_reason=row.cancel_reason,
        **undo_times(row),
        kept_until=row.kept_until,
        starts_at=row.period.lower,
        ends_at=row.period.upper,
        site_id=site.pk,
        site_name=site.name,
        site_address=site.address,
        **{name: getattr(site, name) for name in ("zone", "phone", "directions", "parking", "arrive_early_minutes")},
        practitioner_name=practitioner.name,
        bring_and_wear=therapy.bring_and_wear,
        patient_id=patient.pk,
        greeting_name=greeting_name(patient.name),
        language=patient.language,
        contacts=tuple(contacts),
        preferences=_preferences(patient),
        awaits_code=_awaits_code(row),
        offered=answer.offered,
        may_decline=row.practitioner_changed_at is not None,
        declined=answer.declined,
        awaited=awaited_of(row),
        screening=asked.policy,
        **{name: getattr(asked, name) for name in ("responses", "elsewhere", "companions", "companions_answered")},
        answers_read=asked.read,
        review_news=asked.news,
        readdressed=row.readdressed,
        where=where(row),
    )


def _preferences(patient: Patient) -> PreferredMessages:
    """Return what a patient wishes of their messages. Needs the row of it, if there is one."""
    row: MessagePreferences | None = getattr(patient, "message_preferences", None)
    if row is None:
        return PreferredMessages()
    return PreferredMessages(reminders=row.reminders, not_before=row.not_before, not_after=row.not_after)


def _awaits_code(row: Appointment) -> bool:
    """Whether a visit waits, or has waited in vain, for its address to be verified."""
    proof: Proof | None = getattr(row, "proof", None)
    return proof is not None and proof.proven_at is None and row.status in {Status.PROPOSED, Status.CANCELLED}
