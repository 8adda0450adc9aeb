"""An act that waits while a visit moves to another practitioner finds the visit as it is then."""

import re

import pytest
from django.db import transaction

from booking import public
from booking.actions import appointments, holds, moves
from booking.cancel_reasons import CancelReason
from booking.errors import MoveNotAllowed
from booking.models import Appointment, Hold
from booking.status import Move, Status
from core.refusals import Missing, Refusal
from tests import locks
from tests.factories.booking import SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(dr_li, alice):
    return make_visit(alice.record, slot_id(dr_li, chicago(8, 10)))


@pytest.fixture
def dr_wu(dr_li, lakeside):
    practitioner = make_practitioner(lakeside, name="Dr Wu")
    lay_out()
    return practitioner


def beside_a_move(visit, to, act):
    """Move a visit to practitioner `to`, and let `act` wait for it; return what came of it."""

    def waiting():
        try:
            return act()
        except (Refusal, KeyError) as refusal:
            return refusal

    def moving():
        return appointments.move(
            visit.public_id, Move.RESCHEDULE, by=SYSTEM, at=AT, slot=read_slot(slot_id(to, chicago(8, 10)))
        )

    _, came_of_it = beside(waiting, while_open=moving)
    return came_of_it


def cancel(visit):
    return lambda: appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)


def read_under_lock(visit):
    def read():
        with transaction.atomic():
            return public.visits([visit.pk], lock=True)[visit.pk]

    return read


def test_alice_cancels_while_dana_gives_her_to_another_practitioner_and_nobody_says_it_does_not_exist(visit, dr_wu):
    cancelled = beside_a_move(visit, dr_wu, cancel(visit))
    assert (cancelled.status, cancelled.practitioner, cancelled.version) == (Status.CANCELLED, dr_wu, 2)


def test_a_reminder_about_to_go_out_finds_the_visit_that_moves_to_another_practitioner(visit, dr_wu):
    assert beside_a_move(visit, dr_wu, read_under_lock(visit)).practitioner_name == "Dr Wu"


@pytest.fixture
def unwatched(monkeypatch):
    monkeypatch.setattr(locks, "LOCKS", re.compile(r"(?!)"))


def test_twin_a_lock_that_joins_says_404_for_a_visit_that_exists(visit, dr_wu, unwatched, monkeypatch):
    def joined(public_id):
        rows = Appointment.objects.select_related("practitioner", "patient", "site", "therapy")
        found = rows.select_for_update(of=("self",), no_key=True).filter(public_id=public_id).first()
        if found is None:
            raise Missing
        return found

    monkeypatch.setattr(moves, "locked", joined)
    assert isinstance(beside_a_move(visit, dr_wu, cancel(visit)), Missing)


def keep_another_time_beside_a_cancel(visit, dr_li, alice):
    """Alice's page has read her visit; while staff call it off she keeps another time. Return what came of it."""
    to, as_read = read_slot(slot_id(dr_li, chicago(8, 14))), Appointment.objects.get(pk=visit.pk)

    def keep():
        try:
            return holds.choose_for(as_read, to, by=alice.principal, at=AT)
        except MoveNotAllowed as refusal:
            return refusal

    _, came_of_it = beside(keep, while_open=cancel(visit))
    return came_of_it


def test_alice_keeps_no_other_time_for_an_appointment_that_is_called_off_meanwhile(visit, dr_li, alice):
    assert isinstance(keep_another_time_beside_a_cancel(visit, dr_li, alice), MoveNotAllowed)
    assert not Hold.objects.exists()


def test_twin_where_it_is_taken_as_it_was_read_a_time_is_kept_for_nothing(visit, dr_li, alice, monkeypatch):
    monkeypatch.setattr(holds, "_lock_as_it_stands", lambda appointment: None)
    assert isinstance(keep_another_time_beside_a_cancel(visit, dr_li, alice), Hold)
