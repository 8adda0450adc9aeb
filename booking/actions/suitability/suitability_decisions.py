"""What a clinician decides about a request that waits because of answers, and whether they have done so already."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from booking.actions.suitability import suitability_requests
from booking.models import Appointment
from booking.status import BOOKS, Move
from booking.suitability.answers_by_link import asked_questions
from core.principal import Principal


class SuitabilityAct(StrEnum):
    """What can be decided about a request that waits because of answers, or about what is looked at again."""

    APPROVE = "approve"
    CLEAR = "clear"
    ASK = "ask"
    DECLINE = "decline"
    TAKE_BACK = "take-back"
    LOOKED_AT = "looked-at"


MOVES: Mapping[str, frozenset[Move]] = {
    SuitabilityAct.APPROVE: BOOKS,
    SuitabilityAct.CLEAR: BOOKS,
    SuitabilityAct.ASK: frozenset({Move.AWAIT}),
    SuitabilityAct.DECLINE: frozenset({Move.DECLINE}),
    SuitabilityAct.TAKE_BACK: frozenset({Move.UNDO}),
}
"""By which moves each of them is done."""


def is_done_already(
    visit: Appointment, act: str, *, by: Principal, instead: str = "", questions: Collection[str] = ()
) -> bool:
    """Whether the same person has decided just the same before, and nothing has happened since.

    A second press changes nothing then, and frightens nobody. An approval has cleared nothing.
    """
    last = suitability_requests.last_change(visit)
    if last is None or last.by != by.key or last.move not in MOVES.get(act, ()):
        return False
    if act == SuitabilityAct.ASK:
        visit.refresh_from_db(fields=["asked_questions"])  # of two presses at once, the second has read it before
        return bool(questions) and set(asked_questions(visit)) == set(questions)
    if act == SuitabilityAct.CLEAR:
        return suitability_requests.gave_clearance(visit, at=last.at)
    return act != SuitabilityAct.DECLINE or last.facts.get("instead", "") == instead
