"""What somebody needs for an appointment, asked for behind its link."""

from collections.abc import Collection
from datetime import datetime

from booking.access_needs import AccessNeed
from booking.actions import links
from booking.actions.moves import locked
from booking.errors import MoveNotAllowed
from booking.models import AccessNeeds, ManageLink
from booking.status import OCCUPYING, Move
from core.database.transactions import unit


@unit
def ask(link: ManageLink, *, needs: Collection[AccessNeed], interpreter: str, at: datetime) -> None:
    """Note what is needed for a link's appointment; it stands for what was asked for before.

    Raises LinkMoved, and MoveNotAllowed where nobody comes any more.
    """
    visit = locked(link.appointment.public_id)
    links.refuse_ended(link)
    if visit.status not in OCCUPYING or visit.period.lower <= at:
        raise MoveNotAllowed("", stands=visit.status, move=Move.RESCHEDULE.value)
    asked = {"needs": [one.value for one in AccessNeed if one in needs], "interpreter": interpreter}
    noted = {"changed_by": links.principal_of(link).key, "changed_at": at}
    AccessNeeds.objects.update_or_create(appointment=visit, defaults=asked | noted)
