"""Search against the bare busy query: only fetching what is booked, which any other design has to do first."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.test import Client

from core import clock
from proof.benchmarks.database import address
from proof.benchmarks.rounds import Result, Timing, ratio, take_turns
from scheduler import public as scheduler
from scheduler.models import Practitioner, Resource, Room
from scheduler.models.resources import ResourceKind

BUSY = """
SELECT c.resource_id, lower(c.period), upper(c.period) FROM scheduler_claim c
WHERE c.resource_id = ANY(%s) AND c.retired_at IS NULL AND c.period && tstzrange(%s, %s)
"""
THERAPY, DAYS = "acu_manual", 30


def run(*, rounds: int) -> list[Result]:
    """Measure search, its growth, the days overview and the soonest start."""
    at = clock.now()
    start = at + timedelta(hours=5)
    hands = list(Resource.objects.filter(kind=ResourceKind.HANDS).values_list("pk", flat=True))
    line = psycopg.connect(**address(), autocommit=True)
    one = Practitioner.objects.order_by("pk")[0].public_id
    rivals: dict[str, Callable[[], object]] = {
        "busy": lambda: busy(line, hands, start, DAYS),
        "http": over_http(start, DAYS),
        "search": lambda: scheduler.search(search_query(start, DAYS), at=at),
        "7": lambda: scheduler.days(search_query(start, 7), at=at),
        "90": lambda: scheduler.days(search_query(start, 90), at=at),
        "one": lambda: scheduler.search(search_query(start, DAYS, practitioner=one), at=at),
        "days": lambda: scheduler.days(search_query(start, DAYS), at=at),
        "first": lambda: scheduler.first(search_query(start, DAYS), at=at),
    }
    with line:
        return report(take_turns(rivals, rounds=rounds, each=4))


def report(found: dict[str, Timing]) -> list[Result]:
    """Return the ratios beside their goals. In a site of several suites, more has to be looked at."""
    suites = Room.objects.order_by().values("suite").distinct().count()
    base, most = found["busy"].p50, 0.6 if suites > 1 else 0.15
    ms = {name: f"{timing.p50:.1f} ms" for name, timing in found.items()}
    return [
        Result("bare busy query, all practitioners, 30 days", ms["busy"]),
        ratio("search, whole HTTP answer, first 50 ÷ busy", found["http"].p50 / base, most=most, told=ms["http"]),
        ratio("  the same, p99 ÷ p50", found["http"].p99 / found["http"].p50, most=3),
        ratio("search without HTTP, first 50 ÷ busy", found["search"].p50 / base, most=most, told=ms["search"]),
        ratio(
            "1 → all practitioners, 30 days, first 50", found["search"].p50 / found["one"].p50, most=4, told=ms["one"]
        ),
        ratio("7 → 90 days, days overview", found["90"].p50 / found["7"].p50, most=5, told=f"{ms['7']} → {ms['90']}"),
        ratio("days overview ÷ busy", found["days"].p50 / base, most=0.4, told=ms["days"]),
        ratio("soonest start ÷ busy", found["first"].p50 / base, most=0.1, told=ms["first"]),
    ]


def search_query(start: datetime, days: int, **changes: object) -> scheduler.SearchQuery:
    """Return a search of so many days by staff, whose horizon is far."""
    end = start + timedelta(days=days)
    return scheduler.SearchQuery(
        therapy=THERAPY,
        visit=scheduler.VisitType.FOLLOWUP,
        starts_at=start,
        ends_at=end,
        audience=scheduler.Audience.STAFF,
        **changes,  # type: ignore[arg-type]
    )


def busy(
    line: psycopg.Connection[Any], hands: list[int], start: datetime, days: int
) -> list[tuple[int, datetime, datetime]]:
    """Fetch every booked interval of every practitioner's hands, by the bare driver."""
    return line.execute(BUSY, [hands, start, start + timedelta(days=days)]).fetchall()


def over_http(start: datetime, days: int) -> Callable[[], object]:
    """Return a call of the search view, through everything but the socket."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client, end = Client(), start + timedelta(days=days)
    query = {"therapy": THERAPY, "visit": "followup", "from": start.isoformat(), "to": end.isoformat(), "limit": "50"}

    def ask() -> None:
        answer = client.get("/api/v1/slots/", query)
        if answer.status_code != 200:  # noqa: PLR2004  (HTTP)
            raise RuntimeError(f"{answer.status_code} {json.loads(answer.content)}")

    return ask
