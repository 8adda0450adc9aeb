"""A replay against a real server on a real socket: what was acknowledged is kept, with its messages."""

import io
import threading
import time

import pytest
from django.core.management import call_command
from django.db import connection

from booking.models import Appointment
from core import clock
from demo import load
from notifications.actions import dispatch


@pytest.fixture
def worker(transactional_db):
    """Say what is due now and then, as a worker does."""
    stop = threading.Event()

    def work():
        while not stop.is_set():
            dispatch.run(now=clock.now)
            time.sleep(0.2)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def replay(base_url, *, requests):
    out = io.StringIO()
    call_command("replay_demand", requests=requests, clients=4, base_url=base_url, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.full
@pytest.mark.timeout(300)
def test_whatever_is_acknowledged_under_load_is_there_with_its_messages(live_server, worker):
    load.load(at=clock.now())
    told = replay(live_server.url, requests=60)
    assert "0 violations" in told
    assert Appointment.objects.filter(patient__name__startswith="Replay").count() > 40
