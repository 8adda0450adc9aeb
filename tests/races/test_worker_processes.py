"""Real workers beside a real broker: one that is killed, one that forgets; nothing is said twice, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from celery import Celery

from core import clock
from notifications.models import Message
from notifications.status import Delivery, DeliveryReason
from tests.factories.post import post_office
from tests.factories.visits import a_patient, a_visit, visits
from tests.notifications.rounds import count
from tests.races.together import database_url

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
FIRST_TIME = timedelta(days=14)
OWN_BROKER = "/15"


def broker_url():
    """Return the address of a database of our own in the tests' broker, or skip in words."""
    url = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=OWN_BROKER))
    try:
        redis.Redis.from_url(url).ping()
    except redis.ConnectionError:
        pytest.skip("No Redis at REDIS_URL: no real worker was started and none was killed.")
    return url


@pytest.fixture
def broker():
    """An empty broker database of our own."""
    url = broker_url()
    with redis.Redis.from_url(url) as server:
        server.flushdb()
        yield url
        server.flushdb()


def ring(broker, task="notifications.tasks.dispatch"):
    with Celery(broker=broker) as app:
        app.send_task(task, ignore_result=True)


@contextmanager
def celery_worker(broker, post):
    """Run a real worker on the tests' database."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker,
        "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
        "MERIDIAN_DEMO": "false",
        "CLINIC_NAME": "Harbor Clinic",
        "CLINIC_PHONE": "(312) 555-0199",
        "MAIL_FROM": "desk@harbor.example",
    }
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--pool=solo", "--without-mingle"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true, *, seconds=50):
    """Wait for something to become true; return how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - began


def future_visits(number):
    at = clock.now()
    return visits(number, starts_at=at + FIRST_TIME, at=at)


def test_a_confirmation_leaves_within_five_seconds_of_the_bell(broker):
    with post_office() as post, celery_worker(broker, post):
        future_visits(1)
        ring(broker)
        until(lambda: count(Delivery.SENT) == 1)
        a_visit(
            patient=a_patient("Ben Adams", email="ben@example.test"), starts_at=clock.now() + FIRST_TIME, at=clock.now()
        )
        ring(broker)
        assert until(lambda: post.received("ben")) < 5


@pytest.mark.full
def test_a_worker_killed_while_sending_says_nothing_twice_and_leaves_one_message_unknown(broker):
    future_visits(120)
    with post_office() as post:
        post.stalls_with = 75
        with celery_worker(broker, post) as process:
            ring(broker)
            until(lambda: len(post.mails) == 75)
            assert count(Delivery.SENDING) == 1
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        post.stalls_with = 0
        pass_ten_minutes()
        with celery_worker(broker, post):
            ring(broker)
            until(lambda: count(Delivery.SENT) == 119)
    unknown = Message.objects.get(status=Delivery.UNKNOWN)
    assert unknown.reason == DeliveryReason.WORKER_LOST
    assert unknown.appointment.calls.get().reason == "not-reached"
    received = [mail["Message-ID"] for mail in post.mails]
    assert len(received) == len(set(received)) == 120


def pass_ten_minutes():
    """Let the leases of a dead worker run out."""
    held = Message.objects.exclude(lease_until=None)
    held.update(lease_until=clock.now() - timedelta(minutes=5))


@pytest.mark.full
def test_a_broker_that_forgets_everything_costs_no_message(broker):
    future_visits(3)
    ring(broker)
    with redis.Redis.from_url(broker) as server:
        assert server.llen("celery") == 1
        server.flushdb()
    with post_office() as post, celery_worker(broker, post):
        ring(broker, "notifications.tasks.sweep")
        until(lambda: count(Delivery.SENT) == 3)
    assert len(post.mails) == 3


def test_what_lies_in_the_broker_names_nobody(broker):
    future_visits(1)
    ring(broker)
    with redis.Redis.from_url(broker) as server:
        (task,) = server.lrange("celery", 0, -1)
    assert b"alice" not in task.lower()
    assert b"example.test" not in task
