"""Messages and changes that wait too long, and sweeps that stay away, are told by /readyz; people book meanwhile."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
import time_machine
from django.db.models.functions import Now

from booking.actions.patients import patients
from booking.models import Proof
from core.monitoring.elapsed import Unchanged
from core.principal import Principal
from notifications.actions import dispatch, lost_links
from notifications.actions.relay import relay
from notifications.api import health
from notifications.api.health import messages
from notifications.models import Message, Sweep
from notifications.tasks import sweep
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


@pytest.fixture
def watching(monkeypatch):
    """A web process that has just started to look; it is told how much time passes."""
    monkeypatch.setattr(health, "_oldest", defaultdict(Unchanged))
    monkeypatch.setattr(health, "_last_sweep", Unchanged())
    passed = [0.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: passed[0])
    return passed


@pytest.fixture
def booked(db, watching):
    """A booking of Alice's that nobody has planned the confirmation for, though the clock is not later since."""
    a_visit()
    with time_machine.travel(BOOKED_AT, tick=False):
        yield


@pytest.mark.parametrize(("seconds", "code"), [(0, "ok"), (119, "ok"), (400, "late")])
def test_a_confirmation_that_nobody_plans_is_told_before_its_message_even_exists(booked, seconds, code):
    with time_machine.travel(BOOKED_AT + timedelta(seconds=seconds), tick=False):
        assert messages().code == "ok"
        found = health.changes()
    assert (found.code, found.needed, found.facts) == (code, False, {"oldest_unplanned_seconds": seconds})


def a_code():
    Proof.objects.create(appointment=a_visit(), made_by="visitor:1", issued_at=BOOKED_AT)


def a_new_address():
    patients.change(a_visit().patient, by=Principal.system("dana"), at=BOOKED_AT, email="new@example.test")


def a_lost_link():
    lost_links.ask(email="alice@example.test", birth_date=date(1970, 1, 1), network="", at=BOOKED_AT)


@pytest.mark.parametrize("waits", [a_code, a_new_address, a_lost_link])
def test_whatever_nobody_plans_is_told(db, watching, waits):
    waits()
    relay(at=BOOKED_AT)
    with time_machine.travel(BOOKED_AT + timedelta(seconds=119), tick=False):
        assert health.changes().code == "ok"
    with time_machine.travel(BOOKED_AT + timedelta(seconds=121), tick=False):
        assert (health.changes().code, health.changes().facts) == ("late", {"oldest_unplanned_seconds": 121})
        dispatch.run(now=lambda: BOOKED_AT)
        assert health.changes().code == "ok"


def test_a_clock_set_back_hides_no_unplanned_change(booked, watching):
    assert health.changes().code == "ok"
    watching[0] = 400
    with time_machine.travel(BOOKED_AT - timedelta(hours=1), tick=False):
        assert (health.changes().code, health.changes().facts) == ("late", {"oldest_unplanned_seconds": 400})


def test_planned_changes_are_nobodys_worry(booked, watching):
    relay(at=BOOKED_AT)
    watching[0] = 4000
    assert health.changes().facts == {"oldest_unplanned_seconds": 0}


def test_a_beat_that_no_longer_rings_is_told(db, watching):
    for passed in (0, 30, 60):
        watching[0] = passed
        Sweep.objects.count_one()
        assert health.sweeps().code == "ok"
    watching[0] = 361
    assert (health.sweeps().code, health.sweeps().facts) == ("late", {"last_sweep_seconds": 301})


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_makes_no_sweep_late_and_hides_none(db, watching, hours):
    for passed in (0, 30):
        watching[0] = passed
        Sweep.objects.count_one()
        health.sweeps()
    Sweep.objects.update(begun_at=Now() + timedelta(hours=hours))
    watching[0] = 60
    assert health.sweeps().code == "ok"
    watching[0] = 400
    assert health.sweeps().code == "late"


def test_a_web_process_that_starts_late_learns_from_the_database_how_long_it_was_silent(db, watching):
    Sweep.objects.count_one()
    Sweep.objects.update(begun_at=Now() - timedelta(seconds=400))
    assert (health.sweeps().code, health.sweeps().facts) == ("late", {"last_sweep_seconds": 400})


def test_before_the_first_sweep_a_new_clinic_is_given_time(db, watching):
    assert health.sweeps().code == "ok"
    watching[0] = 301
    assert health.sweeps().code == "late"


def test_a_sweep_leaves_its_sign(db, watching):
    sweep()
    sweep()
    assert Sweep.objects.get().number == 2
