"""The health addresses tell the truth, quickly."""

import subprocess
import sysconfig
import time
from pathlib import Path
from threading import Event, Thread

import pytest
import redis
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from core.api import health, readiness
from core.api.readiness import Finding, Readiness
from core.monitoring.disk import FULL, LOW, DiskSpace
from local.services.data_folder import free_port
from local.services.installed_programs import Programs


def test_a_living_process_says_so_without_a_database(client):
    assert client.get("/healthz").json() == {"status": "alive"}


@pytest.fixture
def alone(settings):
    settings.READINESS_CHECKS = ["core.api.health.database"]


def test_a_service_with_its_database_is_ready(client, db, alone):
    assert client.get("/readyz").json() == {"status": "ready", "checks": {"database": {"code": "ok"}}}


def test_without_a_database_it_is_not_ready(client, db, alone, monkeypatch):
    def away(self):
        raise OperationalError

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["code"] == "unreachable"
    assert answer.headers["Retry-After"]


def test_with_a_migration_missing_it_is_not_ready(client, db, alone, monkeypatch):
    monkeypatch.setattr(health, "_shipped", lambda: frozenset({("core", "9999_of_tomorrow")}))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]["code"]) == (503, "migrations-missing")


def test_without_a_broker_people_can_still_book(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["broker"]["code"] == "unreachable"


def test_a_queue_whose_socket_is_gone_is_told(settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    assert health.broker() == Finding(name="broker", code="unreachable", needed=False)


@pytest.fixture
def hanging(settings, monkeypatch):
    """A check that waits until the test is over."""
    over = Event()
    monkeypatch.setattr(health, "broker", lambda: Finding(name="broker", code=str(over.wait(20))))
    settings.READINESS_CHECKS = ["core.api.health.broker"]
    yield over
    over.set()


@pytest.fixture
def watched(hanging, monkeypatch):
    watching = Readiness()
    monkeypatch.setattr(readiness, "FIRST", 0)
    monkeypatch.setattr(health, "readiness", watching)
    watching.start()
    yield watching
    watching.stop()


def test_a_check_that_hangs_keeps_nobody_waiting_and_makes_the_service_unready(client, watched):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"checks": {"code": "late"}})


def test_what_was_found_a_moment_ago_is_told_while_the_next_look_hangs(client, watched):
    watched._found, watched._looked_at = (Finding(name="database"),), time.monotonic()
    assert client.get("/readyz").json() == {"status": "ready", "checks": {"database": {"code": "ok"}}}


def test_twin_a_look_made_by_the_asking_call_hangs_with_the_check(client, hanging):
    asking = Thread(target=client.get, args=("/readyz",), daemon=True)
    asking.start()
    asking.join(0.3)
    assert asking.is_alive()
    hanging.set()
    asking.join()


def test_health_is_answered_before_anything_that_could_wait(client, settings, hanging):
    before = settings.MIDDLEWARE[: settings.MIDDLEWARE.index("core.api.health.HealthMiddleware") + 1]
    assert before[:-1] == [
        "core.http.response_headers.ResponseHeadersMiddleware", "core.http.compression.CompressedPagesMiddleware"
    ]  # fmt: skip
    settings.MIDDLEWARE = [*before, f"{__name__}.fails"]
    assert client.get("/healthz").status_code == 200
    with pytest.raises(ZeroDivisionError):
        client.get("/book/")


def fails(_get_response):
    def answer(_request):
        raise ZeroDivisionError

    return answer


@pytest.fixture(scope="module")
def full_queue():
    """A Valkey of its own that answers and takes nothing."""
    port = free_port()
    command = [
        Programs(Path(sysconfig.get_path("purelib"))).valkey,
        "--port",
        str(port),
        "--save",
        "",
        "--maxmemory",
        "1",
    ]
    address, until = f"redis://127.0.0.1:{port}/0", time.monotonic() + 5
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while not _answers(address) and time.monotonic() < until:
            time.sleep(0.02)
        yield address
        server.kill()


def _answers(address):
    try:
        return redis.Redis.from_url(address).ping()
    except redis.ConnectionError:
        return False


def test_a_queue_that_answers_and_takes_nothing_is_told(settings, full_queue):
    settings.REDIS_URL = full_queue
    assert health.broker() == Finding(name="broker", code="refuses-writes", needed=False)


def test_twin_it_answers_a_ping(full_queue):
    assert redis.Redis.from_url(full_queue).ping()


def test_looking_writes_nothing_to_a_sound_queue(settings):
    assert health.broker().code == "ok"
    assert not redis.Redis.from_url(settings.REDIS_URL).exists("readiness")


@pytest.fixture
def disk(settings, monkeypatch, tmp_path):
    settings.READINESS_CHECKS, settings.DATA_FOLDER = ["core.api.health.disk"], str(tmp_path)
    left = [LOW]
    monkeypatch.setattr(health, "space_on", lambda _path: DiskSpace(left[0]))
    return left


@pytest.mark.parametrize(
    ("megabytes", "code", "status"), [(LOW, "ok", "ready"), (LOW - 1, "low", "degraded"), (FULL - 1, "full", "unready")]
)
def test_a_disk_that_fills_up_is_told_with_what_to_do(client, disk, megabytes, code, status):
    disk[0] = megabytes
    answer = client.get("/readyz")
    told = answer.json()["checks"]["disk"]
    assert (answer.json()["status"], told["code"], told["free_megabytes"]) == (status, code, megabytes)
    assert ("free some room" in told.get("words", "")) == (code != "ok")
    assert (answer.status_code == 503) == (code == "full")


def test_a_data_folder_that_is_gone_is_told(client, settings, tmp_path):
    settings.READINESS_CHECKS, settings.DATA_FOLDER = ["core.api.health.disk"], str(tmp_path / "gone")
    assert client.get("/readyz").json()["checks"]["disk"]["code"] == "gone"
