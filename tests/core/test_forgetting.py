"""What has ended is forgotten, what was typed first, and by so few rows at a time that a flood never stops it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from knox.models import AuthToken

from core import clock, rates, tasks
from core.database import deletion
from core.models import IdempotencyKey, PostedPage, RateCount
from tests.factories.booking import make_user

pytestmark = pytest.mark.django_db
MOST = 2


@pytest.fixture(autouse=True)
def _flood(monkeypatch):
    monkeypatch.setattr(deletion, "AT_ONCE", MOST)
    long_ago, user = clock.now() - timedelta(days=9), make_user("dana")
    for number in range(5):
        Session.objects.create(session_key=f"{number}", session_data="", expire_date=long_ago)
        AuthToken.objects.create(user, expiry=-timedelta(days=1))
        IdempotencyKey.objects.create(principal="p", key=f"{number}", body_hash="", created_at=long_ago)
        RateCount.objects.create(key=f"{number}", paid_at=long_ago)
        PostedPage.objects.create(id=uuid4(), place="", page="", ends_at=long_ago)
    Session.objects.create(session_key="open", session_data="", expire_date=clock.now() + timedelta(days=1))


def left():
    return [kind.objects.count() for kind in (Session, AuthToken, IdempotencyKey, RateCount, PostedPage)]


def test_a_flood_is_forgotten_by_slices_and_what_is_open_stays(django_assert_max_num_queries):
    with django_assert_max_num_queries(100) as asked:
        tasks.prune()
    assert left() == [1, 0, 0, 0, 0]
    deleted = [query["sql"] for query in asked if query["sql"].startswith("DELETE FROM")]
    assert len(deleted) >= 5 * 3
    assert max(sql.count(",") for sql in deleted) < MOST


def test_what_cannot_be_forgotten_now_keeps_nothing_that_was_typed(monkeypatch):
    def too_slow(**_):
        raise OperationalError

    monkeypatch.setattr(rates, "prune", too_slow)
    with pytest.raises(OperationalError):
        tasks.prune()
    assert left() == [1, 0, 0, 5, 0]
