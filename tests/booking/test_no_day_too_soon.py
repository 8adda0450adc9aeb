"""Alice stays at home until a day: nobody moves her visit to an earlier one, on whichever door."""

from datetime import date

import pytest

from booking.actions import booking_checks, holds, links, moves, requested_slots
from booking.actions.proposals import first_times
from booking.models import Appointment, Hold, ScreeningResponse
from booking.screening.errors import TooSoonToCome
from booking.status import Move
from core.principal import Principal
from core.roles import Role
from tests.booking.test_reviews_taken_back import LATER, say
from tests.factories.booking import chicago, slot_id, visit_of_both
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT

FIRST_DAY = date(2026, 10, 9)


@pytest.fixture(scope="module")
def visit_once(made_once, once_a_module):
    """Alice's visit of October 7; by her answers she may come from the 9th on."""
    with once_a_module():
        adopt_screening()
        say(visit_of_both(made_once, chicago(7, 10)))
        ScreeningResponse.objects.update(outcome="rebook", reviewed=False, earliest_day=FIRST_DAY)


@pytest.fixture
def visit(visit_once, dr_li, alice):
    return Appointment.objects.select_related("site").get()


def by_link(visit):
    return links.principal_of(links.live_link(visit, at=AT))


def staff(visit, role):
    return Principal(key="user:0", user_id=0, roles=frozenset({(role, visit.site_id)}))


def slot(dr_li, visit, *when, by):
    return requested_slots.slot_for(visit, slot_id(dr_li, chicago(*when)), by=by, at=LATER)


@pytest.mark.parametrize("role", [None, Role.SCHEDULER, Role.CLINICIAN])
def test_nobody_who_knows_moves_alice_to_a_day_too_soon(visit, dr_li, role):
    by = staff(visit, role) if role else by_link(visit)
    early, late = slot(dr_li, visit, 8, 10, by=by), slot(dr_li, visit, 9, 10, by=by)
    with pytest.raises(TooSoonToCome, match="October 9") as refused:
        moves.move(visit.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=early)
    assert refused.value.facts == {"earliest_day": "2026-10-09"}
    with pytest.raises(TooSoonToCome):
        holds.choose_for(visit, early, by=by, at=LATER)
    assert not Hold.objects.exists()
    assert moves.move(visit.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=late).period.lower == chicago(9, 10)


def test_a_time_that_was_kept_before_alice_said_so_is_too_soon_as_well(visit, dr_li):
    ScreeningResponse.objects.update(outcome="proceed", earliest_day=None)
    by = by_link(visit)
    hold = holds.choose_for(visit, slot(dr_li, visit, 8, 10, by=by), by=by, at=LATER)
    ScreeningResponse.objects.update(outcome="rebook", earliest_day=FIRST_DAY)
    with pytest.raises(TooSoonToCome):
        moves.move(visit.public_id, Move.RESCHEDULE, by=by, at=LATER, hold_id=hold.public_id)
    assert Appointment.objects.get().period.lower == chicago(7, 10)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CLIENT])
def test_whoever_must_not_know_how_alice_stands_learns_it_from_no_refusal(visit, dr_li, role):
    by = staff(visit, role)
    early = slot(dr_li, visit, 8, 10, by=by)
    assert moves.move(visit.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=early).period.lower == chicago(8, 10)


def test_no_time_too_soon_is_offered_instead_of_one_that_is_gone_or_because_of_a_closure(visit, dr_li):
    by = by_link(visit)
    near = requested_slots.nearest_to(
        slot(dr_li, visit, 8, 10, by=by).key, by=by, at=LATER, patient=visit.patient, moving=visit
    )
    assert all(requested_slots.day_of(one) >= FIRST_DAY for one in near)
    times = first_times(visit, most=3, at=LATER)
    assert times
    assert all(requested_slots.day_of(one) >= FIRST_DAY for one in times)


def test_twin_without_the_guard_alice_moves_to_a_day_on_which_she_must_stay_home(visit, dr_li, monkeypatch):
    monkeypatch.setattr(booking_checks, "_refuse_too_soon", lambda *_: None)
    by = by_link(visit)
    early = slot(dr_li, visit, 8, 10, by=by)
    assert moves.move(visit.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=early).period.lower == chicago(8, 10)
