"""What belongs to somebody, as far as whoever looks may know it: appointments, family, programs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from booking.families.queries import family_links
from booking.families.status import FamilyRelation
from booking.models import Appointment, Enrolment, FamilyLink, Patient
from booking.web.desk.appointment_rows import appointment_rows, named_appointments
from booking.web.desk.families.program_people import enrolment_in_words, program_name
from core.principal import Principal
from core.rights import Action, acting, sites_for
from core.text.languages import date_in_words

FEW_PAST = 10
"""Past appointments that are shown, unless all are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMember:
    """Somebody linked with somebody. `id`: of their record, where they have come already."""

    id: UUID | None
    words: str
    state: str


def appointments_of(found: Patient, *, by: Principal, at: datetime, all_past: bool) -> dict[str, Any]:
    """Return what is ahead, the soonest first, and what is over or called off, the latest first."""
    theirs = named_appointments(by).filter(patient=found)
    ahead = Appointment.objects.taking_time(at=at).filter(period__endswith__gt=at, patient=found).values("pk")
    coming = list(theirs.filter(pk__in=ahead).order_by("period", "pk"))
    rest = theirs.exclude(pk__in=ahead).order_by("-period", "-pk")
    past = list(rest if all_past else rest[: FEW_PAST + 1])
    shown = past if all_past else past[:FEW_PAST]
    rows = appointment_rows([*coming, *shown], by=by, at=at)
    return {"coming": rows[: len(coming)], "past": rows[len(coming) :], "more_past": len(shown) < len(past)}


def family_of(found: Patient, *, by: Principal, at: datetime) -> list[FamilyMember] | None:
    """Return with whom somebody is linked; None for whoever is not to know."""
    sees = acting(by, Action.SEE_FAMILY_LINK)
    if not sees.roles:
        return None
    links = family_links(sees).filter(Q(patient=found) | Q(relative=found))
    return [_member(link, found, at=at) for link in links]


def _member(link: FamilyLink, found: Patient, *, at: datetime) -> FamilyMember:
    """Return the other of the two: of an invitation that nobody has taken up, whom it is for."""
    relation, theirs = str(FamilyRelation(link.relation).label), link.patient_id == found.pk
    other = link.relative if theirs else link.patient
    named = {"name": other.name if other else "", "relation": relation}
    words = _("%(name)s: %(relation)s") if theirs else _("Comes as the family of %(name)s: %(relation)s")
    state = str(link.state_at(at).label)
    until = _("%(state)s, until %(day)s") % {"state": state, "day": date_in_words(link.ends_on)}
    return FamilyMember(
        id=other.public_id if other else None,
        words=words % named if other else relation,
        state=until if link.is_live(at=at) else state,
    )


def programs_of(found: Patient, *, by: Principal, at: datetime) -> list[str] | None:
    """Return in which programs somebody takes part; None for whoever is not to know."""
    sites = sites_for(by, Action.SEE_ENROLMENTS)
    if not sites:
        return None
    rows = Enrolment.objects.filter(patient=found, site__in=sites).select_related("site").order_by("site", "program")
    return [f"{program_name(row.program)}: {enrolment_in_words(row, at=at)}" for row in rows]
