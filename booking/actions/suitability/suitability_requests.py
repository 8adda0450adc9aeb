"""Requests that wait because of what somebody answered, and what is looked at again: for whoever decides about them."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from booking import queries
from booking.actions import booking_checks
from booking.actions.approvals import may_reopen_today
from booking.calls.calls_to_make import LOOKED_AT_AGAIN
from booking.models import Appointment, CallTask, Change, Clearance, LabValue
from booking.status import OCCUPYING, Status
from booking.suitability.answers_by_link import CLINICIAN_ASKS, waits_for_answers
from booking.suitability.content import Disposition
from core.database.compiled import Argument, CompiledQuery

A_DAY = timedelta(days=1)
STANDS = sorted(OCCUPYING - {Status.PROPOSED})


def waiting_requests(sites: Collection[int], *, at: datetime) -> list[Appointment]:
    """Return the requests of sites that wait because of answers, what is due first on top.

    Those whose people were offered another time, or are asked again, wait for these.
    """
    return sorted((one for one in _open_requests(sites, at=at) if not waits_for_answers(one)), key=due_at)


def count_waiting(site: int, *, at: datetime) -> int:
    """Count the requests that wait so at one site; in one query where none are open."""
    return sum(not waits_for_answers(one) for one in _not_offered(OPEN_REQUESTS.rows(site=site, at=at)))


def asked_requests(sites: Collection[int], *, at: datetime) -> list[Appointment]:
    """Return the requests of sites whose people a clinician has asked again by link, and who have not answered."""
    return [one for one in _open_requests(sites, at=at) if waits_for_answers(one)]


def _open_requests(sites: Collection[int], *, at: datetime) -> list[Appointment]:
    rows = queries.to_review(_of_sites(sites), at=at).order_by("created_at", "pk")
    return _not_offered(list(rows.prefetch_related("patient__contacts")))


def _not_offered(requests: Collection[Appointment]) -> list[Appointment]:
    offered = queries.review_answers(requests)
    return [one for one in requests if not offered.get(one.pk, queries.NOT_ANSWERED).offered]


def declined_requests(sites: Collection[int], *, at: datetime) -> list[Appointment]:
    """Return the requests of sites that waited because of answers, and were declined today."""
    return list(queries.declined_today(_of_sites(sites), at=at).order_by("-cancelled_at"))


def approved_requests(sites: Collection[int], *, at: datetime) -> list[Appointment]:
    """Return what stands at sites since it was approved today, and can wait again: the last approved on top."""
    rows = _of_sites(sites).filter(status=Status.BOOKED, period__startswith__gt=at, updated_at__gt=at - A_DAY)
    found = {visit.pk: visit for visit in rows.order_by("-updated_at", "pk")}
    last = Change.objects.filter(appointment__in=found).order_by("appointment_id", "-pk").distinct("appointment_id")
    kept = {one.appointment_id for one in last if may_reopen_today(one, at=at, zone=found[one.appointment_id].site.tz)}
    return [visit for visit in found.values() if visit.pk in kept]


def booked_visits(sites: Collection[int], *, at: datetime) -> list[Appointment]:
    """Return what stands at sites and is looked at again, with what its card shows: the next first."""
    rows = looked_at_again(sites, at=at).select_related("patient", "practitioner", "site", "therapy")
    return list(rows.prefetch_related("patient__contacts").order_by("period", "pk"))


def looked_at_again(sites: Collection[int], *, at: datetime) -> QuerySet[Appointment]:
    """Return what is booked at sites and is looked at again, since rules or answers have changed."""
    tasks = CallTask.objects.filter(reason__in=LOOKED_AT_AGAIN, done_at=None)
    rows = Appointment.objects.filter(
        site__in=sites, status__in=STANDS, period__endswith__gt=at, pk__in=tasks.values("appointment")
    )
    return rows.exclude(suitability=CLINICIAN_ASKS)  # that stands among the requests


def _of_sites(sites: Collection[int]) -> QuerySet[Appointment]:
    rows = _looked_at().filter(site__in=sites)
    return rows.select_related("patient", "practitioner", "site", "therapy")


def _looked_at() -> QuerySet[Appointment]:
    return Appointment.objects.filter(suitability__in=(Disposition.CLINICIAN_REVIEW.value, CLINICIAN_ASKS))


OPEN_REQUESTS = CompiledQuery(lambda: queries.to_review(_looked_at().filter(site=Argument("site")), at=Argument("at")))


def due_at(visit: Appointment) -> datetime:
    """Return by when somebody looks at a request."""
    return booking_checks.review_of(visit).due_at or visit.created_at


def is_overdue(visit: Appointment, *, at: datetime) -> bool:
    """Whether somebody was to look at a request by now."""
    return due_at(visit) <= at


def newest_counts(visits: Iterable[Appointment]) -> dict[int, list[LabValue]]:
    """Return the newest count of each kind, by patient."""
    people = {visit.patient_id for visit in visits}
    rows = LabValue.objects.filter(patient__in=people, withdrawn_at=None).order_by(
        "patient_id", "kind", "-taken_on", "-pk"
    )
    found: dict[int, list[LabValue]] = {}
    for one in rows.distinct("patient_id", "kind"):
        found.setdefault(one.patient_id, []).append(one)
    return found


def last_change(visit: Appointment) -> Change | None:
    """Return what was done with an appointment last."""
    return Change.objects.filter(appointment=visit).order_by("-pk").first()


def gave_clearance(visit: Appointment, *, at: datetime) -> bool:
    """Whether the review of an appointment at a moment has cleared anything."""
    return Clearance.objects.filter(appointment=visit, given_at=at).exists()
