"""One intent, one act: however often, however parallel, whatever was answered."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.urls import path
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.test import APIClient

from core import clock
from core.api import StrictSerializer
from core.api.views import ApiView
from core.database.transactions import unit
from core.http import idempotency
from core.http.idempotency import Answer
from core.models import IdempotencyKey, User
from core.refusals import Forbidden, Refusal
from core.rights import Action


class Full(Refusal):
    """No room."""

    code = "test-full"


class Wish(StrictSerializer):
    """What is asked for."""

    name = serializers.SlugField()


class Making(ApiView):
    """Makes a row for each act; the name says what else happens."""

    rights = {"POST": Action.SEE_SELF}
    form = Wish
    idempotent = "required"
    slow = 0.0

    def post(self, request):
        wish = self.validated_body()
        return self.once(lambda: make(**wish))


@unit
def make(*, name):
    made = User.objects.create(username=uuid4(), first_name=name)
    time.sleep(Making.slow)
    if name == "full":
        raise Full(left=0)
    if name == "forbidden":
        raise Forbidden
    if name == "fault":
        raise RuntimeError
    return Answer(status=201, body={"z": made.pk, "a": name}, headers={"Location": f"/made/{made.pk}"})


def acts():
    return User.objects.exclude(first_name="").count()


urlpatterns = [path("api/v1/making/", Making.as_view())]

threaded = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(settings, transactional_db):
    settings.ROOT_URLCONF = __name__
    _, token = AuthToken.objects.create(User.objects.create_user("dana"))
    _, other = AuthToken.objects.create(User.objects.create_user("mallory"))
    give_a_role()
    Making.slow = 0.0

    def post(name="soup", key="k1", *, by=token, **headers):
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Token {by}")
        if key is not None:
            headers["HTTP_IDEMPOTENCY_KEY"] = key
        try:
            return client.post("/api/v1/making/", {"name": name}, format="json", **headers)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()

    post.mallory = other
    return post


def give_a_role():
    for user in User.objects.all():
        user.assignments.create(role="scheduler", starts_at=datetime(2020, 1, 1, tzinfo=UTC))


def at_once(post, times, **kwargs):
    with ThreadPoolExecutor(times) as pool:
        return [f.result() for f in [pool.submit(post, **kwargs) for _ in range(times)]]


@threaded
def test_the_same_key_acts_once_and_answers_the_same(post):
    first, second = post(), post()
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert acts() == 1


@threaded
def test_twenty_at_once_with_the_same_key_act_once_and_are_answered_alike(post):
    Making.slow = 0.1
    answers = at_once(post, 20)
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert acts() == 1


@threaded
def test_twin_without_the_row_of_the_key_the_same_twenty_act_several_times(post, monkeypatch):
    monkeypatch.setattr(idempotency, "_take", lambda *_, **__: True)
    Making.slow = 0.1
    at_once(post, 20)
    assert acts() > 1


@threaded
def test_another_body_with_the_same_key_is_refused(post):
    post("soup")
    refused = post("salad")
    assert refused.status_code == 422
    assert refused.json()["code"] == "idempotency-key-reused"
    assert acts() == 1


@threaded
def test_another_person_may_use_the_same_key(post):
    post("soup")
    assert post("salad", by=post.mallory).status_code == 201


@threaded
def test_a_refusal_of_the_domain_leaves_nothing_and_is_given_again(post):
    first, second = post("full"), post("full")
    assert (first.status_code, first.json()["code"], first.json()["left"]) == (409, "test-full", 0)
    assert first.content == second.content
    assert second.headers["Content-Type"] == "application/problem+json"
    assert second.headers["Idempotency-Replayed"] == "true"
    assert acts() == 0


@threaded
@pytest.mark.parametrize(("name", "status"), [("forbidden", 403), ("fault", 500), ("not a slug", 400)])
def test_what_is_no_answer_of_the_domain_is_not_kept(post, name, status):
    assert post(name).status_code == status
    assert not IdempotencyKey.objects.exists()
    assert acts() == 0
    assert post("soup").status_code == 201


@threaded
def test_an_answer_is_given_again_after_the_server_got_a_new_key_and_keeps_the_old_one(post, settings):
    first = post("soup")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"  # pragma: allowlist secret
    assert (post("soup").status_code, post("soup").content) == (201, first.content)
    assert post("bread").json()["code"] == "idempotency-key-reused"
    settings.SECRET_KEY_FALLBACKS = []
    assert post("soup").json()["code"] == "idempotency-key-reused"
    assert acts() == 1


@threaded
def test_a_request_sent_again_after_answers_in_the_clear_were_forgotten_is_not_done_twice(post):
    post("soup")
    IdempotencyKey.objects.update(answer='{"a": "soup"}', body_hash="as it was told then")
    sealing_begins = import_module("core.migrations.0005_sealed_answers").Migration.operations[0]
    with connection.cursor() as cursor:
        for statement in sealing_begins.sql:
            cursor.execute(statement)
    assert IdempotencyKey.objects.get().answer == ""
    assert post("soup").json()["code"] == "idempotency-key-reused"
    assert acts() == 1


def noting(sent, act):
    """Act, and note the statements that it sends, whether they end well or not."""

    def note(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        return act()


@threaded
def test_whoever_waits_more_than_two_seconds_is_told_to_come_back(post):
    with transaction.atomic():
        idempotency._take(f"user:{User.objects.get(username='dana').pk}", "k1", "digest", at=clock.now())
        began, sent = time.monotonic(), []
        with ThreadPoolExecutor(1) as pool:
            refused = pool.submit(noting, sent, post).result()
        assert time.monotonic() - began > 1.5
        waited = next(one for one in sent if "lock_timeout" in one)  # anybody else's lock: ten seconds
        assert "lock_timeout = '2s'" in waited
        transaction.set_rollback(True)
    assert refused.status_code == 409
    assert refused.json()["code"] == "idempotency-in-progress"
    assert post().status_code == 201


@threaded
def test_the_short_wait_ends_with_the_insertion(post):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        idempotency._take("someone", "k", "digest", at=clock.now())
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before


@threaded
@pytest.mark.parametrize(
    ("key", "code"), [(None, "idempotency-key-missing"), ("", "invalid"), ("x" * 256, "invalid"), ("a b", "invalid")]
)
def test_a_key_has_to_be_given_and_readable(post, key, code):
    refused = post(key=key)
    assert refused.status_code == 400
    assert refused.json()["code"] == code
    assert refused.json()["errors"][0]["header"] == "Idempotency-Key"


@pytest.mark.django_db
def test_answers_are_forgotten_after_three_days():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for hours in (71, 73):
        IdempotencyKey.objects.create(
            principal="p", key=str(hours), body_hash="", created_at=now - timedelta(hours=hours)
        )
    assert idempotency.prune(at=now) == 1
    assert IdempotencyKey.objects.get().key == "71"


def test_the_order_of_keys_in_a_body_does_not_matter():
    one = idempotency.fingerprint("POST", "/x", {"a": 1, "b": {"c": 2, "d": 3}})
    assert one == idempotency.fingerprint("POST", "/x", {"b": {"d": 3, "c": 2}, "a": 1})
    assert one != idempotency.fingerprint("POST", "/y", {"a": 1, "b": {"c": 2, "d": 3}})
