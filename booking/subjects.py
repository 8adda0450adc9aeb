"""What acts touch, as the rights table asks: at which site, whose record, whose calendar, which program."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from booking.models import Appointment, Enrolment, FamilyLink, Hold, LinkedVisits, Patient, WaitingListEntry
from core.principal import Principal
from core.rights import Subject
from core.roles import Role
from scheduler.public import Slot

PROGRAM_FACTS = ("patient__enrolments", "patient__relative_links__patient__enrolments")
"""What is asked of whoever an appointment is for, where staff of a program ask: read at once for a whole list."""


def of_appointment(visit: Appointment, principal: Principal) -> Subject:
    """Return an appointment as a subject; needs its patient and practitioner, and for program staff the enrolments."""
    return Subject(
        sites=frozenset({visit.site_id}),
        owner=visit.patient.user_id,
        practitioner=visit.practitioner.user_id,
        programs=_programs(visit.patient, principal, booked=[visit]),
        families=_families(visit.patient, principal),
    )


def of_link(link: LinkedVisits, principal: Principal) -> Subject:
    """Return what links appointments as a subject: known to whoever knows the program of one of their patients.

    So is what was taken apart, to be undone.
    """
    apart = Q(linked=None, pk__in=link.changes.order_by().values("appointment"))
    rows = Appointment.objects.filter(Q(linked=link) | apart).select_related("patient")
    visits = list(rows.prefetch_related(*PROGRAM_FACTS)) if principal.has(Role.PROGRAM) else []
    return Subject(
        sites=frozenset({link.site_id}),
        programs=frozenset().union(*(_programs(visit.patient, principal, booked=[visit]) for visit in visits)),
        families=frozenset().union(*(_families(visit.patient, principal) for visit in visits)),
    )


def of_waiting(entry: WaitingListEntry, principal: Principal) -> Subject:
    """Return an entry of the waiting list as a subject; needs its patient, and for program staff the enrolments."""
    return of_who_would_wait(entry.patient, entry.site_id, principal)


def of_who_would_wait(patient: Patient, site: int, principal: Principal) -> Subject:
    """Return somebody who is to wait at a site (its id) as a subject."""
    return Subject(
        sites=frozenset({site}),
        owner=patient.user_id,
        programs=_programs(patient, principal),
        families=_families(patient, principal),
    )


def of_slot(slot: Slot, patient: Patient | None, principal: Principal) -> Subject:
    """Return a time asked for as a subject. Without a patient it touches nobody's record but one's own."""
    return _of_time(slot.site.id, slot.practitioner.user_id, patient, principal)


def of_held_time(hold: Hold, patient: Patient, principal: Principal) -> Subject:
    """Return the time of a hold as a subject; needs its practitioner."""
    return _of_time(hold.site_id, hold.practitioner.user_id, patient, principal)


def _of_time(site: int, practitioner: int | None, patient: Patient | None, principal: Principal) -> Subject:
    here = frozenset({site})
    return Subject(
        sites=here,
        owner=patient.user_id if patient else principal.user_id,
        practitioner=practitioner,
        programs=_programs(patient, principal) if patient else here,
        families=_families(patient, principal) if patient else frozenset(),
    )


def of_hold(hold: Hold) -> Subject:
    """Return a hold as a subject."""
    return Subject(maker=hold.made_by)


def of_record(patient: Patient, principal: Principal) -> Subject:
    """Return a record as a subject, by where it is used and by whom, in one query."""
    used = list(patient.appointments.order_by().values_list("site_id", "practitioner__user_id").distinct())
    sites = frozenset({patient.site_id, *(site for site, _user in used)})
    return of_patient(patient, principal, sites=sites, practitioners=frozenset(user for _site, user in used))


def of_patient(
    patient: Patient, principal: Principal, *, sites: frozenset[int], practitioners: frozenset[int | None]
) -> Subject:
    """Return a record as a subject: `sites` where it was made or is used, `practitioners` (user ids) who treat them.

    Staff of a program know whoever is enrolled at their site, also before the first appointment there; and who was,
    until what they booked as such is over. So do they know whoever is linked with such a patient.
    """
    treats = principal.user_id if principal.user_id in practitioners else None
    ended = principal.at is not None and principal.has(Role.PROGRAM) and _has_ended(patient, principal)
    ahead = list(patient.appointments.filter(period__endswith__gt=principal.at)) if ended else []
    programs = _programs(patient, principal, booked=ahead)
    families = _families(patient, principal)
    # Enrolled, or of a family, and not booked yet: no visit and no record of theirs is at the program's site.
    known = sites | ((programs | families) & principal.sites(Role.PROGRAM))
    return Subject(sites=known, owner=patient.user_id, practitioner=treats, programs=programs, families=families)


def _has_ended(patient: Patient, principal: Principal) -> bool:
    return any(not one.counts(at=principal.at) for one in patient.enrolments.all())


def _programs(patient: Patient, principal: Principal, *, booked: Iterable[Appointment] = ()) -> frozenset[int]:
    """Return the sites where a patient is enrolled, or was when they booked what is not over."""
    if not principal.has(Role.PROGRAM):
        return frozenset()
    at, rows = principal.at, list(patient.enrolments.all())
    live = frozenset(one.site_id for one in rows if one.counts(at=at))
    ended = [one for one in rows if one.site_id not in live]
    return live | {one.site_id for one in ended if any(_booked_before_end(visit, one, at=at) for visit in booked)}


def _families(patient: Patient, principal: Principal) -> frozenset[int]:
    """Return the sites where staff of a program know somebody as a member of a patient's family, as queries do."""
    at = principal.at
    if at is None or not principal.has(Role.PROGRAM):
        return frozenset()
    links = [one for one in patient.relative_links.all() if one.is_in_force(at=at)]
    known = [(link, row) for link in links for row in link.patient.enrolments.all()]
    return frozenset(row.site_id for link, row in known if row.counts(at=at) or _lasts_in_grace(link, row))


def _lasts_in_grace(link: FamilyLink, row: Enrolment) -> bool:
    """Whether staff of a program reach a family beyond an enrolment that ended, as `family_of_enrolled` says it."""
    if link.grace_at is None or link.confirmed_at is None or row.ends_at is None:
        return False
    return row.ends_at >= link.confirmed_at


def _booked_before_end(visit: Appointment, ended: Enrolment, *, at: datetime | None) -> bool:
    if at is None or ended.ends_at is None or visit.site_id != ended.site_id:
        return False
    return bool(visit.period.upper > at and visit.created_at < ended.ends_at)
