"""Whose calendars somebody keeps at a site."""

from typing import Any

from django.http import Http404

from booking.actions.impact.absences import subject_of
from booking.web.desk.shell import Desk
from core.principal import Principal
from core.rights import Action, may
from scheduler import public as scheduler

WHO = "who"


def colleague(desk: Desk, named: str, *, by: Principal) -> Any:  # noqa: ANN401  (a row of the scheduler's)
    """Return who is named, of those whose calendar somebody keeps at this site. Raises Http404."""
    found = next((one for one in colleagues(desk, by=by) if str(one.public_id) == named), None)
    if found is None:
        raise Http404
    return found


def colleagues(desk: Desk, *, by: Principal) -> list[Any]:
    """Return whose calendars somebody keeps at this site, by name."""
    found = scheduler.colleagues([desk.site.pk])
    return [one for one in found if may(by, Action.EDIT_CALENDAR, subject_of(one))]
