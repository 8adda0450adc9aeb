"""What comes first where an appointment cannot be moved along as it stands."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.refused_moves import FIRST, ON_THE_DAY, not_allowed_in_words, not_yet_in_words
from booking.status import MOVES, Move, Status

CHICAGO = ZoneInfo("America/Chicago")
BEGINS = datetime(2026, 10, 6, 14, 40, tzinfo=UTC)


@pytest.mark.parametrize(("pair", "first"), FIRST.items())
def test_what_is_said_to_come_first_can_be_done_and_leads_there(pair, first):
    stands, move = pair
    assert pair not in MOVES
    reached = MOVES[stands, first]
    assert first is Move.UNDO or (reached, move) in MOVES or FIRST[reached, move]


@pytest.mark.parametrize(("stands", "move", "words"), [
    (Status.BOOKED, Move.START, "Check them in first."),
    (Status.BOOKED, Move.FULFIL, "Check them in first."),
    (Status.NOSHOW, Move.START, "Note first that they arrived."),
    (Status.CHECKED_IN, Move.NO_SHOW, "It is noted as “checked in”. Undo that first"),
    (Status.CHECKED_IN, Move.START, "They are being treated already."),
    (Status.PROPOSED, Move.ARRIVE, "Somebody looks at it before it is booked."),
    (Status.PENDING, Move.CHECK_IN, "It waits for a document or an answer."),
    (Status.CANCELLED, Move.ARRIVE, "It is noted as “cancelled”."),
    (Status.BOOKED, Move.UNDO, "There is nothing to undo"),
])  # fmt: skip
def test_a_refused_move_says_what_comes_first(stands, move, words):
    assert words in not_allowed_in_words(stands.value, move.value)


@pytest.mark.parametrize(("move", "at", "words"), [
    (Move.NO_SHOW, BEGINS, "It begins at 9:40 AM. “Did not come” can be noted from 10:00 AM."),
    (Move.NO_SHOW, BEGINS - timedelta(days=1), "It begins on Tuesday, October 6, 2026, 9:40 AM. “Did not come”"),
    (Move.FULFIL, BEGINS - timedelta(hours=1), "“Done” can be noted from then on"),
    *((one, BEGINS - timedelta(days=1), "It is on Tuesday, October 6, 2026.") for one in ON_THE_DAY[:3]),
])  # fmt: skip
def test_what_is_too_early_says_from_when_on(move, at, words):
    told = not_yet_in_words(move, BEGINS, BEGINS + timedelta(minutes=20), CHICAGO, at=at)
    assert words in told.replace("\xa0", " ")
