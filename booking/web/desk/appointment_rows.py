"""What pages about somebody show of appointments: when, with whom, how each stands, and where it is dealt with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.actions.proposed_times import proposed_times
from booking.models import Appointment
from booking.references import as_written
from booking.screening.queries import NOT_ASKED, Screening, screenings
from booking.screening.rights import as_seen
from booking.status import OCCUPYING
from booking.subjects import PROGRAM_FACTS, of_appointment
from booking.suitability.answers_by_link import awaited_of
from booking.web.desk.appointments.facts import proposed_in_words
from booking.web.desk.appointments.words import WAITS_FOR
from booking.web.desk.health_words import health_in_words
from booking.web.labels import therapy_in_words, visit_in_words
from core.principal import Principal
from core.rights import Action, acting, may
from core.text.languages import localized, when_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRow:
    """An appointment as staff read it. `what`: for those who may know; `answers`: how they stand with questions.

    `proposed`: the time that is proposed instead, in words.
    """

    id: str
    when: str
    what: str
    with_whom: str
    site: str
    reference: str
    stands: str
    url: str
    answers: Sequence[str] = ()
    proposed: str = ""


def named_appointments(by: Principal) -> QuerySet[Appointment]:
    """Return the appointments of which somebody may know whose they are, with all that rights ask about them."""
    seen = queries.appointments(acting(acting(by, Action.SEE_APPOINTMENT), Action.SEE_NAMES))
    return seen.prefetch_related(*PROGRAM_FACTS)


def next_of_each(patients: Iterable[int], *, by: Principal, at: datetime) -> dict[int, Appointment]:
    """Return the next appointment of each patient, by their id, as far as somebody may know of it."""
    # All that is ahead of a few people, the last first: picking one of each in SQL costs more than it saves.
    ahead = Appointment.objects.taking_time(at=at).filter(patient__in=list(patients), period__endswith__gt=at)
    return {one.patient_id: one for one in (named_appointments(by) & ahead).order_by("-period", "-pk")}


def appointment_rows(visits: Sequence[Appointment], *, by: Principal, at: datetime) -> list[AppointmentRow]:
    """Return appointments as rows, in their order; one query more asks whose time is not open any more."""
    standing = [one for one in visits if one.status in OCCUPYING]
    uncovered, asked = queries.lacks_cover(standing, at=at), screenings(standing, at=at) if standing else {}
    kept = proposed_times(uncovered, at=at) if uncovered else {}
    rows = [_row(one, asked.get(one.pk, NOT_ASKED), covered=one.pk not in uncovered, by=by, at=at) for one in visits]
    said = {str(one.public_id): proposed_in_words(kept[one.pk]) for one in standing if one.pk in kept}
    return [replace(row, proposed=said[row.id]) if row.id in said else row for row in rows]


def _row(visit: Appointment, asked: Screening, *, covered: bool, by: Principal, at: datetime) -> AppointmentRow:
    subject, zone = of_appointment(visit, by), visit.site.tz
    return AppointmentRow(
        id=str(visit.public_id),
        when=when_in_words(visit.period.lower, zone),
        what=_what(visit) if may(by, Action.SEE_THERAPY, subject) else "",
        with_whom=visit.practitioner.name,
        site=localized(visit.site.name),
        reference=as_written(visit.reference),
        stands=_stands(visit, covered=covered, at=at),
        answers=_answers(visit, asked, by=by, at=at),
        url=reverse("desk-appointment", args=[visit.public_id]),
    )


def _what(visit: Appointment) -> str:
    return f"{therapy_in_words(visit.therapy.name, visit.technique)}, {visit_in_words(visit.visit)}"


def _stands(visit: Appointment, *, covered: bool, at: datetime) -> str:
    said = queries.status_in_words(visit, at=at)
    return said if covered else _("%(status)s. Cannot take place at this time: find another time") % {"status": said}


def _answers(visit: Appointment, asked: Screening, *, by: Principal, at: datetime) -> list[str]:
    """Return what is still awaited of its patient, and what follows from what they answered; never an answer."""
    if visit.status not in OCCUPYING or visit.period.upper <= at or queries.has_lapsed(visit, at=at):
        return []
    waits = WAITS_FOR.get(awaited_of(visit), "")
    health = health_in_words(as_seen(asked, visit, by=by), visit.site.tz)
    return [str(one) for one in (waits, _("Health questions: %s") % health if health else "") if one]
