"""What a person says of themselves stands in the columns made for it, and nowhere else in the clear."""

import base64
import json
import os
import re
import zlib
from datetime import timedelta
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import pytest
import redis
from celery import current_app
from django.apps import apps
from django.db import connection
from django.test import Client
from knox.models import AuthToken

from booking.models import Hold
from booking.models.holds import HoldState
from core import sealing, tasks
from core.http import idempotency
from core.models import IdempotencyKey
from core.roles import Role
from tests.booking.pages.walk import TIMES, book, hidden_on, hold, say_who, times_on, to_check
from tests.factories.booking import make_staff

SAID = {"name": "Zenobia Kanarienvögel", "email": "zenobia.canary@example.test", "birth_date": "3/27/1961"}
TRACES = ("Zenobia", "Kanarienv", "zenobia", "kanarienv", "canary@", "1961-03-27", "3/27/1961", "March 27, 1961")
NAMED = {
    "booking_patient.name", "booking_patient.folded_name", "booking_patient.search_words",
    "booking_contactpoint.search_words", "booking_patient.birth_date", "booking_contactpoint.value",
    "notifications_outboxmail.to", "notifications_outboxmail.raw",
    "notifications_linkrequest.email", "notifications_linkrequest.birth_date",
}  # fmt: skip
PACKED = re.compile(rb"[A-Za-z0-9_+/=-]{16,}")


def in_every_encoding(text: str) -> list[bytes]:
    plain = text.encode()
    shifted = [base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3)]
    return [plain, plain.hex().encode(), quote(text).encode(), text.encode("utf-16-le"), *filter(None, shifted)]


SIGNS = [sign for trace in TRACES for sign in in_every_encoding(trace) if len(sign) > 5]


def tells(raw: bytes) -> bool:
    """Whether any of the traces stands in these bytes, also packed or compressed."""
    return any(sign in text for text in unpacked(raw) for sign in SIGNS)


def unpacked(raw: bytes, depth: int = 2):
    yield raw
    for part in PACKED.findall(raw) if depth else ():
        for decode in (base64.urlsafe_b64decode, base64.b64decode):
            try:
                inner = decode(part.lstrip(b".") + b"=" * (-len(part) % 4))
            except ValueError:
                continue
            yield from unpacked(inner, depth - 1)
            try:
                yield zlib.decompress(inner)
            except zlib.error:
                continue


def columns_that_tell() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                values = json.loads(row).items()
                found |= {f"{table}.{name}" for name, value in values if tells(str(value).encode())}
    return found


@pytest.fixture
def queue(monkeypatch):
    """A database of our own in the tests' broker, where the bells are really rung."""
    url = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path="/12"))
    server = redis.Redis.from_url(url)
    try:
        server.flushdb()
    except redis.ConnectionError:
        pytest.skip("No Redis at REDIS_URL: nobody looked at what is written there.")
    for name in ("broker_url", "broker_write_url"):
        monkeypatch.setattr(current_app.conf, name, url)
    yield server
    server.flushdb()
    server.close()


def everything_in(server: redis.Redis) -> bytes:
    kinds = {b"string": server.get, b"hash": server.hgetall, b"set": server.smembers}
    kept = [(key, kinds.get(server.type(key), lambda k: server.lrange(k, 0, -1))(key)) for key in server.scan_iter()]
    return repr(kept).encode()


def the_whole_way(browser: Client, site) -> None:
    """Book as a guest, begin another booking, and let a program book over the API."""
    book(browser, **SAID)
    browser.post("/lost-link/", {"email": SAID["email"], "birth_date": SAID["birth_date"]})
    another = Client(REMOTE_ADDR="198.51.100.7")
    to_check(another, 11, **SAID)
    user = make_staff("desk", Role.SCHEDULER, site=site).user
    headers = {"authorization": f"Token {AuthToken.objects.create(user)[1]}"}
    body = SAID | {"birth_date": "1961-03-27", "site": site.key, "name": SAID["name"] + " Two", "another_person": True}

    def post(path, body):
        named = headers | {"idempotency-key": str(uuid4())}
        return browser.post(f"/api/v1/{path}", body, content_type="application/json", headers=named)

    made = post("patients/", body)
    assert made.status_code == 201, made.json()
    slot = times_on(another.get(TIMES))[-1]
    booked = post("appointments/", {"slot": slot, "patient": made.json()["id"], "override_reason": "By phone"})
    assert booked.status_code == 201, booked.json()
    assert SAID["name"] in booked.text


def test_names_and_birth_dates_stand_in_their_own_columns_alone(alice, site, queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        the_whole_way(alice, site)
    assert IdempotencyKey.objects.count() == 2
    told = columns_that_tell()
    assert told - NAMED == set()
    assert {"booking_patient.name", "booking_patient.birth_date", "booking_contactpoint.value"} <= told
    assert queue.keys(), "a bell was rung"
    assert not tells(everything_in(queue))


def test_without_the_seal_sessions_and_answers_would_tell(alice, site, monkeypatch):
    monkeypatch.setattr(sealing, "seal", lambda text, *, purpose: text)
    monkeypatch.setattr(sealing, "unseal", lambda text, *, purpose: text)
    the_whole_way(alice, site)
    assert {"django_session.session_data", "core_idempotencykey.answer"} <= columns_that_tell()


def test_an_answer_that_no_longer_opens_is_a_key_that_was_used(alice, site, settings):
    assert idempotency.sealing.unseal(sealing.seal("x", purpose="a"), purpose="a") == "x"
    assert sealing.unseal(sealing.seal("x", purpose="a"), purpose="b") is None
    sealed = sealing.seal("x", purpose="a")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"  # pragma: allowlist secret
    assert sealing.unseal(sealed, purpose="a") == "x"
    settings.SECRET_KEY_FALLBACKS = []
    assert sealing.unseal(sealed, purpose="a") is None


def test_what_alice_typed_is_forgotten_after_half_an_hour_without_a_click(alice, clock):
    say_who(alice)
    for _ in range(3):
        clock.shift(timedelta(minutes=29))
        alice.get(TIMES)
    assert alice.session["draft"]["name"] == "Alice Adams"
    clock.shift(timedelta(minutes=30))
    tasks.prune()
    assert "Alice" not in alice.get("/book/you/", follow=True).text
    assert "draft" not in alice.session


def test_whoever_leaves_a_shared_computer_leaves_nothing_behind(alice):
    check = to_check(alice)
    assert "Stop, and forget what I typed" in check.text
    assert alice.post("/book/leave/")["Location"] == "/"
    assert Hold.objects.get().state == HoldState.RELEASED
    hold(alice)
    assert "Alice" not in alice.get("/book/you/").text
    assert alice.post("/book/done/", hidden_on(check)).status_code == 404


def test_leaving_with_nothing_begun_is_no_fault(alice):
    assert alice.post("/book/leave/")["Location"] == "/"
