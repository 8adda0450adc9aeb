"""Whether the service is alive, and whether it is ready."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.problems import RETRY_AFTER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

BROKER_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found. Without what is `needed` nobody can book; the rest only runs late."""

    name: str
    code: str = "ok"
    needed: bool = True
    facts: dict[str, int] | None = None


def database() -> Finding:
    """Find out whether the database answers and has every migration, by one query."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except Error:
        return Finding(name="database", code="unreachable")
    return Finding(name="database", code="ok" if _shipped() <= applied else "migrations-missing")


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def broker() -> Finding:
    """Find out whether the broker answers. Without it the doorbell is silent and the sweeps of the worker stop."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError:
        return Finding(name="broker", code="unreachable", needed=False)
    finally:
        client.close()
    return Finding(name="broker", needed=False)


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer as long as this process lives."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while people can be served (perhaps with late messages), 503 while they cannot."""
    checks: list[Callable[[], Finding]] = [import_string(name) for name in settings.READINESS_CHECKS]
    found = [check() for check in checks]
    failed = [finding for finding in found if finding.code != "ok"]
    unready = any(finding.needed for finding in failed)
    status = "unready" if unready else "degraded" if failed else "ready"
    body = {"status": status, "checks": {f.name: {"code": f.code} | (f.facts or {}) for f in found}}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if unready else {}
    return JsonResponse(body, status=503 if unready else 200, headers=headers)


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
