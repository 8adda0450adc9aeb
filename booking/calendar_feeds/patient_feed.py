"""What stands in the calendar feed of a patient: when and where, and no word about what for or with whom."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from booking.calendar_feeds.feed import CALLED_OFF, KEPT, event_status
from booking.models import Appointment, Patient
from booking.queries import has_lapsed
from booking.status import WAITING
from booking.status_display import COMING, entry_title
from core.text.ical import CalendarEntry, EventStatus, calendar_feed, uid
from core.text.languages import released_language


def patient_calendar(patient: Patient, *, at: datetime) -> bytes:
    """Return a patient's appointments as iCalendar text: the same events as in the mails about them."""
    with translation.override(released_language(patient.language)):
        return calendar_feed(_appointments(patient, at=at), name=_("Appointments"))


def _appointments(patient: Patient, *, at: datetime) -> Iterator[CalendarEntry]:
    rows = patient.appointments.filter(period__startswith__gte=at - KEPT)
    recent = rows.exclude(Q(status__in=CALLED_OFF), updated_at__lt=at - KEPT)
    for visit in recent.select_related("site").order_by("period", "pk"):
        yield _entry(visit, lapsed=has_lapsed(visit, at=at))


def _entry(visit: Appointment, *, lapsed: bool) -> CalendarEntry:
    site, status = visit.site, EventStatus.CANCELLED if lapsed else event_status(visit.status)
    called_off = status is EventStatus.CANCELLED
    note = "" if called_off else COMING.calendar_note(minutes=site.arrive_early_minutes, phone=site.phone)
    return CalendarEntry(
        uid=uid(visit.public_id),
        # What ran out is called off by whoever tidies up next, with a version more: it is told so at once.
        sequence=visit.version + (lapsed and visit.status in WAITING),
        stamped_at=visit.updated_at,
        starts_at=visit.period.lower,
        ends_at=visit.period.upper,
        zone=site.tz,
        summary=entry_title(site.name),
        location=site.address,
        description=note,
        status=status,
        alarm=False,
    )
