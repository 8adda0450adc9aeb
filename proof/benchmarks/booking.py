"""Booking over HTTP at eight clients, against the very same statements sent without Django."""

import json

from django.conf import settings
from django.test import Client

from proof.benchmarks.bookings import Stock, restore, stock
from proof.benchmarks.database import url
from proof.benchmarks.load import Job, LoadResult, generate, share
from proof.benchmarks.rounds import Result, Timing, median_of, ratio
from proof.benchmarks.server import GUNICORN, serving
from proof.benchmarks.statements import Transaction, recording

CLIENTS = 8
CREATED = 201
SPARE = 20
REFUSED_AT_MOST = 0.05


def run(*, rounds: int, each: int = 12, command: tuple[str, ...] = GUNICORN) -> list[Result]:
    """Measure hold and confirm; each counts as a request."""
    prepared, recorded = record(stock(CLIENTS * each + SPARE), CLIENTS * each)
    restore()
    with serving(command) as base_url:
        http, floor = [], []
        over_http(prepared, base_url)
        for _ in range(rounds):
            restore()
            floor.append(generate(Job("statements", dealt(recorded), database=url())))
            restore()
            http.append(over_http(prepared, base_url))
    restore()
    return report(http, floor, statements=sum(len(t.statements) for t in recorded[0]))


def over_http(prepared: Stock, base_url: str) -> LoadResult:
    """Book everything over HTTP; raise RuntimeError when many are refused: then it is not booking that is measured."""
    work = list(zip(prepared.slots, prepared.patients, strict=True))
    outcome = generate(Job("book", share(work, CLIENTS), base_url, prepared.token))
    made = sum(count for status, count in outcome.statuses.items() if str(CREATED) in status)
    if made < (1 - REFUSED_AT_MOST) * outcome.statuses.total():
        raise RuntimeError(f"Bookings were refused: {dict(outcome.statuses)}")
    return outcome


def record(prepared: Stock, count: int) -> tuple[Stock, list[list[Transaction]]]:
    """Book in this process; return what could be booked, and the statements, booking by booking."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = Client(headers={"authorization": f"Token {prepared.token}"})
    kept: list[tuple[str, str]] = []
    recorded: list[list[Transaction]] = []
    for slot, patient in zip(prepared.slots, prepared.patients, strict=True):
        statements = record_one(client, slot, patient)
        if statements and len(kept) < count:
            kept.append((slot, patient))
            recorded.append(statements)
    return Stock([slot for slot, _ in kept], [patient for _, patient in kept], prepared.token), recorded


def record_one(client: Client, slot: str, patient: str) -> list[Transaction]:
    """Hold and confirm one slot; return the statements of both requests, none when it is not free."""
    with recording() as held:
        status, answer = post(client, "/api/v1/holds/", {"slot": slot, "patient": patient}, key=f"hold-{slot}")
    if status != CREATED:
        return []
    with recording() as confirmed:
        status, _ = post(
            client, "/api/v1/appointments/", {"hold": answer["id"], "patient": patient}, key=f"book-{slot}"
        )
    return held + confirmed if status == CREATED else []


def post(client: Client, path: str, body: dict[str, str], *, key: str) -> tuple[int, dict[str, str]]:
    """Send a POST in this process; return status and body."""
    answer = client.post(path, body, content_type="application/json", headers={"idempotency-key": key[-255:]})
    return answer.status_code, dict(json.loads(answer.content))


def dealt(recorded: list[list[Transaction]]) -> list[list[Transaction]]:
    """Deal recorded bookings out to clients, each a flat row of transactions."""
    return [[one for booking in mine for one in booking] for mine in share(recorded, CLIENTS)]


def report(http: list[LoadResult], floor: list[LoadResult], *, statements: int) -> list[Result]:
    """Return rates and their ratio, round by round and in the middle."""
    ratios = [there.rate / here.rate for there, here in zip(http, floor, strict=True)]
    seconds = Timing(tuple(second for outcome in http for second in outcome.seconds))
    rates = f"{median_of(one.rate for one in http):.0f}/s of {median_of(one.rate for one in floor):.0f}/s"
    return [
        ratio("hold + confirm over HTTP ÷ the same statements", median_of(ratios), least=0.35, told=rates),
        Result("  rounds", " ".join(f"{one:.2f}" for one in ratios)),
        Result("  one request", f"p50 {seconds.p50:.0f} ms, p99 {seconds.p99:.0f} ms at {CLIENTS} clients"),
        Result("  statements of a hold and its confirmation", str(statements)),
    ]
