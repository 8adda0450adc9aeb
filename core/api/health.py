"""Whether the service is alive, and whether it is ready."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

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
from core.http.problems import RETRY_AFTER_SECONDS
from core.monitoring.disk import space_on
from core.monitoring.proxies import proxies_seen

# It stands beside us: one that needs longer is of no use to whoever rings and goes on.
BROKER_SECONDS = 0.05
ROOM = {
    "ok": "",
    "low": "The disk with the data is nearly full: free some room soon.",
    "full": "The disk with the data is full: nothing that was saved is lost; free some room and Meridian goes on.",
}


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


def disk() -> Finding:
    """Find out whether the disk with the data takes more. On a full one nothing can be booked."""
    try:
        room = space_on(Path(settings.DATA_FOLDER))
    except OSError:
        return Finding(name="disk", code="gone", words="The folder with the data is gone: put it back.")
    facts = {"free_megabytes": room.megabytes}
    return Finding(name="disk", code=room.code, needed=room.code == "full", facts=facts, words=ROOM[room.code])


def proxies() -> Finding:
    """Find out whether visitors' networks are known. Where they are not, everybody can book, and nobody is limited."""
    if not proxies_seen.too_few:
        return Finding(name="proxies", needed=False)
    words = "Set TRUSTED_PROXIES to the number of your own proxies, each of which appends to X-Forwarded-For."
    return Finding(name="proxies", code="too-few", needed=False, words=words)


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
    body = {"status": status, "checks": {f.name: finding_as_json(f) for f in found}}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if unready else {}
    return JsonResponse(body, status=503 if unready else 200, headers=headers)


def finding_as_json(finding: Finding) -> dict[str, str | int]:
    """Return what is said about one finding."""
    words = {"words": finding.words} if finding.words else {}
    return {"code": finding.code, **(finding.facts or {}), **words}


class HealthMiddleware:
    """Middleware, before all that may wait: the health is told whatever the rest of the way would have to wait for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the two health addresses; pass everything else on."""
        view = VIEWS.get(request.path_info)
        return view(request) if view else self.get_response(request)


VIEWS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {"/healthz": healthz, "/readyz": readyz}
urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
