"""As whom somebody asks for time: with the programs and the families of the person that it is for."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.families.status import LINK_LIFE
from booking.models import Appointment, Enrolment, FamilyLink, Patient, Referral
from booking.queries import is_own, own_record, reviews_of_visit
from booking.roles import audience_of
from booking.suitability.visits import place_needs_of_visit
from core.database.compiled import Argument, CompiledQuery
from core.database.transactions import once_in_a_unit
from core.principal import Principal
from scheduler import public as scheduler

ProgramAtSite = tuple[int, str]
"""A program at a site, as (site id, program)."""


@dataclass(frozen=True, slots=True)
class Memberships:
    """What time may be open to somebody: that of `programs` they are enrolled in, and of their `families`.

    `referred`: the programs for which they have a referral with visits left, each with until when it holds.
    """

    programs: frozenset[ProgramAtSite] = frozenset()
    families: frozenset[ProgramAtSite] = frozenset()
    referred: frozenset[tuple[int, str, datetime]] = frozenset()


NONE = Memberships()


def _enrolments() -> QuerySet[Enrolment, Any]:
    person, at = Argument("patient"), Argument("at")
    linked = FamilyLink.objects.in_force(at=at)
    of_theirs = linked.filter(relative=person)
    # A family is theirs for a while after the treatment; and after a death for as long as staff have said.
    lasting = Q(ends_at=None) | Q(ends_at__gt=Argument("since"))
    family = lasting & Q(patient__in=of_theirs.values("patient"))
    in_grace = Q(patient__in=of_theirs.filter(grace_at__isnull=False).values("patient"))
    own = Q(patient=person, pk__in=Enrolment.objects.live(at=at).values("pk"))
    theirs = Enrolment.objects.filter(own | (~Q(patient=person) & (family | in_grace)))
    known = theirs.annotate(linked=Exists(linked.filter(patient=OuterRef("patient"))))
    return known.order_by().values_list("patient_id", "site_id", "program", "linked")


ENROLMENTS = CompiledQuery(_enrolments)


def memberships_of(patient: Patient, *, at: datetime) -> Memberships:
    """Return the programs and families of a patient, as far as any time is for some people alone; in one query.

    A relative is family in the programs of the patient who is linked with them, and so is that patient.
    """
    if not scheduler.is_narrowed():
        return NONE
    return once_in_a_unit(f"memberships of patient {patient.pk}", lambda: _memberships(patient, at=at))


def _memberships(patient: Patient, *, at: datetime) -> Memberships:
    found = ENROLMENTS.tuples(patient=patient.pk, at=at, since=at - LINK_LIFE)
    # What is out of use, or not at that site, is nobody's program; and not each takes families.
    inside = {one.key: one for one in scheduler.programs()}
    known = [row for row in found if row[2] in inside and inside[row[2]].is_at(row[1])]
    programs = frozenset((site, program) for who, site, program, _linked in known if who == patient.pk)
    families = frozenset(
        (site, program) for _who, site, program, linked in known if linked and inside[program].families
    )
    return Memberships(programs, families, _referred(patient, programs, at=at))


REFERRALS = CompiledQuery(
    lambda: (
        Referral.objects.usable(at=Argument("at"))
        .filter(patient=Argument("patient"))
        .order_by()
        .values_list("site_id", "program", "expires_at")
    )
)


def _referred(
    patient: Patient, programs: frozenset[ProgramAtSite], *, at: datetime
) -> frozenset[tuple[int, str, datetime]]:
    asking = {one.key for one in scheduler.programs() if one.referral_required}
    if not any(program in asking for _site, program in programs):
        return frozenset()
    return frozenset(REFERRALS.tuples(patient=patient.pk, at=at))


def _without_asking(audience: scheduler.Audience) -> scheduler.Audience:
    """Return who asks for another time of a visit that waits for no referral: none is asked for because it moves."""
    mine = frozenset((site, program, scheduler.FOREVER) for site, program in audience.programs or ())
    return replace(audience, referred=mine) if mine else audience


def as_patient(patient: Patient | None, *, at: datetime) -> scheduler.Audience:
    """Return who asks as a patient whom we know, or as a visitor."""
    return for_patient(scheduler.Audience.PATIENT, patient, at=at) if patient else scheduler.Audience.PATIENT


def as_patients(patients: Collection[Patient], *, at: datetime) -> dict[int, scheduler.Audience]:
    """Return the same for many (by their ids): only of whom a program or a family knows is more read."""
    if not scheduler.is_narrowed():
        return {one.pk: scheduler.Audience.PATIENT for one in patients}
    ids = {one.pk for one in patients}
    known = set(Enrolment.objects.filter(patient__in=ids).order_by().values_list("patient", flat=True))
    known |= set(FamilyLink.objects.filter(relative__in=ids).order_by().values_list("relative", flat=True))
    plain = {guest: replace(scheduler.Audience.PATIENT, known=not guest) for guest in (True, False)}
    return {one.pk: as_patient(one, at=at) if one.pk in known else plain[one.guest] for one in patients}


def for_patient(
    asking: scheduler.Audience, patient: Patient, *, at: datetime, moving: Appointment | None = None
) -> scheduler.Audience:
    """Return who asks, once it is known for whom: what is open to them is theirs, and nothing of others.

    `moving`: the visit for which they look for another time.
    """
    mine = memberships_of(patient, at=at)
    if not scheduler.is_narrowed():
        return asking
    known = not patient.guest
    found = replace(asking, programs=mine.programs, families=mine.families, known=known, referred=mine.referred)
    return _without_asking(found) if moving is not None and not moving.awaits_referral else found


def audience_for(
    by: Principal,
    *,
    site_id: int,
    at: datetime,
    patient: Patient | None = None,
    reason: str = "",
    reviews: frozenset[scheduler.ReviewReason] = frozenset(),
    needs: frozenset[str] = frozenset(),
    moving: Appointment | None = None,
) -> scheduler.Audience:
    """Return as whom `by` asks for time at a site, for a patient, for themselves, or as staff for nobody named yet.

    `reason`: why soft rules are to be set aside, if they are; `reviews`: why somebody looks at it first; `needs`: what
    the place must have for the patient; `moving`: the visit for which another time is looked for.
    """
    asking = audience_of(by, site_id=site_id, own_record=is_own(patient, by), reason=reason)
    if reviews or needs:
        asking = replace(asking, reviews=reviews, needs=needs)
    if not scheduler.is_narrowed():
        return asking
    person = patient or (None if asking.is_staff else own_record(by))
    return for_patient(asking, person, at=at, moving=moving) if person else asking


def audience_of_visit(visit: Appointment, *, at: datetime) -> scheduler.Audience:
    """Return who looks for another time for a visit: its patient, with all that their answers ask for.

    Needs the site, the therapy and the patient.
    """
    asking = for_patient(scheduler.Audience.PATIENT, visit.patient, at=at, moving=visit)
    return replace(asking, reviews=reviews_of_visit(visit), needs=place_needs_of_visit(visit, at=at))
