"""The place of an appointment, where staff choose it: otherwise each claim takes the least capable that will do."""

from booking.actions.move_acts import Act
from booking.errors import insist
from booking.rules import Broken

PLACE = "place"
"""The fact of a move that says from which place to which: their ids."""


def chosen_place(act: Act) -> int | None:
    """Return the place (its id) that a move asks for: that was chosen, or that one taken back had. Raises StaffOnly."""
    if act.undone is not None:
        before: dict[str, int | None] = act.undone.facts.get(PLACE, {})
        return before.get("from")
    place = act.details.get("place")
    if place is not None and not act.staff:
        insist(Broken.STAFF_ONLY)
    return place


def note_place(act: Act, place: int | None) -> None:
    """Note which place was chosen, and which the appointment had; nothing where nobody chose."""
    if act.undone is None and act.details.get("place") is not None:
        act.facts[PLACE] = {"from": act.appointment.place_id, "to": place}
