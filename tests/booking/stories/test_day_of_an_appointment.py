"""The page of an appointment from its day before to the day after: whatever is offered there is done, and undone."""

import pytest
import time_machine
from django.db import transaction

from booking.status import Status
from core.roles import Role
from tests.booking.pages.walk import hidden_on
from tests.booking.stories.test_appointment_page import (
    START,
    at_work,
    offered,
    page_of,
    press,
    seen_on,
    stands,
    words_of,
)
from tests.factories.booking import DAY, MINUTE, make_visit, slot_id
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visit(alice, dr_li):
    """Alice's appointment of Tuesday."""
    return make_visit(alice.record, slot_id(dr_li, START))


TIMES = {"the day before": -DAY, "at its start": 0 * DAY, "later": 30 * MINUTE, "the next day": DAY}


@pytest.mark.parametrize("status", ["booked", "arrived", "checked-in", "fulfilled", "noshow", "cancelled", "pending"])
def test_what_is_offered_is_done_in_every_state_and_at_every_time(alice, dr_li, lakeside, clock, status):
    visit = make_visit(alice.record, slot_id(dr_li, START + DAY), Status(status))
    for when, later in TIMES.items():
        clock.move_to(max(visit.period.lower + later, visit.updated_at))
        dana = at_work("dana", Role.SCHEDULER, lakeside)
        seen, acts = seen_on(dana, visit), offered(dana, visit)
        for what in acts:
            with transaction.atomic():
                assert press(dana, visit, what, seen=seen).status_code == 302, (when, what)
                transaction.set_rollback(True)


def test_the_day_goes_from_arrived_to_done_and_each_step_is_undone(visit, lakeside, clock):
    clock.move_to(START)
    dana = at_work("dana", Role.SCHEDULER, lakeside)
    assert set(offered(dana, visit)) == {"arrive", "check-in"}
    day = {"arrive": "arrived", "check-in": "checked-in", "start": "checked-in", "fulfil": "fulfilled"}
    for act, then in day.items():
        assert dana.post(offered(dana, visit)[act], hidden_on(page_of(dana, visit))).status_code == 302
        assert stands(visit) == then
        assert ("Being treated" in words_of(dana, visit)) == (act == "start")
    for then in ("checked-in", "checked-in", "arrived", "booked"):
        page = page_of(dana, visit)
        dana.post(offered(dana, visit)["undo"], {"seen": hidden_on(page)["seen"]})
        assert stands(visit) == then
    assert "Undo:" not in words_of(dana, visit)
