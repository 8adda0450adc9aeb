"""Two appointments that Alice missed are written down at once, by two at the desk: somebody is to call her."""

import pytest

from booking.actions import appointments
from booking.models import CallReason, CallTask
from booking.status import Move
from tests.factories.booking import SYSTEM, chicago, make_visit, slot_id
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)

AFTER_BOTH = chicago(13, 14)


@pytest.fixture
def missed(dr_li, alice):
    """In two weeks: what one lies on the other does not, so that neither waits for the other's sheets."""
    return [make_visit(alice.record, slot_id(dr_li, chicago(day, 11))) for day in (6, 13)]


def calls_after_both(missed):
    def miss(visit):
        return appointments.move(visit.public_id, Move.NO_SHOW, by=SYSTEM, at=AFTER_BOTH)

    beside(lambda: miss(missed[1]), while_open=lambda: miss(missed[0]))
    return CallTask.objects.filter(reason=CallReason.MISSED_IN_A_ROW, done_at=None).count()


def test_each_of_two_at_once_counts_the_other(missed):
    assert calls_after_both(missed) == 1


def test_twin_without_the_lock_of_the_person_nobody_calls_her(missed, monkeypatch):
    monkeypatch.setattr("booking.actions.moves.lock_patient", lambda patient: patient)
    assert calls_after_both(missed) == 0
