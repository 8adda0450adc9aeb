"""Answers to a request, as whoever decides saw it."""

from datetime import date, datetime, time, timedelta
from typing import Unpack
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from booking.actions.booking_checks import within_limits
from booking.actions.families.linked_cancels import lock_all
from booking.actions.move_acts import Details
from booking.actions.moves import locked, move
from booking.audiences import audience_for
from booking.models import Appointment
from booking.status import Move
from booking.suitability.visits import place_needs_of_visit
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler


class RequestChanged(Refusal):
    """Somebody changed the request since it was looked at: what was seen is not what would be answered."""

    code = "request-changed"
    title = _("This request was changed meanwhile. Please look at it again.")


@unit
def answer(
    appointment_id: UUID, what: Move, *, seen: int, by: Principal, at: datetime, **details: Unpack[Details]
) -> Appointment:
    """Make a move on a request that is as it was `seen` (its version). Raises RequestChanged, and what moving does."""
    # By the version, and not by the state: moved by its patient meanwhile, a request waits as before, for another time.
    lock_all(appointment_id, what)
    if locked(appointment_id).version != seen:
        raise RequestChanged
    return move(appointment_id, what, by=by, at=at, **details)


def times_to_offer(visit: Appointment, *, day: date, by: Principal, at: datetime) -> list[scheduler.Slot]:
    """Return the times of a day that can be offered instead: at its site, with whoever has time, to this person alone.

    What this lists, `answer` takes. Needs the visit's site, therapy and person.
    """
    start = datetime.combine(day, time(), visit.site.tz)
    search = scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        starts_at=max(start, at),
        ends_at=datetime.combine(day + timedelta(days=1), time(), visit.site.tz),
        sites=frozenset({visit.site_id}),
        audience=audience_for(
            by, site_id=visit.site_id, at=at, patient=visit.patient, needs=place_needs_of_visit(visit, at=at)
        ),
        moving=visit.allocation,
        segments=visit.lengths,
        reviewed=True,
        limit=None,
    )
    found = within_limits(visit, scheduler.search(search, at=at), at=at)
    return [slot for slot in found if slot.id != visit.slot]
