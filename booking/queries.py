"""Reading appointments, patients and holds in a fixed number of queries; `visible_to` comes first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Change, ContactPoint, Hold, LinkedVisits, Patient, Proof
from booking.models.patients import ContactSystem
from booking.patients.record_errors import MergedInto
from booking.policies import BookingPolicy, booking_policy
from booking.rules import MoveContext, OtherVisit
from booking.status import OCCUPYING, WAITING, Move, Status
from booking.status_display import Awaited, phase_of, staff_label
from booking.suitability.answers_by_link import ANSWERS_NEEDED, CLINICIAN_ASKS, awaited_of, is_request
from booking.suitability.content import Disposition
from core.database.compiled import Argument, Arguments, CompiledQuery, for_each_kind
from core.database.transactions import once_in_a_unit
from core.models import Site
from core.principal import Principal
from core.refusals import Missing
from core.text.names import is_same_name
from scheduler import public as scheduler

Row = TypeVar("Row", bound=Model)

LISTED = ("patient", "practitioner", "site", "therapy", "place", "replaces", "linked")
"""What a list shows of an appointment beside its own row."""


def appointments(by: Principal) -> QuerySet[Appointment]:
    """Return the appointments that `by` may see, with what a list shows of each, in one query."""
    seen = Appointment.objects.visible_to(by)
    return seen.select_related(*LISTED)


@for_each_kind
def _seen_appointment(kind: Principal) -> QuerySet[Appointment, Any]:
    return appointments(kind).filter(public_id=Argument("public_id"))


def appointment(public_id: UUID, *, by: Principal) -> Appointment:
    """Return one appointment that `by` may see, in one query. Raises Missing."""
    return _seen_appointment(by.kind).get(public_id=public_id, user_id=by.user_id, acts_at=by.at)


WRITTEN = CompiledQuery(
    lambda: Appointment.objects.select_related("practitioner", "site", "therapy", "place", "linked").filter(
        pk=Argument("pk")
    )
)


def as_listed(visit: Appointment) -> Appointment:
    """Return an appointment that was just written with what a list shows of it, in one query."""
    (shown,) = WRITTEN.rows(pk=visit.pk)
    shown.patient, shown.replaces = visit.patient, visit.replaces  # at hand
    return shown


def changes(public_id: UUID, *, by: Principal) -> QuerySet[Change]:
    """Return the history of an appointment that `by` may see, oldest first. Raises Missing."""
    return Change.objects.filter(appointment=_one(Appointment.objects.visible_to(by), public_id)).order_by("pk")


def patients(by: Principal) -> QuerySet[Patient]:
    """Return the patients that `by` may see, with their contacts, in two queries."""
    return Patient.objects.visible_to(by).select_related("site").prefetch_related("contacts")


@for_each_kind
def _seen_patient(kind: Principal) -> QuerySet[Patient, Any]:
    seen = Patient.objects.visible_to(kind).select_related("site", "message_preferences")
    return seen.filter(public_id=Argument("public_id"))


def patient(public_id: UUID, *, by: Principal) -> Patient:
    """Return one patient that `by` may see, in one query. Raises Missing, MergedInto."""
    try:
        return _seen_patient(by.kind).get(public_id=public_id, user_id=by.user_id, acts_at=by.at)
    except Missing:
        follow_merge(public_id, by=by)
        raise


def follow_merge(public_id: UUID, *, by: Principal) -> None:
    """Tell where a record went that was merged into one that `by` may see. Raises MergedInto."""
    into = Patient.objects.visible_to(by).filter(merged__public_id=public_id).first()
    if into is not None:
        raise MergedInto(patient=str(into.public_id))


def own_record(by: Principal) -> Patient | None:
    """Return the patient's record of whoever is signed in, if they have one."""
    return Patient.objects.filter(user_id=by.user_id).first() if by.user_id else None


def linked_visits(by: Principal) -> QuerySet[LinkedVisits]:
    """Return what links appointments, as far as `by` may see that."""
    return LinkedVisits.objects.visible_to(by)


