"""A visit as a file for a calendar."""

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.standing import Standing
from core.text.ical import Entry, Method, invitation, uid


def calendar_file(visit: Appointment, stands: Standing) -> bytes:
    """Return the visit as iCalendar text, the same event as in its mails; it tells nothing about why somebody comes."""
    entry = Entry(
        uid=uid(visit.public_id),
        sequence=visit.version,
        stamped_at=visit.updated_at,
        starts_at=visit.period.lower,
        ends_at=visit.period.upper,
        zone=visit.site.tz,
        summary=_("Visit"),
        location=visit.site.address,
        description=stands.calendar_note(minutes=visit.site.arrive_early_minutes, phone=visit.site.phone),
        status=stands.event,
        alarm=stands.alarm,
    )
    return invitation(entry, method=Method.PUBLISH)
