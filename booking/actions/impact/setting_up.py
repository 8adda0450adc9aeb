"""What a clinic consists of is changed: a therapy goes out of use, a device, or what somebody gives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from booking.actions.impact.planned_edits import Written
from booking.models import Appointment, CalendarEdit, EditKind
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, Subject, may
from scheduler import public as scheduler

KIND, KEY, BEFORE, AFTER = "kind", "key", "before", "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """A change of an entry of the set-up, whoever needs it: an edit that is planned.

    `act` does it, and `columns` are those that it may change; `site`: where it is done. `starts_at`: from now on.
    """

    site: Site
    entry: Any
    columns: frozenset[str]
    act: Callable[[], Any]
    name: str
    starts_at: datetime

    kind = EditKind.SET_UP
    practitioner = None
    ends_at = scheduler.UNTIL_FURTHER_NOTICE
    keeps_people = True

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not set up this site. Raises Forbidden."""
        if not may(by, Action.EDIT_CATALOGUE, Subject(sites=frozenset({self.site.pk}))):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments that need it, at whichever site."""
        return Appointment.objects.filter(allocation__in=scheduler.allocations_with(self.entry))

    def write(self, *, by: Principal, at: datetime) -> Written:  # noqa: ARG002  (a form says both)
        """Change it, as its form does. Raises what that refuses."""
        before = scheduler.columns_of(self.entry, self.columns)
        done = self.act()
        after = scheduler.columns_of(self.entry, self.columns)
        other = sorted(name for name in self.columns if before[name] != after[name])
        made = {
            KIND: scheduler.kind_of(self.entry),
            KEY: self.entry.pk,
            BEFORE: {name: before[name] for name in other},
            AFTER: {name: after[name] for name in other},
        }
        return Written(made=[made], warnings=[one.detail for one in done.warnings])


def take_away(edit: CalendarEdit, *, by: Principal, at: datetime) -> None:
    """Set the entry back as it was. Raises ChangedAgain."""
    for one in edit.made:
        scheduler.set_back(one[KIND], one[KEY], one[BEFORE], one[AFTER], by=by, at=at)