def holds(by: Principal) -> QuerySet[Hold]:
    """Return the holds that `by` made."""
    return Hold.objects.visible_to(by).select_related(
        "patient", "practitioner", "site", "moving__patient", "moving__practitioner"
    )


OWN_HOLD = CompiledQuery(
    lambda: (
        Hold.objects.made_by(Argument("key"))
        .select_related("patient", "practitioner", "site")
        .filter(public_id=Argument("public_id"))
    )
)


def hold(public_id: UUID, *, by: Principal) -> Hold:
    """Return one hold that `by` made, with its patient, practitioner and site. Raises Missing."""
    return OWN_HOLD.get(key=by.key, public_id=public_id)


def uncovered_visits(visits: QuerySet[Appointment], *, at: datetime) -> QuerySet[Appointment]:
    """Keep those of the visits ahead that stand on time which is not open any more."""
    ahead = visits.filter(status__in=sorted(OCCUPYING), period__endswith__gt=at)
    allocations = dict(ahead.order_by().values_list("pk", "allocation"))
    return ahead.filter(pk__in=uncovered_ids(allocations, at=at))


def uncovered_ids(allocations: Mapping[int, UUID], *, at: datetime) -> frozenset[int]:
    """Return those ids whose allocation stands on time that is not open any more, in one query."""
    uncovered = scheduler.uncovered_allocations(set(allocations.values()), at=at) if allocations else frozenset()
    return frozenset(pk for pk, allocation in allocations.items() if allocation in uncovered)


def lacks_cover(visits: Iterable[Appointment], *, at: datetime) -> frozenset[int]:
    """Return those visits (ids) whose time is not open any more, until their day is over; in one query.

    After it what has been is written down, whatever was closed. Needs their sites.
    """
    today = at.astimezone
    asked = [one for one in visits if today(one.site.tz).date() <= one.period.lower.astimezone(one.site.tz).date()]
    begin = min((one.period.lower for one in asked), default=at)
    return uncovered_ids({one.pk: one.allocation for one in asked}, at=min(at, begin))


def move_context(
    visit: Appointment,
    *,
    staff: bool,
    policy: BookingPolicy,
    covered: bool = True,
    decides: bool = False,
    undone: Change | None = None,
) -> MoveContext:
    """Return what the guards ask about an appointment; needs its site. `covered`: asked before where that matters.

    `decides`: whoever acts is who looks at it; `undone`: what an undo takes back, which need not be the last act.
    """
    return MoveContext(
        status=Status(visit.status),
        start=visit.period.lower,
        zone=visit.site.tz,
        staff=staff,
        last_at=undone.at if undone else visit.updated_at,
        cancel_reason=visit.cancel_reason,
        undo_until=visit.undo_until,
        kept_until=visit.kept_until,
        in_review=not decides and in_review(visit),
        offered=review_answer(visit).offered,
        covered=covered,
        begun=visit.started_at is not None,
        no_show_after=policy.no_show_after,
        no_show_undo=policy.no_show_undo,
    )


def in_review(visit: Appointment) -> bool:
    """Whether somebody looks at a visit before it is booked, by the policy in force when it was asked for."""
    if not is_request(visit):
        return False
    policy, audience = booking_policy(visit.site_id, at=visit.created_at), scheduler.Audience.PATIENT
    return bool(scheduler.reviews_of(visit.visit, policy.reviews, replace(audience, reviews=reviews_of_visit(visit))))


def reviews_of_visit(visit: Appointment | None) -> frozenset[scheduler.ReviewReason]:
    """Return why somebody looks at a visit that waits, because of what its patient answered."""
    if visit is None or not is_request(visit):
        return frozenset()
    own = visit.suitability == Disposition.CLINICIAN_REVIEW or awaited_of(visit) is not Awaited.NOTHING
    return frozenset({scheduler.ReviewReason.SUITABILITY}) if own else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAnswer:
    """What came of looking at a request: its patient is `offered` another time, or why it was `declined`.

    `instead`: what they can book instead, a therapy with its technique.
    """

    offered: bool = False
    declined: str = ""
    instead: tuple[str, str] | None = None


