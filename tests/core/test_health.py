"""The health addresses tell the truth, quickly."""

import time

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from core.api import health
from core.api.health import Finding


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


def test_the_broker_is_found(settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    assert health.broker() == Finding(name="broker", code="unreachable", needed=False)


def test_it_is_told_in_a_fifth_of_a_second(client, db):
    client.get("/readyz")
    began = time.perf_counter()
    client.get("/readyz")
    assert time.perf_counter() - began < 0.2
