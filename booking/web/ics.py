"""A visit as a file for a calendar."""

from booking.models import Appointment
from booking.status_display import StatusDisplay, entry_title
from core.text.ical import CalendarEntry, Method, invitation, uid


def calendar_file(visit: Appointment, display: StatusDisplay) -> bytes:
    """Return the visit as iCalendar text, the same event as in its mails; it tells nothing about why somebody comes."""
    entry = CalendarEntry(
        uid=uid(visit.public_id),
        sequence=visit.version,
        stamped_at=visit.updated_at,
        starts_at=visit.period.lower,
        ends_at=visit.period.upper,
        zone=visit.site.tz,
        # Nothing more: a calendar is shared at work and at home, and lies open on lock screens.
        summary=entry_title(visit.site.name),
        location=visit.site.address,
        description=display.calendar_note(minutes=visit.site.arrive_early_minutes, phone=visit.site.phone),
        status=display.event,
        alarm=display.alarm,
    )
    return invitation(entry, method=Method.PUBLISH)
