"""An act that waits while a visit moves to another practitioner finds the visit as it is then."""

import re
import threading
import time

import pytest
from django.db import connection, transaction

from booking import public
from booking.actions import appointments, moves
from booking.models import Appointment
from booking.reasons import CancelReason
from booking.status import Status
from core.refusals import Missing, Refusal
from tests import locks
from tests.factories.booking import SYSTEM, chicago, make_visit, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner
from tests.races.together import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


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
    results = []

    def other():
        try:
            results.append(act())
        except (Refusal, KeyError) as refusal:
            results.append(refusal)
        finally:
            connection.close()

    waiter = threading.Thread(target=other)
    with transaction.atomic():
        appointments.reschedule(visit.public_id, by=SYSTEM, at=AT, slot_id=slot_id(to, chicago(8, 10)))
        waiter.start()
        until_somebody_waits()
    waiter.join(PATIENCE)
    return results[0]


def until_somebody_waits():
    give_up_at = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < give_up_at:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(SOMEBODY_WAITS)
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waited for the move")


def cancel(visit):
    return lambda: appointments.cancel(visit.public_id, by=SYSTEM, at=AT, reason=CancelReason.PATIENT)


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
