"""What a clinic consists of is changed: a therapy goes out of use, a device, or what somebody gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from booking.actions.impact.planned_edits import Written
from booking.models import Appointment, CalendarEdit, EditKind
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, Subject, may
from scheduler import public as scheduler
from scheduler.public import setup_forms

KIND, KEY, BEFORE, AFTER = "kind", "key", "before", "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """A change of an entry of the set-up, whoever needs it: an edit that is planned.

    `act` does it, and `columns` are those that it may change; `site`: where it is done. `starts_at`: from now on.
    `lost`: the allocations that it leaves without cover, once it is written.
    """

    site: Site
    entry: Any
    columns: frozenset[str]
    act: Callable[[], Any]
    name: str
    starts_at: datetime
    lost: set[UUID] = field(default_factory=set)

    kind = EditKind.SET_UP
    practitioner = None
    ends_at = scheduler.UNTIL_FURTHER_NOTICE
    keeps_people = True

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not set up this site. Raises Forbidden."""
        if not may(by, Action.EDIT_CATALOGUE, Subject(sites=frozenset({self.site.pk}))):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments that it leaves without cover, at whichever site; it is written before."""
        return Appointment.objects.filter(allocation__in=self.lost)

    def write(self, *, by: Principal, at: datetime) -> Written:  # noqa: ARG002  (a form says both)
        """Change it, as its form does. Raises what that refuses."""
        before = scheduler.columns_of(self.entry, self.columns)
        done = self.act()
        self.lost.clear()  # it is tried more than once
        self.lost.update(one.allocation for one in done.uncovered)
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


def before_edits(entry: Any) -> dict[str, Any]:  # noqa: ANN401  (a row of the scheduler's)
    """Return how an entry was before the edits that settled appointments, and stand; empty where there were none."""
    was = {} if getattr(entry, "active", True) else {"active": True}
    for made in _of(scheduler.kind_of(entry), entry.pk).order_by("pk").values_list("made", flat=True):
        for one in made:
            was = one[BEFORE] | was
    return was


def gone_on_with(edit: CalendarEdit) -> list[CalendarEdit]:
    """Return the later presses that settled what an edit had left over."""
    found = [later for one in edit.made if one[BEFORE] for later in _of(one[KIND], one[KEY]).filter(pk__gt=edit.pk)]
    return [later for later in found if not any(one[BEFORE] for one in later.made)]


def _of(kind: str, key: int) -> QuerySet[CalendarEdit]:
    rows = CalendarEdit.objects.filter(kind=EditKind.SET_UP, taken_back_at=None)
    return rows.filter(made__contains=[{KIND: kind, KEY: key}])


def in_words(made: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Say what an edit changed of what appointments need; empty where it changed nothing of it."""
    return setup_forms.losses_in_words(made[KIND], made[BEFORE], made[AFTER], zone)
