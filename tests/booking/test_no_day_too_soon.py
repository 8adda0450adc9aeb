"""Alice stays at home until a day: nobody moves her visit to an earlier one, on whichever door."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from booking.actions import booking_checks, closures, holds, links, moves, proposals, requested_slots
from booking.actions.proposals import first_times
from booking.closures import ClosedState, ClosedVisit
from booking.models import Appointment, Hold, ScreeningResponse
from booking.screening.errors import TooSoonToCome
from booking.screening.queries import screening_of
from booking.status import Move
from booking.web.closure_page import closure_note
from booking.web.desk.closure_rows import progress_in_words
from booking.web.link_context import LinkAccess
from booking.web.screening.screening_page import screening_page
from core.principal import Principal
from core.roles import Role
from tests.booking.stories.test_reviews_taken_back import LATER, say
from tests.factories.booking import SYSTEM, chicago, make_staff, slot_id, visit_of_both
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
    assert refused.value.facts["earliest_day"] == "2026-10-09"
    near = refused.value.facts["alternatives"]
    assert [requested_slots.day_of(one) for one in near] == [FIRST_DAY] * 3
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
    assert [requested_slots.day_of(one) for one in near] == [FIRST_DAY] * 3
    times = first_times(visit, most=3, by=SYSTEM, at=LATER)
    assert times
    assert all(requested_slots.day_of(one) >= FIRST_DAY for one in times)


def test_twin_without_the_guard_alice_moves_to_a_day_on_which_she_must_stay_home(visit, dr_li, monkeypatch):
    monkeypatch.setattr(booking_checks, "_refuse_too_soon", lambda *_: None)
    by = by_link(visit)
    early = slot(dr_li, visit, 8, 10, by=by)
    assert moves.move(visit.public_id, Move.RESCHEDULE, by=by, at=LATER, slot=early).period.lower == chicago(8, 10)


@pytest.fixture
def closed(visit):
    """The day of Alice's visit is closed."""
    day = {"first_on": date(2026, 10, 7), "last_on": date(2026, 10, 7)}
    closures.close(visit.site, therapy="acu_manual", **day, name="Ventilation", by=SYSTEM, at=AT)
    return visit


def let_a_worker_propose(visit, *, by):
    proposals.request_all([visit], closure="closed", by=by, at=LATER)
    proposals.look_for_times(now=lambda: LATER)


def propose_now(visit, *, by):
    proposals.propose(visit.public_id, by=by, at=LATER)


@pytest.mark.parametrize("act", [propose_now, let_a_worker_propose])
@pytest.mark.parametrize(("role", "day"), [(Role.ADMIN, 8), (Role.SCHEDULER, 9)])
def test_what_is_proposed_to_alice_tells_nobody_how_she_stands_who_must_not_know(closed, role, day, act):
    by = make_staff("ada", role, site=closed.site).principal
    assert first_times(closed, most=1, by=by, at=LATER)[0].start.day == day
    act(closed, by=by)
    assert Hold.objects.get().period.lower.day == day


def test_nor_does_what_a_worker_proposes_for_whoever_has_left_the_clinic_meanwhile(closed):
    dana = make_staff("dana", Role.SCHEDULER, site=closed.site)
    dana.user.is_active = False
    dana.user.save()
    let_a_worker_propose(closed, by=dana.principal)
    assert Hold.objects.get().period.lower.day == 8


def test_alice_is_asked_to_take_no_time_before_her_first_day_whoever_proposed_it(closed):
    propose_now(closed, by=make_staff("ada", Role.ADMIN, site=closed.site).principal)
    access = LinkAccess.of(links.issue(closed, at=LATER), at=LATER)
    note = closure_note(access, at=LATER)
    page = screening_page(access, screening_of(access.visit, at=LATER), who=0, at=LATER)
    assert (note.kept, note.times != []) == (page.kept, page.times != []) == ("", True)


def test_to_alice_of_whom_nobody_knows_a_first_day_no_time_is_proposed_and_dana_reads_why(closed):
    ScreeningResponse.objects.update(earliest_day=None, reviewed=True)
    dana, ada = (make_staff("dana", role, site=closed.site).principal for role in (Role.SCHEDULER, Role.ADMIN))
    for act in (propose_now, lambda visit, by: first_times(visit, most=1, by=by, at=LATER)):
        with pytest.raises(proposals.NoTimeToPropose, match="do not know yet"):
            act(closed, by=dana)
    propose_now(closed, by=ada)


def test_why_none_could_be_proposed_to_alice_is_read_by_nobody_who_must_not_know_how_she_stands(closed, visit):
    ScreeningResponse.objects.update(earliest_day=None, reviewed=True)
    dana, ada = (make_staff("dana", role, site=closed.site).principal for role in (Role.SCHEDULER, Role.ADMIN))
    let_a_worker_propose(closed, by=dana)
    found = [ClosedVisit(visit=visit, state=ClosedState.UNTOLD)]

    def why(by):
        ((_name, why),) = progress_in_words("closed", found, Appointment.objects.all(), by=by, at=LATER).failed
        return why

    assert why(dana) == "We do not know yet from when on they may come."
    assert why(ada) == "We found no free time to propose. Please call them."


@pytest.mark.parametrize("first_day", [FIRST_DAY, None])
def test_why_a_time_is_too_soon_is_the_same_where_it_is_asked_and_where_it_is_held(visit, dr_li, alice, first_day):
    ScreeningResponse.objects.update(earliest_day=first_day)
    early = slot_id(dr_li, chicago(8, 10))
    with time_machine.travel(LATER, tick=False):
        browser = Client()
        browser.force_login(alice.user)
        asked = browser.get(f"/api/v1/slots/{early}/", {"moving": visit.public_id}).json()
        sent = {"slot": early, "moving": str(visit.public_id)}
        held = browser.post(
            "/api/v1/holds/", sent, content_type="application/json", HTTP_IDEMPOTENCY_KEY="early"
        ).json()
    assert [why["code"] for why in asked["reasons"]] == [held["code"]]
    assert held["code"] == ("too-soon-to-come" if first_day else "first-day-unknown")