NOT_ANSWERED = ReviewAnswer()


def review_answers(visits: Iterable[Appointment]) -> dict[int, ReviewAnswer]:
    """Return what came of looking at requests, by id, for those that wait or were declined; in one query, or none."""
    asked = {v.pk: v for v in visits if is_request(v) or v.cancel_reason == CancelReason.DECLINED}
    if not asked:
        return {}
    last = Change.objects.filter(appointment__in=asked).order_by("appointment_id", "-pk").distinct("appointment_id")
    return {change.appointment_id: _answer(change, asked[change.appointment_id]) for change in last}


def _answer(last: Change, visit: Appointment) -> ReviewAnswer:
    if is_request(visit):
        return ReviewAnswer(offered=last.move == Move.RESCHEDULE and bool(last.facts.get("proposed")))
    therapy, _slash, technique = str(last.facts.get("instead", "")).partition("/")
    instead = (therapy, technique) if therapy else None
    return ReviewAnswer(declined=str(last.facts.get("because", "")), instead=instead)


def review_answer(visit: Appointment) -> ReviewAnswer:
    """Return what came of looking at one request."""
    return review_answers([visit]).get(visit.pk, NOT_ANSWERED)


def to_review(rows: QuerySet[Appointment], *, at: datetime | Argument) -> QuerySet[Appointment]:
    """Keep the requests that somebody has to decide about: not those that wait for a code, or for answers."""
    # About an address that may be a stranger's nobody decides: its time is given back soon.
    asked = Q(status=Status.PENDING, suitability=CLINICIAN_ASKS)
    waiting = rows.filter(asked | Q(status=Status.PROPOSED), kept_until__gt=at).exclude(suitability=ANSWERS_NEEDED)
    return waiting.exclude(pk__in=Proof.objects.filter(proven_at=None).values("appointment"))


def declined_today(rows: QuerySet[Appointment], *, at: datetime) -> QuerySet[Appointment]:
    """Keep the requests ahead that were declined and can be asked for again: on the day of the decline, by the site."""
    # Midnight is another moment at each site, and `rules.guard` asks for the site's own day.
    midnights = {site.pk: datetime.combine(at.astimezone(site.tz), time(), site.tz) for site in Site.objects.all()}
    today = Q(*((Q(site=pk, cancelled_at__gte=midnight)) for pk, midnight in midnights.items()), _connector=Q.OR)
    declined = rows.filter(status=Status.CANCELLED, cancel_reason=CancelReason.DECLINED, period__startswith__gt=at)
    return declined.filter(today)


def awaits_proof(visit: Appointment) -> bool:
    """Whether a visit waits until its address is shown to be its person's."""
    return visit.status == Status.PROPOSED and Proof.objects.filter(appointment=visit, proven_at=None).exists()


def was_reviewed(moving: Appointment | None) -> bool:
    """Whether somebody has looked at a visit that moves already, or never had to: one that waits goes on waiting."""
    return moving is not None and not is_request(moving)


def has_lapsed(visit: Appointment, *, at: datetime) -> bool:
    """Whether the time of a visit was kept for a while that is over, tidied up already or not."""
    if visit.status in WAITING:
        return visit.kept_until is not None and visit.kept_until <= at
    return visit.cancel_reason == CancelReason.EXPIRED


def status_in_words(visit: Appointment, *, at: datetime) -> str:
    """Return how a visit stands, as staff read it."""
    phase, begun = phase_of(visit.period.lower, visit.period.upper, at=at), visit.started_at is not None
    return staff_label(visit.status, phase, lapsed=has_lapsed(visit, at=at), begun=begun)


def is_own(patient: Patient | None, by: Principal) -> bool:
    """Whether `patient` is the record of the person who acts."""
    return patient is not None and patient.user_id is not None and patient.user_id == by.user_id


def records_of(patient: Patient) -> list[int]:
    """Return the ids of all records of a patient's person: the same name and birth date, a contact in common.

    Whoever asks twice in a unit has locked the person, whose records do not change under that lock.
    """
    return once_in_a_unit(f"records of patient {patient.pk}", lambda: _records_of(patient))


