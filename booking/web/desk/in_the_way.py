"""Who is in the way of a time, as far as whoever looks may know: who else has it, or where the patient is then."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.status import Status
from booking.subjects import of_appointment
from core.principal import Principal
from core.rights import Action, acting, may
from core.text.languages import time_in_words
from scheduler.public import Slot

MOST = 4
"""Of those who are in the way so many are named."""


def in_the_way(visit: Appointment, slot: Slot, *, by: Principal, at: datetime) -> list[str]:
    """Say who else has whoever treats, or where the patient is then, of a time onto which a visit is to move."""
    seen = Appointment.objects.visible_to(acting(by, Action.SEE_APPOINTMENT))
    kept = seen.filter(status=Status.CANCELLED, undo_until__gt=at)  # for an undo
    theirs = Q(practitioner=slot.practitioner.id) | Q(patient=visit.patient_id)
    rows = (seen.taking_time(at=at) | kept).filter(theirs, period__overlap=(slot.start, slot.end)).exclude(pk=visit.pk)
    rows = rows.select_related("patient", "practitioner", "site").prefetch_related("patient__enrolments")
    return [_named(one, by) for one in rows.order_by("period")[:MOST]]


def _named(other: Appointment, by: Principal) -> str:
    zone = other.site.tz
    named = may(by, Action.SEE_NAMES, of_appointment(other, by))
    facts = {
        "who": other.patient.name if named else other.reference,
        "start": time_in_words(other.period.lower, zone),
        "end": time_in_words(other.period.upper, zone),
        "with": other.practitioner.name,
    }
    if other.status == Status.CANCELLED and other.undo_until:
        facts["until"] = time_in_words(other.undo_until, zone)
        return _("%(who)s, %(start)s to %(end)s, with %(with)s: cancelled, kept for an undo until %(until)s") % facts
    return _("%(who)s, %(start)s to %(end)s, with %(with)s") % facts
