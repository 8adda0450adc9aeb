"""A visit as a file for a calendar."""

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.references import as_written
from booking.status_display import StatusDisplay, entry_title
from core.text.ical import CalendarEntry, Method, invitation, uid


def calendar_file(visit: Appointment, display: StatusDisplay, *, named: bool = False) -> bytes:
    """Return the visit as iCalendar text, the same event as in its mails; it tells nothing about why somebody comes.

    `named`: its patient wishes to read there with whom it is, and its reference, to tell it from another one.
    """
    note = display.calendar_note(minutes=visit.site.arrive_early_minutes, phone=visit.site.phone)
    if named:
        who = {"name": visit.practitioner.name, "reference": as_written(visit.reference)}
        note = f"{_('With %(name)s. Reference %(reference)s.') % who} {note}"
    entry = CalendarEntry(
        uid=uid(visit.public_id),
        sequence=visit.version,
        stamped_at=visit.updated_at,
        starts_at=visit.period.lower,
        ends_at=visit.period.upper,
        zone=visit.site.tz,
        # Nothing more, unless they wish it: a calendar is shared at work and at home, and lies open on lock screens.
        summary=entry_title(visit.site.name),
        location=visit.site.address,
        description=note,
        status=display.event,
        alarm=display.alarm,
    )
    return invitation(entry, method=Method.PUBLISH)
