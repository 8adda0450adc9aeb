"""Whether the service is alive, and whether it is ready."""

from collections.abc import Callable
from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.api.readiness import Finding, readiness
from core.problems import RETRY_AFTER_SECONDS

BROKER_SECONDS = 0.05


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
    """Find out whether the broker takes what is rung. Without it the doorbell is silent and the worker's sweeps stop.

    A queue that is full, or has no room to write, still answers: so it is asked for a writing that changes nothing.
    """
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=BROKER_SECONDS, socket_timeout=BROKER_SECONDS
    )
    try:
        client.setrange("readiness", 0, "")
    except redis.ResponseError:
        return Finding(name="broker", code="refuses-writes", needed=False)
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
    found = readiness.findings()
    failed = [finding for finding in found if finding.code != "ok"]
    unready = any(finding.needed for finding in failed)
    status = "unready" if unready else "degraded" if failed else "ready"
    body = {"status": status, "checks": {f.name: {"code": f.code} | (f.facts or {}) for f in found}}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if unready else {}
    return JsonResponse(body, status=503 if unready else 200, headers=headers)


class AnswerHealthFirst:
    """Middleware, outermost: the health is told whatever the rest of the way would have to wait for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the two health addresses; pass everything else on."""
        view = VIEWS.get(request.path_info)
        return view(request) if view else self.get_response(request)


VIEWS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {"/healthz": healthz, "/readyz": readyz}
urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
