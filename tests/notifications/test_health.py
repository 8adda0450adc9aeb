"""Messages that wait too long are told by /readyz, and keep nobody from booking."""

from datetime import timedelta

import pytest
import time_machine

from notifications.api.health import messages
from notifications.models import Message
from tests.factories.visits import BOOKED_AT, a_visit


@pytest.fixture
def message(db):
    visit = a_visit()
    return Message.objects.create(
        appointment=visit,
        version=0,
        recipient=visit.patient,
        kind="confirmation",
        due_at=BOOKED_AT,
        created_at=BOOKED_AT,
    )


@pytest.mark.parametrize(("minutes", "code"), [(-1, "ok"), (4, "ok"), (6, "late")])
def test_a_message_that_waits_is_told(message, minutes, code):
    with time_machine.travel(BOOKED_AT + timedelta(minutes=minutes), tick=False):
        found = messages()
    assert (found.code, found.needed) == (code, False)
    assert found.facts == {"oldest_due_seconds": max(minutes, 0) * 60}
