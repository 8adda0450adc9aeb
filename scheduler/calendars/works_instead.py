"""When somebody works on a day instead of a time at which they do not, or that they are away then, for staff."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.text.languages import date_in_words, time_in_words
from scheduler.calendars.hours import days_filled, periods
from scheduler.calendars.shifts import rule
from scheduler.calendars.site_day import without
from scheduler.models import Absence, WorkingHours


def works_instead(practitioner: int, site: int, zone: ZoneInfo, begins: datetime, *, name: str) -> str:
    """Say when somebody (their id) works at a site (its id) on the day of a time that lies outside of their hours."""
    day = begins.astimezone(zone).date()
    span = days_filled(day, day, zone=zone)
    rows = Absence.objects.filter(practitioner=practitioner, period__overlap=span)
    away = list(rows.values_list("period", flat=True))
    if any(one.lower <= begins and (one.upper is None or begins < one.upper) for one in away):
        return _("%(who)s is away at this time.") % {"who": name}
    rules = [rule(one) for one in WorkingHours.objects.filter(practitioner=practitioner, site=site)]
    working = periods(rules, zone=zone, first_on=day, last_on=day)
    left = without(working, [(one.lower, one.upper or span[1]) for one in away])
    if not left:
        return _("%(who)s does not work here on %(day)s.") % {"who": name, "day": date_in_words(day)}
    stretches = [
        _("%(start)s to %(end)s") % {"start": time_in_words(start, zone), "end": time_in_words(end, zone)}
        for start, end in left
    ]
    return _("%(who)s does not work at this time. On that day they work: %(hours)s.") % {
        "who": name,
        "hours": ", ".join(stretches),
    }
