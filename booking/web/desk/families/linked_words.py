"""With whom somebody comes whose appointment was booked together with others': for staff who may know that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.models import Appointment
from booking.status import OCCUPYING
from booking.web.desk.shell import Desk
from core.principal import Principal
from core.rights import Action, acting
from core.text.languages import time_in_words


@dataclass(frozen=True, slots=True)
class LinkedWords:
    """Who comes together with somebody, and where all of them are shown as one."""

    words: str
    url: str


NOT_LINKED = LinkedWords("", "")


def linked_words(visits: Iterable[Appointment], desk: Desk, *, by: Principal) -> Mapping[int, LinkedWords]:
    """Return with whom the patients of visits come, by visit; nothing is read where none of them is linked."""
    linked = [visit for visit in visits if visit.linked_id is not None]
    # In one query, and as far as they may see links and names.
    seen = queries.appointments(acting(acting(by, Action.SEE_LINKED), Action.SEE_NAMES))
    rows = list(seen.filter(linked__in={visit.linked_id for visit in linked}).order_by("period")) if linked else []
    found = {}
    for visit in linked:
        others = [one for one in rows if one.linked_id == visit.linked_id and one.pk != visit.pk]
        names = [_with_time(one, visit) for one in others if one.status in OCCUPYING]
        link = next((one.linked for one in others if one.linked), None)
        if names and link:
            url = reverse("desk-linked", args=[link.public_id]) + desk.where
            found[visit.pk] = LinkedWords(_("Together with %s") % ", ".join(names), url)
    return found


def _with_time(other: Appointment, visit: Appointment) -> str:
    """Return a name, with when they come where that is at another time."""
    if other.period.lower == visit.period.lower:
        return str(other.patient.name)
    return f"{other.patient.name}, {time_in_words(other.period.lower, other.site.tz)}"
