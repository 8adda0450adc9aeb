"""Answers to a request, as whoever decides saw it."""

from datetime import datetime
from typing import Unpack
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from booking.actions.move_effects import Details
from booking.actions.moves import locked, move
from booking.models import Appointment
from booking.status import Move
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal


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
    if locked(appointment_id).version != seen:
        raise RequestChanged
    return move(appointment_id, what, by=by, at=at, **details)