def _alike() -> QuerySet[ContactPoint, tuple[int, str]]:
    """Return the records, with their names, of who was born on the same day and shares a contact."""
    theirs = ContactPoint.objects.filter(
        patient=Argument("patient"), system=OuterRef("system"), value__iexact=OuterRef("value")
    )
    alike = ContactPoint.objects.filter(Exists(theirs), patient__birth_date=Argument("birth_date"))
    return alike.order_by().values_list("patient_id", "patient__name")


ALIKE = CompiledQuery(_alike)


def _records_of(patient: Patient) -> list[int]:
    # Narrowed in the database by what is indexed, compared by name here: how names are told to be the same takes more
    # than a column can say.
    found = ALIKE.tuples(patient=patient.pk, birth_date=patient.birth_date)
    return sorted({patient.pk, *(record for record, name in found if is_same_name(name, patient.name))})


def is_elsewhere(visit: Appointment, *, at: datetime) -> bool:
    """Whether the visit's person has another one at that time, on another record of theirs."""
    others = [record for record in records_of(visit.patient) if record != visit.patient_id]
    if not others:
        return False
    rows = Appointment.objects.taking_time(at=at).filter(patient__in=others, period__overlap=visit.period)
    return rows.exists()


def guest_record(*, name: str, birth_date: date, email: str) -> Patient | None:
    """Return the record that a guest of this name, birth date and address made before, if there is one."""
    reached = ContactPoint.objects.mail(email).values("patient")
    # Guests' records alone: by three facts that many know nobody gets at the record of somebody who signs in.
    alike = Patient.objects.filter(pk__in=reached, birth_date=birth_date, guest=True, user=None).order_by("pk")
    return next((record for record in alike if is_same_name(record.name, name)), None)


def mail_of(patient: Patient) -> str:
    """Return the address to which a patient's mail goes first, empty when there is none."""
    mails = patient.contacts.filter(system=ContactSystem.EMAIL).order_by("rank", "pk")
    return mails.values_list("value", flat=True).first() or ""


def is_verified(patient: Patient, *, email: str) -> bool:
    """Whether somebody has shown that a patient's address is theirs."""
    return patient.contacts.mail(email).exclude(pk__in=patient.contacts.unverified()).exists()


def unverified_ahead(email: str, *, at: datetime, but: Appointment | None = None) -> int:
    """Count the visits ahead that guests booked with an address that they have not shown to be theirs.

    Visits of anybody else with this address are left out: whoever types it would learn of them.
    """
    ahead = Appointment.objects.taking_time(at=at).filter(period__endswith__gt=at, patient__guest=True)
    unverified = ContactPoint.objects.mail(email).unverified().values("patient")
    return ahead.filter(patient__in=unverified).exclude(pk__in=[but.pk] if but else []).count()


NO_VISIT = 0


def _others() -> QuerySet[Appointment, Any]:
    takes_time = Appointment.objects.taking_time(at=Argument("at"))
    rows = takes_time | Appointment.objects.filter(status=Status.FULFILLED)
    theirs = rows.filter(patient__in=Arguments("records")).exclude(pk=Argument("but")).order_by()
    return theirs.values_list("period", "visit", "therapy__key", "status")


OTHERS = CompiledQuery(_others)


def others_of(patient: Patient | None, *, at: datetime, but: Appointment | None = None) -> list[OtherVisit]:
    """Return the visits of the patient's person that take time or are done, on whichever record, without `but`."""
    if patient is None:
        return []
    found = OTHERS.tuples(records=records_of(patient), at=at, but=but.pk if but else NO_VISIT)
    return [
        OtherVisit(start=period.lower, end=period.upper, visit=visit, therapy=therapy, status=Status(status))
        for period, visit, therapy, status in found
    ]


def therapies_begun(others: Iterable[OtherVisit], *, before: datetime) -> set[str]:
    """Return what somebody has had, or will have had, before a moment: from then on it is a follow-up."""
    return {one.therapy for one in others if one.start < before}


def _one(rows: QuerySet[Row], public_id: UUID) -> Row:
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Missing
    return found
