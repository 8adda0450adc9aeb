"""The one shape of what takes time away: what it changes, whom it may touch, and how it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from booking.models import Appointment, EditKind
from booking.status import OCCUPYING
from core.models import Site
from core.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, by which it is taken back, and what else is to be known about it, in words."""

    made: Sequence[dict[str, Any]]
    warnings: Sequence[str] = ()


class PlannedEdit(Protocol):
    """An edit of calendars that is not saved yet.

    `name`: of whom or of what it is, for the list of what was edited today; `starts_at` and `ends_at`: when it may take
    time away; `keeps_people`: whoever treats is there all the same, and only their place is not.
    """

    @property
    def kind(self) -> EditKind:
        """What of a calendar it changes."""

    @property
    def practitioner(self) -> Any:  # noqa: ANN401  (a row of the scheduler's)
        """Whose calendar it is, None where it is nobody's."""

    @property
    def name(self) -> str:
        """What it is called in the list of what was edited."""

    @property
    def starts_at(self) -> datetime:
        """From when on it may take time away."""

    @property
    def ends_at(self) -> datetime:
        """Until when it may."""

    @property
    def keeps_people(self) -> bool:
        """Whether whoever treats is there all the same."""

    def check(self, *, by: Principal) -> None:
        """Refuse what cannot be, or may not be done by somebody. Raises Forbidden, Invalid."""

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments that may lose their time by it, whenever they are."""

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Write what the calendar does not say yet. Raises what calendars refuse."""


def ahead_of(edit: PlannedEdit, *, at: datetime) -> QuerySet[Appointment]:
    """Return the appointments that may lose their time, from now on."""
    during = (max(edit.starts_at, at), edit.ends_at)
    return edit.touched().filter(status__in=sorted(OCCUPYING), period__overlap=during)


def of_site(site: Site) -> QuerySet[Appointment]:
    """Return the appointments at a site."""
    return Appointment.objects.filter(site=site)
